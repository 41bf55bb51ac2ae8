"""The immigration authority of the sandbox."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.weather import SLOW, UNAVAILABLE, Sleep, endure, outcome_of
from webapp.ports.failures import SeamMisused
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict

CLEARS_AFTER = 3


class SandboxImmigration:
    """Answers by the last two digits of the number; 95 and 96 clear up at the third ask of the same request."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._memory, self._slow, self._sleep = SandboxMemory(folder), slow_seconds, sleep

    def ask(self, question: ImmigrationQuestion) -> ImmigrationAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for an empty question."""
        if not (question.name and question.number and len(question.nationality) == 3):
            raise SeamMisused("name, number and nationality are needed")
        digits = re.sub(r"[^0-9]", "", question.number)[-2:]
        outcome = outcome_of("immigration", digits)
        if digits in ("95", "96") and self._memory.count("immigration", question.request_id) >= CLEARS_AFTER:
            outcome = None
        endure(outcome, slow_seconds=self._slow, sleep=self._sleep)
        verdict = ImmigrationVerdict.AGREED if outcome in (None, SLOW, UNAVAILABLE) else ImmigrationVerdict(outcome)
        return ImmigrationAnswer(verdict, "SBX-I-" + hashlib.sha256(question.request_id.encode()).hexdigest()[:12])
