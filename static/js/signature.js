// The signature: strokes with time and pressure. Turning the phone or going full screen redraws them; a blank pad or a
// dot is told at once. On a phone held upright the full screen is laid sideways, so that it is as wide as the phone is long.
const judges = new WeakMap();
const SHORTEST_INK = 0.25; // of the pad's width; the server's own rule is the same

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("[data-sign]");
  if (!field || !judges.has(field) || event.target.querySelector("[name=typed_name]")?.value.trim()) return;
  if (judges.get(field)()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

export async function arm(field) {
  const { default: SignaturePad } = await import(document.body.dataset.pad);
  new Sign(field, SignaturePad);
}

class Sign {
  constructor(field, SignaturePad) {
    this.field = field;
    this.box = field.querySelector(".pad");
    this.canvas = field.querySelector("canvas");
    this.input = field.querySelector("input[type=hidden]");
    this.fault = field.querySelector("[data-fault]");
    this.ink = this.kept(); // the strokes with the pad they were made on; what is shown is derived from it
    this.pad = new SignaturePad(this.canvas, { minWidth: 1.3, maxWidth: 4.2, penColor: "#111a33", throttle: 8 });
    this.pad.addEventListener("endStroke", () => this.bake());
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    this.button(field, "undo", () => this.undo());
    this.button(field, "clear", () => this.clear());
    this.button(field, "full", () => this.full());
    judges.set(field, () => this.judge());
    field.classList.add("armed");
    this.fit();
  }

  kept() {
    try { const { width, height, strokes } = JSON.parse(this.input.value); return { width, height, lines: strokes }; } catch { return { width: 1, height: 1, lines: [] }; }
  }

  button(root, name, deed) { root.querySelector(`[data-${name}]`).addEventListener("click", deed); }

  get sideways() { return Boolean(this.dialog?.classList.contains("sideways")); }

  // The pad as the signer sees it: turned, its width is the canvas's height.
  get size() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    return this.sideways ? { width: h, height: w } : { width: w, height: h };
  }

  fit() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (!w || !h) return;
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    this.canvas.width = w * ratio;
    this.canvas.height = h * ratio;
    this.canvas.getContext("2d").scale(ratio, ratio);
    this.draw();
  }

  draw() {
    const { width, height } = this.size;
    const scale = Math.min(width / this.ink.width, height / this.ink.height);
    const dx = (width - this.ink.width * scale) / 2, dy = (height - this.ink.height * scale) / 2;
    const place = ([x, y, pressure, time]) => ({ ...this.toCanvas(x * scale + dx, y * scale + dy), pressure, time });
    this.pad.fromData(this.ink.lines.map((line) => ({ minWidth: 1.3, maxWidth: 4.2, penColor: "#111a33", dotSize: 0, points: line.map(place) })));
  }

  toCanvas(x, y) { return this.sideways ? { x: this.canvas.clientWidth - y, y: x } : { x, y }; }

  fromCanvas({ x, y, pressure, time }) {
    const [a, b] = this.sideways ? [y, this.canvas.clientWidth - x] : [x, y];
    return [round(a, 10), round(b, 10), round(pressure || 0.5, 100), Math.round(time)];
  }

  bake() {
    this.ink = { ...this.size, lines: this.pad.toData().map((s) => s.points.map((p) => this.fromCanvas(p))) };
    this.keep();
  }

  undo() { this.ink = { ...this.ink, lines: this.ink.lines.slice(0, -1) }; this.draw(); this.keep(); }

  clear() { this.ink = { ...this.ink, lines: [] }; this.draw(); this.keep(); }

  keep() {
    const { width, height, lines } = this.ink;
    this.input.value = lines.length ? JSON.stringify({ width, height, strokes: lines }) : "";
    this.complain("");
  }

  judge() {
    const word = !this.ink.lines.length ? "wBlank" : inkLength(this.ink.lines) < this.ink.width * SHORTEST_INK ? "wDot" : "";
    this.complain(word && this.field.dataset[word]);
    return !word;
  }

  complain(text) {
    for (const line of [this.fault, this.dialog?.querySelector(".err")]) if (line) { line.textContent = text; line.hidden = !text; }
  }

  full() {
    const say = this.field.dataset;
    const dialog = this.dialog = document.createElement("dialog");
    dialog.className = "sign-full";
    dialog.setAttribute("aria-label", say.wTitle);
    dialog.innerHTML = `<div class="pad-head"><span></span><button type="button" class="inline-btn"></button></div><div class="pad-foot"><p class="err" role="alert" hidden></p>
      <div class="pad-feet"><button type="button" class="btn line" data-undo></button><button type="button" class="btn line" data-clear></button><button type="button" class="btn" data-done></button></div></div>`;
    dialog.querySelector(".pad-head span").textContent = say.wTitle;
    dialog.querySelector(".inline-btn").textContent = say.wClose;
    dialog.querySelector("[data-undo]").textContent = this.field.querySelector("[data-undo]").textContent;
    dialog.querySelector("[data-clear]").textContent = this.field.querySelector("[data-clear]").textContent;
    dialog.querySelector("[data-done]").textContent = say.wDone;
    dialog.querySelector(".inline-btn").onclick = () => dialog.close();
    this.button(dialog, "undo", () => this.undo());
    this.button(dialog, "clear", () => this.clear());
    this.button(dialog, "done", () => this.done());
    dialog.addEventListener("close", () => this.leave());
    dialog.querySelector(".pad-head").after(this.box);
    document.body.append(dialog);
    this.turn = () => { dialog.classList.toggle("sideways", innerHeight > innerWidth && innerWidth < 600); this.fit(); };
    addEventListener("resize", this.turn);
    dialog.showModal();
    this.turn();
  }

  leave() {
    removeEventListener("resize", this.turn);
    this.field.querySelector(".pad-tools").before(this.box);
    this.dialog.remove();
    this.dialog = null;
    this.fit();
  }

  done() {
    if (!this.judge()) return;
    this.dialog.close();
    document.getElementById(this.field.dataset.sign)?.requestSubmit(document.querySelector(`.foot .btn[form="${this.field.dataset.sign}"]`));
  }
}

const round = (n, by) => Math.round(n * by) / by;

function inkLength(lines) {
  let sum = 0;
  for (const line of lines) for (let i = 1; i < line.length; i++) sum += Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]);
  return sum;
}
