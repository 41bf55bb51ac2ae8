"""What a photographed card tells its payee."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.payee.rules.cards import in_groups, surely_read
from webapp.payee.words import BANK_DIFFERS, CARD_FAULTS, CREDIT, PREPAID
from webapp.ports.card_reader import BankSeen, CardKind, CardPhotoFault


def read_off(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says of a photographed card.

    A card that can't receive money, or whose printed name is another bank's than its number's, is told in words and not
    filled in: the payee looks again and types.
    """
    number, fault, kind = reading.get("number"), reading.get("fault"), reading.get("kind")
    refused = {CardKind.CREDIT: CREDIT, CardKind.PREPAID: PREPAID}.get(CardKind(kind)) if kind else None
    if refused is None and reading.get("bank_seen") == BankSeen.DIFFERS:
        refused = BANK_DIFFERS
    words = refused or (CARD_FAULTS[CardPhotoFault(fault)] if fault else "")
    shown = in_groups(number) if number else ""
    bank = reading.get("bank") or ""
    return {"number": shown, "fill": bool(surely_read(reading)), "bank": bank, "words": str(words)}
