// SMS codes: the time until the next may be asked for, counted down; WebOTP where the phone has it.
export function arm(element) {
  if (element.dataset.countdown) countDown(element);
  else if ("OTPCredential" in window) readMessage(element);
}

function countDown(button) {
  const text = button.textContent, until = Date.now() + 1000 * Number(button.dataset.countdown);
  const tick = () => {
    if (!button.isConnected) return;
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${text} (${left})` : text;
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}

function readMessage(field) {
  const stop = new AbortController();
  field.form.addEventListener("submit", () => stop.abort(), { once: true });
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((found) => { field.value = found.code; field.form.requestSubmit(); })
    .catch(() => {}); // refused or timed out: the code is typed
}
