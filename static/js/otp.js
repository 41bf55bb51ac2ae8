// SMS codes: the time until the next may be asked for, counted down; WebOTP where the phone has it.
export function arm(element) {
  if (element.dataset.countdown) countDown(element);
  else if ("OTPCredential" in window) readMessage(element);
}

// The line is no live region, so its ticking is not read out; that the wait is over is said once, in the status beside it.
function countDown(line) {
  const until = Date.now() + 1000 * Number(line.dataset.countdown), forms = JSON.parse(line.dataset.wTicking);
  const plural = new Intl.PluralRules(document.documentElement.lang), button = document.getElementById(line.dataset.holds);
  let timer;
  const tick = () => {
    clearTimeout(timer);
    const left = Math.ceil((until - Date.now()) / 1000), here = line.isConnected, form = forms[plural.select(left)];
    if (button) button.disabled = left > 0;
    if (here && left > 0) {
      if (form) line.textContent = form.replace("#", left);
      timer = setTimeout(tick, until - Date.now() - 1000 * (left - 1));
      return;
    }
    document.removeEventListener("visibilitychange", tick);
    if (here) { line.hidden = true; line.nextElementSibling.textContent = line.dataset.wFree; }
  };
  document.addEventListener("visibilitychange", tick); // a tab in the background ticks late or not at all
  tick();
}

function readMessage(field) {
  const stop = new AbortController();
  field.form.addEventListener("submit", () => stop.abort(), { once: true });
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((found) => { field.value = found.code; field.form.requestSubmit(); })
    .catch(() => {}); // refused or timed out: the code is typed
}
