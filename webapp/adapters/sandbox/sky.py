"""The weather over one sandbox: looks a question up in the table, and lets it be slow, fail or clear up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.weather import SLOW, UNAVAILABLE, row_for
from webapp.ports.failures import SeamUnavailable

Sleep = Callable[[float], None]


class Sky:
    """Weather of one port. `folder` keeps what was asked how often; `sleep` takes seconds."""

    def __init__(self, port: str, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._port, self._memory = port, SandboxMemory(folder)
        self._slow_seconds, self._sleep = slow_seconds, sleep

    def outcome(self, digits: str, request: str) -> str | None:
        """The verdict that the table holds for these digits, or None in fair weather.

        Waits in slow weather; raises SeamUnavailable in a storm.
        """
        row = row_for(self._port, digits)
        if row is None or self._cleared(row.lasts, request):
            return None
        if row.outcome == UNAVAILABLE:
            raise SeamUnavailable("sandbox weather")
        if row.outcome == SLOW:
            self._sleep(self._slow_seconds)
            return None
        return row.outcome

    def reference(self, request: str) -> str:
        """The other side's own number for its answer: the same for the same request."""
        digest = hashlib.sha256(f"{self._port}:{request}".encode()).hexdigest()[:12]
        return f"SBX-{self._port[0].upper()}-{digest}"

    def _cleared(self, lasts: int, request: str) -> bool:
        return lasts > 0 and self._memory.count(self._port, request) > lasts
