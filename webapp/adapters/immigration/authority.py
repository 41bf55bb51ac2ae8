"""The immigration authority by the signed JSON contract of docs/seams.md."""

from __future__ import annotations

import re

from webapp.adapters.http.client import text_of
from webapp.adapters.http.signed import SignedParty
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict

DOCUMENT_CODES = {
    "hk_macao_permit": "01",
    "taiwan_permit": "02",
    "foreign_permanent_resident": "03",
    "overseas_chinese_passport": "04",
}


class SignedImmigration:
    """Asks and polls with the same request: the authority knows it by its id."""

    def __init__(self, party: SignedParty) -> None:
        self._party = party

    def ask(self, question: ImmigrationQuestion) -> ImmigrationAnswer:
        """See the port; PENDING until the authority has decided."""
        code = DOCUMENT_CODES.get(question.document_type)
        whole = question.request_id and question.name and question.number
        if not (code and whole and re.fullmatch(r"[A-Z]{3}", question.nationality)):
            raise SeamMisused("a request id, a name, a number, a type and a nationality are needed", Trouble.QUESTION)
        told = self._party.post(
            "/v1/verifications",
            {
                "request_id": question.request_id,
                "document_type": code,
                "number": question.number,
                "name": question.name,
                "nationality": question.nationality,
            },
        )
        if told.get("request_id") != question.request_id:
            raise SeamUnavailable("the answer to another question", Trouble.NONSENSE)
        try:
            verdict = ImmigrationVerdict(text_of(told, "verdict"))
        except ValueError:
            raise SeamUnavailable("an unknown verdict", Trouble.NONSENSE) from None
        return ImmigrationAnswer(verdict, text_of(told, "reference"))

    def ping(self) -> None:
        """Raises what stands in the way."""
        self._party.ping()
