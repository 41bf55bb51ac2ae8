"""Case numbers (案号, 法〔2015〕137号) and amounts of money."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from webapp.core.chinese_date import DIGITS

_COURT = (
    r"最高法知?|"
    r"[京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军][0-9]{0,4}"
)
_CASE = re.compile(
    rf"\(?(?P<year>(?:19|20)[0-9]{{2}})\)?(?P<court>{_COURT})(?P<type>[\u4e00-\u9fa5]{{1,4}}?)"
    r"(?P<number>[1-9][0-9]{0,7})号(?P<sub>之[一二三四五六七八九十]{1,3})?"
)
_BRACKETS = str.maketrans("〔〕[]【】", "()()()")
_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]{1,2})?")
MOST_FEN = 10**13


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """（year）court type number 号 sub; sorts by year, court, type and number."""

    year: int
    court: str
    type: str
    number: int
    sub: str = ""

    @property
    def canonical(self) -> str:
        """The one way of writing it: full-width brackets, no spaces."""
        return f"（{self.year}）{self.court}{self.type}{self.number}号{self.sub}"

    def __lt__(self, other: CaseNumber) -> bool:
        return self._place() < other._place()

    def _place(self) -> tuple[int, str, str, int, int]:
        return self.year, self.court, self.type, self.number, _ordinal(self.sub[1:])


def parse_case_number(typed: str) -> CaseNumber | None:
    """The case number in `typed`, or None when it isn't exactly one."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).translate(_BRACKETS)
    found = _CASE.fullmatch(text)
    if found is None:
        return None
    year, number = int(found["year"]), int(found["number"])
    return CaseNumber(year, found["court"], found["type"], number, found["sub"] or "")


def _ordinal(numeral: str) -> int:
    """Chinese numerals up to 99: 一 is 1, 十二 is 12, 二十一 is 21; nothing is 0."""
    tens, ten, ones = numeral.rpartition("十")
    return ((DIGITS.find(tens) or 1) * 10 if ten else 0) + DIGITS.find(ones)


def parse_amount(typed: str) -> int | None:
    """Yuan as written → fen; None for what isn't an amount, or has more than two decimals."""
    text = re.sub(r"[\s¥￥元]", "", unicodedata.normalize("NFKC", typed))
    if not _AMOUNT.fullmatch(text):
        return None
    fen = int(Decimal(text.replace(",", "")) * 100)
    return fen if fen < MOST_FEN else None


def format_amount(fen: int) -> str:
    """123450 → 1,234.50"""
    return f"{fen // 100:,}.{fen % 100:02d}"
