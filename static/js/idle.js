// Tells a clerk before they are signed out for having done nothing, and lets them stay. The server alone decides; this asks it.
let timer;

export function arm(dialog) {
  clearTimeout(timer);
  const { left, warn } = dialog.dataset;
  dialog.querySelector("[data-stays]").addEventListener("click", () => stay(dialog));
  wait(dialog, Number(left), Number(warn));
}

function wait(dialog, left, warn) {
  clearTimeout(timer);
  const alive = () => dialog.isConnected;
  timer = setTimeout(() => { if (alive()) look(dialog, warn); }, 1000 * Math.max(1, left - warn));
}

async function look(dialog, warn) {
  const said = await ask(dialog.dataset.asks);
  if (said === null) { leave(dialog); return; }
  if (said === undefined) { wait(dialog, warn + 15, warn); return; } // no network: ask again in a while
  if (said.left > warn + 1) { close(dialog); wait(dialog, said.left, warn); return; } // another tab was used meanwhile
  show(dialog, said);
}

function show(dialog, said) {
  const ends = Date.now() + 1000 * said.left, may = said.longest > said.left + 1;
  dialog.querySelector("[data-may]").hidden = !may;
  dialog.querySelector("[data-last]").hidden = may;
  dialog.querySelector("[data-stays]").hidden = !may;
  if (!dialog.open) dialog.showModal();
  const count = () => {
    if (!dialog.isConnected) return;
    const rest = Math.ceil((ends - Date.now()) / 1000);
    dialog.querySelector("[data-rest]").textContent = Math.max(0, rest);
    if (rest <= 0) { look(dialog, -1); return; }
    timer = setTimeout(rest % 15 === 0 ? () => look(dialog, Number(dialog.dataset.warn)) : count, 1000);
  };
  count();
}

async function stay(dialog) {
  const said = await ask(dialog.dataset.stay, { method: "POST", headers: { "X-CSRFToken": dialog.dataset.token } });
  if (said === null) { leave(dialog); return; }
  if (!said) return;
  close(dialog);
  wait(dialog, said.left, Number(dialog.dataset.warn));
}

const close = (dialog) => { clearTimeout(timer); if (dialog.open) dialog.close(); };
const leave = (dialog) => { location.assign(`${dialog.dataset.door}?next=${encodeURIComponent(location.pathname + location.search)}`); };

// The server's answer; null when the session is over, undefined when there was none.
async function ask(address, options = {}) {
  try {
    const reply = await fetch(address, { redirect: "manual", ...options });
    return reply.ok ? await reply.json() : null;
  } catch { return undefined; }
}
