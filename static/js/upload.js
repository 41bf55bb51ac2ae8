// Sends a picture as soon as it is there, and goes on after a lost network until an answer comes. The key that travels
// with it makes a picture that arrives twice the same picture.
const STALLED = 10_000; // ms without a byte on its way
const SILENT = 45_000; // ms without an answer once all bytes are sent
const PAUSES = [500, 1000, 2000, 4000]; // ms between tries; the last one again and again
const MOST_FAULTS = 6; // answers of 5xx before the server's trouble is told

const waiting = new Set();

/** A name for a picture that no other has. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(11)), (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * Posts `data` to `url`; resolves with the XMLHttpRequest that was answered below 500, or rejects when `signal` aborts.
 * `on.progress(share)` while bytes travel, `on.lost()` when the network is gone, `on.back()` when it goes on.
 */
export async function post(url, data, { headers = {}, signal, on = {} } = {}) {
  for (let tries = 0, faults = 0; ; tries++) {
    try {
      const answer = await once(url, data, headers, signal, on);
      if (answer.status < 500 || ++faults >= MOST_FAULTS) return answer;
    } catch (lost) {
      if (signal?.aborted) throw lost;
      on.lost?.();
    }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)], signal);
    on.back?.();
  }
}

function once(url, data, headers, signal, on) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    let watch;
    const patience = (ms) => { clearTimeout(watch); watch = setTimeout(() => request.abort(), ms); };
    const lost = () => end(() => fail(new DOMException("lost", "NetworkError")));
    const stop = () => { request.abort(); lost(); };
    const end = (deed) => { clearTimeout(watch); signal?.removeEventListener("abort", stop); deed(); };
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { patience(STALLED); if (event.lengthComputable) on.progress?.(event.loaded / event.total); };
    request.upload.onload = () => { patience(SILENT); on.progress?.(1); };
    request.onload = () => end(() => done(request));
    request.onerror = request.onabort = lost;
    signal?.addEventListener("abort", stop);
    patience(STALLED);
    request.send(data);
  });
}

function pause(ms, signal) {
  return new Promise((done) => {
    const end = () => { clearTimeout(clock); removeEventListener("online", end); signal?.removeEventListener("abort", end); done(); };
    const clock = setTimeout(end, ms);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
  });
}

/**
 * The page isn't left by a form while a picture of it is on its way: the form goes by itself once that has arrived.
 * `done` resolves to true (it is kept), false (it is refused) or null (another one took its place); `tell` says that it waits.
 */
export function holds(field, done, tell) {
  const entry = { field, tell };
  entry.done = done.finally(() => waiting.delete(entry));
  waiting.add(entry);
}

const queued = new WeakMap(); // a form that waits → the button that sent it
const onTheirWay = () => [...waiting].filter(({ field }) => field.isConnected);

document.addEventListener("submit", (event) => {
  const { target, submitter } = event, pictures = onTheirWay();
  if (!pictures.length || target.matches("[hx-post]")) return; // those change a part of the page alone
  event.preventDefault();
  event.stopImmediatePropagation();
  pictures.forEach((picture) => picture.tell());
  const first = !queued.has(target);
  queued.set(target, submitter);
  submitter?.setAttribute("aria-busy", "true");
  if (first) sendWhenThere(target);
}, true);

async function sendWhenThere(form) {
  let fine = true;
  while (onTheirWay().length) fine = (await Promise.all(onTheirWay().map((picture) => picture.done))).every((kept) => kept !== false);
  const submitter = queued.get(form);
  queued.delete(form);
  submitter?.removeAttribute("aria-busy");
  if (fine && form.isConnected) form.requestSubmit(submitter);
}
