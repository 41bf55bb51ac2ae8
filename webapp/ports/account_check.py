"""Asking the bank whether an account belongs to this person: name, document, card number and phone together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AccountVerdict(StrEnum):
    """The bank's answer. UNSUPPORTED_* go to a clerk's review instead of a dead end."""

    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    NAME_DIFFERS = "name_differs"
    NAME_UNCLEAR = "name_unclear"
    DOCUMENT_DIFFERS = "document_differs"
    CARD_INVALID = "card_invalid"
    PHONE_DIFFERS = "phone_differs"
    NOT_OPEN_ONLINE = "not_open_online"
    NO_ISSUER = "no_issuer"
    DORMANT = "dormant"
    LOST = "lost"
    EXPIRED = "expired"
    RESTRICTED = "restricted"
    CREDIT_CARD = "credit_card"
    UNSUPPORTED_ISSUER = "unsupported_issuer"
    UNSUPPORTED_DOCUMENT = "unsupported_document"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """`card_number` is digits only, `phone` is E.164; `request_id` is ours and makes the question idempotent."""

    request_id: str
    name: str
    document_type: str
    document_number: str
    card_number: str
    bank_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """`reference` is the bank's own number for this answer, kept as evidence."""

    verdict: AccountVerdict
    reference: str


class AccountCheck(Protocol):
    """Raises SeamUnavailable or SeamMisused; every answer, also "no", is an AccountAnswer."""

    def verify(self, question: AccountQuestion) -> AccountAnswer: ...
