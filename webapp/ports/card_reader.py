"""Reading the number off photos of a bank card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class CardKind(StrEnum):
    """What the table of prefixes says a card is. Courts pay to debit cards alone."""

    DEBIT = "debit"
    CREDIT = "credit"
    PREPAID = "prepaid"
    UNKNOWN = "unknown"


class BankSeen(StrEnum):
    """The bank's name printed on the card against the one the number's prefix belongs to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNREAD = "unread"


class CardPhotoFault(StrEnum):
    """Why no number is told; the payee is told what to do about it."""

    UNREADABLE = "unreadable"
    TOO_SMALL = "too_small"
    DARK = "dark"
    BLURRED = "blurred"
    GLARE = "glare"
    NO_CARD = "no_card"
    UPSIDE_DOWN = "upside_down"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class CardIssuer:
    """Whom a number's first digits and length belong to: the bank's code, and what kind of card it is."""

    bank_code: str
    kind: CardKind


@dataclass(frozen=True, slots=True)
class CardReading:
    """What was read. `number` is digits only, or None when the reader is not sure enough; then `fault` says why.

    `bank_code` is None and `kind` unknown where the number is none or its prefix isn't in the table. A number whose
    bank DIFFERS from the name on the card is to be shown as doubtful, not filled in silently. `confidence` is 0 … 1.
    """

    number: str | None
    confidence: float
    milliseconds: int = 0
    bank_code: str | None = None
    kind: CardKind = CardKind.UNKNOWN
    bank_seen: BankSeen = BankSeen.UNREAD
    fault: CardPhotoFault | None = None


class CardReader(Protocol):
    """Reads pictures of one and the same card (JPEG bytes, upright, at most 1,600 px), the best one first.

    Several pictures vote together; the first that is read beyond doubt ends the reading. Never guesses: unsure is
    `number=None`. Never raises for a broken picture.
    """

    def read(self, pictures: Sequence[bytes]) -> CardReading: ...
