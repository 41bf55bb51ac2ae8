"""The real adapters against the stand-in server: each keeps its port's contract, in every weather, and in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tencentcloud.faceid.v20180301 import errorcodes

from tests.seams.authority_questions import FACES, MESSAGES, STORMS, TRAVELLERS, UNSAID, accounts
from tests.seams.contracts import (
    AccountCheckContract,
    FaceAuthorityContract,
    ImmigrationAuthorityContract,
    SmsGatewayContract,
    WeChatContract,
)
from tests.seams.test_sandbox_seams import HE, account, face, sms, traveller
from tools.authority import parties
from tools.authority.server import Authority
from tools.authority.weather import Weather
from webapp.adapters.guard import Breaker, guarded
from webapp.adapters.http.signed import SignedParty
from webapp.adapters.immigration.authority import SignedImmigration
from webapp.adapters.remembered import RememberedAccountCheck, RememberedFaceAuthority, RememberedSms
from webapp.adapters.sandbox.wechat import SandboxWeChat
from webapp.adapters.tencent.account_check import TencentAccountCheck
from webapp.adapters.tencent.api import TencentAccount, failure_of
from webapp.adapters.tencent.face_authority import DOWN, VERDICTS, TencentFaceAuthority
from webapp.adapters.tencent.sms import Template, TencentSms, fault_of
from webapp.adapters.webhook.sms import WebhookSms
from webapp.adapters.wechat.official import OfficialWeChat, page_signature
from webapp.ports.account_check import AccountQuestion, AccountVerdict
from webapp.ports.face_authority import FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamFailure, SeamMisused, SeamUnavailable, Trouble
from webapp.ports.immigration_authority import ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.liveness import Gesture
from webapp.ports.sms_gateway import SmsQuestion, SmsVerdict
from webapp.ports.wechat import WeChat

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
BUDGET = 0.8
TEMPLATES = (
    Template("1", "验证码 {1}"),
    Template("2", "您好{1}，案件{2}有新进展。"),
    Template("3", "code {1}", abroad=True),
)


class DictLedger:
    """Answers in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Mapping[str, Any]] = {}

    def recall(self, seam: str, request_id: str) -> Mapping[str, Any] | None:
        return self.rows.get((seam, request_id))

    def keep(self, seam: str, request_id: str, answer: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
        return self.rows.setdefault((seam, request_id), answer)


class SilentJournal:
    def note(self, *args: object, **kwargs: object) -> None: ...


@pytest.fixture
def authority() -> Iterator[Authority]:
    with Authority(slow_seconds=3 * BUDGET) as running:
        yield running


def now() -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC)


def party(authority: Authority, **changed: Any) -> SignedParty:
    return SignedParty(authority.url, **{"app": parties.APP, "secret": parties.SECRET, "seconds": BUDGET, **changed})


def tencent(authority: Authority, **changed: Any) -> TencentAccount:
    plain = TencentAccount(parties.APP, parties.SECRET, endpoint=authority.url, seconds=BUDGET)
    return replace(plain, **changed)


def in_time(seam: Any) -> Any:
    """As wired, but with a journal that writes nothing and a breaker that stays closed."""
    return guarded(seam, breaker=Breaker(failures=99), journal=SilentJournal(), budget=BUDGET)  # type: ignore[arg-type]


class TestSignedImmigration(ImmigrationAuthorityContract):
    """Keeps the contract."""

    questions: ClassVar[dict[ImmigrationVerdict, ImmigrationQuestion]] = TRAVELLERS
    storm = STORMS.traveller

    @pytest.fixture
    def seam(self, authority: Authority) -> SignedImmigration:
        return in_time(SignedImmigration(party(authority)))  # type: ignore[no-any-return]


class TestWebhookSms(SmsGatewayContract):
    """Keeps the contract."""

    questions: ClassVar[dict[SmsVerdict, SmsQuestion]] = MESSAGES
    storm = STORMS.sms

    @pytest.fixture(autouse=True)
    def server(self, authority: Authority) -> Authority:
        self.authority = authority
        return authority

    @pytest.fixture
    def seam(self, authority: Authority) -> WebhookSms:
        return in_time(WebhookSms(party(authority)))  # type: ignore[no-any-return]

    def delivered(self, seam: object, key: str) -> int:
        return sum(name.partition("#")[0] == key for name in self.authority.memory.messages)


class TestTencentSms(TestWebhookSms):
    """Keeps the contract, with our memory in front, as it is wired."""

    @pytest.fixture
    def seam(self, authority: Authority) -> RememberedSms:
        bare = TencentSms(tencent(authority), app_id="1400", templates=TEMPLATES)
        return RememberedSms(in_time(bare), DictLedger(), now=now)


class TestTencentFaceAuthority(FaceAuthorityContract):
    """Keeps the contract."""

    questions: ClassVar[dict[FaceVerdict, FaceQuestion]] = FACES
    storm = STORMS.face

    @pytest.fixture
    def seam(self, authority: Authority) -> RememberedFaceAuthority:
        return RememberedFaceAuthority(in_time(TencentFaceAuthority(tencent(authority))), DictLedger(), now=now)


class TestTencentAccountCheck(AccountCheckContract):
    """Keeps the contract; Tencent's interface has no code for a credit card."""

    unsaid = UNSAID
    questions: ClassVar[dict[AccountVerdict, AccountQuestion]] = accounts()
    storm = STORMS.account

    @pytest.fixture
    def seam(self, authority: Authority) -> RememberedAccountCheck:
        return RememberedAccountCheck(in_time(TencentAccountCheck(tencent(authority))), DictLedger(), now=now)


class TestOfficialWeChat(WeChatContract):
    """Keeps the contract."""

    @pytest.fixture
    def seam(self, authority: Authority) -> WeChat:
        self.authority = authority
        wechat = OfficialWeChat(authority.url, app_id=parties.APP, secret=parties.SECRET, seconds=BUDGET)
        return in_time(wechat)  # type: ignore[no-any-return]

    def storm(self, seam: WeChat) -> object:
        self.authority.weather = Weather.BROKEN
        return seam.phone("code-13800000001")


class TestSandboxWeChat(WeChatContract):
    """Keeps the contract."""

    @pytest.fixture
    def seam(self, tmp_path: Path) -> WeChat:
        return SandboxWeChat(tmp_path)

    def storm(self, seam: WeChat) -> object:
        return seam.phone("code-13800000098")


Ask = Callable[[], object]


def asks(authority: Authority) -> dict[str, Ask]:
    """One good question to each party."""
    wechat = OfficialWeChat(authority.url, app_id=parties.APP, secret=parties.SECRET, seconds=BUDGET)
    return {
        "immigration": lambda: in_time(SignedImmigration(party(authority))).ask(traveller("H12345678")),
        "webhook": lambda: in_time(WebhookSms(party(authority))).send(sms("k1", "10000000001")),
        "sms": lambda: in_time(TencentSms(tencent(authority), app_id="1", templates=TEMPLATES)).send(
            sms("k1", "10000000001")
        ),
        "face": lambda: in_time(TencentFaceAuthority(tencent(authority))).compare(face(HE.number)),
        "bank": lambda: in_time(TencentAccountCheck(tencent(authority))).verify(account(HE.card)),
        "wechat": lambda: in_time(wechat).phone("code-13800000000"),
    }


PARTIES = ("immigration", "webhook", "sms", "face", "bank", "wechat")
FOUL = {
    Weather.SLOW: {Trouble.TIMEOUT},
    Weather.TRICKLE: {Trouble.TIMEOUT},
    Weather.CUT_OFF: {Trouble.CUT_OFF},
    Weather.RESET: {Trouble.CUT_OFF},
    Weather.MALFORMED: {Trouble.NONSENSE},
    Weather.WRONG_SHAPE: {Trouble.NONSENSE},
    Weather.RATE_LIMITED: {Trouble.BUSY},
    Weather.BROKEN: {Trouble.SERVER},
}


@pytest.mark.parametrize("weather", FOUL, ids=str)
@pytest.mark.parametrize("name", PARTIES)
def test_in_foul_weather_a_party_is_unavailable_and_nobody_waits_longer_than_the_budget(
    authority: Authority, name: str, weather: Weather
) -> None:
    ask = asks(authority)[name]
    authority.weather = weather
    started = time.monotonic()
    with pytest.raises(SeamUnavailable) as caught:
        ask()
    assert time.monotonic() - started < BUDGET + 1.0
    assert caught.value.trouble in FOUL[weather]


@pytest.mark.parametrize("name", ["immigration", "webhook"])
@pytest.mark.parametrize("weather", [Weather.WRONG_ANSWER, Weather.FORGED, Weather.HUGE])
def test_an_answer_that_is_not_for_us_is_never_believed(authority: Authority, name: str, weather: Weather) -> None:
    authority.weather = weather
    with pytest.raises(SeamUnavailable) as caught:
        asks(authority)[name]()
    assert caught.value.trouble is Trouble.NONSENSE


@pytest.mark.parametrize("name", ["immigration", "webhook", "wechat"])
def test_a_redirect_is_not_followed(authority: Authority, name: str) -> None:
    authority.weather = Weather.REDIRECT
    with pytest.raises(SeamFailure):
        asks(authority)[name]()
    assert "/elsewhere" not in authority.memory.calls


@pytest.mark.parametrize("name", ["immigration", "webhook", "sms", "face", "bank"])
def test_a_clock_that_is_wrong_is_told_as_such(authority: Authority, name: str) -> None:
    authority.weather = Weather.CLOCK_SKEW
    with pytest.raises(SeamMisused) as caught:
        asks(authority)[name]()
    assert caught.value.trouble is Trouble.CLOCK


def test_a_wrong_secret_is_told_as_such(authority: Authority) -> None:
    wrong = {
        "immigration": SignedImmigration(party(authority, secret="wrong")).ping,
        "bank": TencentAccountCheck(tencent(authority, secret_key="wrong")).ping,
        "wechat": OfficialWeChat(authority.url, app_id=parties.APP, secret="wrong", seconds=BUDGET).ping,
    }
    for name, ping in wrong.items():
        with pytest.raises(SeamMisused) as caught:
            ping()
        assert caught.value.trouble is Trouble.SECRET, name


def test_an_empty_sms_package_is_told_as_such(authority: Authority) -> None:
    with pytest.raises(SeamMisused) as caught:
        TencentSms(tencent(authority), app_id="empty", templates=TEMPLATES).ping()
    assert caught.value.trouble is Trouble.QUOTA


def test_a_secret_never_shows_in_a_failure_or_a_repr(authority: Authority) -> None:
    assert parties.SECRET not in repr(tencent(authority))
    authority.weather = Weather.BROKEN
    for ask in asks(authority).values():
        with pytest.raises(SeamUnavailable) as caught:
            ask()
        assert parties.SECRET not in repr(caught.value)
        assert HE.number not in repr(caught.value)


def test_every_failure_code_of_the_vendors_sdk_has_its_place() -> None:
    """A new release of the SDK with a new code fails here first."""
    codes = {
        value for name, value in vars(errorcodes).items() if name.isupper() and value.startswith("FailedOperation.")
    }
    elsewhere = {
        "ImageNoIdCard",
        "InvalidTokenParameter",
        "OcrFailed",
        "RequestLimitExceeded",
        "StsUnAuthErrError",
        "UnregisteredEid",
    }
    assert {code.partition(".")[2] for code in codes} == set(VERDICTS) | DOWN | elsewhere
    assert not set(VERDICTS) & DOWN


MP4, WEBM = b"\0\0\0\x18ftypmp42 film", b"\x1aE\xdf\xa3 film"


def last_question(authority: Authority) -> dict[str, Any]:
    return dict(authority.memory.questions[-1])


def test_the_authority_draws_the_gestures_and_judges_the_film_for_them(authority: Authority) -> None:
    seam = TencentFaceAuthority(tencent(authority), judges_films=True)
    wanted = seam.wanted_gestures()
    assert set(wanted) == {Gesture.OPEN_MOUTH, Gesture.BLINK}
    asked = replace(face(HE.number), video=MP4, gestures=wanted)
    assert seam.compare(asked).verdict is FaceVerdict.MATCH
    assert last_question(authority)["LivenessType"] == "ACTION"
    assert last_question(authority)["ValidateData"] == "1,2"


def test_gestures_of_our_own_are_judged_silently_and_a_format_it_cannot_read_by_its_still(authority: Authority) -> None:
    seam = TencentFaceAuthority(tencent(authority), judges_films=True)
    seam.compare(replace(face(HE.number), video=MP4, gestures=(Gesture.NOD, Gesture.BLINK)))
    assert last_question(authority)["LivenessType"] == "SILENT"
    seam.compare(replace(face(HE.number), video=WEBM, gestures=(Gesture.OPEN_MOUTH, Gesture.BLINK)))
    assert "ImageBase64" in last_question(authority)


def test_no_film_leaves_the_house_unless_the_court_says_so(authority: Authority) -> None:
    seam = TencentFaceAuthority(tencent(authority))
    assert seam.wanted_gestures() == ()
    seam.compare(replace(face(HE.number), video=MP4))
    assert "VideoBase64" not in last_question(authority)


def test_a_code_that_nobody_knows_is_asked_again() -> None:
    assert isinstance(failure_of("FailedOperation.BrandNew"), SeamUnavailable)
    assert failure_of("UnauthorizedOperation.Arrears").trouble is Trouble.QUOTA


def test_only_a_mainland_phone_and_a_resident_card_leave_the_house(authority: Authority) -> None:
    bank = TencentAccountCheck(tencent(authority))
    assert bank.verify(account(HE.card, "passport")).verdict is AccountVerdict.UNSUPPORTED_DOCUMENT
    assert bank.verify(replace(account(HE.card), phone="+85251234567")).verdict is AccountVerdict.UNSUPPORTED_ISSUER
    assert authority.memory.calls == []


def test_a_text_is_led_back_to_its_registered_template(authority: Authority) -> None:
    gateway = TencentSms(tencent(authority), app_id="1", templates=TEMPLATES)
    asked = replace(sms("k9", "10000000001"), body="您好何志豪，案件（2026）粤03执1号有新进展。")
    assert gateway.send(asked).verdict is SmsVerdict.ACCEPTED
    assert list(authority.memory.messages.values()) == ["何志豪|（2026）粤03执1号"]
    with pytest.raises(SeamMisused):
        gateway.send(replace(asked, body="a text that nobody registered"))


def test_receipts_are_told_once_with_what_is_to_be_done(authority: Authority) -> None:
    gateway = TencentSms(tencent(authority), app_id="1", templates=TEMPLATES)
    sent = {gateway.send(sms(f"k{n}", f"100000000{n}")).reference: n for n in (10, 80, 81)}
    told = {sent[receipt.reference]: (receipt.delivered, receipt.fault) for receipt in gateway.fetch()}
    assert told == {10: (True, "unknown"), 80: (False, "temporary"), 81: (False, "permanent")}
    assert gateway.fetch() == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("空号", "permanent"),
        ("用户停机", "permanent"),
        ("EXPIRED", "temporary"),
        ("用户关机", "temporary"),
        ("MK:0099", "unknown"),
    ],
)
def test_a_carriers_words_say_whether_trying_again_helps(words: str, fault: str) -> None:
    assert fault_of(words) == fault


def test_wechats_token_is_kept(authority: Authority) -> None:
    wechat = OfficialWeChat(authority.url, app_id=parties.APP, secret=parties.SECRET, seconds=BUDGET)
    for n in range(3):
        wechat.phone(f"code-1380000000{n}")
    assert authority.memory.counts["wechat:token"] == 1


def test_the_js_sdks_signature_is_that_of_its_document() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signed = page_signature(ticket, nonce="Wm3WZYTPz0wzccnW", timestamp=1414587457, url="http://mp.weixin.qq.com#top")
    assert signed == "f4d90daf4b3bca3078ab155816175ba34c443a7b"
