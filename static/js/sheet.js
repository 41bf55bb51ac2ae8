// Bottom sheets: a link that opens a dialog of this page; without this file it leads to a page instead.
export function arm(opener) {
  opener.setAttribute("aria-haspopup", "dialog");
  opener.addEventListener("click", (event) => {
    const sheet = document.getElementById(opener.dataset.opens);
    if (!sheet?.showModal) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx must not follow the link
    sheet.showModal();
    sheet.onclick = (e) => { if (e.target === sheet || e.target.closest("[data-closes]")) sheet.close(); };
  }, true);
}
