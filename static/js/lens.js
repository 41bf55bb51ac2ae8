// The full-screen camera that photos and the video share: why it asks, a live picture in a frame, hints, and for each
// reason why there is no picture its own words and its own way on.
const NAMES = {
  NotAllowedError: "refused", PermissionDeniedError: "refused", SecurityError: "refused", NotFoundError: "none", DevicesNotFoundError: "none",
  OverconstrainedError: "none", NotReadableError: "busy", TrackStartError: "busy", AbortError: "busy", Ended: "ended", Paused: "paused", Black: "black",
};
const HINT_STAYS = 800; // ms a hint is shown at least, so that it can be read
const STAYS_LONG = 5000; // ms for one that has a sentence to say
const SPOKEN_EVERY = 2500; // ms between hints for a screen reader, which must be able to end a sentence
const ENOUGH = 3; // failures after which the phone's own camera is offered
let allowed = false; // the camera has run in this page: it isn't explained again
let failures = 0;

/** The words of a field: `say("dark")` is its data-w-dark. */
export function words(field) {
  return (name) => (name ? field.dataset["w" + name[0].toUpperCase() + name.slice(1)] : "") || "";
}

/** The name of the words for a camera that can't be used. */
export function whyNot(error) {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return /MicroMessenger/i.test(navigator.userAgent) ? "wechat" : "unsupported";
  return NAMES[error?.name] || "unsupported";
}

/** The browser's family, as the words on allowing a camera go by: 'Wechat', 'Ios', 'Android' or 'Desktop'. */
export function family(agent = navigator.userAgent) {
  if (/MicroMessenger/i.test(agent)) return "Wechat";
  if (/iPhone|iPad|iPod/.test(agent)) return "Ios";
  return /Android|HarmonyOS/.test(agent) ? "Android" : "Desktop";
}

/** Puts a picture or video into a file input, unsaid. */
export function fileInto(input, blob, name) {
  const box = new DataTransfer();
  box.items.add(new File([blob], name, { type: blob.type, lastModified: Date.now() }));
  input.files = box.files;
}

/** The same, as if it had been chosen there. */
export function putFile(input, blob, name) {
  fileInto(input, blob, name);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Says a line below the field; `fault` colours it. */
export function tell(field, text, fault = false) {
  const line = field.querySelector(".say-now");
  line.textContent = text;
  line.classList.toggle("fault", fault);
  if (fault) line.dispatchEvent(new CustomEvent("said", { bubbles: true }));
}

/** Shows a picture or video in the field's frame, and lets the one before go. */
export function showIn(field, element) {
  const shot = field.querySelector(".shot");
  const old = shot.querySelector("img, video");
  if (old?.src.startsWith("blob:")) URL.revokeObjectURL(old.src);
  shot.replaceChildren(element);
}

const INSIDE = `<video playsinline muted autoplay></video><div class="frame"></div><p class="say" aria-hidden="true"></p><p class="hide spoken" role="status"></p>
  <button type="button" class="away"></button><label class="zoom" hidden><span class="hide"></span><input type="range"></label>
  <div class="below"><button type="button" class="choose"></button><button type="button" class="shut" disabled></button>
  <div class="sides"><button type="button" class="torch" aria-pressed="false" hidden></button><button type="button" class="timer" hidden></button><button type="button" class="flip" hidden></button></div></div><div class="ring" hidden><b></b></div>
  <div class="panel" hidden><h2 tabindex="-1"></h2><p></p><p class="how"></p><button type="button" class="go"></button><button type="button" class="own"></button><button type="button" class="other"></button></div>`;

/**
 * Opens the camera over the whole screen. `close()` stops it; it also stops when the dialog is closed in any other way.
 * `resumes`: set to true by who can begin anew with another stream when the tab was hidden meanwhile; else it closes then.
 */
export class Lens {
  constructor(field, shape, mirror) {
    this.field = field;
    this.shape = shape;
    this.say = words(field);
    this.resumes = false;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "lens";
    this.dialog.classList.toggle("mirror", mirror);
    this.dialog.setAttribute("aria-label", field.querySelector("label").textContent);
    this.dialog.innerHTML = INSIDE;
    this.part("frame").classList.add(`of-${shape}`);
    for (const [name, word] of [["away", "close"], ["choose", "choose"], ["torch", "torch"], ["timer", "timer"], ["flip", "flip"]]) this.part(name).textContent = this.say(word);
    this.dialog.querySelector(".zoom span").textContent = this.say("zoom");
    this.part("away").onclick = () => this.close();
    this.part("choose").onclick = () => this.chooseInstead();
    this.part("torch").onclick = () => this.toggleTorch();
    this.dialog.addEventListener("close", () => this.end());
    this.watchTab = () => this.tabChanged();
    this.refit = () => this.fit();
    document.addEventListener("visibilitychange", this.watchTab);
    addEventListener("resize", this.refit);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.hint("start");
  }

  part(name) { return this.dialog.querySelector("." + name); }

  get video() { return this.dialog.querySelector("video"); }

  /** Leaves the camera for a file; `own`: from the phone's own camera, where it has one, else from its album. */
  chooseInstead(own = "") {
    const input = this.field.querySelector("input[type=file]");
    if (own) input.setAttribute("capture", own); else input.removeAttribute("capture");
    this.close();
    input.click();
  }

  /** Shows a hint in big type at once, and has it spoken when it has stood for a moment. */
  hint(word, text = this.say(word)) {
    const line = this.part("say");
    if (line.textContent !== text) line.textContent = text;
    clearTimeout(this.speaking);
    const wait = Math.max(500, (this.spokenAt || 0) + SPOKEN_EVERY - performance.now());
    this.speaking = setTimeout(() => {
      if (this.part("spoken").textContent === text) return;
      this.part("spoken").textContent = text;
      this.spokenAt = performance.now();
    }, wait);
  }

  /** The same for hints that change from look to look: each stays long enough to be read. */
  hintCalmly(word) {
    if (word === this.hinted) return;
    const now = performance.now();
    if (now < (this.stands || 0) && word !== "auto") return;
    this.hinted = word;
    this.stands = now + (word === "shaky" ? STAYS_LONG : HINT_STAYS);
    this.hint(word);
  }

  /** From `left` seconds down to nothing, in big figures that are also spoken; then `deed`, unless the picture has gone. */
  countDown(left, deed) {
    this.counting = Boolean(left && this.stream);
    this.dialog.classList.toggle("asks", this.counting);
    if (!this.stream) return;
    if (!left) { deed(); return; }
    this.spokenAt = 0;
    this.hint("", String(left));
    setTimeout(() => this.countDown(left - 1, deed), 1000);
  }

  /** Shows the live picture, after saying why it is wanted; else says why there is none, in the dialog. True when it runs. */
  async start(facing, width, height) {
    this.stop();
    this.wanted = [facing, width, height];
    try {
      if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new Error("no camera API");
      if (!(await this.explained())) return false;
      const video = { facingMode: { ideal: facing }, width: { ideal: width }, height: { ideal: height } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video });
      if (!this.dialog.open) { stream.getTracks().forEach((t) => t.stop()); return false; }
      await this.run(stream);
      return true;
    } catch (error) {
      if (this.dialog.open) this.fail(error);
      return false;
    }
  }

  // The browser is about to ask: whoever knows why is less likely to refuse.
  async explained() {
    const state = await navigator.permissions?.query({ name: "camera" }).then((p) => p.state, () => "prompt");
    if (allowed || state === "granted" || state === "denied") return true;
    return new Promise((done) => {
      this.dialog.addEventListener("close", () => done(false), { once: true });
      this.panel("whyTitle", this.say("why"), this.say("ask"), "openCamera", () => { this.panel(); done(true); });
    });
  }

  async run(stream) {
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    if (this.stream !== stream) return;
    allowed = true;
    this.fit();
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => { if (this.stream === stream) this.fail({ name: "Ended" }); });
    const can = track.getCapabilities?.() || {};
    this.part("torch").hidden = !can.torch;
    this.part("torch").setAttribute("aria-pressed", "false");
    this.offerZoom(track, can.zoom);
    this.part("shut").disabled = false;
    this.hint("frame");
  }

  offerZoom(track, range) {
    const label = this.part("zoom"), slider = label.querySelector("input");
    label.hidden = !range || range.max <= range.min;
    if (label.hidden) return;
    Object.assign(slider, { min: range.min, max: Math.min(range.max, range.min * 5), step: range.step || 0.1 });
    slider.value = track.getSettings().zoom || range.min;
    slider.oninput = () => track.applyConstraints({ advanced: [{ zoom: Number(slider.value) }] }).catch(() => { label.hidden = true; });
  }

  async toggleTorch() {
    const torch = this.part("torch");
    const on = torch.getAttribute("aria-pressed") !== "true";
    await this.stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] }).then(() => torch.setAttribute("aria-pressed", on), () => { torch.hidden = true; });
  }

  // A picture that covers the screen hides what doesn't fit. Where that would be more than half, all of it is shown.
  fit() {
    const { videoWidth: wide, videoHeight: high } = this.video;
    if (!wide) return;
    const across = this.dialog.clientWidth / wide, down = this.dialog.clientHeight / high;
    const shown = Math.min(across, down) / Math.max(across, down);
    this.scale = shown < 0.5 ? Math.min(across, down) : Math.max(across, down);
    this.dialog.classList.toggle("whole", shown < 0.5);
    this.dialog.style.setProperty("--seen-wide", `${Math.min(this.dialog.clientWidth, wide * this.scale)}px`);
    this.dialog.style.setProperty("--seen-high", `${Math.min(this.dialog.clientHeight, high * this.scale)}px`);
  }

  /** Where the frame lies in the video's own pixels, with `margin` (of its size) around it: {x, y, width, height}. */
  place(margin = 0) {
    const screen = this.video.getBoundingClientRect(), box = this.part("frame").getBoundingClientRect();
    const { videoWidth, videoHeight } = this.video;
    const width = (box.width / this.scale) * (1 + 2 * margin), height = (box.height / this.scale) * (1 + 2 * margin);
    const x = videoWidth / 2 + (box.left + box.width / 2 - screen.left - screen.width / 2) / this.scale - width / 2;
    const y = videoHeight / 2 + (box.top + box.height / 2 - screen.top - screen.height / 2) / this.scale - height / 2;
    if (!margin) return { x, y, width, height };
    const left = Math.max(0, x), top = Math.max(0, y);
    return { x: left, y: top, width: Math.min(videoWidth, x + width) - left, height: Math.min(videoHeight, y + height) - top };
  }

  tabChanged() {
    if (document.hidden && this.stream) {
      this.stop();
      if (this.resumes) this.hint("paused"); else this.fail({ name: "Paused" });
    } else if (!document.hidden && this.resumes && !this.stream && this.wanted && this.part("panel").hidden) {
      this.start(...this.wanted);
    }
  }

  /** There is no picture: says why and what to do, here and below the field. */
  fail(error) {
    this.stop();
    const why = whyNot(error), how = why === "refused" ? this.say("allow" + family()) : "";
    tell(this.field, this.say(why), true);
    if (why !== "paused") failures++;
    const again = ["insecure", "unsupported", "wechat"].includes(why) ? null : () => { this.close(); this.field.querySelector("[data-open]").click(); };
    this.panel(why + "Title", this.say(why), how, again ? "again" : "", again, family() !== "Desktop" && (!again || failures >= ENOUGH));
  }

  // A sheet over the picture with one thing to do, and choosing a photo beside it; with `own` also the phone's own camera.
  // Without a title it goes.
  panel(title, text, how = "", button = "", deed = null, own = false) {
    const panel = this.part("panel");
    panel.hidden = !title;
    for (const name of ["below", "say"]) this.part(name).hidden = Boolean(title);
    if (!title) return;
    panel.querySelector("h2").textContent = this.say(title) || this.say("troubleTitle");
    panel.querySelector("p").textContent = text;
    panel.querySelector(".how").textContent = how;
    const [go, mine, other] = ["go", "own", "other"].map((name) => panel.querySelector(`.${name}`));
    mine.hidden = !own;
    mine.textContent = this.say("own");
    mine.onclick = () => this.chooseInstead(this.shape === "face" ? "user" : "environment");
    go.hidden = !button;
    go.textContent = this.say(button);
    go.onclick = deed;
    other.textContent = this.say("choose");
    other.onclick = () => this.chooseInstead();
    panel.querySelector("h2").focus();
  }

  stop() { this.stream?.getTracks().forEach((t) => t.stop()); this.stream = null; this.part("shut").disabled = true; }

  close() { if (this.dialog.open) this.dialog.close(); }

  end() {
    this.stop();
    clearTimeout(this.speaking);
    document.removeEventListener("visibilitychange", this.watchTab);
    removeEventListener("resize", this.refit);
    this.dialog.remove();
    this.onend?.();
  }
}
