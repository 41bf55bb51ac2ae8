// Blocks of words in the page's language of which a single character (with its full stop, perhaps) stands on the last line.
() => {
  const faults = [], blocks = "h1, h2, h3, p, li, .btn, summary, legend, label, dd, dt, .cell .v > b, .cell .v > small";
  for (const block of document.querySelectorAll(blocks)) {
    if (!block.checkVisibility() || block.querySelector(blocks) || block.closest(".bar-title, [lang=en]")) continue;
    const lines = new Map(), walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (walk.nextNode()) for (let at = 0; at < walk.currentNode.length; at += 1) {
      range.setStart(walk.currentNode, at);
      range.setEnd(walk.currentNode, at + 1);
      const box = range.getBoundingClientRect(), sign = walk.currentNode.data[at];
      if (!box.width || !/[\p{L}\p{N}]/u.test(sign)) continue;
      const line = [...lines.keys()].find((y) => Math.abs(y - box.bottom) < 8) ?? box.bottom;
      lines.set(line, (lines.get(line) || "") + sign);
    }
    const last = lines.get(Math.max(...lines.keys())) || "";
    if (lines.size > 1 && last.length === 1) faults.push(`${block.tagName} “${block.textContent.trim().slice(-30)}” ends with ${last}`);
  }
  return faults;
}
