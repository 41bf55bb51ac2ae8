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
  letGo(input, document.getElementById("card_photo"), document.querySelector("[data-capture=card]"));
}

// A number that was read from a photo goes with it when another photo takes its place; one that was typed stays.
function letGo(input, photo, box) {
  const digits = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "");
  const another = () => {
    if (photo.dataset.shown && digits(photo.dataset.shown) === digits(input.value)) {
      input.value = "";
      for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
    }
    photo.value = photo.dataset.shown = "";
  };
  box?.addEventListener("picture", another);
  box?.addEventListener("handed", ({ detail }) => { if (detail.id !== photo.value) another(); });
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
