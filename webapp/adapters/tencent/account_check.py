"""The bank's answer by Tencent Cloud FaceID, BankCard4EVerification (2018-03-01): name, ID number, card and phone.

Results: https://cloud.tencent.com/document/api/1007/35775. Only resident ID cards can be asked about (CertType 0); for
every other document the answer is known without sending anybody's data away.
"""

from __future__ import annotations

from typing import Any

from tencentcloud.faceid.v20180301.faceid_client import FaceidClient

from webapp.adapters.tencent.api import Refused, TencentAccount, call, failure_of
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble

VERDICTS = {
    "0": AccountVerdict.AGREED,
    "-1": AccountVerdict.NOT_AGREED,
    "-2": AccountVerdict.NAME_UNCLEAR,  # the name has a form that the networks don't take: a person must look
    "-3": AccountVerdict.DOCUMENT_DIFFERS,
    "-4": AccountVerdict.CARD_INVALID,
    "-5": AccountVerdict.PHONE_DIFFERS,
    "-6": AccountVerdict.NAME_DIFFERS,
    "-7": AccountVerdict.NOT_OPEN_ONLINE,
    "-8": AccountVerdict.RESTRICTED,
    "-9": AccountVerdict.CARD_INVALID,
    "-10": AccountVerdict.NO_ISSUER,
    "-11": AccountVerdict.DORMANT,
    "-12": AccountVerdict.RESTRICTED,
    "-13": AccountVerdict.LOST,
    "-14": AccountVerdict.EXPIRED,
    "-15": AccountVerdict.RESTRICTED,
    "-16": AccountVerdict.RESTRICTED,
    "-17": AccountVerdict.UNSUPPORTED_ISSUER,
    "-19": AccountVerdict.LIMIT_REACHED,
    "-20": AccountVerdict.UNSUPPORTED_DOCUMENT,
    "-21": AccountVerdict.RESTRICTED,
}
BUSY = "-18"


class TencentAccountCheck:
    """Has no request ids of ours: to be wrapped in RememberedAccountCheck."""

    def __init__(self, account: TencentAccount) -> None:
        self._client: Any = account.client(FaceidClient)

    def verify(self, question: AccountQuestion) -> AccountAnswer:
        """See the port."""
        if not (question.request_id and question.name and question.document_number and question.card_number.isdigit()):
            raise SeamMisused("a request id, a name, a document and a card number are needed", Trouble.QUESTION)
        if question.document_type != "resident_id":
            return AccountAnswer(AccountVerdict.UNSUPPORTED_DOCUMENT, f"not-asked-{question.request_id}"[:80])
        if not question.phone.startswith("+86"):  # the networks know mainland phones alone: to a clerk
            return AccountAnswer(AccountVerdict.UNSUPPORTED_ISSUER, f"not-asked-{question.request_id}"[:80])
        asked = {
            "Name": question.name,
            "BankCard": question.card_number,
            "Phone": question.phone.removeprefix("+86"),
            "IdCard": question.document_number.upper(),
            "CertType": 0,
        }
        try:
            told = call(self._client, "BankCard4EVerification", asked)
        except Refused as refused:
            raise failure_of(refused.code) from None
        result = str(told.get("Result"))
        if result == BUSY:
            raise SeamUnavailable("the networks are busy", Trouble.BUSY)
        if result not in VERDICTS:
            raise SeamUnavailable("an unknown result", Trouble.NONSENSE)
        return AccountAnswer(VERDICTS[result], told["RequestId"])

    def ping(self) -> None:
        """Raises what stands in the way; asks for something that costs nothing."""
        ping_faceid(self._client)


def ping_faceid(client: Any) -> None:
    """GetActionSequence is free and asks about nobody."""
    try:
        call(client, "GetActionSequence", {})
    except Refused as refused:
        raise failure_of(refused.code) from None
