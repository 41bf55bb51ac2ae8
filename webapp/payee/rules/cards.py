"""Bank card numbers (ISO/IEC 7812): 13 to 19 digits, a Luhn digit last, shown in groups of four."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from webapp.core.folding import folded
from webapp.ports.card_reader import BankSeen, CardKind

SHORTEST, LONGEST = 13, 19
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|7[1]|8[1-3]|9[0-9])[0-9]{4}"
_ID_NOW = re.compile(rf"{_REGION}(?P<born>(?:19|20)[0-9]{{6}})[0-9]{{3}}[0-9X]")
_ID_BEFORE_1999 = re.compile(rf"{_REGION}(?P<born>[0-9]{{6}})[0-9]{{3}}")


class CardFault(StrEnum):
    """Why a number can't be a card's."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ID_NUMBER = "id_number"
    LUHN = "luhn"


@dataclass(frozen=True, slots=True)
class CheckedCard:
    """`value` is the digits, also when there is a fault."""

    value: str
    fault: CardFault | None = None

    @property
    def may_insist(self) -> bool:
        """True when the payee may say once that it's right: a few old cards fail Luhn."""
        return self.fault is CardFault.LUHN


def check_card_number(typed: str) -> CheckedCard:
    """Judges a card number as typed. Never raises."""
    plain = re.sub(r"[\s\-‐‑–—]", "", folded(typed))
    value = folded(plain)  # what only now stands side by side
    if not value:
        return CheckedCard(value, CardFault.EMPTY)
    if looks_like_id_number(value.upper()):
        return CheckedCard(value, CardFault.ID_NUMBER)
    if not re.fullmatch(r"[0-9]+", value):
        return CheckedCard(value, CardFault.NOT_DIGITS)
    return CheckedCard(value, _fault(value))


def _fault(digits: str) -> CardFault | None:
    if len(digits) < SHORTEST:
        return CardFault.TOO_SHORT
    if len(digits) > LONGEST:
        return CardFault.TOO_LONG
    return None if luhn.is_valid(digits) else CardFault.LUHN


def looks_like_id_number(value: str) -> bool:
    """True for 18 characters with a birth date and a right MOD 11-2 digit, or 15 with a birth date.

    People put their ID number into the card's field. The only cards of 15 digits that begin like
    a province are credit cards, which can't be paid to either.
    """
    if now := _ID_NOW.fullmatch(value):
        return _is_date(now["born"]) and bool(mod_11_2.is_valid(value))
    before = _ID_BEFORE_1999.fullmatch(value)
    return before is not None and _is_date("19" + before["born"])


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def surely_read(reading: Mapping[str, Any] | None) -> str:
    """The number that was read off a photo of a card beyond doubt, and that money can be sent to; else "".

    In doubt is a number whose bank isn't the one that is printed on the card.
    """
    if not reading or reading.get("bank_seen") == BankSeen.DIFFERS:
        return ""
    return "" if reading.get("kind") in (CardKind.CREDIT, CardKind.PREPAID) else str(reading.get("number") or "")


def in_groups(number: str) -> str:
    """6222020000000000422 → 6222 0200 0000 0000 422."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
