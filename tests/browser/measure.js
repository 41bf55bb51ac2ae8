// What is cut off, covered or too wide on the page that is shown, at each size of text: [[size, [fault, …]], …].
(sizes) => {
  const root = document.documentElement;
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".hide, .skip, svg");
  const words = (e) => (e.innerText || e.value || "").trim().replace(/\s+/g, " ").slice(0, 50);
  const place = (e) => {
    const own = (one) => one.localName + (one.id ? `#${one.id}` : "") + [...one.classList].map((c) => `.${c}`).join("");
    return [e.parentElement, e].filter(Boolean).map(own).join(" > ");
  };
  const tell = (what, e) => `${what}: ${place(e)} “${words(e)}”`;
  const hasText = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const boxes = (e) => {
    const range = document.createRange();
    return [...e.childNodes].filter((n) => n.nodeType === 3 && n.data.trim()).flatMap((n) => {
      range.selectNodeContents(n);
      return [...range.getClientRects()];
    });
  };
  const moves = (e) => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowY) || moves(e.parentElement));
  const scrolls = (e) => e.closest("select, textarea, dialog:not([open])") || moves(e.parentElement);

  function measure() {
    const found = [];
    const width = root.clientWidth;
    if (root.scrollWidth > width) found.push(`the page is ${root.scrollWidth} px wide on ${width}`);
    const all = [...document.body.querySelectorAll("*")].filter((e) => shown(e) && !scrolls(e));
    for (const e of all) {
      const style = getComputedStyle(e);
      if (style.overflowX !== "visible" && style.overflowX !== "auto" && e.localName !== "input" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth) found.push(tell("cut at its side", e));
      if (["hidden", "clip"].includes(style.overflowY) && e.scrollHeight > e.clientHeight + 1 && e.clientHeight && e.type !== "file") found.push(tell("cut at its foot", e)); // the browser draws that field
      if (!hasText(e)) continue;
      for (const box of boxes(e)) {
        if (box.left < -1 || box.right > width + 1) { found.push(tell("outside the screen", e)); break; }
      }
    }
    for (const e of [...document.querySelectorAll("button, .btn, .cell")].filter(shown)) { // in what scrolls, too
      const { top, bottom } = e.getBoundingClientRect();
      const inside = [e, ...e.querySelectorAll("*")].filter((one) => hasText(one) && shown(one));
      if (inside.some((one) => boxes(one).some((box) => box.top < top - 1 || box.bottom > bottom + 1))) found.push(tell("spills out of", e));
    }
    const texts = all.filter((e) => hasText(e) && !e.closest(".foot, .sheet-foot, .bar, [data-sign], .helper-bar"));
    const laid = texts.map((e) => [e, boxes(e)]);
    for (let i = 0; i < laid.length; i++) {
      for (let k = i + 1; k < laid.length; k++) {
        const [one, theirs] = laid[i], [other, others] = laid[k];
        if (one.contains(other) || other.contains(one)) continue;
        const meet = theirs.some((a) => others.some((b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) * 0.4));
        if (meet) found.push(`${tell("covers", one)} and ${tell("", other)}`);
      }
    }
    const first = document.querySelector(".bar .bar-side:first-child .icon");
    if (first && (first.getBoundingClientRect().left > width / 2) !== (root.dir === "rtl")) found.push(tell("back is on the wrong side", first.parentElement));
    for (const e of texts) {
      const align = getComputedStyle(e).textAlign;
      if (root.dir === "rtl" && align === "left" && e.dir !== "ltr") found.push(tell("set to the left", e));
    }
    return found;
  }

  return sizes.map((size) => {
    const large = root.dataset.text;
    root.style.fontSize = size === "double" ? "200%" : "";
    if (size === "large") root.dataset.text = "large";
    else delete root.dataset.text;
    const before = size === "double" ? parseFloat(getComputedStyle(document.body).fontSize) : 0;
    const found = measure();
    if (before && before < 30) found.push(`the text stays at ${before} px`);
    root.style.fontSize = "";
    if (large) root.dataset.text = large;
    else delete root.dataset.text;
    return [size, found];
  });
}
