// What is typed into a long form goes to the court as it is typed, which keeps it sealed until the form is handed in. Without
// a network it waits in this page's memory and goes when the network is back: nothing of it is ever written to the device.
const CALM = 1000; // ms after the last key
const PAUSES = [2000, 5000, 15_000]; // ms between tries; the last one again and again
const waiting = new Map(); // whose form and which → its values, until the court has them
let lost = false; // the last try found no network

export function arm(form) {
  const { owner, place } = form.dataset, name = `${owner} ${place}`;
  for (const other of waiting.keys()) if (!other.startsWith(`${owner} `)) waiting.delete(other); // somebody else sits here now
  let calm, sending = null;
  if (waiting.has(name)) { fillIn(form, waiting.get(name)); soon(0); }

  function soon(ms) {
    clearTimeout(calm);
    calm = setTimeout(send, ms);
  }
  function typed() {
    waiting.set(name, values(form));
    soon(CALM);
  }
  async function send(tries = 0) {
    clearTimeout(calm);
    if (sending || !waiting.has(name) || !form.isConnected) return;
    const given = waiting.get(name);
    sending = new AbortController();
    try {
      const reply = await post(form, given, sending.signal);
      lost = false;
      if (reply.type !== "opaqueredirect" && reply.status < 500 && waiting.get(name) === given) waiting.delete(name); // a redirect: signed out
    } catch (fault) {
      if (fault.name === "AbortError") return;
      lost = true;
      calm = setTimeout(send, PAUSES[Math.min(tries, PAUSES.length - 1)], tries + 1);
      return;
    } finally {
      sending = null;
    }
    if (waiting.has(name) && waiting.get(name) !== given) soon(0);
  }
  const back = () => (form.isConnected ? send() : removeEventListener("online", back));
  const away = () => { if (document.hidden) back(); };
  if ([...form.elements].some((e) => e.type === "text" && e.value !== e.defaultValue)) typed(); // before this file was there
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", () => { clearTimeout(calm); sending?.abort(); lost = false; }); // the form itself carries it now
  addEventListener("online", back);
  document.addEventListener("visibilitychange", away);
}

const post = (form, given, signal) => fetch(form.dataset.typed, {
  method: "POST", signal, redirect: "manual", keepalive: true,
  headers: { "X-CSRFToken": form.elements.csrf_token.value },
  body: new URLSearchParams({ ...given, typed_at: form.dataset.place, typed_drawn: form.dataset.drawn }),
});

// Photos have a way of their own; tokens and ticks belong to the page as it was drawn.
function values(form) {
  const kept = [...form.elements].filter((e) => e.name && !/^(csrf_token|once|kept_.*)$/.test(e.name) && !["file", "checkbox", "radio", "submit", "button"].includes(e.type));
  return Object.fromEntries(kept.map((e) => [e.name, e.value]));
}

function fillIn(form, given) {
  for (const [name, value] of Object.entries(given)) {
    const field = form.elements[name];
    if (!field || field.value === value) continue;
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true })); // digits are grouped, the bank is asked for
  }
}

// Where the network was gone and is not back, the browser asks before what was typed is lost with the page.
addEventListener("beforeunload", (event) => { if (lost && waiting.size) event.preventDefault(); });
