"""What the desk sees of the outside parties, what they tell us by themselves, and what the operator's check says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import MakeApp, worker_of
from tests.fakes import Fakes, TestClock
from tests.seams.test_sandbox_seams import account
from tests.walker import Walker
from tests.web.conftest import PASSWORD
from tests.web.test_verification import PERMIT, at_document
from tools.authority import parties
from tools.authority.server import Authority, signed_callback
from webapp.accounts.models import Role
from webapp.adapters.guard import Breaker, Journal, guarded
from webapp.adapters.remembered import RememberedAccountCheck
from webapp.core.db import db, unit_of_work
from webapp.core.seam_health import AnswerLedger, Heard, SeamHealth, SeamHour, forget_old_hours, note_calls, seam_states
from webapp.core.settings import BadSettings, Settings
from webapp.identity.models import StepRecord
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.failures import SeamUnavailable, Trouble
from webapp.sms.models import DeliveryState, SmsDelivery
from webapp.sms.usecases import post_sms
from webapp.staff.usecases import create_clerk, hash_password

REAL = {
    "sms": "webhook", "sms_webhook_url": "http://127.0.0.1:9", "sms_webhook_app_id": parties.APP,
    "sms_webhook_secret": parties.SECRET, "immigration": "signed", "immigration_url": "http://127.0.0.1:9",
    "immigration_app_id": parties.APP, "immigration_secret": parties.SECRET,
}  # fmt: skip


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(**REAL)


def tell(client: FlaskClient, clock: TestClock, path: str, content: object, **changed: Any) -> tuple[int, Any]:
    body, headers = signed_callback(path, content, now=clock().timestamp(), **changed)  # type: ignore[arg-type]
    reply = client.post(path, data=body, headers=headers)
    return reply.status_code, reply


def waiting_traveller(walker: Walker, fakes: Fakes, app: Flask) -> str:
    """A payee whose verification waits for the immigration authority, which is down; returns the record's id."""
    fakes.immigration.down = True
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    with app.app_context():
        return db.session.scalars(select(StepRecord).where(StepRecord.step == "immigration")).one().id


def standing(app: Flask, record_id: str) -> StepRecord:
    with app.app_context():
        return db.session.get_one(StepRecord, record_id)


def decision(record_id: str, verdict: str = "agreed") -> dict[str, str]:
    return {"request_id": record_id, "verdict": verdict, "reference": "IMM-7"}


def test_health_adds_up_over_processes_and_is_forgotten_in_time(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        note_calls(Heard("sms", 3, 1, 300, "busy", None), now=clock())
        note_calls(Heard("sms", 1, 0, 100, None, None), now=clock())
        (state,) = seam_states(["sms"], now=clock())
        assert (state.asked, state.failed, state.mean_milliseconds) == (4, 1, 100)
        assert state.health.trouble == "busy"
        db.session.rollback()
        clock.move(days=8)
        with unit_of_work():
            forget_old_hours(now=clock())
        assert db.session.scalars(select(SeamHour)).all() == []
        db.session.rollback()


def test_health_is_kept_although_the_deed_fails(app: Flask, clock: TestClock) -> None:
    class Dead:
        def ask(self) -> None:
            raise SeamUnavailable("down", Trouble.SERVER)

    seam = guarded(Dead(), breaker=Breaker(failures=1), journal=Journal("sms", now=clock), budget=1)
    with app.app_context():
        with pytest.raises(SeamUnavailable):
            seam.ask()
        db.session.rollback()
        health = db.session.get_one(SeamHealth, "sms")
        assert (health.trouble, health.failed_at) == ("server", clock())
        assert timedelta(seconds=29) < health.paused_until - clock() <= timedelta(seconds=30)
        db.session.rollback()


def test_a_note_that_would_wait_for_our_own_transaction_waits_for_the_next_call(app: Flask, clock: TestClock) -> None:
    class Store:
        def get(self) -> str:
            return "file"

    seam = guarded(Store(), breaker=Breaker(), journal=Journal("object_store", now=clock), budget=1)
    with app.app_context():
        with unit_of_work():
            assert seam.get() == "file"
        assert db.session.get(SeamHealth, "object_store") is None
        db.session.rollback()
        seam.get()
        (state,) = seam_states(["object_store"], now=clock())
        assert state.asked == 2
        db.session.rollback()


def test_a_question_is_put_to_the_bank_once_although_it_is_asked_twice(app: Flask, clock: TestClock) -> None:
    class Bank:
        asked = 0

        def verify(self, question: AccountQuestion) -> AccountAnswer:
            self.asked += 1
            return AccountAnswer(AccountVerdict.NOT_AGREED, f"B-{self.asked}")

    bank = Bank()
    with app.app_context():
        seam = RememberedAccountCheck(bank, AnswerLedger(), now=clock)
        question = account("6299990000000090013")
        assert seam.verify(question) == seam.verify(question) == AccountAnswer(AccountVerdict.NOT_AGREED, "B-1")
        late = {"verdict": "agreed", "reference": "late", "similarity": None}
        kept = AnswerLedger().keep("account_check", question.request_id, late, now=clock())
        assert kept["reference"] == "B-1", "whoever was first stays"
    assert bank.asked == 1


def test_the_authoritys_callback_settles_the_record_once(
    app: Flask, client: FlaskClient, clock: TestClock, walker: Walker, fakes: Fakes
) -> None:
    record_id, path = waiting_traveller(walker, fakes, app), "/callbacks/immigration"
    stranger = app.test_client()
    assert tell(stranger, clock, path, decision(record_id, "pending"))[0] == 200
    assert standing(app, record_id).state == "answered"
    assert tell(stranger, clock, path, decision(record_id))[0] == 200
    assert (standing(app, record_id).state, standing(app, record_id).reference) == ("accepted", "IMM-7")
    assert tell(stranger, clock, path, decision(record_id, "number_unknown"))[0] == 200
    assert standing(app, record_id).state == "accepted", "a decided record stays decided"
    walker.wait()
    assert walker.path == "/verify/signature"


def test_a_callback_sent_twice_byte_for_byte_acts_once(
    app: Flask, client: FlaskClient, clock: TestClock, walker: Walker, fakes: Fakes
) -> None:
    record_id, path = waiting_traveller(walker, fakes, app), "/callbacks/immigration"
    body, headers = signed_callback(path, decision(record_id, "expired"), now=clock().timestamp())
    sent = len(fakes.sms.sent)
    replies = [app.test_client().post(path, data=body, headers=headers).status_code for _ in range(3)]
    assert replies == [200] * 3
    assert standing(app, record_id).reason == "immigration:expired"
    walker.work()
    assert len(fakes.sms.sent) == sent + 1, "the payee is told once"


@pytest.mark.parametrize("late", [-301, 301])
def test_an_old_callback_changes_nothing(app: Flask, client: FlaskClient, clock: TestClock, late: float) -> None:
    path = "/callbacks/immigration"
    body, headers = signed_callback(path, decision("x"), now=clock().timestamp() + late)
    reply = client.post(path, data=body, headers=headers)
    assert (reply.status_code, reply.json) == (401, {"error": "clock_skew"})


def test_a_forged_callback_changes_nothing(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    path = "/callbacks/immigration"
    assert tell(client, clock, path, decision("x"), secret="another")[0] == 401
    body, headers = signed_callback(path, decision("x"), now=clock().timestamp())
    assert client.post(path, data=body.replace(b"agreed", b"Agreed"), headers=headers).status_code == 401
    assert client.post("/callbacks/sms", data=body, headers=headers).status_code == 401, "signed for another address"
    assert client.post(path, data=body).status_code == 400


@pytest.mark.parametrize("content", [[], {}, {"request_id": "x", "verdict": "maybe", "reference": "r"}, 7])
def test_a_signed_callback_without_sense_is_told_so(client: FlaskClient, clock: TestClock, content: object) -> None:
    assert tell(client, clock, "/callbacks/immigration", content)[0] == 422


def test_receipts_come_twice_late_and_in_any_order(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    with app.app_context():
        with unit_of_work():
            key = post_sms("+8610000000001", "您好", now=clock()).id

        def hear(state: str) -> str:
            receipt = {"receipts": [{"key": key, "state": state}, {"key": "unknown", "state": "delivered"}]}
            assert tell(client, clock, "/callbacks/sms", receipt)[0] == 200
            db.session.rollback()
            found = db.session.get_one(SmsDelivery, key, populate_existing=True).state
            db.session.rollback()
            return found

        assert [hear(state) for state in ("undelivered", "delivered", "undelivered")] == [
            DeliveryState.UNDELIVERED, DeliveryState.DELIVERED, DeliveryState.DELIVERED,
        ]  # fmt: skip
        worker_of(app)()
        db.session.rollback()
        assert db.session.get_one(SmsDelivery, key, populate_existing=True).state == DeliveryState.DELIVERED
        db.session.rollback()


def test_without_the_party_its_callback_does_not_exist(make_app: MakeApp) -> None:
    client = make_app().test_client()
    assert client.post("/callbacks/immigration").status_code in (400, 404)
    assert "/callbacks/immigration" not in {rule.rule for rule in client.application.url_map.iter_rules()}


def test_the_desk_shows_each_party_in_words(
    app: Flask, client: FlaskClient, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    with app.app_context(), unit_of_work():
        create_clerk(
            "limin",
            display_name="limin",
            password_hash=hash_password(PASSWORD, username="limin"),
            role=Role.AUDITOR,
            courts=(),
            now=clock(),
        )
    Walker(client, fakes, work).open("/desk/").press("登录", username="limin", password=PASSWORD)
    with app.app_context():
        note_calls(Heard("sms", 4, 4, 400, "quota", clock() + timedelta(seconds=20)), now=clock())
        note_calls(Heard("immigration", 2, 0, 300, None, None), now=clock())
    page = client.get("/desk/seams").text
    assert "套餐用完或欠费" in page
    assert "暂停询问" in page
    assert "正常" in page
    assert "0.15 秒" in page


def test_a_job_that_met_a_closed_door_waits_and_loses_no_attempt(app: Flask, fakes: Fakes, clock: TestClock) -> None:
    def closed(question: object) -> None:
        raise SeamUnavailable("known to be down", Trouble.PAUSED, again_in=30)

    fakes.sms.send = closed  # type: ignore[method-assign, assignment]
    with app.app_context():
        with unit_of_work():
            key = post_sms("+8610000000001", "您好", now=clock()).id
        for _ in range(20):  # more often than a job may fail
            worker_of(app)()
            clock.move(seconds=31)
        del fakes.sms.send
        clock.move(minutes=10)
        worker_of(app)()
        assert db.session.get_one(SmsDelivery, key, populate_existing=True).state == DeliveryState.SENT
        db.session.rollback()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_check_says_in_words_what_is_wrong(make_app: MakeApp) -> None:
    with Authority() as authority:
        app = make_app(
            **{
                **REAL,
                "sms_webhook_url": authority.url,
                "immigration_url": authority.url,
                "immigration_secret": "wrong",
            }
        )
        result = app.test_cli_runner().invoke(args=["seams", "check"])
    assert result.exit_code == 1
    assert "sms: answers" in result.output
    assert "immigration: FAILS, the secret or the app's name is wrong" in result.output
    assert "face_authority: sandbox, nobody to ask" in result.output
    assert parties.SECRET not in result.output


def test_settings_name_what_an_adapter_still_needs() -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({"ACCOUNT_CHECK": "tencent", "IMMIGRATION": "signed", "IMMIGRATION_URL": "authority"})
    for words in ("TENCENT_SECRET_KEY", "IMMIGRATION_SECRET", "IMMIGRATION_URL: write http"):
        assert words in str(caught.value)


def test_production_refuses_an_address_in_the_clear_and_a_repr_hides_secrets() -> None:
    settings = replace(Settings(), immigration_url="http://authority", immigration_secret="hush")
    assert "hush" not in repr(settings)
    with pytest.raises(BadSettings, match="IMMIGRATION_URL: must be https"):
        Settings.from_env({"ENV": "production", "IMMIGRATION_URL": "http://authority"})


def test_many_workers_count_together(app: Flask, clock: TestClock) -> None:
    def count() -> None:
        with app.app_context():
            for _ in range(5):
                note_calls(Heard("sms", 1, 0, 10, None, None), now=clock())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        (state,) = seam_states(["sms"], now=clock())
        assert state.asked == 20
        db.session.rollback()
    assert state.milliseconds == 200


def test_without_the_store_a_payee_is_told_kindly_when_to_come_again(walker: Walker, fakes: Fakes) -> None:
    def closed(key: str, data: bytes) -> None:
        raise SeamUnavailable("known to be down", Trouble.PAUSED, again_in=30)

    at_document(walker).give_document(**PERMIT)
    fakes.store.put = closed  # type: ignore[method-assign]
    walker.show_document()
    assert (walker.response.status_code, walker.response.headers["Retry-After"]) == (503, "60")
    assert "请过一分钟再试" in walker.text
    del fakes.store.put
    walker.open("/verify").show_document().wait()
    assert "video" in walker.path
