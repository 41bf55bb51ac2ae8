// Is the live picture good enough? Light, movement, where the card lies, glare and sharpness, measured on small grey
// copies of what the frame shows: one of the frame with a margin, one of its middle at full detail.
import { findCard } from "./edges.js";
import { findFaces } from "./faces.js";

const WIDE = { face: 160, card: 200, document: 200, page: 200 }; // px of the copy that shows the frame with its margin
const MARGIN = { face: 0.45, card: 0.14, document: 0.14, page: 0.14 }; // of the frame's size, on each side: who stands beside it must be seen
const DETAIL = 640; // px that the frame's width has in the detailed copy
const RATIO = { card: 1.586, document: 1.586, page: 1.42, face: 0.76 };
const LEAST_ACUTANCE = { face: 0.03, card: 0.1, document: 0.1, page: 0.1 };
const BLACK = 3, DARK = 50, BRIGHT = 232, BLOWN = 248; // grey levels
const MOVED = { share: 0.8, least: 3 }; // of the picture's usual step from pixel to pixel; grey levels that noise makes
const EDGE = 10, LEAST_EDGES = 0.004; // what counts as an edge in the detail, and the share that print has at least
const NEAR = 0.8, TILTED = 7, OUT = 0.025; // of the frame's width; degrees; of the frame's width
const FACE = { least: 0.35, near: 0.52, most: 1.15, off: 0.2, other: 0.5 }; // of the frame's width, and of the larger face's
const SKIN = 0.4; // of the oval's middle: somebody is there, but looks elsewhere
const GLARE = { inside: 0.012, anywhere: 0.05 };

const small = document.createElement("canvas"), detail = document.createElement("canvas");
let before = null, watched = null;

/**
 * One word: 'black' (no picture at all), 'dark', 'bright', 'moving', 'frame' (no card or face is seen), 'inside' (it is cut
 * off), 'closer', 'tilt', 'glare', 'one' (two faces), 'turned' (a face that looks elsewhere), 'blur', 'good', or 'auto': good,
 * and a card or face lies in the frame. '' at the first look, which has none before it.
 * `place` is the frame in the video's pixels: {x, y, width, height}.
 */
export function judge(video, place, shape) {
  const look = copy(video, place, shape);
  const moved = watched === video && before?.length === look.grey.length ? difference(look, before) : NaN;
  before = look.grey;
  watched = video;
  if (Number.isNaN(moved)) return "";
  const light = mean(look, look.frame);
  if (light < BLACK) return "black";
  if (light < DARK) return "dark";
  if (light > BRIGHT) return "bright";
  if (moved > MOVED.least && moved > MOVED.share * usualStep(look)) return "moving";
  const lies = shape === "face" ? whereIsFace(look) : whereIsCard(look, shape);
  if (lies) return lies;
  if (isBlurred(video, place, shape)) return "blur";
  return lies === null ? "good" : "auto";
}

// What is wrong with where the card lies and how it shines, or ''.
function whereIsCard(look, shape) {
  const card = findCard(look.grey, look.width, look.height, look.view, RATIO[shape]);
  if (!card) return blown(look, look.frame) > GLARE.anywhere ? "glare" : "frame";
  return where(card, look.frame) || (blown(look, box(card, look.frame)) > GLARE.inside ? "glare" : "");
}

// What is wrong with the face in the oval, '' or null: faces can't be looked for.
function whereIsFace(look) {
  const { grey, width, height, frame } = look, wide = frame.right - frame.left;
  const found = findFaces(grey, width, height, FACE.least * wide, FACE.most * 1.2 * wide);
  if (!found) return null;
  const [face, other] = found;
  if (!face) return skin(look) > SKIN ? "turned" : "frame";
  if (other && other.size > FACE.other * face.size) return "one";
  const off = Math.hypot(face.x + face.size / 2 - width / 2, face.y + face.size / 2 - height / 2);
  if (face.size < FACE.near * wide) return off > wide / 2 ? "frame" : "closer";
  return face.size > FACE.most * wide || off > FACE.off * wide ? "inside" : "";
}

// The share of the oval's middle that has a skin's colour, light or dark.
function skin({ data, width, frame }) {
  const left = frame.left + (frame.right - frame.left) / 4, right = frame.right - (frame.right - frame.left) / 4;
  const top = frame.top + (frame.bottom - frame.top) / 4, bottom = frame.bottom - (frame.bottom - frame.top) / 4;
  let like = 0, all = 0;
  for (let y = top | 0; y < bottom; y++) {
    for (let x = left | 0; x < right; x++) {
      const i = (y * width + x) * 4, r = data[i], g = data[i + 1], b = data[i + 2];
      const blue = -0.169 * r - 0.331 * g + 0.5 * b, red = 0.5 * r - 0.419 * g - 0.081 * b;
      all++;
      if (blue > -51 && blue < -1 && red > 5 && red < 45) like++;
    }
  }
  return like / all;
}

function copy(video, place, shape) {
  const width = WIDE[shape], height = Math.round(width / RATIO[shape]), margin = MARGIN[shape];
  const x = place.x - margin * place.width, y = place.y - margin * place.height;
  const scale = width / (place.width * (1 + 2 * margin));
  small.width = width; // which also clears it
  small.height = height;
  const context = small.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, x, y, width / scale, height / scale, 0, 0, width, height);
  const view = {
    left: Math.max(0, Math.ceil(-x * scale)), top: Math.max(0, Math.ceil(-y * scale)),
    right: Math.min(width, Math.floor((video.videoWidth - x) * scale)), bottom: Math.min(height, Math.floor((video.videoHeight - y) * scale)),
  };
  const side = margin / (1 + 2 * margin);
  const frame = { left: Math.round(width * side), top: Math.round(height * side), right: Math.round(width * (1 - side)), bottom: Math.round(height * (1 - side)) };
  const { data } = context.getImageData(0, 0, width, height);
  return { data, grey: toGrey(data), width, height, view, frame };
}

// Where the card lies wrong, or '' when it lies right.
function where(card, frame) {
  const wide = frame.right - frame.left, slack = OUT * wide;
  const outside = card.corners.some(([x, y]) => x < frame.left - slack || x > frame.right + slack || y < frame.top - slack || y > frame.bottom + slack);
  if (card.cut) return "inside";
  if (card.width < NEAR * wide) return outside ? "frame" : "closer";
  if (Math.abs(card.angle) > TILTED) return "tilt";
  return outside ? "inside" : "";
}

function box(card, frame) {
  const xs = card.corners.map(([x]) => x), ys = card.corners.map(([, y]) => y);
  return {
    left: Math.max(frame.left, Math.round(Math.min(...xs)) + 2), right: Math.min(frame.right, Math.round(Math.max(...xs)) - 2),
    top: Math.max(frame.top, Math.round(Math.min(...ys)) + 2), bottom: Math.min(frame.bottom, Math.round(Math.max(...ys)) - 2),
  };
}

function toGrey(data) {
  const grey = new Float32Array(data.length / 4);
  for (let i = 0, j = 0; i < grey.length; i++, j += 4) grey[i] = 0.299 * data[j] + 0.587 * data[j + 1] + 0.114 * data[j + 2];
  return grey;
}

function mean({ grey, width }, { left, top, right, bottom }) {
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += grey[y * width + x];
  return sum / ((right - left) * (bottom - top));
}

function difference({ grey, width, frame }, earlier) {
  let sum = 0;
  for (let y = frame.top; y < frame.bottom; y++) for (let x = frame.left; x < frame.right; x++) sum += Math.abs(grey[y * width + x] - earlier[y * width + x]);
  return sum / ((frame.right - frame.left) * (frame.bottom - frame.top));
}

// What a shift by two pixels changes: movement is told by how far things went, not by how rough they are.
function usualStep({ grey, width, frame }) {
  let sum = 0;
  for (let y = frame.top; y < frame.bottom; y++) for (let x = frame.left + 1; x < frame.right - 1; x++) sum += Math.abs(grey[y * width + x + 1] - grey[y * width + x - 1]);
  return sum / ((frame.right - frame.left) * (frame.bottom - frame.top));
}

// The share that has lost all drawing: patches of 4 × 4, all of them white. Print on white paper leaves no such patch.
function blown({ grey, width }, { left, top, right, bottom }) {
  let lost = 0, all = 0;
  for (let y = top; y + 4 <= bottom; y += 4) {
    for (let x = left; x + 4 <= right; x += 4) {
      all++;
      let white = true;
      for (let i = 0; white && i < 16; i++) white = grey[(y + (i >> 2)) * width + x + (i & 3)] >= BLOWN;
      if (white) lost++;
    }
  }
  return all ? lost / all : 0;
}

// Acutance: how abruptly edges change, against how strong they are. It tells a blurred print from a sharp faint one.
function isBlurred(video, place, shape) {
  const share = shape === "face" ? { x: 0.2, y: 0.25, w: 0.6, h: 0.5 } : { x: 0.12, y: 0.32, w: 0.76, h: 0.44 };
  const width = Math.round(DETAIL * share.w * (shape === "face" ? 0.5 : 1)), height = Math.round((width * share.h * place.height) / (share.w * place.width));
  detail.width = width;
  detail.height = height;
  const context = detail.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, place.x + share.x * place.width, place.y + share.y * place.height, share.w * place.width, share.h * place.height, 0, 0, width, height);
  const { edges, acutance } = acuteness(toGrey(context.getImageData(0, 0, width, height).data), width, height);
  return edges < LEAST_EDGES || acutance < LEAST_ACUTANCE[shape];
}

function acuteness(grey, width, height) {
  let edges = 0, slopes = 0, bends = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
      const l = grey[i - 1], r = grey[i + 1], u = grey[i - width], d = grey[i + width];
      const slope = ((r - l) ** 2 + (d - u) ** 2) / 4;
      if (slope < EDGE * EDGE) continue;
      edges++;
      slopes += slope;
      bends += (4 * grey[i] - l - r - u - d) ** 2;
    }
  }
  return { edges: edges / (width * height), acutance: edges ? bends / slopes : 0 };
}
