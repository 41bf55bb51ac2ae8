// Looks at each new picture of the camera, and says what to mend: one hint at a time.
import { load } from "./faces.js";
import { judge } from "./sharpness.js";

const STEADY = 500; // ms of nothing but good looks before something is done by itself
const LEAST_LOOKS = 5;
const PATIENT_AFTER = 12_000, FEWEST_LOOKS = 2; // ms of trying after which a hand that trembles needs no half second of calm
const LOOK_EVERY = 60; // ms
const BLACK_FOR = 4000, NOTHING_FOR = 10_000; // ms of black pictures, and of none at all, before the camera is given up

/**
 * Watches until what it returns is called, or `lens.released` is true. `good(now)` at each look that is good, `fault()` at
 * each other, `steady()` after half a second of good ones; after twelve seconds of trying two are enough. Each look is told to the dialog as an event `judged`,
 * with the moment its picture was taken, for tests and measuring.
 */
export function watch(lens, shape, { good, fault, steady }) {
  const { video } = lens, black = new Span(BLACK_FOR), nothing = new Span(NOTHING_FOR), fine = new Span(STEADY);
  let over = false, last = 0, began = 0;
  if (shape === "face") load(document.body.dataset.faces).catch(() => {}); // without it the shutter is pressed by hand
  const looking = () => !over && !lens.released && !lens.counting && lens.stream;
  const next = () => { if (!over) video.requestVideoFrameCallback ? video.requestVideoFrameCallback(see) : setTimeout(see, LOOK_EVERY); };
  const see = () => {
    const now = performance.now();
    nothing.end();
    if (looking() && video.videoWidth && lens.scale && now - last >= LOOK_EVERY) {
      last = now;
      weigh(now, judge(video, lens.place(), shape));
    }
    next();
  };
  const weigh = (now, word) => {
    if (!word) return;
    lens.dialog.dispatchEvent(new CustomEvent("judged", { detail: { word, at: now } }));
    lens.part("frame").classList.toggle("good", word === "good" || word === "auto");
    const patient = now - (began ||= now) > PATIENT_AFTER;
    if (patient && !lens.consoled && lens.say("shaky")) { lens.consoled = true; lens.stands = 0; lens.hintCalmly("shaky"); }
    lens.hintCalmly(word === "black" ? "dark" : word);
    if (word !== "black") black.end(); else if (black.lasts(now)) { lens.fail({ name: "Black" }); return; }
    if (word !== "auto") { fine.end(); fault(); return; }
    good(now);
    const calm = fine.lasts(now);
    if (calm ? fine.looks >= LEAST_LOOKS : patient && fine.looks >= FEWEST_LOOKS) steady();
  };
  const dog = setInterval(() => { if (looking() && nothing.lasts(performance.now())) lens.fail({ name: "Black" }); }, 1000);
  next();
  return () => { over = true; clearInterval(dog); };
}

// How long something has gone on without a break.
class Span {
  constructor(long) { this.long = long; this.end(); }

  end() { this.since = 0; this.looks = 0; }

  lasts(now) {
    this.since ||= now;
    this.looks++;
    return now - this.since >= this.long;
  }
}
