"""What a payee is told: inbox, SMS and push; by day and by night, in versions, each once."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import select

from tests.fakes import TestClock
from tests.walker import Walker
from webapp.accounts.models import Account, WebSession
from webapp.core.audit import AuditEntry
from webapp.core.db import db, unit_of_work
from webapp.notices.usecases import publish_messages, tell
from webapp.notices.words import HEADLINES, headline_of
from webapp.ports.push_gateway import PushVerdict
from webapp.push.models import PushDelivery, PushSubscription
from webapp.sms.models import SmsDelivery
from webapp.texts.models import Origin, TextVersion, message_kind
from webapp.texts.usecases import publish
from webapp.web.locale import BY_CODE

PHONE = "+8610000000001"
FACTS = {"name": "何志豪", "time": "2026-11-23 10:00:00", "reason": "证件照片不清楚。"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def a_browser(endpoint: str = "https://fcm.googleapis.com/fcm/send/abc") -> dict[str, Any]:
    point = (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return {"endpoint": endpoint, "p256dh": b64(point), "auth": b64(os.urandom(16))}


def tell_somebody(app: Flask, clock: TestClock, kind: str = "review_refused", facts: Mapping[str, str] = FACTS) -> None:
    with app.app_context(), unit_of_work():
        tell(db.session.scalars(select(Account.id)).one(), kind, facts, now=clock())


@pytest.fixture
def payee(walker: Walker) -> Walker:
    """Somebody with a proved phone, whose code has been sent already."""
    walker.accept_rules().prove_phone()
    walker.fakes.sms.sent.clear()
    return walker


def subscribe(walker: Walker, **given: Any) -> Walker:
    return walker.open("/messages").press("要，提醒我", **{**a_browser(), **given})


def test_a_refusal_is_told_in_the_manuals_words_everywhere(payee: Walker, app: Flask, clock: TestClock) -> None:
    subscribe(payee)
    tell_somebody(app, clock)
    payee.work()
    said = "何志豪，您在 2026-11-23 10:00:00 提交的身份信息审核未通过，详情：证件照片不清楚。"
    assert said in payee.fakes.sms.last(PHONE)
    assert said in payee.open("/messages").text
    [pushed] = payee.fakes.push.sent
    shown = json.loads(pushed.payload)
    assert shown["body"] == "身份审核有了结果，需要您修改。"
    assert "何志豪" not in pushed.payload.decode()
    assert shown["url"] == "/messages"


def test_at_night_a_result_waits_for_the_morning_and_a_code_does_not(
    payee: Walker, app: Flask, clock: TestClock
) -> None:
    subscribe(payee)
    clock.move(hours=11, minutes=55)
    payee.open("/phones").press("获取验证码", phone="10000000002").press("获取验证码")
    payee.work()
    payee.press("下一步", code=payee.fakes.sms.code(PHONE))
    payee.fakes.sms.sent.clear()
    clock.move(minutes=5)  # 22:00 in China
    tell_somebody(app, clock)
    payee.work()
    assert (payee.fakes.sms.sent, payee.fakes.push.sent) == ([], [])
    payee.open("/phones").press("获取验证码", phone="10000000002")
    payee.work()
    assert [q.phone for q in payee.fakes.sms.sent] == ["+8610000000002"]
    clock.move(hours=9, minutes=59)
    payee.work()
    assert len(payee.fakes.sms.sent) == 1
    clock.move(minutes=2)
    payee.work()
    assert "审核未通过" in payee.fakes.sms.last(PHONE)
    assert len(payee.fakes.push.sent) == 1


def test_a_warning_rings_at_night(payee: Walker, app: Flask, clock: TestClock) -> None:
    subscribe(payee)
    clock.move(hours=12)
    tell_somebody(app, clock, "letter_signed", {"name": "何志豪", "case": "（2023）粤0399执1234号", "number": "1"})
    payee.work()
    assert "如非本人操作" in payee.fakes.sms.last(PHONE)
    assert payee.fakes.push.sent[0].urgent


def test_a_long_reason_is_cut_in_the_sms_and_whole_in_the_inbox(payee: Walker, app: Flask, clock: TestClock) -> None:
    reason = "请重新拍摄证件照片。" * 60
    tell_somebody(app, clock, facts={**FACTS, "reason": reason})
    payee.work()
    body = payee.fakes.sms.last(PHONE)
    assert len(f"【深圳法院】{body}") <= 500
    assert "……其余请在消息里查看。" in body
    assert body.endswith("重新进行身份认证。")
    assert reason in payee.open("/messages").text
    with app.app_context():
        assert max(db.session.scalars(select(SmsDelivery.segments))) == 8


def test_a_courts_own_words_are_used_from_their_day_on_and_survive_an_update(
    payee: Walker, app: Flask, clock: TestClock
) -> None:
    with app.app_context(), unit_of_work():
        publish_messages(now=clock())
    tell_somebody(app, clock)
    clock.move(minutes=1)
    with app.app_context(), unit_of_work():
        publish(
            message_kind("review_refused"), "zh_Hans", title="审核", body="%(name)s：没有通过，%(reason)s", now=clock(),
            origin=Origin.COURT,
        )  # fmt: skip
        publish_messages(now=clock())
    tell_somebody(app, clock)
    payee.work()
    assert payee.fakes.sms.last(PHONE) == "何志豪：没有通过，证件照片不清楚。"
    text = payee.open("/messages").text
    assert "何志豪：没有通过" in text
    assert "身份信息审核未通过" in text  # the earlier message stands as it was sent
    with app.app_context():
        kinds = select(TextVersion).where(TextVersion.kind == message_kind("review_refused"))
        versions = [t.version for t in db.session.scalars(kinds.where(TextVersion.language == "zh_Hans"))]
    assert sorted(versions) == [1, 2]


def test_a_browser_that_took_its_subscription_back_is_not_asked_again(
    payee: Walker, app: Flask, clock: TestClock
) -> None:
    subscribe(payee)
    payee.fakes.push.verdict = PushVerdict.GONE
    tell_somebody(app, clock)
    payee.work()
    tell_somebody(app, clock)
    payee.work()
    assert len(payee.fakes.push.sent) == 1
    with app.app_context():
        assert db.session.scalars(select(PushSubscription)).one().ended_at is not None


def test_switching_it_off_and_signing_out_both_end_it(payee: Walker, app: Flask, clock: TestClock) -> None:
    subscribe(payee)
    assert "关闭这台设备的提醒" in payee.open("/messages").text
    tell_somebody(app, clock)
    payee.open("/messages").press("关闭这台设备的提醒")
    payee.work()
    assert payee.fakes.push.sent == []  # even what was on its way
    subscribe(payee)
    with app.app_context(), unit_of_work():
        db.session.scalars(select(WebSession)).one().revoked_at = clock()
    tell_somebody(app, clock)
    payee.work()
    assert payee.fakes.push.sent == []
    with app.app_context():
        assert {d.state for d in db.session.scalars(select(PushDelivery))} <= {"late"}
        actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {"push.subscribed", "push.unsubscribed"} <= actions


def test_a_push_that_nobody_fetched_for_days_is_dropped(payee: Walker, app: Flask, clock: TestClock) -> None:
    subscribe(payee)
    tell_somebody(app, clock)
    clock.move(days=3, minutes=1)
    payee.work()
    assert payee.fakes.push.sent == []


@pytest.mark.parametrize(
    "broken",
    [
        {"endpoint": "https://169.254.169.254/latest/meta-data"},
        {"endpoint": "http://fcm.googleapis.com/x"},
        {"p256dh": "AAAA"},
        {"auth": "%%%"},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 3000},
    ],
)
def test_a_false_subscription_is_refused_in_words(payee: Walker, app: Flask, broken: dict[str, str]) -> None:
    subscribe(payee, **broken)
    assert "没有开通" in payee.text
    with app.app_context():
        assert db.session.scalars(select(PushSubscription)).all() == []


def test_the_same_browser_of_another_account_is_moved_over(payee: Walker, app: Flask, clock: TestClock) -> None:
    browser = a_browser()
    payee.open("/messages").press("要，提醒我", **browser)
    payee.open("/").press("退出登录")
    payee.accept_rules().prove_phone("10000000003", "+8610000000003")
    payee.open("/messages").press("要，提醒我", **browser)
    with app.app_context():
        kept = db.session.scalars(select(PushSubscription)).one()
        assert (
            kept.account_id
            == db.session.scalars(select(WebSession.account_id).where(WebSession.revoked_at.is_(None))).one()
        )


def test_what_a_locked_screen_shows_fits_its_column_in_every_language(app: Flask) -> None:
    with app.test_request_context():
        shown = {(kind, code): headline_of(kind, code) for kind in HEADLINES for code in BY_CODE}
    assert {where: words for where, words in shown.items() if len(words) > 120} == {}
