// A passkey: the button asks the browser for it, and the form is sent with the answer. Without support the form says so.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = described(options.allowCredentials);
  return options;
}

function answered(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (response[name]) said[name] = text(response[name]);
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said, clientExtensionResults: {} });
}

export function arm(form) {
  const button = form.querySelector("[data-passkey-button]"), said = form.querySelector("[data-passkey-said]");
  const say = (words) => { said.textContent = words; said.hidden = false; };
  if (!navigator.credentials || !window.PublicKeyCredential) { button.disabled = true; say(form.dataset.wUnsupported); return; }
  button.addEventListener("click", async () => {
    said.hidden = true;
    try {
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: asked(form) });
      form.elements.answer.value = answered(credential);
      form.requestSubmit();
    } catch (fault) {
      say(fault.name === "InvalidStateError" ? form.dataset.wKnown : form.dataset.wCancelled);
    }
  });
}
