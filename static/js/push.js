// Asking to be told in this browser: only after the payee has said yes to our own question does the browser ask its own.
export async function arm(form) {
  if (!("PushManager" in window) || !("Notification" in window) || !("serviceWorker" in navigator)) return; // SMS and the inbox remain
  if (Notification.permission === "denied") return;
  form.hidden = false;
  const button = form.querySelector("button"), line = form.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") { line.textContent = form.dataset.wRefused; return; }
      await handIn(form);
    } catch {
      line.textContent = form.dataset.wFailed;
    } finally {
      button.disabled = false;
    }
  });
}

async function handIn(form) {
  const worker = await navigator.serviceWorker.ready;
  await (await worker.pushManager.getSubscription())?.unsubscribe(); // one made with an older key can't be kept
  const given = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  const { endpoint, keys } = given.toJSON();
  for (const [name, value] of Object.entries({ endpoint, ...keys })) if (form.elements[name]) form.elements[name].value = value;
  form.requestSubmit();
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
