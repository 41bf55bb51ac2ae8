// A picture that was taken or chosen: shown, made small, and sent at once; the form then holds its id instead of the file.
// Whatever else happens to the page meanwhile, a picture that has arrived is shown where its field is then.
import { fileInto, showIn, tell, words } from "./lens.js";
import { holds, newKey, post } from "./upload.js";

const jobs = new WeakMap(); // field → what stops the sending of its picture

/** `making` resolves to the small {blob, frames}; a later picture of the same field takes this one's place. */
export function take(field, input, making) {
  jobs.get(field)?.abort();
  const job = new AbortController(), say = words(field);
  jobs.set(field, job);
  tell(field, say("making"));
  const way = making.then(({ blob, frames }) => (job.signal.aborted ? null : handIn(field, input, blob, frames, job)))
    .catch(() => { tell(field, say("spoilt"), true); return false; });
  holds(field, way, () => tell(field, say("held")));
}

function handIn(field, input, blob, frames, job) {
  fileInto(input, blob, "photo.jpg"); // it goes with the form, should sending it fail
  show(field, URL.createObjectURL(blob));
  tell(field, words(field)("taken"));
  field.dispatchEvent(new CustomEvent("picture", { bubbles: true, detail: blob }));
  return field.dataset.send ? send(field, input, blob, frames, job) : true;
}

function show(field, address) {
  const picture = document.createElement("img"), say = words(field);
  picture.alt = say("taken");
  picture.onerror = () => tell(field, say("unreadable"));
  picture.src = address;
  showIn(field, picture);
  field.querySelector("[data-open] span").textContent = say("retake");
}

async function send(field, input, blob, frames, job) {
  const say = words(field), bar = field.querySelector("progress"), data = new FormData();
  data.append(field.dataset.answer ? input.name : "picture", blob, "photo.jpg");
  frames.forEach((frame) => data.append("frames", frame, "frame.jpg"));
  data.append("key", newKey());
  data.append("kind", field.dataset.kind || "");
  const headers = { "X-CSRFToken": input.form.elements.csrf_token.value, ...(field.dataset.answer ? { "HX-Request": "true" } : { Accept: "application/json" }) };
  const on = {
    progress: (share) => { bar.value = share; },
    lost: () => tell(field, say("lost")),
    back: () => tell(field, say("sending")),
  };
  bar.value = 0;
  bar.hidden = false;
  tell(field, say("sending"));
  const answer = await post(field.dataset.send, data, { headers, signal: job.signal, on }).catch(() => null);
  if (job.signal.aborted) return null;
  bar.hidden = true;
  return arrived(field, input, answer);
}

// True when the picture is kept. Refused: said beside the field, and the next one may be taken.
function arrived(field, input, answer) {
  const say = words(field);
  if (field.dataset.answer) {
    if (input.form?.id === "form") input.value = ""; // the form below has nothing to carry
    tell(field, "");
    if (field.isConnected) window.htmx.swap(field.dataset.answer, answer.responseText, { swapStyle: "innerHTML" });
    return answer.status < 400;
  }
  const given = json(answer.responseText);
  if (answer.status === 201 && given.id) {
    keep(field, input, given.id);
    tell(field, say("sent"));
    if (!field.isConnected) twin(field)?.dispatchEvent(new CustomEvent("handed", { detail: given }));
    return true;
  }
  if (given.words) input.value = "";
  tell(field, given.words || say("unsent"), true);
  field.dispatchEvent(new CustomEvent("refused", { bubbles: true }));
  return !given.words; // an answer that isn't ours: the form takes the file along, as without a script
}

function keep(field, input, id) {
  const kept = field.querySelector("input[data-kept]");
  if (kept) kept.value = id;
  input.value = "";
  field.classList.remove("bad");
  field.querySelector(".err")?.remove();
  field.dispatchEvent(new CustomEvent("kept", { bubbles: true, detail: id }));
}

// The page was drawn anew while the picture was on its way: the same field as it stands there now, still without a picture.
function twin(field) {
  const { field: name, kind = "", send } = field.dataset;
  const alike = [...document.querySelectorAll("[data-capture]")].find((other) => other.dataset.field === name && (other.dataset.kind || "") === kind && other.dataset.send === send);
  return alike?.querySelector("input[data-kept]")?.value === "" ? alike : null;
}

function json(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

/** A phone has taken this picture for the page, or it arrived when its own page was gone: {id, src}. */
export function fromPhone(field, input, { id, src }) {
  if (field.dataset.handedPhoto === id) return;
  field.dataset.handedPhoto = id;
  jobs.get(field)?.abort();
  field.querySelector("progress")?.setAttribute("hidden", "");
  show(field, src);
  keep(field, input, id);
  tell(field, words(field)("taken"));
  if (field.dataset.answer) window.htmx.ajax("POST", field.dataset.send, { target: field.dataset.answer, values: { taken: id, csrf_token: input.form.elements.csrf_token.value } });
}
