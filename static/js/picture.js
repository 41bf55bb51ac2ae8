// Pictures made small in the page: upright, at most 1,600 px and 400 kB.
const LONGEST = 1600; // px
const MOST_BYTES = 400_000;
const QUALITIES = [0.9, 0.82, 0.72, 0.6, 0.45];

/** A chosen file made small; null when it is small already. Rejects what the browser can't read (the server may). */
export async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const small = file.size <= MOST_BYTES && Math.max(bitmap.width, bitmap.height) <= LONGEST;
  const blob = small && file.type === "image/jpeg" ? null : await toJpeg(canvasOf(bitmap, { x: 0, y: 0, width: bitmap.width, height: bitmap.height }));
  bitmap.close();
  return blob;
}

/** A canvas with a part of a video or bitmap, at most `longest` px on a side. `into` may be a canvas to use again. */
export function canvasOf(source, { x, y, width, height }, longest = LONGEST, into = document.createElement("canvas")) {
  const scale = Math.min(1, longest / Math.max(width, height));
  into.width = Math.round(width * scale);
  into.height = Math.round(height * scale);
  into.getContext("2d").drawImage(source, x, y, width, height, 0, 0, into.width, into.height);
  return into;
}

/** The canvas as a JPEG of at most `most` bytes, as good as that allows. */
export async function toJpeg(canvas, most = MOST_BYTES) {
  let blob;
  for (const quality of QUALITIES) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob.size <= most) break;
  }
  return blob;
}
