"""The face authority of the sandbox."""

from __future__ import annotations

import time
from pathlib import Path

from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.ports.face_authority import FaceAnswer, FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamMisused
from webapp.ports.liveness import Gesture

ALIKE, UNLIKE = 92.0, 31.0
COMPARED = {FaceVerdict.MATCH: ALIKE, FaceVerdict.NO_MATCH: UNLIKE}


class SandboxFaceAuthority:
    """Answers by the serial digits of the ID number, whatever the picture shows; agrees in fair weather."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._sky = Sky("face_authority", folder, slow_seconds=slow_seconds, sleep=sleep)

    def wanted_gestures(self) -> tuple[Gesture, ...]:
        """None: our own are as good in a sandbox."""
        return ()

    def compare(self, question: FaceQuestion) -> FaceAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a question with something missing.

        The similarity (0–100) is None where nothing was compared.
        """
        if not (question.request_id and question.name and question.picture and len(question.id_number) == 18):
            raise SeamMisused("a request id, a name, an 18-character number and a picture are needed")
        verdict = FaceVerdict(self._sky.outcome(question.id_number[14:17], question.request_id) or FaceVerdict.MATCH)
        return FaceAnswer(verdict, self._sky.reference(question.request_id), COMPARED.get(verdict))
