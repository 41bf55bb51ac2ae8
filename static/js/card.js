// What was read off the card goes into the form, for the payee to check; the bank follows the number.
export function takeCard(note) {
  const set = (id, value) => {
    const field = document.getElementById(id);
    if (field && value) { field.value = value; field.dispatchEvent(new Event(field.tagName === "SELECT" ? "input" : "change", { bubbles: true })); }
  };
  set("card_photo", note.dataset.photo);
  if (note.dataset.card) set("card_number", note.dataset.card);
  if (note.dataset.bank) set("bank", note.dataset.bank);
}
