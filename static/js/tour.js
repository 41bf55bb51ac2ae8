// The first-day tour: marks the place that its panel speaks of, and lets the arrow keys and Escape go on, back and end it.
const panel = () => document.querySelector("section[data-tour]");

export function arm(element) {
  document.querySelectorAll(".pointed").forEach((e) => e.classList.remove("pointed"));
  if (element.hasAttribute("data-moved")) (element.querySelector("h2") || document.querySelector("#main h1"))?.focus({ preventScroll: true });
  const place = find(element.dataset.points);
  if (!place) return;
  place.classList.add("pointed");
  place.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function find(points) {
  for (const selector of (points || "").split("|")) {
    const place = selector && [...document.querySelectorAll(selector)].find((e) => e.getClientRects().length);
    if (place) return place;
  }
  return null;
}

const KEYS = { ArrowRight: "[data-tour-next]", ArrowLeft: "[data-tour-back]", Escape: "[data-tour-end], [data-tour-next]" };

document.addEventListener("keydown", (event) => {
  const here = panel();
  if (!here || !KEYS[event.key] || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.querySelector("dialog[open], .faces.wide") || event.target.closest("input, textarea, select, video, .stage, .scroll")) return;
  event.preventDefault();
  here.querySelector(KEYS[event.key])?.click();
});
