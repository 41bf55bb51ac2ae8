"""The immigration authority of the sandbox."""

from __future__ import annotations

import re
import time
from pathlib import Path

from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.ports.failures import SeamMisused
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict


class SandboxImmigration:
    """Answers by the last two digits of the number, its letters left out; agrees in fair weather."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._sky = Sky("immigration", folder, slow_seconds=slow_seconds, sleep=sleep)

    def ask(self, question: ImmigrationQuestion) -> ImmigrationAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a question with something missing."""
        if not (question.request_id and question.name and question.number and len(question.nationality) == 3):
            raise SeamMisused("a request id, a name, a number and a nationality are needed")
        digits = re.sub(r"[^0-9]", "", question.number)[-2:]
        verdict = ImmigrationVerdict(self._sky.outcome(digits, question.request_id) or ImmigrationVerdict.AGREED)
        return ImmigrationAnswer(verdict, self._sky.reference(question.request_id))
