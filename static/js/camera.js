// Photos: a live picture with a frame and one hint at a time; what is taken is made small, shown, and sent at once.
import { Lens, tell } from "./lens.js";
import { watch } from "./looking.js";
import { canvasOf, shrink, toJpeg } from "./picture.js";
import { fromPhone, take } from "./sending.js";

const AROUND = 0.08; // of the frame's size: what is kept around it
const COUNT = 3; // seconds between the tap and the picture, for hands that shake when they tap
const FRAMES = 4, FRAME_EVERY = 110, FRAME_LONGEST = 1000, FRAME_BYTES = 120_000; // further looks at a bank card, all within a second

export function arm(field) {
  const input = field.querySelector("input[type=file]");
  const open = field.querySelector("[data-open]");
  field.classList.add("armed");
  open.hidden = false;
  input.removeAttribute("capture"); // the lens is the camera now; the chooser should offer the album
  for (const opener of [open, field.querySelector(".shot")]) opener.addEventListener("click", () => look(field, input));
  input.addEventListener("change", () => chosen(field, input));
  field.addEventListener("handed", ({ detail }) => fromPhone(field, input, detail));
  chosen(field, input); // before this file was there
}

async function chosen(field, input) {
  const file = input.files[0];
  if (!file) return;
  const small = shrink(file).catch(() => null); // what can't be read here, the server reads or refuses
  take(field, input, small.then((blob) => ({ blob: blob || file, frames: [] })));
}

async function look(field, input) {
  if (field.closest("[data-leaving]")) return; // another page is on its way: what is taken now would be lost with this one
  const shape = field.dataset.capture;
  let facing = shape === "face" ? "user" : "environment";
  const lens = new Lens(field, shape, facing === "user");
  const shelf = new Shelf(field.dataset.frames ? FRAMES : 0);
  const start = () => lens.start(facing, 1920, 1440);
  lens.resumes = true;
  lens.part("shut").setAttribute("aria-label", lens.say("shutter"));
  lens.part("shut").onclick = () => release(field, input, lens, shape, shelf);
  lens.part("flip").onclick = () => {
    facing = facing === "user" ? "environment" : "user";
    lens.dialog.classList.toggle("mirror", facing === "user");
    start();
  };
  lens.part("timer").hidden = false;
  lens.part("timer").onclick = () => { if (!lens.counting) lens.countDown(COUNT, () => lens.part("shut").click()); };
  const stop = watch(lens, shape, {
    good: (now) => shelf.put(lens, now),
    fault: () => shelf.clear(),
    steady: () => lens.part("shut").click(),
  });
  lens.onend = () => { stop(); if (!lens.released) otherWays(field, lens); };
  if (!(await start())) return;
  const devices = await navigator.mediaDevices.enumerateDevices();
  lens.part("flip").hidden = devices.filter((d) => d.kind === "videoinput").length < 2;
}

// Whoever went away without a picture is told the other ways, unless there is one already or something else to say.
function otherWays(field, lens) {
  if (!field.querySelector(".shot img") && !field.querySelector(".say-now").textContent) tell(field, lens.say("without"));
}

async function release(field, input, lens, shape, shelf) {
  if (lens.part("shut").disabled) return;
  lens.part("shut").disabled = true; // one tap, one photo
  lens.released = true;
  const { videoWidth: width, videoHeight: height } = lens.video;
  const photo = canvasOf(lens.video, shape === "face" ? { x: 0, y: 0, width, height } : lens.place(AROUND));
  lens.part("frame").classList.add("good");
  lens.hint("auto");
  await shelf.fill(lens);
  lens.close();
  take(field, input, toJpeg(photo).then(async (blob) => ({ blob, frames: await shelf.jpegs() })));
  field.querySelector("[data-open]").focus();
}

// The last few good looks at a card, cut to the frame: they help the reader where one look has a glint on a digit.
class Shelf {
  constructor(room) { this.room = room; this.clear(); }

  clear() { this.kept = []; this.lastAt = 0; }

  put(lens, now) {
    if (!this.room || now - this.lastAt < FRAME_EVERY) return;
    this.lastAt = now;
    const old = this.kept.length >= this.room ? this.kept.shift() : undefined;
    this.kept.push(canvasOf(lens.video, lens.place(0.02), FRAME_LONGEST, old));
  }

  // A shutter that was pressed by hand has no good looks behind it: they are taken now.
  async fill(lens) {
    while (this.kept.length < this.room && lens.stream) {
      await new Promise((done) => setTimeout(done, FRAME_EVERY));
      if (lens.stream) this.put(lens, performance.now());
    }
  }

  async jpegs() {
    const all = [];
    for (const canvas of this.kept) all.push(await toJpeg(canvas, FRAME_BYTES));
    return all.filter((blob) => blob.size <= FRAME_BYTES);
  }
}
