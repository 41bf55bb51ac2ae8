"""The face authority of the sandbox."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from webapp.adapters.sandbox.weather import SLOW, Sleep, endure, outcome_of
from webapp.ports.face_authority import FaceAnswer, FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamMisused


class SandboxFaceAuthority:
    """Answers by the serial digits of the ID number; agrees in fair weather."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._folder, self._slow, self._sleep = folder, slow_seconds, sleep

    def compare(self, question: FaceQuestion) -> FaceAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for an empty question."""
        if not (question.name and question.picture and len(question.id_number) == 18):
            raise SeamMisused("name, 18-digit number and picture are needed")
        outcome = outcome_of("face_authority", question.id_number[14:17])
        endure(outcome, slow_seconds=self._slow, sleep=self._sleep)
        verdict = FaceVerdict.MATCH if outcome in (None, SLOW) else FaceVerdict(outcome)
        reference = "SBX-F-" + hashlib.sha256(question.request_id.encode()).hexdigest()[:12]
        return FaceAnswer(verdict, reference, 92.0 if verdict is FaceVerdict.MATCH else 31.0)
