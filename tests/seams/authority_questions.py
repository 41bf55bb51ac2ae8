"""Questions to the stand-in, by the published table; and what a party's adapter must survive."""

from __future__ import annotations

from tests.seams.test_sandbox_seams import HE, account, example, face, sms, traveller
from webapp.adapters.sandbox.weather import UNAVAILABLE
from webapp.core.ids import new_id
from webapp.ports.account_check import AccountQuestion, AccountVerdict
from webapp.ports.face_authority import FaceQuestion, FaceVerdict
from webapp.ports.immigration_authority import ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.sms_gateway import SmsQuestion, SmsVerdict

__all__ = ["FACES", "HE", "MESSAGES", "STORMS", "TRAVELLERS", "accounts", "new_id"]

MESSAGES: dict[SmsVerdict, SmsQuestion] = {
    SmsVerdict.ACCEPTED: sms("k1", "10000000001"),
    SmsVerdict.REFUSED: sms("k2", example("sms", SmsVerdict.REFUSED)),
}
FACES: dict[FaceVerdict, FaceQuestion] = {
    FaceVerdict.MATCH: face(HE.number),
    **{verdict: face(example("face_authority", verdict)) for verdict in FaceVerdict if verdict != FaceVerdict.MATCH},
}
TRAVELLERS: dict[ImmigrationVerdict, ImmigrationQuestion] = {
    ImmigrationVerdict.AGREED: traveller("H12345678"),
    **{
        verdict: traveller(example("immigration", verdict))
        for verdict in ImmigrationVerdict
        if verdict != ImmigrationVerdict.AGREED
    },
}
UNSAID = frozenset({AccountVerdict.CREDIT_CARD})


def accounts() -> dict[AccountVerdict, AccountQuestion]:
    """An account for each verdict that Tencent can say."""
    said = set(AccountVerdict) - UNSAID - {AccountVerdict.AGREED, AccountVerdict.UNSUPPORTED_DOCUMENT}
    return {
        **{verdict: account(example("account_check", verdict)) for verdict in said},
        AccountVerdict.AGREED: account(HE.card),
        AccountVerdict.UNSUPPORTED_DOCUMENT: account("6299990000000000046", "hk_macao_permit"),
    }


class STORMS:
    """A question of each port that the other side is too ill to answer."""

    sms = sms("k3", example("sms", UNAVAILABLE))
    face = face(example("face_authority", UNAVAILABLE))
    traveller = traveller(example("immigration", UNAVAILABLE))
    account = account(example("account_check", UNAVAILABLE))
