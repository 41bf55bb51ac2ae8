"""Sending one text message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SmsVerdict(StrEnum):
    """REFUSED is final (a number that can't take SMS, a blocked template); a retry would not help."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SmsQuestion:
    """`phone` is E.164. `key` is ours: the gateway must not send the same key twice."""

    key: str
    phone: str
    signature: str
    body: str


@dataclass(frozen=True, slots=True)
class SmsAnswer:
    """`reference` is the gateway's serial number."""

    verdict: SmsVerdict
    reference: str


class SmsGateway(Protocol):
    """Raises SeamUnavailable (try again) or SeamMisused (our defect)."""

    def send(self, question: SmsQuestion) -> SmsAnswer: ...
