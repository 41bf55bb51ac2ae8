// What the server read from a photo, or knows by a card's number, goes into the form: data-card, data-bank, data-photo.
const FIELDS = { photo: "card_photo", bank: "bank", card: "card_number" };

export function arm(found) {
  for (const [name, id] of Object.entries(FIELDS)) {
    const field = document.getElementById(id), value = found.dataset[name];
    if (!field || !value || (field.tagName === "SELECT" && !field.querySelector(`option[value="${CSS.escape(value)}"]`))) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true })); // the digits are grouped
    if (name === "card") field.dispatchEvent(new Event("change", { bubbles: true })); // and the bank of the number is asked for
  }
}
