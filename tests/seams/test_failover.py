"""Two SMS providers: the second is asked only where the first surely has not taken the message, and then for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from tests.seams.contracts import SmsGatewayContract
from tests.seams.test_real_seams import DictLedger
from webapp.adapters.failover import SURELY_NOT_TAKEN, FailoverSms
from webapp.ports.failures import SeamFailure, SeamMisused, SeamUnavailable, Trouble
from webapp.ports.sms_gateway import SmsAnswer, SmsGateway, SmsQuestion, SmsVerdict

MESSAGE = SmsQuestion("k1", "+8610000000001", "法院", "您好")


class Provider:
    """Takes what it is given, unless `trouble` says otherwise; `taken_before_it_fails` loses the answer alone."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.trouble: SeamFailure | None = None
        self.taken_before_it_fails = False

    def send(self, question: SmsQuestion) -> SmsAnswer:
        if not (question.phone and question.body and question.key):
            raise SeamMisused("incomplete", Trouble.QUESTION)
        if self.trouble is not None and not self.taken_before_it_fails:
            raise self.trouble
        if question.phone.endswith("97"):
            return SmsAnswer(SmsVerdict.REFUSED, "r")
        if question.key not in self.taken:
            self.taken.append(question.key)
        if self.trouble is not None:
            raise self.trouble
        return SmsAnswer(SmsVerdict.ACCEPTED, "r")


@pytest.fixture
def first() -> Provider:
    return Provider()


@pytest.fixture
def second() -> Provider:
    return Provider()


@pytest.fixture
def both(first: Provider, second: Provider) -> FailoverSms:
    return FailoverSms(first, second, DictLedger(), now=lambda: datetime(2026, 11, 23, tzinfo=UTC))


class TestFailoverSms(SmsGatewayContract):
    """Keeps the contract, with its first provider out of order."""

    questions: ClassVar[dict[SmsVerdict, SmsQuestion]] = {
        SmsVerdict.ACCEPTED: MESSAGE,
        SmsVerdict.REFUSED: SmsQuestion("k2", "+8610000000097", "法院", "您好"),
    }
    storm = SmsQuestion("k3", "+8610000000098", "法院", "您好")

    @pytest.fixture(autouse=True)
    def weather(self, first: Provider, second: Provider, request: pytest.FixtureRequest) -> None:
        first.trouble = SeamUnavailable("down", Trouble.UNREACHABLE)
        self.second = second
        if "ill" in request.node.name:
            second.trouble = SeamUnavailable("down too", Trouble.UNREACHABLE)

    @pytest.fixture
    def seam(self, both: FailoverSms) -> SmsGateway:
        return both

    def delivered(self, seam: object, key: str) -> int:
        return self.second.taken.count(key)


@pytest.mark.parametrize("trouble", sorted(SURELY_NOT_TAKEN), ids=str)
def test_a_provider_that_surely_took_nothing_is_stood_in_for(
    both: FailoverSms, first: Provider, second: Provider, trouble: Trouble
) -> None:
    first.trouble = SeamUnavailable("out of order", trouble)
    assert both.send(MESSAGE).verdict is SmsVerdict.ACCEPTED
    assert (first.taken, second.taken) == ([], ["k1"])


@pytest.mark.parametrize("trouble", [Trouble.TIMEOUT, Trouble.CUT_OFF, Trouble.NONSENSE, Trouble.SERVER, Trouble.OTHER])
def test_what_the_first_may_have_sent_is_never_given_to_the_second(
    both: FailoverSms, first: Provider, second: Provider, trouble: Trouble
) -> None:
    first.trouble, first.taken_before_it_fails = SeamUnavailable("no answer", trouble), True
    with pytest.raises(SeamUnavailable):
        both.send(MESSAGE)
    first.trouble, first.taken_before_it_fails = SeamUnavailable("known to be down", Trouble.PAUSED), False
    with pytest.raises(SeamUnavailable):
        both.send(MESSAGE)
    first.trouble = None
    assert both.send(MESSAGE).verdict is SmsVerdict.ACCEPTED
    assert (first.taken, second.taken) == (["k1"], [])


def test_what_the_second_has_taken_stays_with_it_when_the_first_is_back(
    both: FailoverSms, first: Provider, second: Provider
) -> None:
    first.trouble = SeamUnavailable("known to be down", Trouble.PAUSED)
    both.send(MESSAGE)
    first.trouble = None
    both.send(MESSAGE)
    assert (first.taken, second.taken) == ([], ["k1"])


def test_a_question_that_is_our_own_defect_is_not_asked_twice(
    both: FailoverSms, first: Provider, second: Provider
) -> None:
    first.trouble = SeamMisused("no template", Trouble.QUESTION)
    with pytest.raises(SeamMisused):
        both.send(MESSAGE)
    assert second.taken == []
