"""The sandbox twins: each keeps its port's contract, follows the published table, and its examples are right."""

from __future__ import annotations

import multiprocessing
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from stdnum import luhn

from tests.seams.contracts import (
    AccountCheckContract,
    FaceAuthorityContract,
    ImmigrationAuthorityContract,
    SmsGatewayContract,
)
from webapp.adapters.sandbox.account_check import SandboxAccountCheck
from webapp.adapters.sandbox.face_authority import SandboxFaceAuthority
from webapp.adapters.sandbox.immigration import SandboxImmigration
from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.adapters.sandbox.sms import SandboxSms
from webapp.adapters.sandbox.weather import SLOW, UNAVAILABLE, WEATHER, Weather
from webapp.demo_people import PEOPLE, DemoPerson
from webapp.identity.rules.dated_numbers import resident_id
from webapp.ports.account_check import AccountQuestion, AccountVerdict
from webapp.ports.face_authority import FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamUnavailable
from webapp.ports.immigration_authority import ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.sms_gateway import SmsQuestion, SmsVerdict

DOCS = Path(__file__).parents[2] / "docs" / "seams.md"


def example(port: str, outcome: str) -> str:
    return next(row.example for row in WEATHER if row.port == port and row.outcome == outcome)


def clearing(port: str) -> Weather:
    return next(row for row in WEATHER if row.port == port and row.outcome == UNAVAILABLE and row.lasts)


def sms(key: str, phone: str) -> SmsQuestion:
    return SmsQuestion(key, f"+86{phone}", "深圳法院", "验证码 123456")


def face(number: str) -> FaceQuestion:
    return FaceQuestion(f"face-{number}", "何志豪", number, b"jpeg")


def traveller(number: str) -> ImmigrationQuestion:
    return ImmigrationQuestion(f"ask-{number}", "hk_macao_permit", number, "陈大文", "CHN")


def account(card: str, document: str = "resident_id") -> AccountQuestion:
    return AccountQuestion(
        f"check-{card}", "何志豪", document, "440301198501010014", card, "SPECIMEN", "+8610000000001"
    )


HE = PEOPLE[0]


class TestSandboxSms(SmsGatewayContract):
    """Keeps the contract."""

    questions: ClassVar[dict[SmsVerdict, SmsQuestion]] = {
        SmsVerdict.ACCEPTED: sms("k1", "10000000001"),
        SmsVerdict.REFUSED: sms("k2", example("sms", SmsVerdict.REFUSED)),
    }
    storm = sms("k3", example("sms", UNAVAILABLE))

    @pytest.fixture
    def seam(self, tmp_path: Path) -> SandboxSms:
        return SandboxSms(tmp_path)

    def delivered(self, seam: object, key: str) -> int:
        assert isinstance(seam, SandboxSms)
        phone = next(asked.phone for asked in self.questions.values() if asked.key == key)
        return len(seam.inbox(phone))


class TestSandboxFaceAuthority(FaceAuthorityContract):
    """Keeps the contract."""

    questions: ClassVar[dict[FaceVerdict, FaceQuestion]] = {
        FaceVerdict.MATCH: face(HE.number),
        **{
            verdict: face(example("face_authority", verdict)) for verdict in FaceVerdict if verdict != FaceVerdict.MATCH
        },
    }
    storm = face(example("face_authority", UNAVAILABLE))

    @pytest.fixture
    def seam(self, tmp_path: Path) -> SandboxFaceAuthority:
        return SandboxFaceAuthority(tmp_path)


class TestSandboxImmigration(ImmigrationAuthorityContract):
    """Keeps the contract."""

    questions: ClassVar[dict[ImmigrationVerdict, ImmigrationQuestion]] = {
        ImmigrationVerdict.AGREED: traveller("H12345678"),
        **{
            verdict: traveller(example("immigration", verdict))
            for verdict in ImmigrationVerdict
            if verdict != ImmigrationVerdict.AGREED
        },
    }
    storm = traveller(example("immigration", UNAVAILABLE))

    @pytest.fixture
    def seam(self, tmp_path: Path) -> SandboxImmigration:
        return SandboxImmigration(tmp_path)


class TestSandboxAccountCheck(AccountCheckContract):
    """Keeps the contract."""

    questions: ClassVar[dict[AccountVerdict, AccountQuestion]] = {
        **{
            verdict: account(example("account_check", verdict))
            for verdict in AccountVerdict
            if verdict not in (AccountVerdict.AGREED, AccountVerdict.UNSUPPORTED_DOCUMENT)
        },
        AccountVerdict.AGREED: account(HE.card),
        AccountVerdict.UNSUPPORTED_DOCUMENT: account("6299990000000000046", "hk_macao_permit"),
    }
    storm = account(example("account_check", UNAVAILABLE))

    @pytest.fixture
    def seam(self, tmp_path: Path) -> SandboxAccountCheck:
        return SandboxAccountCheck(tmp_path)


def test_a_slow_authority_keeps_one_waiting_and_then_agrees(tmp_path: Path) -> None:
    naps: list[float] = []
    bank = SandboxAccountCheck(tmp_path, slow_seconds=3.5, sleep=naps.append)
    people = SandboxFaceAuthority(tmp_path, slow_seconds=3.5, sleep=naps.append)
    border = SandboxImmigration(tmp_path, slow_seconds=3.5, sleep=naps.append)
    gateway = SandboxSms(tmp_path, slow_seconds=3.5, sleep=naps.append)
    assert bank.verify(account(example("account_check", SLOW))).verdict is AccountVerdict.AGREED
    assert people.compare(face(example("face_authority", SLOW))).verdict is FaceVerdict.MATCH
    assert border.ask(traveller(example("immigration", SLOW))).verdict is ImmigrationVerdict.AGREED
    assert gateway.send(sms("slow", example("sms", SLOW))).verdict is SmsVerdict.ACCEPTED
    assert naps == [3.5] * 4


def test_nobody_waits_in_fair_weather(tmp_path: Path) -> None:
    naps: list[float] = []
    SandboxAccountCheck(tmp_path, sleep=naps.append).verify(account(HE.card))
    assert naps == []


def test_a_storm_that_passes_clears_at_the_third_ask_whichever_process_asks(tmp_path: Path) -> None:
    question = account(clearing("account_check").example)
    for _ in range(2):
        with pytest.raises(SeamUnavailable):
            SandboxAccountCheck(tmp_path).verify(question)
    assert SandboxAccountCheck(tmp_path).verify(question).verdict is AccountVerdict.AGREED


def test_each_request_has_a_storm_of_its_own(tmp_path: Path) -> None:
    border, number = SandboxImmigration(tmp_path), clearing("immigration").example
    for request in ("one", "two"):
        for _ in range(2):
            with pytest.raises(SeamUnavailable):
                border.ask(ImmigrationQuestion(request, "hk_macao_permit", number, "陈大文", "CHN"))


def test_a_phone_shows_its_own_messages_newest_first(tmp_path: Path) -> None:
    gateway = SandboxSms(tmp_path)
    for number, phone in enumerate(["10000000001", "10000000002", "10000000001"]):
        gateway.send(SmsQuestion(f"k{number}", f"+86{phone}", "深圳法院", f"第{number}条"))
    assert [sent.text for sent in gateway.inbox("+8610000000001")] == ["【深圳法院】第2条", "【深圳法院】第0条"]
    assert len(gateway.inbox()) == 3
    assert [sent.text for sent in gateway.inbox(most=1)] == ["【深圳法院】第2条"]


def _send_all(folder: Path, keys: list[str]) -> None:
    for key in keys:
        SandboxSms(folder).send(sms(key, "10000000001"))
        SandboxMemory(folder).count("immigration", "shared")


def test_four_processes_that_send_the_same_messages_at_once_deliver_each_once(tmp_path: Path) -> None:
    keys = [f"key-{n}" for n in range(10)]
    context = multiprocessing.get_context("fork")
    senders = [context.Process(target=_send_all, args=(tmp_path / "new", keys)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(timeout=60)
    assert [sender.exitcode for sender in senders] == [0, 0, 0, 0]
    assert len(SandboxSms(tmp_path / "new").inbox()) == 10
    assert SandboxMemory(tmp_path / "new").count("immigration", "shared") == 41


@pytest.mark.parametrize("row", [row for row in WEATHER if row.port == "face_authority"], ids=lambda row: row.digits)
def test_an_example_id_number_passes_the_form_and_is_of_its_row(row: Weather) -> None:
    assert resident_id(row.example, date(2026, 11, 1)).fault is None
    assert row.example[14:17] == row.digits


@pytest.mark.parametrize(
    "row", [row for row in WEATHER if row.port == "account_check" and row.digits], ids=lambda row: row.digits
)
def test_an_example_card_number_passes_luhn_and_is_of_its_row(row: Weather) -> None:
    assert luhn.is_valid(row.example)
    assert row.example.startswith("629999")
    assert row.example[-5:-1] == row.digits


def test_no_two_rows_claim_the_same_digits() -> None:
    keys = [(row.port, row.digits) for row in WEATHER]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_the_people_of_the_demo_live_in_fair_weather(person: DemoPerson) -> None:
    digits = "".join(c for c in person.number if c.isdigit())
    deciding = {
        ("face_authority", person.number[14:17]),
        ("immigration", digits[-2:]),
        ("account_check", person.card[-5:-1]),
        ("sms", person.phone[-2:]),
    }
    assert not deciding & {(row.port, row.digits) for row in WEATHER}


@pytest.mark.parametrize("row", WEATHER, ids=lambda row: f"{row.port}-{row.digits or 'document'}")
def test_the_handbook_has_every_row_of_the_table(row: Weather) -> None:
    line = f"| {row.digits or '—'} | {row.outcome} | {row.example} | {row.meaning} |"
    assert line in DOCS.read_text(encoding="utf-8").splitlines()
