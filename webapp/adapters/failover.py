"""A second SMS provider for when the first is surely out of order; a message is never in the hands of both.

A provider that was slow, or broke off, may have sent the message: then it alone is asked again with the same key, and
the message waits for it. Only where it surely has not taken the message does the other get it, for good. (A crash between
the first provider's taking it and our note of that is the one case in which a message can come twice.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from webapp.adapters.remembered import Ledger
from webapp.ports.failures import SeamFailure, Trouble
from webapp.ports.sms_gateway import SmsAnswer, SmsGateway, SmsQuestion

SURELY_NOT_TAKEN = frozenset(
    {
        Trouble.NAME,
        Trouble.UNREACHABLE,
        Trouble.CERTIFICATE,
        Trouble.BUSY,
        Trouble.PAUSED,
        Trouble.CLOCK,
        Trouble.SECRET,
        Trouble.PERMISSION,
        Trouble.QUOTA,
    }
)
SEAM, FIRST, SECOND = "sms_holder", "first", "second"


class FailoverSms:
    """Both gateways must know their keys by themselves, or be wrapped in RememberedSms."""

    def __init__(self, first: SmsGateway, second: SmsGateway, ledger: Ledger, *, now: Callable[[], datetime]) -> None:
        self._first, self._second, self._ledger, self._now = first, second, ledger, now

    def send(self, question: SmsQuestion) -> SmsAnswer:
        """See the port."""
        holder = self._ledger.recall(SEAM, question.key) if question.key else None
        if holder is not None:
            return (self._first if holder["verdict"] == FIRST else self._second).send(question)
        try:
            return self._first.send(question)
        except SeamFailure as failure:
            taken = failure.trouble not in SURELY_NOT_TAKEN
            if not question.key or failure.trouble is Trouble.QUESTION:
                raise
            kept = self._hold(question.key, FIRST if taken else SECOND)
            if kept == FIRST:
                raise
        return self._second.send(question)

    def _hold(self, key: str, who: str) -> str:
        row = {"verdict": who, "reference": who, "similarity": None}
        return str(self._ledger.keep(SEAM, key, row, now=self._now())["verdict"])
