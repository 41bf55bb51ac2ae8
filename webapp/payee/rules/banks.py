"""Banks and card prefixes: whose card it is, and of what type. Never complete: unknown isn't wrong.

The tables are the npm package `bankcard`'s (MIT, notice beside them): see tools/update_banks.py.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

TINTS = 8
KNOWN_BY = {"CITIC": "信", "SPDB": "浦"}
"""Banks that people know by another character of their name than its first."""
SHORTEST_NAME = 4  # 中国银行; 银行 alone, or 商业银行, names nobody
DATA = Path(__file__).parents[1] / "data"


class CardType(StrEnum):
    """What kind of card a prefix is for. Courts pay to debit cards alone."""

    DEBIT = "debit"
    CREDIT = "credit"
    SEMI_CREDIT = "semi_credit"
    PREPAID = "prepaid"


@dataclass(frozen=True, slots=True)
class BankMark:
    """One character, and which of the tints of app.css (0 to 7) it stands on."""

    character: str
    tint: int


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank. `main`: among those that most people use, listed first.

    `cnaps_class` (3 digits) and `hq_number` (the head office's 12) are empty where unknown; `former`: codes that the bank had beside this one.
    """

    code: str
    name: str
    english: str
    cnaps_class: str
    hq_number: str
    main: bool
    pinyin: str
    initials: str
    former: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """The bank's name in a language: English where there is one, else Chinese."""
        return self.english if self.english and not language.startswith("zh") else self.name

    @property
    def mark(self) -> BankMark:
        """What stands for the bank in a list: a character of its name on a tint of ours, and no trademark."""
        short = self.name.removeprefix("中国")
        plain = self.name if short.startswith("银行") else short
        tint = sum(place * byte for place, byte in enumerate(self.code.encode(), 1)) % TINTS
        return BankMark(KNOWN_BY.get(self.code, plain[:1].upper()), tint)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first digits of a bank's cards of one length."""

    digits: str
    length: int
    bank_code: str
    card_type: CardType


SPECIMEN_BANK = Bank(
    "SPECIMEN", "样本银行", "Specimen Bank", "", "", True, "yangbenyinhang", "ybyh"
)  # fmt: skip
SPECIMEN_PREFIXES = tuple(
    Prefix(digits, length, SPECIMEN_BANK.code, card_type)
    for digits, card_type in (("629999", CardType.DEBIT), ("629998", CardType.CREDIT))
    for length in (16, 19)
)


@cache
def banks(*, include_specimen: bool = False) -> tuple[Bank, ...]:
    """Every bank, main ones first; with the specimen bank before all in a demo."""
    if include_specimen:
        return (SPECIMEN_BANK, *banks())
    return tuple(
        Bank(
            code=row["code"],
            name=row["name"],
            english=row["english"],
            cnaps_class=row["cnaps_class"],
            hq_number=row["hq_number"],
            main=row["main"] == "1",
            pinyin=row["pinyin"],
            initials=row["initials"],
            former=tuple(row["former"].split()),
        )
        for row in _rows("banks.csv")
    )


def bank_by_code(code: str, *, include_specimen: bool = False) -> Bank | None:
    """The bank of a code, also of one that it had before; or None."""
    every = banks(include_specimen=include_specimen)
    return next((bank for bank in every if code == bank.code or code in bank.former), None)


def english_of(name: str) -> str:
    """The English name of the bank that is called so, with or without 股份有限公司 and 中国; "" where we know none."""
    wanted = set(_printed_names("".join(name.split())))
    return next((b.english for b in banks(include_specimen=True) if wanted & set(_printed_names(b.name))), "")


def banks_named(words: str, *, include_specimen: bool = False) -> frozenset[str]:
    """The codes of the banks whose Chinese name, or its usual short form without 中国, stands in the words.

    More than one where the table has a bank twice, or a branch abroad under the same name; none for no bank.
    """
    plain = _plain(words)
    fitting = [
        (len(name), bank.code)
        for bank in banks(include_specimen=include_specimen)
        for name in _printed_names(bank.name)
        if name in plain
    ]
    longest = max((length for length, _ in fitting), default=0)
    return frozenset(code for length, code in fitting if length == longest)


def _printed_names(name: str) -> tuple[str, ...]:
    """What a card says: 东亚银行有限公司 and 渣打银行(香港) print their short names."""
    short = re.sub(r"(股份)?有限公司$|[(（].*[)）]$", "", name)
    names = dict.fromkeys((name, short, short.removeprefix("中国")))
    return tuple(n for n in names if len(n) >= SHORTEST_NAME and (n == name or n.endswith("银行")))


def search_banks(query: str, *, include_specimen: bool = False) -> tuple[Bank, ...]:
    """Banks whose Chinese or English name, code, pinyin or initials hold the words typed.

    Those that begin with them come first, then those that hold them, then those whose Chinese name is shortened as people
    speak: 工行, 邮储. All banks for an empty query.
    """
    wanted = _plain(query)
    ranked = [(rank, bank) for bank in banks(include_specimen=include_specimen) if (rank := _rank(bank, wanted)) < 3]
    return tuple(bank for _, bank in sorted(ranked, key=lambda row: row[0]))


def _rank(bank: Bank, wanted: str) -> int:
    texts = _texts(bank)
    if any(text.startswith(wanted) for text in texts):
        return 0
    if any(wanted in text for text in texts):
        return 1
    return 2 if re.search("[\u4e00-\u9fff]{2}", wanted) and _spoken(wanted, bank.name) else 3


def _spoken(wanted: str, name: str) -> bool:
    """True when the characters stand in the name in this order: 工行 in 中国工商银行."""
    rest = iter(name)
    return all(character in rest for character in wanted)


def _texts(bank: Bank) -> tuple[str, ...]:
    return _plain(bank.name), _plain(bank.english), bank.code.lower(), bank.pinyin, bank.initials


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def find_prefix(number: str, *, include_specimen: bool = False) -> Prefix | None:
    """The longest prefix that fits the number's first digits and its length, or None."""
    table = _prefixes(include_specimen=include_specimen)
    keys = ((number[:end], len(number)) for end in range(len(number), 0, -1))
    return next((table[key] for key in keys if key in table), None)


def all_prefixes() -> tuple[Prefix, ...]:
    """Every row of the table, the specimen bank's own left out."""
    return tuple(_prefixes(include_specimen=False).values())


@cache
def _prefixes(*, include_specimen: bool) -> Mapping[tuple[str, int], Prefix]:
    known = [
        Prefix(row["bin"], int(row["length"]), row["bank_code"], CardType(row["card_type"]))
        for row in _rows("bins.csv")
    ]
    own = SPECIMEN_PREFIXES if include_specimen else ()
    return {(prefix.digits, prefix.length): prefix for prefix in (*known, *own)}


def _rows(table: str) -> list[dict[str, str]]:
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
