"""Banks and card prefixes: whose card it is, and of what type. Never complete: unknown isn't wrong.

The tables are the npm package `bankcard`'s (MIT, notice beside them): see tools/update_banks.py.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

SHORTEST_NAME = 4  # 中国银行; 银行 alone, or 商业银行, names nobody
DATA = Path(__file__).parents[1] / "data"


class CardType(StrEnum):
    """What kind of card a prefix is for. Courts pay to debit cards alone."""

    DEBIT = "debit"
    CREDIT = "credit"
    SEMI_CREDIT = "semi_credit"
    PREPAID = "prepaid"


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank. `main`: among those that most people use, listed first.

    `cnaps_class` (3 digits) and `hq_number` (the head office's 12) are empty where unknown.
    """

    code: str
    name: str
    english: str
    cnaps_class: str
    hq_number: str
    main: bool
    pinyin: str
    initials: str

    def title(self, language: str) -> str:
        """The bank's name in a language: English where there is one, else Chinese."""
        return self.english if self.english and not language.startswith("zh") else self.name


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
        )
        for row in _rows("banks.csv")
    )


def bank_by_code(code: str, *, include_specimen: bool = False) -> Bank | None:
    """The bank of a code, or None."""
    every = banks(include_specimen=include_specimen)
    return next((bank for bank in every if bank.code == code), None)


def bank_named(words: str, *, include_specimen: bool = False) -> str | None:
    """The code of the bank whose full Chinese name, or its usual short form without 中国, stands in the words."""
    plain = _plain(words)
    names = (
        (name, bank.code)
        for bank in banks(include_specimen=include_specimen)
        for name in (bank.name, bank.name.removeprefix("中国"))
        if len(name) >= SHORTEST_NAME and name.endswith("银行")
    )
    fitting = [(len(name), code) for name, code in names if name in plain]
    return max(fitting)[1] if fitting else None


def search_banks(query: str, *, include_specimen: bool = False) -> tuple[Bank, ...]:
    """Banks whose Chinese or English name, code, pinyin or initials hold the words typed.

    Those that begin with them come first. All banks for an empty query.
    """
    wanted = _plain(query)
    every = banks(include_specimen=include_specimen)
    found = [bank for bank in every if any(wanted in text for text in _texts(bank))]
    return tuple(sorted(found, key=lambda bank: _rank(bank, wanted)))


def _rank(bank: Bank, wanted: str) -> int:
    return 0 if any(text.startswith(wanted) for text in _texts(bank)) else 1


def _texts(bank: Bank) -> tuple[str, ...]:
    return _plain(bank.name), _plain(bank.english), bank.code.lower(), bank.pinyin, bank.initials


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def find_prefix(number: str, *, include_specimen: bool = False) -> Prefix | None:
    """The longest prefix that fits the number's first digits and its length, or None."""
    table = _prefixes(include_specimen=include_specimen)
    keys = ((number[:end], len(number)) for end in range(len(number), 0, -1))
    return next((table[key] for key in keys if key in table), None)


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
