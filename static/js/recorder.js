// The face video: recorded in the page without sound, stopped by itself, replayed before it is handed in. Where gestures are
// asked for, they are shown one after the other while it is recorded.
import { Lens, putFile, showIn, tell, words } from "./lens.js";
import { watch } from "./looking.js";
import { Prompter } from "./prompter.js";

const TYPES = ["video/webm;codecs=vp8", "video/webm;codecs=vp9", "video/webm;codecs=h264", "video/webm", "video/mp4;codecs=avc1", "video/mp4"];
const SHORTEST = 2; // seconds before it may be stopped by hand
const MARGIN = 0.3; // seconds: encoders add a frame or two after stop()

export function arm(field) {
  const input = field.querySelector("input[type=file]");
  const type = window.MediaRecorder && TYPES.find((t) => MediaRecorder.isTypeSupported(t));
  input.addEventListener("change", () => chosen(field, input));
  if (!type) { tell(field, words(field)("norecord")); return; }
  field.classList.add("armed");
  input.removeAttribute("capture");
  field.querySelector("[data-open]").addEventListener("click", () => record(field, input, type));
}

function chosen(field, input) {
  const file = input.files[0], say = words(field);
  if (!file) return;
  const refuse = (word) => { input.value = ""; tell(field, say(word), true); };
  if (file.size > Number(field.dataset.most)) { refuse("big"); return; }
  const video = Object.assign(document.createElement("video"), { controls: true, playsInline: true, muted: true, src: URL.createObjectURL(file) });
  video.addEventListener("loadedmetadata", () => {
    // A streamed recording has no length of its own (Infinity); the server counts its frames.
    if (Number.isFinite(video.duration) && video.duration > Number(field.dataset.record) + 0.5) refuse("long");
  });
  video.onerror = () => tell(field, say("unreadable")); // this browser can't play it; the court may still read it
  showIn(field, video);
  field.querySelector("[data-open] span").textContent = say("rerecord");
  tell(field, say("recorded"));
}

async function record(field, input, type) {
  const lens = new Lens(field, "face", true);
  const prompter = new Prompter(lens);
  const shut = lens.part("shut");
  let recorder, clock;
  const nothing = () => {}, stop = watch(lens, "face", { good: nothing, fault: nothing, steady: nothing });
  lens.onend = () => { stop(); clearInterval(clock); if (recorder?.state === "recording") { recorder.onstop = null; recorder.stop(); } };
  shut.setAttribute("aria-label", lens.say("record"));
  if (!(await lens.start("user", 960, 720))) return;
  shut.classList.add("rec-ready");
  shut.onclick = () => {
    if (recorder) { end(recorder); return; }
    lens.released = true; // from here on the gestures are told
    recorder = begin(lens, type, (blob, name) => { lens.close(); putFile(input, blob, name); });
    clock = countDown(lens, prompter, Number(field.dataset.record) - MARGIN, recorder);
  };
}

function begin(lens, type, hand) {
  const pieces = [], bare = type.split(";")[0];
  const recorder = new MediaRecorder(lens.stream, { mimeType: type, videoBitsPerSecond: 1_200_000 });
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = () => recorder.whole && hand(new Blob(pieces, { type: bare }), bare.endsWith("mp4") ? "face.mp4" : "face.webm");
  recorder.start(250);
  lens.part("frame").classList.add("good");
  lens.part("shut").classList.add("rec");
  lens.part("shut").setAttribute("aria-label", lens.say("stop"));
  lens.part("choose").style.visibility = "hidden";
  lens.part("ring").hidden = false;
  return recorder;
}

// A recorder also stops by itself when the camera goes; what it has then is half a film, which nobody wants.
function end(recorder) { recorder.whole = true; recorder.stop(); }

function countDown(lens, prompter, seconds, recorder) {
  const began = performance.now();
  const tick = () => {
    const gone = (performance.now() - began) / 1000;
    if (!prompter.show(gone, seconds)) lens.hint("", lens.say("left").replace("{n}", String(Math.max(0, Math.ceil(seconds - gone)))));
    lens.dialog.querySelector(".ring b").style.transform = `scaleX(${Math.min(1, gone / seconds)})`;
    lens.part("shut").disabled = prompter.asks || gone < SHORTEST; // what is asked takes the whole time
    if (gone >= seconds && recorder.state === "recording") end(recorder);
  };
  tick();
  return setInterval(tick, 100);
}
