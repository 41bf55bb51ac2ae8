"""Handing one message to the push service of a browser (RFC 8030, 8291, 8292)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PushVerdict(StrEnum):
    """GONE: the browser has taken its subscription back, never ask it again. REFUSED is final for this message."""

    ACCEPTED = "accepted"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PushQuestion:
    """`p256dh` and `auth` are the browser's keys as it gave them (base64url); `payload` is sealed for it alone.

    `key` is ours; a push service keeps only the latest message of one key, so that a repeat replaces and doesn't add.
    """

    key: str
    endpoint: str
    p256dh: str
    auth: str
    payload: bytes
    ttl_seconds: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """`reference` is the address that the service gave the message, or its status."""

    verdict: PushVerdict
    reference: str


class PushGateway(Protocol):
    """Raises SeamUnavailable (try again) or SeamMisused (our keys, our defect)."""

    @property
    def public_key(self) -> str:
        """The application server key that a browser subscribes with (base64url, uncompressed P-256 point)."""
        ...

    def send(self, question: PushQuestion) -> PushAnswer: ...
