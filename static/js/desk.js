// The clerk's keys ("/" is the field that finds people). An element with data-key="a" is clicked (a field: focused) by that key; j and k also walk a table's rows.
// On an evidence screen the next item is loaded ahead, and a decision goes off in the background while it is shown.
const page = () => document.getElementById("page");
const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select";
let ahead = null; // {html, address}: the next item's page, and where it is
let kept = null; // {html, address}: a page whose decision wasn't taken, with what was typed
let draft = null; // {path, data}: a refusal that was begun when a note was saved or a colleague asked
let shownAt = -Infinity; // when an item came by itself: a second tap on the same key isn't meant for it

export function arm(element) {
  if (element.matches("[data-ahead]")) loadAhead(element);
  if (element.matches("[data-keep]")) keep(element);
  if (element.matches("[data-left]")) countDown(element);
  if (element.matches("form#refuse")) goOn(element);
  if (element.matches(".desk-nav")) showWhere(element);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest(TYPED);
  if (event.key === "Escape" && typing) { typing.blur(); return; }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form?.matches("[data-decide]")) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("[value=refuse]"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
  const open = document.querySelector("dialog[open]");
  if (event.key === "?") { event.preventDefault(); toggleKeys(open); return; }
  if (open) return;
  if (event.key === "Escape") { document.querySelector(".faces.wide")?.classList.remove("wide"); return; }
  if (lookAt(event.key)) { event.preventDefault(); return; }
  if (!/^[a-z/]$/.test(event.key)) return;
  const rows = document.querySelector("#page [data-desk=rows]");
  if (event.repeat && !rows) return; // a key that is held decides once
  const target = document.querySelector(`#page [data-key="${event.key}"]`);
  if (target) { event.preventDefault(); press(target); } else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
});

function press(target) {
  if (target.dataset.goes) { document.getElementById(target.dataset.goes)?.focus(); return; }
  if (target.dataset.key === "j" && target.matches("a") && ahead) { swap(ahead); return; }
  if (document.activeElement?.closest("#refuse, details.more > div") && target.value === "approve") return; // who is filling in a refusal doesn't approve by a slip
  if (target.matches("summary")) { unfold(target.parentElement); return; }
  if (target.form?.matches("[data-decide]") && performance.now() - shownAt < 600) return;
  if (target.matches("textarea, select, input:not([type=submit])")) target.focus();
  else target.click();
}

function unfold(details) {
  details.open = !details.open;
  const field = details.open && details.querySelector("textarea, select, input:not([type=hidden])");
  if (field) field.focus(); else details.querySelector("summary").focus();
}

function toggleKeys(open) {
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  if (open === sheet) { sheet.close(); return; }
  sheet.onclick = (e) => { if (e.target === sheet || e.target.closest("[data-closes]")) sheet.close(); };
  sheet.showModal();
}

function walk(by) {
  const rows = [...document.querySelectorAll("#page [data-desk=rows] tbody tr")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))];
  rows[here]?.classList.remove("at");
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a, button")?.focus({ preventScroll: true });
}

// ── Looking at pictures: 1–9 choose one, z o c , . work it, f makes the two faces large ──
const TOOLS = { z: "zoom", o: "rotate", c: "contrast", ".": "step", ",": "step-back" };

function lookAt(key) {
  const figures = [...document.querySelectorAll("#page figure[data-viewer]")];
  if (!figures.length) return false;
  if (/^[1-9]$/.test(key)) { choose(figures, figures[key - 1]); return true; }
  if (key === "f") { document.querySelector(".faces")?.classList.toggle("wide"); return true; }
  if (!TOOLS[key]) return false;
  const tool = `[data-${TOOLS[key]}]`;
  const chosen = figures.find((figure) => figure.classList.contains("at") && figure.querySelector(tool));
  (chosen || figures.find((figure) => figure.querySelector(tool)))?.querySelector(tool).click();
  return true;
}

function choose(figures, figure) {
  if (!figure) return;
  figures.forEach((other) => other.classList.toggle("at", other === figure));
  figure.scrollIntoView({ block: "nearest" });
  (figure.querySelector(".stage[tabindex]") || figure.querySelector("video"))?.focus({ preventScroll: true });
}

// ── The next item, ahead of time ──
async function loadAhead(place) {
  ahead = null;
  const answer = await fetch(place.dataset.ahead, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!answer || answer.status !== 200 || !place.isConnected) return;
  const html = await answer.text();
  const pictures = [...html.matchAll(/<img src="([^"]+)"/g)].map(([, src]) => Object.assign(new Image(), { src: src.replaceAll("&amp;", "&") }));
  ahead = { html, address: answer.headers.get("X-Address"), pictures }; // held on to, so that the same document shows them at once
}

function swap(next) {
  const told = document.getElementById("told")?.innerHTML;
  ahead = null;
  history.pushState({ htmx: true }, "", next.address);
  window.htmx.swap("#page", next.html, { swapStyle: "innerHTML", show: "top", showTarget: "window" });
  const place = document.getElementById("told");
  if (place && told) { place.innerHTML = told; window.htmx.process(place); place.querySelectorAll("[data-left]").forEach(countDown); }
}

// ── Deciding: the next item is shown at once; what failed comes back with its reason, and with what was typed ──
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-decide]") || !["approve", "refuse"].includes(button?.value) || !ahead) return;
  if (button.value === "refuse" && !form.elements.reason?.value && !form.elements.words?.value.trim()) return; // the server says what is missing
  event.preventDefault();
  event.stopImmediatePropagation();
  const place = document.querySelector("[data-ahead]");
  const words = { failed: place.dataset.wFailed, back: place.dataset.wBack, here: place.dataset.here };
  const data = new FormData(form, button);
  swap(ahead);
  shownAt = performance.now();
  send(form.action, data, words);
}, true);

// A note, a question, an assignment send their own form: what was begun below "refuse" comes back with the page.
document.addEventListener("submit", (event) => {
  const begun = event.target.closest("details.more") && document.querySelector("#refuse");
  draft = begun ? { path: location.pathname, data: new FormData(begun) } : null;
}, true);

function goOn(form) {
  if (draft?.path !== location.pathname) return;
  for (const field of form.querySelectorAll("select, textarea")) if (!field.value) field.value = draft.data.get(field.name) ?? "";
  for (const box of form.querySelectorAll("[name=redo]")) box.checked ||= draft.data.getAll("redo").includes(box.value);
  draft = null;
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

async function send(address, data, words) {
  const headers = { "X-Background": "1", "HX-Request": "true" };
  const answer = await fetch(address, { method: "POST", body: data, headers, credentials: "same-origin" }).catch(() => null);
  const place = document.getElementById("told");
  if (!place) return;
  if (answer && (answer.status === 200 || answer.status === 410) && !answer.redirected) {
    count();
    place.innerHTML = await answer.text();
    window.htmx.process(place);
    place.querySelectorAll("[data-left]").forEach(countDown);
    return;
  }
  kept = answer && answer.status < 500 && !answer.redirected ? { html: await answer.text(), address: words.here } : null;
  const box = document.createElement("div");
  box.className = "told failed";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = words.failed;
  const back = document.createElement("button");
  back.type = "button";
  back.className = "btn line";
  back.textContent = words.back;
  back.onclick = () => (kept ? swap(kept) : window.htmx.ajax("GET", words.here, "#page"));
  box.append(line, back);
  place.prepend(box);
}

// On a narrow screen the navigation is a row that scrolls: the page that is shown should be in sight there.
function showWhere(nav) {
  const here = nav.querySelector("[aria-current]")?.getBoundingClientRect(), box = nav.getBoundingClientRect();
  if (here) nav.scrollLeft += here.left + here.width / 2 - box.left - box.width / 2;
}

// ── What waits changes while a page is looked at: counted again after a decision, and when somebody comes back to the tab ──
let countedAt = 0;

async function count() {
  const nav = document.querySelector("[data-counts]");
  if (!nav) return;
  countedAt = Date.now();
  const answer = await fetch(nav.dataset.counts, { credentials: "same-origin" }).catch(() => null);
  if (!answer || answer.status !== 200 || answer.redirected) return;
  const found = await answer.json();
  document.querySelectorAll("[data-counted]").forEach((b) => {
    const now = found[b.dataset.counted];
    if (now !== undefined) b.textContent = now;
  });
}

const comesBack = () => { if (!document.hidden && Date.now() - countedAt > 15000) count(); };
document.addEventListener("visibilitychange", comesBack);
addEventListener("focus", comesBack);

// ── A hold goes on while its page is looked at; an undo counts down ──
function keep(form) {
  const renew = async () => {
    if (!form.isConnected) { clearInterval(timer); return; }
    if (document.hidden) return;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" }).catch(() => null);
    if (answer?.status === 409 && form.isConnected && !form.dataset.lost) {
      form.dataset.lost = "1";
      const line = document.createElement("div");
      line.className = "notice refused";
      line.setAttribute("role", "alert");
      line.textContent = form.dataset.wLost;
      form.before(line);
      line.scrollIntoView({ block: "center" });
    }
  };
  const timer = setInterval(renew, 120000);
  renew();
}

function countDown(form) {
  const ends = Date.now() + 1000 * Number(form.dataset.left), count = form.querySelector("[data-count]");
  const words = count.textContent;
  const timer = setInterval(() => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left <= 0 || !form.isConnected) { clearInterval(timer); form.remove(); return; }
    count.textContent = words.replace(/\d+/, left);
    form.dataset.left = left;
  }, 500);
}
