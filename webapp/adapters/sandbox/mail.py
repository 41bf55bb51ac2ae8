"""The mail server of the sandbox: every mail lands on the sandbox page, its file left out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.core.clock import system_clock
from webapp.ports.failures import SeamMisused
from webapp.ports.mail_gateway import MailAnswer, MailQuestion, MailVerdict


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail as its reader sees it; `size` is the file's, in bytes."""

    to: str
    subject: str
    body: str
    file_name: str
    size: int
    sent_at: datetime


class SandboxMail:
    """Takes every mail once per key; the last two characters before the @ are its weather."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._memory = SandboxMemory(folder)
        self._sky = Sky("mail", folder, slow_seconds=slow_seconds, sleep=sleep)

    def send(self, question: MailQuestion) -> MailAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a mail with something missing."""
        if not ("@" in question.to and question.subject and question.file and question.key):
            raise SeamMisused("an address, a subject, a file and a key are needed")
        sign = question.to.partition("@")[0][-2:]
        verdict = MailVerdict(self._sky.outcome(sign, question.key) or MailVerdict.ACCEPTED)
        if verdict is MailVerdict.ACCEPTED:
            self._deliver(question)
        return MailAnswer(verdict, self._sky.reference(question.key))

    def inbox(self, *, most: int = 50) -> list[SentMail]:
        """What was sent, newest first."""
        query = "SELECT recipient, subject, body, file_name, size, sent_at FROM mail ORDER BY id DESC LIMIT ?"
        with self._memory.open() as connection:
            rows = connection.execute(query, (most,)).fetchall()
        return [
            SentMail(to, subject, body, name, size, datetime.fromisoformat(at).astimezone(UTC))
            for to, subject, body, name, size, at in rows
        ]

    def _deliver(self, question: MailQuestion) -> None:
        row = (question.key, question.to, question.subject, question.body, question.file_name, len(question.file))
        insert = "INSERT OR IGNORE INTO mail (key, recipient, subject, body, file_name, size, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        with self._memory.open() as connection:
            connection.execute(insert, (*row, system_clock().isoformat()))
