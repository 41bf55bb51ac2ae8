// Photos: a live picture with a frame and one hint at a time; what is taken lands in the file input, upright and small.
import { Lens, putFile, showIn, tell, words } from "./lens.js";
import { judge } from "./sharpness.js";

const LONGEST = 1600; // px
const MOST_BYTES = 400_000;
const STEADY = 7; // good looks in a row, a fifth of a second each, before the shutter releases by itself

export function arm(field) {
  const input = field.querySelector("input[type=file]");
  const open = field.querySelector("[data-open]");
  field.classList.add("armed");
  open.hidden = false;
  input.removeAttribute("capture"); // the lens is the camera now; the chooser should offer the album
  open.addEventListener("click", () => look(field, input));
  field.querySelector(".shot").addEventListener("click", () => look(field, input));
  input.addEventListener("change", () => chosen(field, input));
}

async function chosen(field, input) {
  const file = input.files[0];
  if (!file) return;
  const small = input.dataset.ours ? null : await shrink(file).catch(() => null); // what can't be read here, the server reads or refuses
  if (small) { handIn(input, small); return; }
  delete input.dataset.ours;
  const say = words(field);
  const picture = document.createElement("img");
  picture.alt = say("taken");
  picture.onerror = () => tell(field, say("unreadable"));
  picture.src = URL.createObjectURL(file);
  showIn(field, picture);
  tell(field, say("taken"));
  field.querySelector("[data-open] span").textContent = say("retake");
  field.dispatchEvent(new CustomEvent("picture", { bubbles: true, detail: file }));
}

function handIn(input, blob) {
  input.dataset.ours = "1";
  putFile(input, blob, "photo.jpg");
}

async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  if (file.size <= MOST_BYTES && Math.max(bitmap.width, bitmap.height) <= LONGEST) return null;
  return toJpeg(bitmap, bitmap.width, bitmap.height);
}

async function toJpeg(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  let blob;
  for (const quality of [0.9, 0.82, 0.72, 0.6, 0.45]) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob.size <= MOST_BYTES) break;
  }
  return blob;
}

async function look(field, input) {
  const shape = field.dataset.capture;
  let facing = shape === "face" ? "user" : "environment";
  const lens = new Lens(field, shape, facing === "user");
  const start = () => lens.start(facing, 1920, 1080);
  const watch = setInterval(() => { if (judgeLive(lens, shape)) lens.part("shut").click(); }, 200);
  lens.onend = () => clearInterval(watch);
  lens.part("shut").setAttribute("aria-label", lens.say("shutter"));
  lens.part("shut").onclick = async () => {
    lens.part("shut").disabled = true; // one tap, one photo
    const blob = await toJpeg(lens.video, lens.video.videoWidth, lens.video.videoHeight);
    lens.close();
    handIn(input, blob);
    field.querySelector("[data-open]").focus();
  };
  lens.part("flip").onclick = () => {
    facing = facing === "user" ? "environment" : "user";
    lens.dialog.classList.toggle("mirror", facing === "user");
    start();
  };
  if (!(await start())) return;
  const devices = await navigator.mediaDevices.enumerateDevices();
  lens.part("flip").hidden = devices.filter((d) => d.kind === "videoinput").length < 2;
}

// Says what to mend, and returns true when a card has lain still and sharp in the frame, and its bearer was told so.
// A hint stays for at least a second, so that it can be read.
function judgeLive(lens, shape) {
  if (!lens.stream || !lens.video.videoWidth) return false;
  const word = judge(lens.video, lens.part("frame"), shape);
  if (!word) return false;
  lens.steady = word === "auto" ? (lens.steady || 0) + 1 : 0;
  lens.part("frame").classList.toggle("good", word === "good" || word === "auto");
  const long = Date.now() - (lens.saidAt || 0);
  if (word === lens.said || long < 1000) return lens.said === "auto" && lens.steady >= STEADY && long > 900;
  lens.said = word;
  lens.saidAt = Date.now();
  lens.hint(word);
  return false;
}
