// 「选择银行」 as a button with the bank's mark, and a sheet to search in. The plain list behind it stays what is sent.
export function arm(button) {
  const list = document.getElementById(button.dataset.picks), sheet = document.getElementById(button.dataset.opens);
  if (!sheet?.showModal) return;
  const mark = button.querySelector(".bank-mark"), words = button.querySelector(".v"), empty = words.textContent;
  const show = () => {
    const chosen = list.selectedOptions[0];
    mark.className = `bank-mark tint-${chosen?.dataset.tint ?? 0}`;
    mark.textContent = chosen?.dataset.mark ?? "";
    mark.hidden = !chosen?.value;
    words.textContent = chosen?.value ? chosen.textContent : empty;
  };
  list.closest(".in").hidden = true;
  button.hidden = false;
  list.addEventListener("input", show);
  list.addEventListener("change", show);
  sheet.addEventListener("click", ({ target }) => {
    const code = target.closest("[data-code]")?.dataset.code;
    if (!code) return;
    list.value = code;
    list.dispatchEvent(new Event("change", { bubbles: true })); // the branches of this bank are fetched
    button.focus();
  });
  show();
}
