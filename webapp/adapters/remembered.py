"""For parties that have no request ids: the same question is answered from what we were told the first time.

What can't be helped: a crash between the party's answer and our note of it lets the question be asked a second time.
For a check that costs one of the day's tries, for an SMS that arrives twice; neither does harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from webapp.ports.account_check import AccountAnswer, AccountCheck, AccountQuestion, AccountVerdict
from webapp.ports.face_authority import FaceAnswer, FaceAuthority, FaceQuestion, FaceVerdict
from webapp.ports.liveness import Gesture
from webapp.ports.sms_gateway import SmsAnswer, SmsGateway, SmsQuestion, SmsVerdict


class Ledger(Protocol):
    """Where answers are kept; each is verdict, reference and similarity."""

    def recall(self, seam: str, request_id: str) -> Mapping[str, Any] | None: ...

    def keep(self, seam: str, request_id: str, answer: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]: ...


class _Memory:
    def __init__(self, seam: str, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._seam, self._ledger, self._now = seam, ledger, now

    def answer(self, request_id: str, ask: Callable[[], Any]) -> Mapping[str, Any]:
        known = self._ledger.recall(self._seam, request_id) if request_id else None
        if known is not None:
            return known
        told = ask()
        similarity = getattr(told, "similarity", None)
        row = {"verdict": str(told.verdict), "reference": told.reference, "similarity": similarity}
        return self._ledger.keep(self._seam, request_id, row, now=self._now())


class RememberedFaceAuthority:
    """A face authority that is asked once per request."""

    def __init__(self, authority: FaceAuthority, ledger: Ledger, *, now: Callable[[], datetime]) -> None:
        self._authority, self._memory = authority, _Memory("face_authority", ledger, now)

    def wanted_gestures(self) -> tuple[Gesture, ...]:
        """As the authority: each film has its own."""
        return self._authority.wanted_gestures()

    def compare(self, question: FaceQuestion) -> FaceAnswer:
        """As the authority; see its port."""
        told = self._memory.answer(question.request_id, lambda: self._authority.compare(question))
        return FaceAnswer(FaceVerdict(told["verdict"]), told["reference"], told["similarity"])


class RememberedAccountCheck:
    """A bank that is asked once per request."""

    def __init__(self, bank: AccountCheck, ledger: Ledger, *, now: Callable[[], datetime]) -> None:
        self._bank, self._memory = bank, _Memory("account_check", ledger, now)

    def verify(self, question: AccountQuestion) -> AccountAnswer:
        """As the bank; see its port."""
        told = self._memory.answer(question.request_id, lambda: self._bank.verify(question))
        return AccountAnswer(AccountVerdict(told["verdict"]), told["reference"])


class RememberedSms:
    """A gateway that is given each key once."""

    def __init__(self, gateway: SmsGateway, ledger: Ledger, *, now: Callable[[], datetime]) -> None:
        self._gateway, self._memory = gateway, _Memory("sms", ledger, now)

    def send(self, question: SmsQuestion) -> SmsAnswer:
        """As the gateway; see its port."""
        told = self._memory.answer(question.key, lambda: self._gateway.send(question))
        return SmsAnswer(SmsVerdict(told["verdict"]), told["reference"])
