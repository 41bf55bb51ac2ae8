"""Sending one text message."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """What became of the message of this `reference`. `fault` is permanent, temporary or unknown; only where not delivered."""

    reference: str
    delivered: bool
    fault: str = "unknown"


class ReceiptSource(Protocol):
    """A gateway that is asked for its receipts; others send them by themselves. Raises as the gateway."""

    def fetch(self) -> Sequence[SmsReceipt]: ...


class SmsGateway(Protocol):
    """Raises SeamUnavailable (try again) or SeamMisused (our defect)."""

    def send(self, question: SmsQuestion) -> SmsAnswer: ...
