// The type of document decides how its number looks and which nationalities its bearer can have.
export function arm(box) {
  const kinds = JSON.parse(box.dataset.kinds), form = box.closest("form");
  const camera = document.querySelector("[data-photo-first]"), type = form.elements.document_type, nationality = form.elements.nationality, hint = document.getElementById("number-hint");
  const show = () => {
    const kind = kinds[type.value];
    if (!kind) return;
    if (camera) camera.querySelector("[data-capture]").dataset.kind = type.value;
    if (hint) hint.textContent = kind.hint;
    for (const option of nationality.options) option.hidden = option.disabled = Boolean(option.value) && !kind.nationalities.includes(option.value);
    if (!kind.nationalities.includes(nationality.value)) nationality.value = kind.nationalities[0] === "CHN" ? "CHN" : "";
  };
  let read = type.value;
  const again = () => { // a picture that was taken first is read as what it is
    if (type.value === read) return;
    read = type.value;
    const picture = camera?.querySelector("input[type=file]");
    if (picture?.files.length) picture.dispatchEvent(new Event("change", { bubbles: true }));
  };
  if (camera) camera.hidden = false; // without a script there is nothing to fill in by itself
  type.addEventListener("change", show);
  type.addEventListener("change", again);
  show();
}
