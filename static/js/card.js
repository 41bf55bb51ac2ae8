// What a card number looks like while it is typed: how many digits, and whether its check digit fits. It only says so:
// a few old cards have none, and the server decides. Said after a pause, so that a screen reader isn't told each digit.
export function arm(line) {
  const input = document.getElementById(line.dataset.cardLive);
  let timer;
  const say = () => {
    const digits = input.value.normalize("NFKC").replace(/[\s-]/g, ""), [kind, words] = judged(digits, line.dataset);
    line.className = `live ${kind}`;
    line.textContent = words.replace("{n}", digits.length);
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(say, 400); });
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${line.id}`.trim());
  if (!input.hasAttribute("aria-invalid")) say();
}

function judged(digits, words) {
  if (!digits) return ["", ""];
  if (!/^[0-9]+$/.test(digits)) return ["doubt", words.wLetters];
  if (digits.length > 19) return ["doubt", words.wLong];
  if (digits.length < 16) return ["", words.wSome];
  if (luhn(digits)) return ["right", words.wRight];
  return digits.length < 19 ? ["", words.wSome] : ["doubt", words.wDoubt];
}

/** ISO/IEC 7812-1 annex B. */
function luhn(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const value = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
