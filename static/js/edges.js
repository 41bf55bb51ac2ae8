// Finds a card in a small grey picture: four straight edges in a card's proportions, each seen along most of its length.
// Works on signed differences, so that what is rough (a table, a cloth) cancels out along a line and an edge adds up.
const CLAMP = 40; // grey levels: one bright spot must not make a line
const COARSE = [-0.24, -0.18, -0.12, -0.06, 0, 0.06, 0.12, 0.18, 0.24], FINE = [-0.03, 0, 0.03]; // slopes
const LINES = 8; // candidates a direction
const LEAST_STEP = 5; // grey levels over two pixels that count as an edge
const ABOVE_TEXTURE = 1.4; // times the usual step: on a rough table an edge must stand out
const SEEN = { whole: [0.55, 0.75], partly: [0.7, 0.85] }; // share of an edge's length: of the worst edge, and of all
const RATIO_OFF = 0.13; // what perspective may do to the proportions

/**
 * @param grey Float32Array of width × height; `view` what of it is picture: {left, top, right, bottom} in its pixels.
 * @returns null, or {corners: [[x, y] × 4] clockwise from the top left, width, angle in degrees, cut: one edge is out of view}
 */
export function findCard(grey, width, height, view, ratio) {
  const field = gradients(grey, width, height);
  const rows = lines(field.down, width, height, view, true), columns = lines(field.across, width, height, view, false);
  let best = null;
  const offer = (found) => { if (found && (!best || found.score > best.score)) best = found; };
  for (const [top, bottom] of pairs(rows)) {
    for (const [left, right] of pairs(columns)) offer(whole(field, width, height, top, bottom, left, right, ratio));
  }
  if (best) return best;
  for (const [top, bottom] of pairs(rows)) {
    for (const side of columns) {
      const far = (bottom.at - top.at) * ratio;
      if (side.at - far < view.left + 2) offer(partly(field, width, height, view, top, bottom, { at: view.left - 6, slope: side.slope, out: true }, side));
      if (side.at + far > view.right - 2) offer(partly(field, width, height, view, top, bottom, side, { at: view.right + 6, slope: side.slope, out: true }));
    }
  }
  for (const [left, right] of pairs(columns)) {
    for (const side of rows) {
      const far = (right.at - left.at) / ratio;
      if (side.at - far < view.top + 2) offer(partly(field, width, height, view, { at: view.top - 6, slope: side.slope, out: true }, side, left, right));
      if (side.at + far > view.bottom - 2) offer(partly(field, width, height, view, side, { at: view.bottom + 6, slope: side.slope, out: true }, left, right));
    }
  }
  return best;
}

function gradients(grey, width, height) {
  const across = new Float32Array(grey.length), down = new Float32Array(grey.length);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
      across[i] = clamped(grey[i + 1] - grey[i - 1]);
      down[i] = clamped(grey[i + width] - grey[i - width]);
    }
  }
  return { across, down, least: Math.max(LEAST_STEP, ABOVE_TEXTURE * usual(across, down)) };
}

const clamped = (step) => (step > CLAMP ? CLAMP : step < -CLAMP ? -CLAMP : step);

// The mean step of the picture, by a sample.
function usual(across, down) {
  let sum = 0, count = 0;
  for (let i = 0; i < across.length; i += 7) { sum += Math.abs(across[i]) + Math.abs(down[i]); count += 2; }
  return sum / count;
}

// The strongest lines of one direction: where each crosses the middle (`at`), and its slope against the axis. First a
// coarse search of all, then a finer one of those that stood out.
function lines(steps, width, height, view, lying) {
  const [from, to] = lying ? [view.left + 2, view.right - 2] : [view.top + 2, view.bottom - 2];
  const [first, last] = lying ? [view.top + 2, view.bottom - 2] : [view.left + 2, view.right - 2];
  const middle = (lying ? width : height) / 2, next = lying ? 1 : width, across = lying ? width : 1;
  const strength = (at, slope, stride) => {
    let sum = 0;
    for (let along = from; along < to; along += stride) {
      const off = (at + slope * (along - middle) + 0.5) | 0;
      if (off >= first && off <= last) sum += steps[off * across + along * next];
    }
    return Math.abs(sum) * stride;
  };
  const strongest = (at, slopes, stride) => {
    let best = { at, slope: 0, strength: -1 };
    for (const slope of slopes) {
      const found = strength(at, slope, stride);
      if (found > best.strength) best = { at, slope, strength: found };
    }
    return best;
  };
  const all = [];
  for (let at = Math.ceil(first); at < last; at++) all.push(strongest(at, COARSE, 5));
  const peaks = all.filter((line, i) => [-2, -1, 1, 2].every((d) => !all[i + d] || all[i + d].strength < line.strength || (d > 0 && all[i + d].strength === line.strength)));
  const few = peaks.sort((a, b) => b.strength - a.strength).slice(0, LINES);
  return few.map(({ at, slope }) => strongest(at, FINE.map((off) => slope + off), 2)).sort((a, b) => a.at - b.at);
}

function pairs(sorted) {
  const all = [];
  for (let i = 0; i < sorted.length; i++) {
    for (let j = i + 1; j < sorted.length; j++) if (Math.abs(sorted[i].slope - sorted[j].slope) < 0.1) all.push([sorted[i], sorted[j]]);
  }
  return all;
}

function cross(lying, standing, width, height) {
  const x = (standing.at + standing.slope * (lying.at - lying.slope * width / 2 - height / 2)) / (1 - standing.slope * lying.slope);
  return [x, lying.at + lying.slope * (x - width / 2)];
}

function whole(field, width, height, top, bottom, left, right, ratio) {
  if (Math.abs(top.slope + left.slope) > 0.16 || right.at - left.at < 0.22 * width) return null; // no right angle, or a stamp
  const corners = [cross(top, left, width, height), cross(top, right, width, height), cross(bottom, right, width, height), cross(bottom, left, width, height)];
  const [a, b, c, d] = corners;
  const wide = (far(a, b) + far(d, c)) / 2, high = (far(a, d) + far(b, c)) / 2;
  if (Math.abs(wide / high / ratio - 1) > RATIO_OFF) return null;
  return judged(field, corners, wide, top.slope, [[a, b, true], [d, c, true], [a, d, false], [b, c, false]], false, width, height);
}

function partly(field, width, height, view, top, bottom, left, right) {
  const corners = [cross(top, left, width, height), cross(top, right, width, height), cross(bottom, right, width, height), cross(bottom, left, width, height)];
  const [a, b, c, d] = corners.map(([x, y]) => [Math.min(view.right - 2, Math.max(view.left + 2, x)), Math.min(view.bottom - 2, Math.max(view.top + 2, y))]);
  const sides = [[a, b, true, top], [d, c, true, bottom], [a, d, false, left], [b, c, false, right]].filter(([, , , line]) => !line.out);
  return judged(field, corners, far(corners[0], corners[1]), top.slope, sides, true, width, height);
}

function judged(field, corners, wide, slope, sides, cut, width, height) {
  const [worst, all] = cut ? SEEN.partly : SEEN.whole;
  let sum = 0;
  for (const [from, to, lying] of sides) {
    const seen = seenAlong(field, width, height, from, to, lying);
    if (seen < worst) return null;
    sum += seen;
  }
  const mean = sum / sides.length;
  return mean < all ? null : { corners, width: wide, angle: (Math.atan(slope) * 180) / Math.PI, cut, score: mean + (0.3 * wide) / width };
}

// The share of an edge's length, its round ends left out, along which the picture steps the same way across it. Steps are
// averaged over a few pixels along the edge, which an edge survives and a texture doesn't.
function seenAlong(field, width, height, [x1, y1], [x2, y2], lying) {
  const POINTS = 20, steps = lying ? field.down : field.across;
  const long = Math.hypot(x2 - x1, y2 - y1) || 1, ux = (x2 - x1) / long, uy = (y2 - y1) / long;
  let up = 0, down = 0;
  for (let n = 0; n < POINTS; n++) {
    const share = 0.1 + (0.8 * n) / (POINTS - 1), x = x1 + (x2 - x1) * share, y = y1 + (y2 - y1) * share;
    let most = 0;
    for (let off = -1; off <= 1; off++) {
      let sum = 0;
      for (let along = -3; along <= 3; along++) {
        const px = Math.round(x + ux * along) + (lying ? 0 : off), py = Math.round(y + uy * along) + (lying ? off : 0);
        if (px >= 1 && py >= 1 && px < width - 1 && py < height - 1) sum += steps[py * width + px];
      }
      if (Math.abs(sum) > Math.abs(most)) most = sum;
    }
    if (most > 7 * field.least) up++;
    if (most < -7 * field.least) down++;
  }
  return Math.max(up, down) / POINTS;
}

const far = ([x1, y1], [x2, y2]) => Math.hypot(x2 - x1, y2 - y1);
