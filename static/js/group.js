// Digits in groups while they are typed, with the caret where the typist left it. data-group="4" or "6,8,4".
export function arm(input) {
  const sizes = input.dataset.group.split(",").map(Number);
  const regroup = () => {
    const before = bare(input.value.slice(0, input.selectionStart ?? input.value.length)).length;
    const [out, place] = grouped(bare(input.value), sizes, before);
    if (out === input.value) return;
    input.value = out;
    if (document.activeElement === input) input.setSelectionRange(place, place);
  };
  input.addEventListener("input", (event) => { if (!event.isComposing) regroup(); });
  input.addEventListener("compositionend", regroup);
  regroup();
}

const bare = (text) => text.replace(/[\s-]/g, "");

/** The text in groups, and where the caret stands after `before` characters. The last size repeats. */
function grouped(text, sizes, before) {
  let out = "", place = 0, group = 0, left = sizes[0];
  for (let i = 0; i < text.length; i++) {
    if (left === 0) { out += " "; group++; left = sizes[Math.min(group, sizes.length - 1)]; }
    out += text[i];
    left--;
    if (i + 1 === before) place = out.length;
  }
  return [out, place];
}
