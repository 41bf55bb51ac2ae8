// Finds faces that look at the camera in a small grey picture, by OpenCV's frontal cascade: windows of 20 × 20 over a
// pyramid of ever smaller copies, of which most are given up after a few comparisons.
const WINDOW = 20, INNER = 18; // px; the outermost row isn't counted for contrast
const GROW = 1.2; // from one size to the next
const AGREE = 3; // windows that must see the same face; of those that were looked at in steps of two each counts for two
const FLAT = 12; // grey levels of contrast below which nothing is looked for
let cascade = null, offsets = new Map();

/** Fetches the cascade once; until then, and without it, no face is looked for. */
export async function load(address) {
  cascade ||= unpack(new DataView(await (await fetch(address)).arrayBuffer()));
}

function unpack(view) {
  const all = { ends: [], passes: [], first: [0], thresholds: [], low: [], high: [], rects: [], weights: [] };
  let at = 2;
  for (let stage = view.getUint16(0, true); stage > 0; stage--) {
    const count = view.getUint16(at, true);
    all.passes.push(view.getFloat32(at + 2, true));
    at += 6;
    for (let stump = 0; stump < count; stump++) {
      for (let left = view.getUint8(at++); left > 0; left--, at += 5) {
        all.rects.push(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
        all.weights.push(view.getInt8(at + 4));
      }
      all.first.push(all.weights.length);
      all.thresholds.push(view.getFloat32(at, true));
      all.low.push(view.getFloat32(at + 4, true));
      all.high.push(view.getFloat32(at + 8, true));
      at += 12;
    }
    all.ends.push(all.thresholds.length);
  }
  for (const [name, list] of Object.entries(all)) all[name] = name === "first" || name === "ends" || name === "rects" ? Int32Array.from(list) : Float64Array.from(list);
  return all;
}

/** The faces of `grey` (width × height) that are `least` to `most` pixels wide, the largest first: {x, y, size}; null without the cascade. */
export function findFaces(grey, width, height, least, most) {
  if (!cascade) return null;
  const seen = [];
  let factor = least / WINDOW, level = shrunk({ grey, width, height }, factor);
  for (; factor * WINDOW <= most && Math.min(level.width, level.height) > WINDOW; factor *= GROW, level = shrunk(level, GROW)) {
    search(level, factor, seen);
  }
  return agreed(seen);
}

// A smaller copy; each pixel the mean of four points of the larger, so that detail doesn't turn into noise.
function shrunk({ grey, width, height }, by) {
  const w = Math.floor(width / by), h = Math.floor(height / by), out = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    const up = ((y + 0.25) * by) | 0, down = ((y + 0.75) * by) | 0;
    for (let x = 0; x < w; x++) {
      const left = ((x + 0.25) * by) | 0, right = ((x + 0.75) * by) | 0;
      out[y * w + x] = (grey[up * width + left] + grey[up * width + right] + grey[down * width + left] + grey[down * width + right]) / 4;
    }
  }
  return { grey: out, width: w, height: h };
}

function search(level, factor, seen) {
  const { width, height } = level, stride = width + 1, { sums, squares } = integrals(level), corners = cornersOf(stride);
  const step = width > 70 ? 2 : 1, box = (table, base) => table[base] - table[base + INNER] - table[base + INNER * stride] + table[base + INNER * stride + INNER];
  for (let y = 0; y + WINDOW < height; y += step) {
    for (let x = 0; x + WINDOW < width; x += step) {
      const base = y * stride + x, inner = base + stride + 1, sum = box(sums, inner);
      const spread = INNER * INNER * box(squares, inner) - sum * sum;
      if (spread > (FLAT * INNER * INNER) ** 2 && passes(sums, base, corners, Math.sqrt(spread))) seen.push({ x: x * factor, y: y * factor, size: WINDOW * factor, count: step });
    }
  }
}

function integrals({ grey, width, height }) {
  const stride = width + 1, sums = new Float64Array(stride * (height + 1)), squares = new Float64Array(sums.length);
  for (let y = 0; y < height; y++) {
    let row = 0, rowSquares = 0;
    for (let x = 0; x < width; x++) {
      const value = grey[y * width + x], at = (y + 1) * stride + x + 1;
      row += value;
      rowSquares += value * value;
      sums[at] = sums[at - stride] + row;
      squares[at] = squares[at - stride] + rowSquares;
    }
  }
  return { sums, squares };
}

// Where the four corners of each rectangle lie in the sums of a picture of this width.
function cornersOf(stride) {
  if (!offsets.has(stride)) {
    const { rects } = cascade, corners = new Int32Array(rects.length);
    for (let r = 0; r < rects.length; r += 4) {
      const [x, y, w, h] = rects.subarray(r, r + 4);
      corners.set([y * stride + x, y * stride + x + w, (y + h) * stride + x, (y + h) * stride + x + w], r);
    }
    offsets.set(stride, corners);
  }
  return offsets.get(stride);
}

function passes(sums, base, corners, contrast) {
  const { ends, passes: least, first, thresholds, low, high, weights } = cascade;
  for (let stage = 0, stump = 0; stage < ends.length; stage++) {
    let score = 0;
    for (; stump < ends[stage]; stump++) {
      let value = 0;
      for (let r = first[stump], end = first[stump + 1]; r < end; r++) {
        const c = r * 4;
        value += weights[r] * (sums[base + corners[c]] - sums[base + corners[c + 1]] - sums[base + corners[c + 2]] + sums[base + corners[c + 3]]);
      }
      score += value < thresholds[stump] * contrast ? low[stump] : high[stump];
    }
    if (score < least[stage]) return false;
  }
  return true;
}

// Windows over the same place count as one face, in their middle.
function agreed(seen) {
  const groups = [];
  for (const one of seen) {
    const near = groups.find((g) => Math.abs(middle(g.x, g) - middle(one.x, one)) < 0.35 * g.size && Math.abs(middle(g.y, g) - middle(one.y, one)) < 0.35 * g.size && one.size < 1.7 * g.size && g.size < 1.7 * one.size);
    if (!near) { groups.push({ ...one }); continue; }
    near.count += one.count;
    for (const side of ["x", "y", "size"]) near[side] += ((one[side] - near[side]) * one.count) / near.count;
  }
  return groups.filter((g) => g.count >= AGREE).sort((a, b) => b.size - a.size);
}

const middle = (from, { size }) => from + size / 2;
