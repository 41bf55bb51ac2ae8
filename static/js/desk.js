// The clerk's keys. An element with data-key="a" is clicked (a field: focused) by that key; j and k also walk a table's rows.
export function arm() {} // the keys belong to the document; an element only has to be there

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  const lens = document.querySelector("dialog[open]");
  if (event.key === "?") { event.preventDefault(); toggleKeys(lens); return; }
  if (lens || !/^[a-z]$/.test(event.key)) return;
  const target = document.querySelector(`#page [data-key="${event.key}"]`);
  if (target) { event.preventDefault(); press(target); } else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
});

function press(target) {
  if (target.matches("textarea, select, input:not([type=submit])")) target.focus();
  else target.click();
}

function toggleKeys(open) {
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  if (open === sheet) { sheet.close(); return; }
  sheet.onclick = (e) => { if (e.target === sheet || e.target.closest("[data-closes]")) sheet.close(); };
  sheet.showModal();
}

function walk(by) {
  const rows = [...document.querySelectorAll("#page [data-desk=rows] tbody tr")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))];
  rows[here]?.classList.remove("at");
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a, button")?.focus({ preventScroll: true });
}
