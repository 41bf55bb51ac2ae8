"""The push service of the sandbox: every message lands on the sandbox page instead of a phone."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.core.clock import system_clock
from webapp.ports.failures import SeamMisused
from webapp.ports.push_gateway import PushAnswer, PushQuestion, PushVerdict

DEMO_PUBLIC_KEY = "BLTdDN0uR2z1ObrIEk0DnWm4R8_xRePoo7WvqanCzrFqhG3PhoXrm9FaBR5ZwSNE3vvkGm887NAFsg5Gh7zs1vo"
"""A point to subscribe with in a demo; nobody keeps its private half, because nothing is sent anywhere."""


@dataclass(frozen=True, slots=True)
class SentPush:
    """One message as the phone would show it."""

    title: str
    body: str
    sent_at: datetime


class SandboxPush:
    """Takes every message once per key; the last two characters of an address are its weather."""

    public_key = DEMO_PUBLIC_KEY

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._memory = SandboxMemory(folder)
        self._sky = Sky("push", folder, slow_seconds=slow_seconds, sleep=sleep)

    def send(self, question: PushQuestion) -> PushAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a message with something missing."""
        if not (question.endpoint and question.payload and question.key):
            raise SeamMisused("an address, a payload and a key are needed")
        verdict = PushVerdict(self._sky.outcome(question.endpoint[-2:], question.key) or PushVerdict.ACCEPTED)
        if verdict is PushVerdict.ACCEPTED:
            self._deliver(question)
        return PushAnswer(verdict, self._sky.reference(question.key))

    def inbox(self, *, most: int = 50) -> list[SentPush]:
        """What was sent, newest first."""
        with self._memory.open() as connection:
            rows = connection.execute(
                "SELECT title, body, sent_at FROM push ORDER BY id DESC LIMIT ?", (most,)
            ).fetchall()
        return [SentPush(title, body, datetime.fromisoformat(at).astimezone(UTC)) for title, body, at in rows]

    def _deliver(self, question: PushQuestion) -> None:
        shown = json.loads(question.payload)
        row = (question.key, shown["title"], shown["body"], system_clock().isoformat())
        with self._memory.open() as connection:
            connection.execute("INSERT OR IGNORE INTO push (key, title, body, sent_at) VALUES (?, ?, ?, ?)", row)
