"""Sending one e-mail with one file to the address that a payee typed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MailVerdict(StrEnum):
    """REFUSED is final: the address doesn't exist, or its server will not take it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MailQuestion:
    """`key` is ours and becomes the Message-ID, so that a mail which is sent twice arrives as one."""

    key: str
    to: str
    subject: str
    body: str
    file_name: str
    file: bytes


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """`reference` is what the server said, cut short, without the address."""

    verdict: MailVerdict
    reference: str


class MailGateway(Protocol):
    """Raises SeamUnavailable (try again) or SeamMisused (our account, our defect)."""

    def send(self, question: MailQuestion) -> MailAnswer: ...
