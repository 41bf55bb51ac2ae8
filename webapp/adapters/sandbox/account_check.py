"""The bank of the sandbox."""

from __future__ import annotations

import time
from pathlib import Path

from webapp.adapters.sandbox.sky import Sky, Sleep
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.failures import SeamMisused

KNOWN_DOCUMENT = "resident_id"


class SandboxAccountCheck:
    """Answers by the four digits before the card's check digit; like real banks it knows resident ID cards alone."""

    def __init__(self, folder: Path, *, slow_seconds: float = 8.0, sleep: Sleep = time.sleep) -> None:
        self._sky = Sky("account_check", folder, slow_seconds=slow_seconds, sleep=sleep)

    def verify(self, question: AccountQuestion) -> AccountAnswer:
        """Raises SeamUnavailable in a storm, SeamMisused for a question with something missing."""
        if not (question.request_id and question.name and question.document_number and question.card_number.isdigit()):
            raise SeamMisused("a request id, a name, a document number and a card number are needed")
        outcome = self._sky.outcome(question.card_number[-5:-1], question.request_id)
        verdict = AccountVerdict(outcome) if outcome else _fair(question.document_type)
        return AccountAnswer(verdict, self._sky.reference(question.request_id))


def _fair(document_type: str) -> AccountVerdict:
    return AccountVerdict.AGREED if document_type == KNOWN_DOCUMENT else AccountVerdict.UNSUPPORTED_DOCUMENT
