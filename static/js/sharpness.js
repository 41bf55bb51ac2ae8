// Is the live picture good enough? Light, glare, movement and sharpness, measured inside the frame on a small grey copy.
const WIDE = 160, HIGH = 104; // px of the copy
const LEAST_SHARP = { face: 8, card: 16, document: 20, page: 20 }; // variance of the Laplacian
const eye = Object.assign(document.createElement("canvas"), { width: WIDE, height: HIGH });
const LEAST_EDGE = 10; // grey levels, mean along one side of the card
let before = null, watched = null;

/**
 * One word: 'dark', 'bright', 'glare', 'moving', 'blur', 'good', or 'auto': good, and a card's four edges lie in the frame.
 * '' at the first look, which has none before it to compare with.
 */
export function judge(video, frame, shape) {
  const { x, y, width, height } = inVideo(video, frame);
  const context = eye.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, x, y, width, height, 0, 0, WIDE, HIGH);
  const grey = toGrey(context.getImageData(0, 0, WIDE, HIGH).data);
  const moved = watched === video ? difference(grey, before) : NaN;
  before = grey;
  watched = video;
  if (Number.isNaN(moved)) return "";
  const light = mean(grey);
  if (light < 45) return "dark";
  if (light > 232) return "bright";
  if (share(grey, 252) > 0.12) return "glare";
  if (moved > 14) return "moving";
  if (laplacianVariance(grey) < LEAST_SHARP[shape]) return "blur";
  return shape !== "face" && hasFourEdges(grey) ? "auto" : "good";
}

// Where the frame lies in the video's own pixels: the video covers the screen (object-fit: cover), both are centred.
function inVideo(video, frame) {
  const screen = video.getBoundingClientRect(), box = frame.getBoundingClientRect();
  const scale = Math.max(screen.width / video.videoWidth, screen.height / video.videoHeight);
  const width = Math.min(video.videoWidth, box.width / scale), height = Math.min(video.videoHeight, box.height / scale);
  const x = video.videoWidth / 2 + (box.left + box.width / 2 - screen.left - screen.width / 2) / scale - width / 2;
  const y = video.videoHeight / 2 + (box.top + box.height / 2 - screen.top - screen.height / 2) / scale - height / 2;
  return { x: Math.max(0, x), y: Math.max(0, y), width, height };
}

function toGrey(data) {
  const grey = new Float32Array(WIDE * HIGH);
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  return grey;
}

const mean = (grey) => grey.reduce((a, b) => a + b, 0) / grey.length;
const share = (grey, above) => grey.reduce((n, v) => n + (v > above), 0) / grey.length;
const difference = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;

function laplacianVariance(grey) {
  let total = 0, squares = 0, count = 0;
  for (let y = 1; y < HIGH - 1; y++) {
    for (let x = 1; x < WIDE - 1; x++) {
      const i = y * WIDE + x;
      const v = 4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - WIDE] - grey[i + WIDE];
      total += v; squares += v * v; count++;
    }
  }
  return squares / count - (total / count) ** 2;
}

// A card that fills the frame shows a long straight edge near each of the frame's four sides, far stronger than what
// lies along the other lines (a rough table has strong lines everywhere).
function hasFourEdges(grey) {
  const at = (x, y) => grey[y * WIDE + x];
  const across = (y) => meanOver(0.15 * WIDE, 0.85 * WIDE, (x) => Math.abs(at(x, y + 1) - at(x, y - 1)));
  const down = (x) => meanOver(0.15 * HIGH, 0.85 * HIGH, (y) => Math.abs(at(x + 1, y) - at(x - 1, y)));
  return framed(HIGH, across) && framed(WIDE, down);
}

function framed(length, line) {
  const lines = Array.from({ length: length - 2 }, (_, i) => line(i + 1));
  const usual = [...lines].sort((a, b) => a - b)[lines.length >> 1];
  const least = Math.max(LEAST_EDGE, 2 * usual), margin = Math.round(length * 0.15);
  return Math.max(...lines.slice(0, margin)) > least && Math.max(...lines.slice(-margin)) > least;
}

function meanOver(from, to, value) {
  let sum = 0, count = 0;
  for (let i = Math.round(from); i < to; i++) { sum += value(i); count++; }
  return sum / count;
}
