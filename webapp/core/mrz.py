"""Machine-readable zones: TD3 (passports) and TD1 (cards) of ICAO Doc 9303, the one line of China's outbound permits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 3, 1)
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
TD3, TD1, ONE_LINE = [44, 44], [30, 30, 30], [30]
OUTBOUND = ("CS", "CD")  # 往来港澳通行证, 往来台湾通行证: no proof of who a payee is, but often taken for one
_LONG_GAP = re.compile(r"<{3,}(?=[A-Z]{3})")  # two fillers, one of them seen twice
_END_OF_NAMES = re.compile(r"<<<.*")  # nothing follows three fillers but what OCR sees in the rest


@dataclass(frozen=True, slots=True)
class Mrz:
    """What the zone says. Dates are YYMMDD as written; `valid` when every check digit is right and the dates exist. `sex`: M, F, X or ""."""

    document_number: str
    nationality: str
    birth: str
    expiry: str
    surname: str
    given: str
    sex: str
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
    """TD3 from two lines of 44, TD1 from three of 30, an outbound permit from one of 30, as they stand; else None."""
    sizes = [len(line) for line in lines]
    if not all(LETTERS.issuperset(line) for line in lines):
        return None
    if sizes == TD3 and lines[0][0] == "P":
        return _td3(*lines)
    if sizes == ONE_LINE and lines[0].startswith(OUTBOUND):
        return _outbound(lines[0])
    return _td1(*lines) if sizes == TD1 else None


def _td3(top: str, low: str) -> Mrz:
    checks = (
        check_digit(low[0:9]) == low[9],
        check_digit(low[13:19]) == low[19],
        check_digit(low[21:27]) == low[27],
        check_digit(low[28:42]) == low[42] or (low[42] == "<" and not low[28:42].strip("<")),
        check_digit(low[0:10] + low[13:20] + low[21:43]) == low[43],
    )
    return _made(low[0:9], low[10:13], (low[13:19], low[21:27]), top[5:44], low[20], valid=all(checks))


def _td1(top: str, middle: str, names: str) -> Mrz:
    checks = (
        check_digit(top[5:14]) == top[14],
        check_digit(middle[0:6]) == middle[6],
        check_digit(middle[8:14]) == middle[14],
        check_digit(top[5:30] + middle[0:7] + middle[8:15] + middle[18:29]) == middle[29],
    )
    return _made(top[5:14], middle[15:18], (middle[0:6], middle[8:14]), names, middle[7], valid=all(checks))


def _outbound(line: str) -> Mrz:
    """Number, last day, birth, each with its check digit; over what the very last digit runs isn't published."""
    checks = (
        check_digit(line[2:11]) == line[11],
        check_digit(line[13:19]) == line[19],
        check_digit(line[21:27]) == line[27],
        line[12] == line[20] == line[28] == "<",
    )
    return _made(line[2:11], "", (line[21:27], line[13:19]), "", "", valid=all(checks))


def _made(number: str, nationality: str, dates: tuple[str, str], names: str, sex: str, *, valid: bool) -> Mrz:
    surname, _, given = _END_OF_NAMES.sub("", _LONG_GAP.sub("<<", names)).rstrip("<").partition("<<")
    return Mrz(
        number.rstrip("<"),
        nationality.rstrip("<"),
        *dates,
        " ".join(surname.replace("<", " ").split()),
        " ".join(given.replace("<", " ").split()),
        sex.strip("<"),
        valid and all(map(_exists, dates)),
    )


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
