"""The bank of the sandbox."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from webapp.adapters.sandbox.weather import SLOW, Sleep, endure, outcome_of
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.failures import SeamMisused


class SandboxAccountCheck:
    """Answers by the four digits before the card's check digit; like real banks it knows resident ID cards alone."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._folder, self._slow, self._sleep = folder, slow_seconds, sleep

    def verify(self, question: AccountQuestion) -> AccountAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for an empty question."""
        if not (question.name and question.document_number and question.card_number.isdigit()):
            raise SeamMisused("name, document number and card number are needed")
        outcome = outcome_of("account_check", question.card_number[-5:-1])
        endure(outcome, slow_seconds=self._slow, sleep=self._sleep)
        verdict = AccountVerdict.AGREED if outcome in (None, SLOW) else AccountVerdict(outcome)
        if verdict is AccountVerdict.AGREED and question.document_type != "resident_id":
            verdict = AccountVerdict.UNSUPPORTED_DOCUMENT
        return AccountAnswer(verdict, "SBX-B-" + hashlib.sha256(question.request_id.encode()).hexdigest()[:12])
