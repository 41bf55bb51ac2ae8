// The offer to put this on the home screen: one line on a page where something was done, never inside WeChat, never where it
// is installed, and not again once it was declined. An iPhone offers nothing by itself, so a sheet says how it is done there.
const DECLINED = "install-declined"; // the only thing that we ever write to the device, and it says nothing about anybody
const agent = navigator.userAgent;
const apple = /iPhone|iPad|iPod/.test(agent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const safari = apple && /Safari/.test(agent) && !/CriOS|FxiOS|EdgiOS|OPiOS|MQQBrowser|UCBrowser|baidu/i.test(agent);
const installed = () => navigator.standalone || matchMedia("(display-mode: standalone)").matches;

export function arm(line) {
  if (/MicroMessenger/i.test(agent) || installed() || remembered()) return;
  const show = () => { line.hidden = !(window.offered || safari); };
  document.addEventListener("offered", show);
  addEventListener("appinstalled", () => { line.hidden = true; });
  line.querySelector("[data-no]").addEventListener("click", () => { line.hidden = true; remember(); });
  line.querySelector("[data-yes]").addEventListener("click", () => (window.offered ? ask(line) : explain()));
  show();
}

async function ask(line) {
  const offer = window.offered;
  window.offered = null; // good once
  line.hidden = true;
  await offer.prompt();
  if ((await offer.userChoice).outcome === "dismissed") remember();
}

function explain() {
  const sheet = document.getElementById("install");
  sheet.showModal();
  sheet.onclick = (e) => { if (e.target === sheet || e.target.closest("[data-closes]")) sheet.close(); };
}

function remembered() {
  try { return Boolean(localStorage.getItem(DECLINED)); } catch { return true; } // a browser that keeps nothing would be asked each time
}

function remember() {
  try { localStorage.setItem(DECLINED, "1"); } catch { /* private browsing */ }
}
