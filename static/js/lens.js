// The full-screen camera that photos and the video share: a dialog, a stream, why there is none, and handing a file to its input.
const NAMES = {
  NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "none", DevicesNotFoundError: "none",
  OverconstrainedError: "none", NotReadableError: "busy", TrackStartError: "busy", AbortError: "busy", Ended: "ended",
};

/** The words of a field: `say("dark")` is its data-w-dark. */
export function words(field) {
  return (name) => field.dataset["w" + name[0].toUpperCase() + name.slice(1)] || "";
}

/** The name of the words for a camera that can't be used. */
export function whyNot(error) {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return "unsupported";
  return NAMES[error?.name] || "unsupported";
}

/** Puts a picture or video into a file input, as if it had been chosen there. */
export function putFile(input, blob, name) {
  const box = new DataTransfer();
  box.items.add(new File([blob], name, { type: blob.type, lastModified: Date.now() }));
  input.files = box.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Says a line below the field; `fault` colours it. */
export function tell(field, text, fault = false) {
  const line = field.querySelector(".say-now");
  line.textContent = text;
  line.classList.toggle("fault", fault);
}

/** Shows a picture or video in the field's frame, and lets the one before go. */
export function showIn(field, element) {
  const shot = field.querySelector(".shot");
  const old = shot.querySelector("img, video");
  if (old?.src.startsWith("blob:")) URL.revokeObjectURL(old.src);
  shot.replaceChildren(element);
}

/** Opens the camera over the whole screen. `close()` stops it; it also stops when the dialog is closed in any other way. */
export class Lens {
  constructor(field, shape, mirror) {
    this.field = field;
    this.say = words(field);
    this.dialog = document.createElement("dialog");
    this.dialog.className = "lens";
    this.dialog.classList.toggle("mirror", mirror);
    this.dialog.setAttribute("aria-label", field.querySelector("label").textContent);
    this.dialog.innerHTML = `<video playsinline muted autoplay></video><div class="frame of-${shape}"></div><p class="say" role="status"></p>
      <button type="button" class="away"></button><div class="below"><button type="button" class="choose"></button><button type="button" class="shut" disabled></button>
      <div class="sides"><button type="button" class="torch" aria-pressed="false" hidden></button><button type="button" class="flip" hidden></button></div></div><div class="ring" hidden><b></b></div>`;
    for (const [name, word] of [["away", "close"], ["choose", "choose"], ["torch", "torch"], ["flip", "flip"]]) this.part(name).textContent = this.say(word);
    this.hint("start");
    this.part("away").onclick = () => this.close();
    this.part("choose").onclick = () => { this.close(); field.querySelector("input[type=file]").click(); };
    this.part("torch").onclick = () => this.toggleTorch();
    this.dialog.addEventListener("close", () => this.end());
    this.hidden = () => { if (document.hidden) this.close(); };
    document.addEventListener("visibilitychange", this.hidden);
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  part(name) { return this.dialog.querySelector("." + name); }

  get video() { return this.dialog.querySelector("video"); }

  hint(word, text = this.say(word)) {
    const line = this.part("say");
    if (line.textContent !== text) line.textContent = text;
  }

  /** Shows the live picture, or closes and says below the field why there is none. Returns true when it runs. */
  async start(facing, width, height) {
    this.stop();
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new Error("no camera API");
      const wanted = { facingMode: { ideal: facing }, width: { ideal: width }, height: { ideal: height } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted });
      if (!this.dialog.open) { stream.getTracks().forEach((t) => t.stop()); return false; }
      await this.run(stream);
      return true;
    } catch (error) {
      if (this.dialog.open) this.fail(error);
      return false;
    }
  }

  async run(stream) {
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.fail({ name: "Ended" }));
    this.part("torch").hidden = !track.getCapabilities?.().torch;
    this.part("shut").disabled = false;
    this.hint("frame");
  }

  async toggleTorch() {
    const torch = this.part("torch");
    const on = torch.getAttribute("aria-pressed") !== "true";
    await this.stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] }).then(() => torch.setAttribute("aria-pressed", on), () => { torch.hidden = true; });
  }

  fail(error) {
    this.close();
    tell(this.field, this.say(whyNot(error)), true);
    this.field.querySelector("input[type=file]").focus();
  }

  stop() { this.stream?.getTracks().forEach((t) => t.stop()); this.stream = null; }

  close() { if (this.dialog.open) this.dialog.close(); }

  end() {
    this.stop();
    document.removeEventListener("visibilitychange", this.hidden);
    this.dialog.remove();
    this.onend?.();
  }
}
