// What the server read from a photo, or knows by a card's number, goes into the form: data-card, data-bank, data-photo;
// of a document data-name, data-number, data-nationality.
const FIELDS = { photo: "card_photo", bank: "bank", card: "card_number", name: "name", number: "number", nationality: "nationality" };

export function arm(found) {
  if (found.dataset.handed) { handOver(found.dataset); return; }
  for (const [name, id] of Object.entries(FIELDS)) {
    const field = document.getElementById(id), value = found.dataset[name];
    if (!field || !value || (field.tagName === "SELECT" && !field.querySelector(`option[value="${CSS.escape(value)}"]`))) continue;
    field.value = value;
    if (name === "photo") field.dataset.shown = found.dataset.card || "";
    field.dispatchEvent(new Event("input", { bubbles: true })); // the digits are grouped
    if (name === "card") field.dispatchEvent(new Event("change", { bubbles: true })); // and the bank of the number is asked for
  }
}

// A phone has taken the picture of the field `handed`; that field's camera takes it from here.
async function handOver({ handed, photo: id, src }) {
  const field = document.querySelector(`[data-capture][data-field="${CSS.escape(handed)}"]`);
  await import(document.body.dataset.jsCamera); // it arms the field, if it hasn't yet
  field?.dispatchEvent(new CustomEvent("handed", { detail: { id, src } }));
}
