"""Any SMS provider behind the signed webhook of docs/seams.md; delivery receipts come to /callbacks/sms."""

from __future__ import annotations

from webapp.adapters.http.client import text_of
from webapp.adapters.http.signed import SignedParty
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.sms_gateway import SmsAnswer, SmsQuestion, SmsVerdict


class WebhookSms:
    """The provider must not send one key twice."""

    def __init__(self, party: SignedParty) -> None:
        self._party = party

    def send(self, question: SmsQuestion) -> SmsAnswer:
        """See the port."""
        if not (question.phone.startswith("+") and question.body and question.key):
            raise SeamMisused("an E.164 number, a text and a key are needed", Trouble.QUESTION)
        told = self._party.post(
            "/v1/messages",
            {
                "key": question.key,
                "phone": question.phone,
                "signature": question.signature,
                "body": question.body,
            },
        )
        if told.get("key") != question.key:
            raise SeamUnavailable("the answer for another message", Trouble.NONSENSE)
        try:
            verdict = SmsVerdict(text_of(told, "verdict"))
        except ValueError:
            raise SeamUnavailable("an unknown verdict", Trouble.NONSENSE) from None
        return SmsAnswer(verdict, text_of(told, "reference"))

    def ping(self) -> None:
        """Raises what stands in the way."""
        self._party.ping()
