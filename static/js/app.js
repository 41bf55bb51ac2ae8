// Boots a page and, after every swap, what htmx put into it. A part that needs more names its module; only that is
// fetched. Everything works without this file, only less smoothly.
const MODULES = [
  ["[data-capture]", "camera"], ["[data-record]", "recorder"], ["[data-sign]", "signature"],
  ["[data-group]", "group"], ["[data-card-live]", "card"], ["[data-picks]", "banks"], ["[data-opens]", "sheet"], ["[data-share]", "share"], ["[data-push]", "push"], ["[data-wechat]", "wechat"], ["[data-kinds]", "kinds"], ["[data-typed]", "typed"], ["[data-install]", "install"],
  ["[data-countdown], input[autocomplete=one-time-code]", "codes"],
  ["[data-passkey]", "passkey"], ["[data-asks]", "idle"], ["[data-tour]", "tour"],
  ["[data-desk], [data-key], [data-ahead], [data-keep], [data-left], form#refuse", "desk"], ["[data-viewer], [data-desk] figure", "viewer"], ["[data-card], [data-bank], [data-photo]", "fill"],
];
const SMALL = [
  ["[data-needs-script]", (e) => { e.hidden = false; }],
  ["[data-slow]", (e) => setTimeout(() => { e.hidden = false; }, 1000 * Number(e.dataset.slow))],
  ["[data-prints]", (e) => e.addEventListener("click", () => print())],
  ["[data-submits]", (e) => e.addEventListener("change", () => e.form.requestSubmit())],
];
const page = () => document.getElementById("page");

function arm(root) {
  for (const [selector, deed] of SMALL) fresh(root, selector, "small").forEach(deed);
  for (const [selector, name] of MODULES) {
    const found = fresh(root, selector, name);
    if (found.length) load(name).then((module) => found.forEach(module.arm)).catch(() => {});  // the plain form stays
  }
}

function fresh(root, selector, name) {
  const all = [...root.querySelectorAll(selector), ...(root.matches?.(selector) ? [root] : [])];
  const found = all.filter((e) => !(e.dataset.armedFor || "").split(" ").includes(name));
  found.forEach((e) => { e.dataset.armedFor = `${e.dataset.armedFor || ""} ${name}`.trim(); });
  return found;
}

const load = (name) => import(document.body.dataset["js" + name[0].toUpperCase() + name.slice(1)]);

function settleFocus() {
  const field = page().querySelector("[autofocus]");
  if (field && !page().querySelector("[data-focus]")) { field.focus(); return; }
  const target = page().querySelector("[data-focus]") || page().querySelector("h1") || page().querySelector("main");
  if (!target) return;
  target.tabIndex = -1;
  target.focus({ preventScroll: !target.hasAttribute("data-focus") });
}

// A waiting page asks every second: an answer that says the same thing is not swapped in, so that nothing flickers
// and a screen reader isn't told again.
function saysTheSame(elt, text) {
  if (!elt?.matches?.(".wait")) return false;
  const next = new DOMParser().parseFromString(text, "text/html").querySelector(".wait");
  const words = (e) => [...e.querySelectorAll("h1, [role=status]:not([data-slow])")].map((w) => w.textContent).join("|");
  return Boolean(next) && words(next) === words(elt);
}

const on = (name, deed) => document.body.addEventListener(`htmx:${name}`, deed);
let busy, leaving; // what asks for the page that comes next

// Of two ways on, the later one counts, and what the page asks by itself never gets ahead of a person.
const asksByItself = (elt) => elt.matches("[hx-trigger*=every], [hx-trigger*=load]");

on("beforeRequest", (event) => {
  const { detail } = event;
  if (detail.target.id !== "page") return;
  if (asksByItself(detail.elt)) { if (leaving) event.preventDefault(); return; }
  sayOffline(false); // it is being tried again
  leaving = detail.xhr;
  page().dataset.leaving = ""; // nothing more is taken in: it would be lost with this page
  clearTimeout(busy);
  busy = setTimeout(() => { document.documentElement.dataset.busy = ""; }, 150);
});
on("afterRequest", ({ detail }) => {
  if (detail.xhr === leaving) stay();
  detail.elt.querySelectorAll?.("[data-upload]").forEach((e) => { e.hidden = true; });
  if (!leaving) release();
});
on("onLoadError", stay);
on("beforeSwap", (event) => {
  const { detail } = event, { elt } = detail.requestConfig;
  const late = (detail.target.id === "page" && leaving && detail.xhr !== leaving) || (asksByItself(elt) && !elt.isConnected);
  if (late || saysTheSame(elt, detail.xhr.responseText)) { detail.shouldSwap = false; return; }
  if (detail.xhr.getResponseHeader("X-Assets")) { detail.shouldSwap = false; setTimeout(begin, 0, detail.xhr.responseText); return; }
  if (detail.target.id === "page") document.querySelectorAll("dialog[open]").forEach((d) => d.close());
});

// The answer to a form comes from a newer version than this page: it is a whole page with scripts of its own, and takes this
// one's place with the faults and all that was typed; as a part it would meet our older scripts.
function begin(text) {
  document.open();
  document.write(text);
  document.close();
}

// What is said of a picture must not lie under the foot bar: it is moved into sight, once for each thing that is said, unless
// its reader is typing somewhere else by now.
const revealed = new WeakMap();

function reveal(said) {
  const words = said.textContent.trim(), before = revealed.get(said);
  revealed.set(said, words);
  if (!words || words === before || document.activeElement?.matches("input:not([type=file]), textarea")) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  said.scrollIntoView({ block: "nearest", behavior: calm ? "instant" : "smooth" });
}
document.addEventListener("said", ({ target }) => reveal(target));

function stay() {
  leaving = null;
  clearTimeout(busy);
  delete document.documentElement.dataset.busy;
  delete page()?.dataset.leaving;
}

on("afterSettle", (event) => {
  arm(event.target);
  if (event.target.matches?.("[data-reveal]")) reveal(event.target);
  if (event.target.id === "page") settleFocus();
});
on("configRequest", ({ detail }) => {
  detail.headers["X-Assets"] = document.body.dataset.assets; // a page of another version comes whole, with its own scripts
  detail.timeout = detail.elt.enctype === "multipart/form-data" ? 180000 : 45000;
  const sender = detail.triggeringEvent?.submitter; // htmx overlooks a button that stands outside its form, as ours do
  if (sender?.name && !detail.formData.has(sender.name)) detail.formData.set(sender.name, sender.value);
});
on("beforeHistoryUpdate", ({ detail }) => { // a refused form is the same page: "back" leads to the one before
  if (detail.history.path === location.pathname + location.search) detail.history.type = "replace";
});
on("xhr:progress", ({ target, detail }) => {
  const box = [...(target.querySelectorAll?.("[data-upload]") || [])].pop();
  if (!box || !detail.lengthComputable || detail.total < 50000) return;
  box.hidden = false;
  (box.querySelector("progress") || box).value = detail.loaded / detail.total;
});
for (const name of ["sendError", "timeout"]) on(name, () => sayOffline(true));
on("afterOnLoad", () => sayOffline(false));

function sayOffline(yes) {
  const line = document.querySelector("[data-offline]");
  if (line && line.hidden === yes) { line.hidden = !yes; if (yes) line.scrollIntoView({ block: "center" }); }
}

// One tap, one form, also where htmx isn't.
const held = new Set();
const release = () => { held.forEach((b) => { b.disabled = false; }); held.clear(); };
document.addEventListener("submit", ({ submitter, defaultPrevented, target }) => {
  if (!submitter || (defaultPrevented && !target.closest("[hx-boost=true]"))) return;
  setTimeout(() => { submitter.disabled = true; held.add(submitter); }); // after the form's data has been read
  setTimeout(release, 15000);
});
addEventListener("pageshow", release);

// A link of the error summary leads to its field, with its label in sight.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".summary a[href^='#']");
  const goal = link && document.getElementById(link.hash.slice(1));
  if (!goal) return;
  event.preventDefault();
  const field = goal.closest(".field, .check, fieldset") || goal;
  const focusable = goal.type === "hidden" || goal.closest("[hidden]") ? field.querySelector("button:not([hidden])") : goal;
  focusable?.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
});

// Where something new is typed, chosen, read or taken, what was wrong before is not said any more: it would contradict it.
for (const name of ["input", "change", "picture"]) document.addEventListener(name, ({ target }) => forgive(target.closest("#page .field.bad, #page .check.bad")));

function forgive(field) {
  if (!field) return;
  for (const e of [field, ...field.querySelectorAll(".bad")]) e.classList.remove("bad");
  for (const e of field.querySelectorAll("[aria-invalid]")) e.removeAttribute("aria-invalid");
  field.querySelector("p.err[id]")?.remove(); // ours: others inside (the bank that was found, a script's word) look after themselves
  for (const e of field.querySelectorAll("[id]")) { // struck out, not taken away: the page would jump under the reader's finger
    document.querySelector(`.summary a[href="#${CSS.escape(e.id)}"]`)?.classList.add("mended");
  }
  for (const box of document.querySelectorAll(".summary")) { // once nothing in it is left to do, it doesn't shout any more
    if ([...box.querySelectorAll("li")].every((line) => line.querySelector("a.mended"))) box.classList.add("quiet");
  }
}

// Which file was chosen, beside the button that speaks the page's language.
document.addEventListener("change", ({ target }) => {
  const name = target.closest(".upload")?.querySelector("[data-chosen]");
  if (name) name.textContent = target.files[0]?.name ?? "";
});

// The browser's own offer to install is held back until a page of ours makes it (install.js).
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  window.offered = event;
  document.dispatchEvent(new Event("offered"));
});

arm(document);
if (page()?.querySelector("[data-focus]")) settleFocus();
if ("serviceWorker" in navigator && document.body.classList.contains("payee")) navigator.serviceWorker.register(`/sw.js?language=${document.documentElement.lang}`).catch(() => {});
