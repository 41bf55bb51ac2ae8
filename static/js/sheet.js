// Bottom sheets: a link that opens a dialog of this page; without this file it leads to a page instead.
// A form of a sheet that is marked data-stays loads the page anew: the sheet comes back, with the focus where it was.
const KEPT = "sheet"; // the dialog's id, for as long as the page takes to come again

export function arm(opener) {
  const sheet = () => document.getElementById(opener.dataset.opens);
  opener.setAttribute("aria-haspopup", "dialog");
  opener.addEventListener("click", (event) => {
    if (!sheet()?.showModal) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx must not follow the link
    open(sheet());
  }, true);
  const stays = sheet()?.querySelector("[data-stays]");
  if (stays) comeBack(sheet(), stays);
}

function open(sheet) {
  sheet.showModal();
  sheet.onclick = (e) => { if (e.target === sheet || e.target.closest("[data-closes]")) sheet.close(); };
}

function comeBack(sheet, form) {
  form.onsubmit = () => sessionStorage.setItem(KEPT, sheet.id);
  sheet.onclose = () => sessionStorage.removeItem(KEPT); // it wasn't sent after all
  if (sessionStorage.getItem(KEPT) !== sheet.id) return;
  sessionStorage.removeItem(KEPT);
  open(sheet);
  form.querySelector("button").focus();
}
