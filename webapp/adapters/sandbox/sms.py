"""The SMS gateway of the sandbox: every message lands in an inbox that the sandbox page shows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.core.clock import system_clock
from webapp.ports.failures import SeamMisused
from webapp.ports.sms_gateway import SmsAnswer, SmsQuestion, SmsVerdict


@dataclass(frozen=True, slots=True)
class SentSms:
    """One message as the phone shows it."""

    phone: str
    text: str
    sent_at: datetime


class SandboxSms:
    """Takes every message once per key; 96 to 99 at a number's end are bad weather."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._memory = SandboxMemory(folder)
        self._sky = Sky("sms", folder, slow_seconds=slow_seconds, sleep=sleep)

    def send(self, question: SmsQuestion) -> SmsAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a message with something missing."""
        if not (question.phone.startswith("+") and question.body and question.key):
            raise SeamMisused("an E.164 number, a text and a key are needed")
        verdict = SmsVerdict(self._sky.outcome(question.phone[-2:], question.key) or SmsVerdict.ACCEPTED)
        if verdict is SmsVerdict.ACCEPTED:
            self._deliver(question)
        return SmsAnswer(verdict, self._sky.reference(question.key))

    def inbox(self, phone: str = "", *, most: int = 50) -> list[SentSms]:
        """What was sent, newest first, to one phone or to all."""
        query = "SELECT phone, signature, body, sent_at FROM sms WHERE ? IN ('', phone) ORDER BY id DESC LIMIT ?"
        with self._memory.open() as connection:
            rows = connection.execute(query, (phone, most)).fetchall()
        return [SentSms(p, f"【{s}】{b}", datetime.fromisoformat(at).astimezone(UTC)) for p, s, b, at in rows]

    def _deliver(self, question: SmsQuestion) -> None:
        row = (question.key, question.phone, question.signature, question.body, system_clock().isoformat())
        with self._memory.open() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO sms (key, phone, signature, body, sent_at) VALUES (?, ?, ?, ?, ?)", row
            )
