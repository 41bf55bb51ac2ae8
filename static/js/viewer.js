// Looking closely at evidence: zoom, drag, rotate, contrast; a video frame by frame.
const FRAME = 1 / 15; // seconds: the slowest camera we record with

export function arm(figure) {
  const view = figure.querySelector("img, video"), stage = figure.querySelector(".stage") || figure;
  const now = { turn: 0, zoom: 1, x: 0, y: 0, hard: false };
  const draw = () => {
    view.style.transform = `translate(${now.x}px, ${now.y}px) rotate(${now.turn}deg) scale(${now.zoom})`;
    view.style.filter = now.hard ? "contrast(1.7) brightness(1.08)" : "";
    stage.classList.toggle("big", now.zoom > 1);
  };
  const zoomTo = (zoom) => { now.zoom = zoom; if (zoom === 1) now.x = now.y = 0; };
  const on = (name, deed) => figure.querySelector(`[data-${name}]`)?.addEventListener("click", ({ currentTarget }) => { deed(currentTarget); draw(); });
  const step = (by) => { view.pause(); view.currentTime = Math.max(0, view.currentTime + by); };
  on("zoom", () => zoomTo(now.zoom >= 4 ? 1 : now.zoom * 1.6));
  on("rotate", () => { now.turn = (now.turn + 90) % 360; });
  on("contrast", (button) => { now.hard = !now.hard; button.setAttribute("aria-pressed", now.hard); });
  on("frame", () => step(FRAME));
  on("step", () => step(FRAME));
  on("step-back", () => step(-FRAME));
  if (view.tagName === "IMG") { drag(stage, now, draw); turnWheel(stage, now, zoomTo, draw); }
}

function drag(stage, now, draw) {
  stage.addEventListener("pointerdown", (event) => { if (now.zoom > 1) { stage.setPointerCapture(event.pointerId); event.preventDefault(); } });
  stage.addEventListener("pointermove", (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    now.x += event.movementX;
    now.y += event.movementY;
    draw();
  });
  stage.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    if (!way || now.zoom === 1) return;
    event.preventDefault();
    now.x += way[0];
    now.y += way[1];
    draw();
  });
}

function turnWheel(stage, now, zoomTo, draw) {
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && now.zoom === 1) return; // the page scrolls, until somebody zooms
    event.preventDefault();
    zoomTo(Math.min(6, Math.max(1, now.zoom * (event.deltaY < 0 ? 1.15 : 0.87))));
    draw();
  }, { passive: false });
}
