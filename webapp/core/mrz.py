"""Machine-readable zones of ICAO Doc 9303 (TD3 passports, TD1 cards): parsing, check digits, repair of OCR's mix-ups."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHTS = (7, 3, 1)
_TO_DIGIT = str.maketrans("OQDILZSBG", "000112586")
_TO_LETTER = str.maketrans("01258", "OIZSB")
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Mrz:
    """What the zone says. Dates are YYMMDD as written; `valid` when every check digit is right."""

    document_number: str
    nationality: str
    birth: str
    expiry: str
    surname: str
    given: str
    valid: bool

    @property
    def name(self) -> str:
        """Surname and given names with spaces; it may be cut at 39 characters."""
        return f"{self.surname} {self.given}".strip()


def check_digit(text: str) -> str:
    """7-3-1 over 0–9, A=10 … Z=35, < as 0 (Doc 9303 part 3, 4.9)."""
    return str(sum((0 if c == "<" else int(c, 36)) * WEIGHTS[i % 3] for i, c in enumerate(text)) % 10)


def parse_mrz(lines: list[str]) -> Mrz | None:
    """TD3 from two lines of 44, TD1 from three of 30; None for anything else. Doubtful letters are settled by position."""
    if [len(line) for line in lines] == [44, 44] and lines[0][0] == "P":
        return _td3(lines[0], lines[1])
    if [len(line) for line in lines] == [30, 30, 30]:
        return _td1(lines[0], lines[1], lines[2])
    return None


def _td3(top: str, bottom: str) -> Mrz | None:
    number, digit = _repaired(bottom[0:9], bottom[9])
    birth, birth_digit = bottom[13:19].translate(_TO_DIGIT), bottom[19].translate(_TO_DIGIT)
    expiry, expiry_digit = bottom[21:27].translate(_TO_DIGIT), bottom[27].translate(_TO_DIGIT)
    optional, optional_digit, whole_digit = bottom[28:42], bottom[42], bottom[43].translate(_TO_DIGIT)
    whole = number + digit + birth + birth_digit + expiry + expiry_digit + optional + optional_digit
    checks = (
        check_digit(number) == digit,
        check_digit(birth) == birth_digit,
        check_digit(expiry) == expiry_digit,
        _optional_right(optional, optional_digit),
        check_digit(whole) == whole_digit,
    )
    return _made(number, bottom[10:13], birth, expiry, top[5:44], valid=all(checks))


def _td1(top: str, middle: str, names: str) -> Mrz | None:
    number, digit = _repaired(top[5:14], top[14])
    birth, birth_digit = middle[0:6].translate(_TO_DIGIT), middle[6].translate(_TO_DIGIT)
    expiry, expiry_digit = middle[8:14].translate(_TO_DIGIT), middle[14].translate(_TO_DIGIT)
    whole = number + digit + top[15:30] + birth + birth_digit + expiry + expiry_digit + middle[18:29]
    checks = (
        check_digit(number) == digit,
        check_digit(birth) == birth_digit,
        check_digit(expiry) == expiry_digit,
        check_digit(whole) == middle[29].translate(_TO_DIGIT),
    )
    return _made(number, middle[15:18], birth, expiry, names, valid=all(checks))


def _repaired(number: str, digit: str) -> tuple[str, str]:
    """The number as read if its digit agrees; else with every letter read as a digit, if that agrees; else as read."""
    digit = digit.translate(_TO_DIGIT)
    if check_digit(number) == digit:
        return number, digit
    tries = [number[0] + number[1:].translate(_TO_DIGIT), number.translate(_TO_DIGIT)]
    return next((t for t in tries if check_digit(t) == digit), number), digit


def _optional_right(optional: str, digit: str) -> bool:
    if not optional.strip("<"):
        return digit in "<0O"
    return check_digit(optional) == digit


def _made(number: str, nationality: str, birth: str, expiry: str, names: str, *, valid: bool) -> Mrz:
    surname, _, given = names.rstrip("<").partition("<<")
    return Mrz(
        number.rstrip("<"),
        nationality.translate(_TO_LETTER).rstrip("<"),
        birth,
        expiry,
        _words(surname),
        _words(given),
        valid and _dated(birth) and _dated(expiry),
    )


def _words(text: str) -> str:
    return " ".join(text.translate(_TO_LETTER).replace("<", " ").split())


def _dated(text: str) -> bool:
    return text.isdigit() and int(text[2:4]) in MONTHS and 1 <= int(text[4:6]) <= 31
