"""What every adapter of a port must do, sandbox or real: one class a port, to be inherited by the adapter's tests.

A subclass gives the adapter as the fixture `seam`, and the questions which that adapter (or the stand-in server behind
it) answers in each way. "No" is an answer; SeamUnavailable and SeamMisused are the only two exceptions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from webapp.ports.account_check import AccountAnswer, AccountCheck, AccountQuestion, AccountVerdict
from webapp.ports.face_authority import FaceAnswer, FaceAuthority, FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamMisused, SeamUnavailable
from webapp.ports.immigration_authority import (
    ImmigrationAnswer,
    ImmigrationAuthority,
    ImmigrationQuestion,
    ImmigrationVerdict,
)
from webapp.ports.object_store import ObjectStore
from webapp.ports.push_gateway import PushGateway, PushQuestion, PushVerdict
from webapp.ports.sms_gateway import SmsAnswer, SmsGateway, SmsQuestion, SmsVerdict
from webapp.ports.wechat import MessageVerdict, PhoneAnswer, PhoneVerdict, WeChat


class SmsGatewayContract:
    """`questions` has a message for each verdict, `storm` one that the gateway is too ill to take."""

    questions: ClassVar[dict[SmsVerdict, SmsQuestion]]
    storm: SmsQuestion

    def delivered(self, seam: SmsGateway, key: str) -> int:
        """How many messages of this key reached their phone."""
        raise NotImplementedError

    def test_every_verdict_can_happen(self, seam: SmsGateway) -> None:
        assert {wanted: seam.send(asked).verdict for wanted, asked in self.questions.items()} == {
            verdict: verdict for verdict in SmsVerdict
        }

    def test_an_answer_names_its_message(self, seam: SmsGateway) -> None:
        answer = seam.send(self.questions[SmsVerdict.ACCEPTED])
        assert isinstance(answer, SmsAnswer)
        assert answer.reference

    def test_a_message_sent_twice_with_one_key_reaches_the_phone_once(self, seam: SmsGateway) -> None:
        message = self.questions[SmsVerdict.ACCEPTED]
        assert seam.send(message).verdict == seam.send(message).verdict == SmsVerdict.ACCEPTED
        assert self.delivered(seam, message.key) == 1

    def test_a_refused_message_reaches_nobody(self, seam: SmsGateway) -> None:
        message = self.questions[SmsVerdict.REFUSED]
        seam.send(message)
        assert self.delivered(seam, message.key) == 0

    def test_an_ill_gateway_says_try_again(self, seam: SmsGateway) -> None:
        with pytest.raises(SeamUnavailable):
            seam.send(self.storm)

    @pytest.mark.parametrize("gap", ["phone", "body", "key"])
    def test_a_message_with_something_missing_is_our_defect(self, seam: SmsGateway, gap: str) -> None:
        with pytest.raises(SeamMisused):
            seam.send(replace(self.questions[SmsVerdict.ACCEPTED], **{gap: ""}))


class PushGatewayContract:
    """`questions` has a message for each verdict, `storm` one that the service is too ill to take."""

    questions: ClassVar[dict[PushVerdict, PushQuestion]]
    storm: PushQuestion

    def test_every_verdict_can_happen(self, seam: PushGateway) -> None:
        assert {wanted: seam.send(asked).verdict for wanted, asked in self.questions.items()} == {
            verdict: verdict for verdict in PushVerdict
        }

    def test_an_answer_names_its_message(self, seam: PushGateway) -> None:
        assert seam.send(self.questions[PushVerdict.ACCEPTED]).reference

    def test_an_ill_service_says_try_again(self, seam: PushGateway) -> None:
        with pytest.raises(SeamUnavailable):
            seam.send(self.storm)


class FaceAuthorityContract:
    """`questions` has a person for each verdict, `storm` one whom the authority is too ill to look up."""

    questions: ClassVar[dict[FaceVerdict, FaceQuestion]]
    storm: FaceQuestion

    def test_every_verdict_can_happen(self, seam: FaceAuthority) -> None:
        assert {wanted: seam.compare(asked).verdict for wanted, asked in self.questions.items()} == {
            verdict: verdict for verdict in FaceVerdict
        }

    def test_the_same_request_gets_the_same_answer(self, seam: FaceAuthority) -> None:
        question = self.questions[FaceVerdict.NO_MATCH]
        answer = seam.compare(question)
        assert isinstance(answer, FaceAnswer)
        assert answer.reference
        assert seam.compare(question) == answer

    def test_only_a_real_comparison_has_a_similarity(self, seam: FaceAuthority) -> None:
        match = seam.compare(self.questions[FaceVerdict.MATCH]).similarity
        other = seam.compare(self.questions[FaceVerdict.NO_MATCH]).similarity
        assert match is not None
        assert other is not None
        assert match > other
        assert seam.compare(self.questions[FaceVerdict.NO_RECORD]).similarity is None

    def test_an_ill_authority_says_try_again(self, seam: FaceAuthority) -> None:
        with pytest.raises(SeamUnavailable):
            seam.compare(self.storm)

    @pytest.mark.parametrize("gap", [{"name": ""}, {"id_number": "440301"}, {"picture": b""}, {"request_id": ""}])
    def test_a_question_with_something_missing_is_our_defect(self, seam: FaceAuthority, gap: dict[str, str]) -> None:
        with pytest.raises(SeamMisused):
            seam.compare(replace(self.questions[FaceVerdict.MATCH], **gap))  # type: ignore[arg-type]  # of each its own


class ImmigrationAuthorityContract:
    """`questions` has a traveller for each verdict; PENDING's gets AGREED when asked often enough."""

    questions: ClassVar[dict[ImmigrationVerdict, ImmigrationQuestion]]
    storm: ImmigrationQuestion
    most_asks: int = 10

    def test_every_verdict_can_happen(self, seam: ImmigrationAuthority) -> None:
        assert {wanted: seam.ask(asked).verdict for wanted, asked in self.questions.items()} == {
            verdict: verdict for verdict in ImmigrationVerdict
        }

    def test_a_pending_traveller_is_decided_when_asked_again_with_the_same_request(
        self, seam: ImmigrationAuthority
    ) -> None:
        question = self.questions[ImmigrationVerdict.PENDING]
        answers = [seam.ask(question).verdict for _ in range(self.most_asks)]
        assert answers[0] is ImmigrationVerdict.PENDING
        assert answers[-1] is ImmigrationVerdict.AGREED

    def test_the_same_request_gets_the_same_answer(self, seam: ImmigrationAuthority) -> None:
        question = self.questions[ImmigrationVerdict.NAME_DIFFERS]
        answer = seam.ask(question)
        assert isinstance(answer, ImmigrationAnswer)
        assert answer.reference
        assert seam.ask(question) == answer

    def test_an_ill_authority_says_try_again(self, seam: ImmigrationAuthority) -> None:
        with pytest.raises(SeamUnavailable):
            seam.ask(self.storm)

    @pytest.mark.parametrize("gap", ["name", "number", "nationality", "request_id"])
    def test_a_question_with_something_missing_is_our_defect(self, seam: ImmigrationAuthority, gap: str) -> None:
        with pytest.raises(SeamMisused):
            seam.ask(replace(self.questions[ImmigrationVerdict.AGREED], **{gap: ""}))


class AccountCheckContract:
    """`questions` has an account for each verdict but the `unsaid`, `storm` one that the bank is too ill to look up.

    `unsaid` are the verdicts for which the party's interface has no code.
    """

    unsaid: ClassVar[frozenset[AccountVerdict]] = frozenset()
    questions: ClassVar[dict[AccountVerdict, AccountQuestion]]
    storm: AccountQuestion

    def test_every_verdict_can_happen(self, seam: AccountCheck) -> None:
        assert {wanted: seam.verify(asked).verdict for wanted, asked in self.questions.items()} == {
            verdict: verdict for verdict in AccountVerdict if verdict not in self.unsaid
        }

    def test_the_same_request_gets_the_same_answer(self, seam: AccountCheck) -> None:
        question = self.questions[AccountVerdict.NOT_AGREED]
        answer = seam.verify(question)
        assert isinstance(answer, AccountAnswer)
        assert answer.reference
        assert seam.verify(question) == answer

    def test_two_requests_have_two_references(self, seam: AccountCheck) -> None:
        first = self.questions[AccountVerdict.AGREED]
        second = replace(first, request_id=first.request_id + "-again")
        assert seam.verify(first).reference != seam.verify(second).reference

    def test_an_ill_bank_says_try_again(self, seam: AccountCheck) -> None:
        with pytest.raises(SeamUnavailable):
            seam.verify(self.storm)

    @pytest.mark.parametrize("gap", ["name", "document_number", "card_number", "request_id"])
    def test_a_question_with_something_missing_is_our_defect(self, seam: AccountCheck, gap: str) -> None:
        with pytest.raises(SeamMisused):
            seam.verify(replace(self.questions[AccountVerdict.AGREED], **{gap: ""}))


class WeChatContract:
    """Codes are `code-PHONE` and `login-USER`; `storm` is a deed that WeChat is too ill for."""

    def storm(self, seam: WeChat) -> object:
        """Asks while it is ill."""
        raise NotImplementedError

    def test_a_code_tells_its_phone_once(self, seam: WeChat) -> None:
        assert seam.phone("code-13800000001") == PhoneAnswer(PhoneVerdict.TOLD, "+8613800000001")
        assert seam.phone("code-13800000001").verdict is PhoneVerdict.CODE_USED
        assert seam.phone("nonsense").verdict is PhoneVerdict.CODE_USED

    def test_a_login_tells_its_user_once(self, seam: WeChat) -> None:
        assert seam.openid("login-somebody") == "somebody"
        assert seam.openid("login-somebody") == ""
        assert seam.openid("nonsense") == ""

    def test_a_user_who_wants_no_messages_is_an_answer(self, seam: WeChat) -> None:
        assert seam.notify("somebody", "t", {"thing1": "x"}) is MessageVerdict.ACCEPTED
        assert seam.notify("refuses", "t", {"thing1": "x"}) is MessageVerdict.REFUSED

    def test_two_pages_have_two_signatures(self, seam: WeChat) -> None:
        signed = [seam.sign_page(f"https://court.example/{n}") for n in range(2)]
        assert signed[0].signature != signed[1].signature
        assert all(one.app_id and one.nonce and one.timestamp for one in signed)

    def test_an_ill_wechat_says_try_again(self, seam: WeChat) -> None:
        with pytest.raises(SeamUnavailable):
            self.storm(seam)

    def test_a_question_with_something_missing_is_our_defect(self, seam: WeChat) -> None:
        for deed in (lambda: seam.phone(""), lambda: seam.openid(""), lambda: seam.notify("", "t", {})):
            with pytest.raises(SeamMisused):
                deed()


class ObjectStoreContract:
    """A store keeps bytes under names, and nothing else."""

    def test_what_was_put_comes_back_to_the_byte(self, seam: ObjectStore) -> None:
        every_byte = bytes(range(256)) * 5000
        seam.put("photos/202611/Ab-9_z", every_byte)
        assert seam.get("photos/202611/Ab-9_z") == every_byte

    def test_an_empty_file_is_a_file(self, seam: ObjectStore) -> None:
        seam.put("letters/empty", b"")
        assert seam.get("letters/empty") == b""

    def test_putting_again_replaces(self, seam: ObjectStore) -> None:
        seam.put("letters/a.pdf", b"the first version, which is longer")
        seam.put("letters/a.pdf", b"the second")
        assert seam.get("letters/a.pdf") == b"the second"

    @pytest.mark.parametrize("key", ["letters/unknown", "letters", "letters/a/b"])
    def test_an_unknown_key_is_a_key_error(self, seam: ObjectStore, key: str) -> None:
        seam.put("letters/a", b"x")
        with pytest.raises(KeyError):
            seam.get(key)

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, seam: ObjectStore) -> None:
        seam.put("letters/a", b"x")
        seam.delete("letters/a")
        seam.delete("letters/a")
        seam.delete("never/was")
        with pytest.raises(KeyError):
            seam.get("letters/a")

    @pytest.mark.parametrize(
        "key",
        ["", "/etc/passwd", "../out", "a/../../out", "a//b", "a/", "a/.hidden", "a\\b", "名", "a\n", "a b", "a\0"],
    )
    def test_a_name_that_could_lead_out_of_the_store_is_refused(self, seam: ObjectStore, key: str) -> None:
        for deed in (seam.get, seam.delete, lambda k: seam.put(k, b"x")):
            with pytest.raises(ValueError, match="key"):
                deed(key)
