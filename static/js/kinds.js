// The type of document decides how its number looks and which nationalities its bearer can have.
export function arm(box) {
  const kinds = JSON.parse(box.dataset.kinds), form = box.closest("form");
  const type = form.elements.document_type, nationality = form.elements.nationality, hint = document.getElementById("number-hint");
  const show = () => {
    const kind = kinds[type.value];
    if (!kind) return;
    if (hint) hint.textContent = kind.hint;
    for (const option of nationality.options) option.hidden = option.disabled = Boolean(option.value) && !kind.nationalities.includes(option.value);
    if (!kind.nationalities.includes(nationality.value)) nationality.value = kind.nationalities[0] === "CHN" ? "CHN" : "";
  };
  type.addEventListener("change", show);
  show();
}
