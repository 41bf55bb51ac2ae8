"""Machine-readable zones of ICAO Doc 9303: TD3 (passports), TD1 (cards), their check digits, what OCR mixes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 3, 1)
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
TD3, TD1 = [44, 44], [30, 30, 30]
_TO_DIGIT = str.maketrans("OQDILZSBG", "000112586")
_TO_LETTER = str.maketrans("01258", "OIZSB")


@dataclass(frozen=True, slots=True)
class Mrz:
    """What the zone says. Dates are YYMMDD as written; `valid` when every check digit is right and the dates exist."""

    document_number: str
    nationality: str
    birth: str
    expiry: str
    surname: str
    given: str
    valid: bool

    @property
    def name(self) -> str:
        """Surname and given names with spaces; cut at 39 characters in TD3, 30 in TD1: a prefix of a long name."""
        return f"{self.surname} {self.given}".strip()

    def birth_date(self, today: date) -> str:
        """ISO date in the latest century that isn't in the future."""
        century = "20" if f"20{self.birth}" <= today.strftime("%Y%m%d") else "19"
        return _iso(century + self.birth)

    def expiry_date(self, today: date) -> str:
        """ISO date, at most fifty years ahead: nothing is issued for longer."""
        century = "20" if 2000 + int(self.expiry[:2]) <= today.year + 50 else "19"
        return _iso(century + self.expiry)


def check_digit(text: str) -> str:
    """7-3-1 over 0–9, A=10 … Z=35, < as 0 (Doc 9303 part 3, 4.9)."""
    return str(sum((0 if c == "<" else int(c, 36)) * WEIGHTS[i % 3] for i, c in enumerate(text)) % 10)


def parse_mrz(lines: Sequence[str]) -> Mrz | None:
    """TD3 from two lines of 44, TD1 from three of 30, taken as they stand; None for anything else."""
    sizes = [len(line) for line in lines]
    if not all(LETTERS.issuperset(line) for line in lines):
        return None
    if sizes == TD3 and lines[0][0] == "P":
        return _td3(*lines)
    return _td1(*lines) if sizes == TD1 else None


def repaired(lines: Sequence[str]) -> list[str]:
    """The lines with what OCR mixes up (O and 0, I and 1 …) settled by position, in numbers by the check digit.

    Lines of another shape come back as they are. G and 6, or L and 1, weigh the same: no check digit tells them apart.
    """
    sizes = [len(line) for line in lines]
    if sizes == TD3:
        top, low = lines
        low = _number_settled(low, 0)
        return [_letters(top, 0, 44), _digits(_letters(low, 10, 13), (13, 20), (21, 28), (42, 44))]
    if sizes == TD1:
        top, middle, names = lines
        middle = _digits(_letters(middle, 15, 18), (0, 7), (8, 15), (29, 30))
        return [_number_settled(_letters(top, 2, 5), 5), middle, _letters(names, 0, 30)]
    return list(lines)


def _td3(top: str, low: str) -> Mrz:
    checks = (
        check_digit(low[0:9]) == low[9],
        check_digit(low[13:19]) == low[19],
        check_digit(low[21:27]) == low[27],
        check_digit(low[28:42]) == low[42] or (low[42] == "<" and not low[28:42].strip("<")),
        check_digit(low[0:10] + low[13:20] + low[21:43]) == low[43],
    )
    return _made(low[0:9], low[10:13], (low[13:19], low[21:27]), top[5:44], valid=all(checks))


def _td1(top: str, middle: str, names: str) -> Mrz:
    checks = (
        check_digit(top[5:14]) == top[14],
        check_digit(middle[0:6]) == middle[6],
        check_digit(middle[8:14]) == middle[14],
        check_digit(top[5:30] + middle[0:7] + middle[8:15] + middle[18:29]) == middle[29],
    )
    return _made(top[5:14], middle[15:18], (middle[0:6], middle[8:14]), names, valid=all(checks))


def _made(number: str, nationality: str, dates: tuple[str, str], names: str, *, valid: bool) -> Mrz:
    surname, _, given = names.rstrip("<").partition("<<")
    return Mrz(
        number.rstrip("<"),
        nationality.rstrip("<"),
        *dates,
        " ".join(surname.replace("<", " ").split()),
        " ".join(given.replace("<", " ").split()),
        valid and all(map(_exists, dates)),
    )


def _number_settled(line: str, start: int) -> str:
    """The number as read if its digit agrees; else with the letters after the first, or all, read as digits."""
    number, digit = line[start : start + 9], line[start + 9].translate(_TO_DIGIT)
    tries = (number, number[:2] + number[2:].translate(_TO_DIGIT), number[0] + number[1:].translate(_TO_DIGIT))
    every = (*tries, number.translate(_TO_DIGIT), number[0].translate(_TO_LETTER) + number[1:].translate(_TO_DIGIT))
    settled = next((t for t in every if check_digit(t) == digit), number)
    return line[:start] + settled + digit + line[start + 10 :]


def _digits(line: str, *spans: tuple[int, int]) -> str:
    for start, end in spans:
        line = line[:start] + line[start:end].translate(_TO_DIGIT) + line[end:]
    return line


def _letters(line: str, start: int, end: int) -> str:
    return line[:start] + line[start:end].translate(_TO_LETTER) + line[end:]


def _exists(text: str) -> bool:
    """Whether YYMMDD is a day; leap years of this century are those of the last, 1900 aside."""
    if not (text.isascii() and text.isdigit()):
        return False
    try:
        date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return False
    return True


def _iso(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
