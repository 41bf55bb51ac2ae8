"""Decisions that can be undone for half a minute, that reach the payee once, and that never overwrite a colleague's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_desk import open_first, signed_permit
from webapp.accounts.models import Role
from webapp.core import audit
from webapp.core.db import db
from webapp.docket.models import ItemKind
from webapp.evidence.models import Photo
from webapp.identity.models import StepRecord
from webapp.notices.models import Message
from webapp.ports.face_checker import FaceComparison, Likeness
from webapp.review.models import Decision
from webapp.review.reasons import reasons_for, words_of

PHONE = "+8610000000001"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """As a court has it: half a minute to undo."""
    return make_app(undo_seconds=30)


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [decision.state for decision in db.session.query(Decision).order_by(Decision.decided_at, Decision.id)]


def told(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Message).filter(Message.kind.like("review_%")).count()


def test_whoever_waits_for_a_clerk_is_not_told_that_it_takes_longer_than_usual(passport: Walker) -> None:
    assert passport.open("/verify").path == "/verify/court_review"
    assert "比平时久一些" not in passport.text


def test_nobody_is_told_before_half_a_minute_is_over_and_then_once(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    desk = open_first(clerk()).press("通过 A")
    assert "撤销 30 秒" in desk.text
    clock.move(seconds=29)
    passport.work()
    assert (told(app), passport.open("/verify").path) == (0, "/verify/court_review")
    clock.move(seconds=2)
    passport.work()
    passport.work()
    assert (told(app), states(app)) == (1, ["done"])
    assert passport.open("/verify").path == "/verify/signature"
    assert "撤销 " not in desk.open("/desk/identity").text


def test_a_decision_is_undone_and_the_item_comes_back_with_what_was_written(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    desk = open_first(clerk()).press("确认不通过", reason="court:unclear", words="请重新拍资料页。")
    assert "没有待审的身份认证" in desk.text
    clock.move(seconds=20)
    desk.open("/desk/identity").press("撤销 10 秒 U")
    assert "这一件回到您手里" in desk.text
    assert desk.page.cssselect("#words")[0].text == "请重新拍资料页。"
    assert desk.page.cssselect("#reason option[selected]")[0].get("value") == "court:unclear"
    clock.move(minutes=1)
    passport.work()
    assert (told(app), states(app)) == (0, ["undone"])
    desk.press("通过 A")
    clock.move(minutes=1)
    passport.work()
    assert (told(app), states(app)) == (1, ["undone", "done"])
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="desk.undone").count() == 1


def test_what_has_taken_effect_cannot_be_undone(clerk: Clerk, passport: Walker, app: Flask, clock: TestClock) -> None:
    desk = open_first(clerk()).press("通过 A")
    clock.move(seconds=31)
    passport.work()
    desk.press("撤销 30 秒 U")
    assert "不能撤销了" in desk.text
    assert states(app) == ["done"]


def test_an_undo_that_comes_too_late_leads_back_to_its_own_queue(
    clerk: Clerk, walker: Walker, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    desk = open_first(clerk(), "/desk/accounts").press("接受 A")
    clock.move(seconds=31)
    walker.work()
    desk.press("撤销 30 秒 U")
    assert desk.path == "/desk/accounts"
    assert "不能撤销了" in desk.text


def test_a_payee_who_changes_something_within_the_half_minute_is_quicker_and_the_clerk_is_told(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    desk = open_first(clerk()).press("通过 A")
    passport.open("/verify/document").press("同意，确认身份信息")
    clock.move(seconds=31)
    passport.work()
    assert (told(app), states(app)) == (0, ["failed"])
    desk.open("/desk/identity")
    assert "当事人在决定生效前改了，您的决定没有生效" in desk.text
    desk.press("知道了")
    assert "没有生效" not in desk.text


def test_only_who_decided_can_undo(clerk: Clerk, passport: Walker, app: Flask) -> None:
    open_first(clerk()).press("通过 A")
    other = clerk("wangfang", Role.MANAGER).open("/desk/identity")
    assert "撤销" not in [button.text_content() for button in other.page.cssselect("button")]
    with app.app_context():
        decision = db.session.query(Decision).one().id
    token = other.page.cssselect("[name=csrf_token]")[0].get("value")
    other.client.post(f"/desk/decisions/{decision}/undo", data={"csrf_token": token})
    assert states(app) == ["pending"]


def test_a_stale_tab_is_refused_with_words_and_nothing_typed_is_lost(
    clerk: Clerk, passport: Walker, app: Flask
) -> None:
    limin, wangfang = open_first(clerk()), open_first(clerk("wangfang"))
    wangfang.press("接手")
    limin.press("确认不通过", reason="court:unclear", words="请重新拍资料页。")
    assert limin.response.status_code == 409
    assert "wangfang已经接手这一件，您的决定没有提交" in limin.text
    assert "请重新拍资料页。" in limin.text
    assert states(app) == []
    limin.press("接手")
    assert limin.page.cssselect("#words")[0].text == "请重新拍资料页。"
    limin.press("确认不通过")
    assert states(app) == ["pending"]
    wangfang.press("通过 A")
    assert "已由别人处理" in wangfang.text
    assert states(app) == ["pending"]


def test_a_decision_in_the_background_answers_with_what_can_be_undone(
    clerk: Clerk, passport: Walker, app: Flask
) -> None:
    desk = open_first(clerk())
    form = next(form for form in desk.page.forms if form.get("id") == "refuse")
    data = {**dict(form.form_values()), "decision": "refuse", "reason": ""}
    headers = {"X-Background": "1", "HX-Request": "true"}
    refused = desk.client.post(form.get("action"), data=data, headers=headers)
    assert refused.status_code == 422 and "请选择原因" in refused.text
    taken = desk.client.post(form.get("action"), data={**data, "reason": "court:unclear"}, headers=headers)
    assert taken.status_code == 200 and "撤销" in taken.text and "MUELLER ANNA" in taken.text
    again = desk.client.post(form.get("action"), data={**data, "reason": "court:unclear"}, headers=headers)
    assert again.status_code == 410 and "您的决定没有提交" in again.text
    assert states(app) == ["pending"]


def test_only_the_video_is_done_again_where_the_clerk_asks_for_that_alone(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    open_first(clerk()).press("确认不通过", reason="court:face", redo="video")
    clock.move(seconds=31)
    passport.work()
    assert "看不清脸" in passport.fakes.sms.last(PHONE)
    assert passport.open("/verify").path == "/verify/video"
    assert "看不清脸" in passport.text
    passport.show_video().wait()
    assert "已提交法院审核" in passport.text
    with app.app_context():
        evidence = db.session.query(StepRecord).filter_by(step="evidence").all()
        assert len(evidence) == 1 and evidence[0].superseded_at is None


def test_new_photos_alone_are_compared_with_the_video_that_stands(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    desk = open_first(clerk()).press("确认不通过", reason="court:unclear", redo="evidence")
    clock.move(seconds=31)
    passport.work()
    assert passport.open("/verify").path == "/verify/evidence"
    assert passport.page.cssselect(".capture img") == [], "the photos that were refused aren't offered again"
    passport.fakes.faces.comparison = FaceComparison(Likeness.DIFFER, 0.11)
    passport.show_document().wait()
    assert "已提交法院审核" in passport.text
    assert "不一致 · 0.11" in open_first(desk).text


def test_after_what_alone_was_asked_for_the_next_answer_replaces_all_after_it_again(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    open_first(clerk()).press("确认不通过", reason="court:face", redo="video")
    clock.move(seconds=31)
    passport.work()
    passport.open("/verify").show_video().wait()
    passport.open("/verify/document").press("同意，确认身份信息")
    assert passport.path == "/verify/evidence"


def test_the_sms_is_previewed_in_the_payees_language_with_what_it_costs(
    clerk: Clerk, passport: Walker, app: Flask
) -> None:
    passport.open("/language").press("继续", language="en")
    desk = open_first(clerk()).press("预览短信", reason="court:unclear", words="Take the data page again.")
    shown = desk.page.cssselect("#sms")[0].text_content()
    assert "not clear. Take the data page again." in shown
    assert "English" in shown and "条计费" in shown
    assert states(app) == []


def test_a_refusal_leads_to_nobody_but_the_court(clerk: Clerk, passport: Walker, app: Flask) -> None:
    desk = open_first(clerk())
    for words, part in (
        ("请改到 http://sz-court.evil.example/pay 填写银行卡号", "http://sz-court.evil.example/pay"),
        ("请打开ｅｖｉｌ．ｃｏｍ", "evil.com"),
        ("请打 138 0013 8000", "138 0013 8000"),
    ):
        desk.press("确认不通过", reason="court:unclear", words=words)
        assert desk.response.status_code == 422
        assert part in desk.errors[0]
    assert states(app) == []
    own = app.extensions["settings"]
    desk.press("确认不通过", reason="court:unclear", words=f"请打开 {own.public_url}/verify 或打 {own.court_phone}。")
    assert len(states(app)) == 1


def test_a_reason_of_the_court_leads_to_nobody_else_either(clerk: Clerk, app: Flask) -> None:
    manager = clerk("wangfang", Role.MANAGER).open("/desk/reasons/identity/new")
    manager.press("保存并启用", zh_Hans="请打开evil.cn办理。", en="Come to the counter.")
    assert (manager.response.status_code, len(manager.errors)) == (422, 1)
    assert "evil.cn" in manager.errors[0]


def test_a_manager_writes_a_reason_in_every_language_and_payees_get_it_in_theirs(
    clerk: Clerk, passport: Walker, app: Flask, clock: TestClock
) -> None:
    manager = clerk("wangfang", Role.MANAGER).open("/desk/reasons").press("证件照片不清楚。")
    words: dict[str, Any] = {
        "zh_Hans": "资料页看不清，请在窗边重新拍。",
        "zh_Hant": "資料頁看不清，請在窗邊重新拍。",
        "en": "The data page is unclear; take it by a window.",
    }
    manager.press("预览短信", **words)
    assert "take it by a window" in manager.text and "已保存" not in manager.text
    assert manager.press("保存并启用", **{**words, "en": ""}).response.status_code == 422
    assert "资料页看不清" in manager.page.cssselect("#zh_Hans")[0].text, "what was typed is kept"
    manager.press("保存并启用", **words)
    passport.open("/language").press("继续", language="en")
    desk = open_first(clerk())
    assert "资料页看不清，请在窗边重新拍。" in desk.text
    desk.press("确认不通过", reason="court:unclear")
    clock.move(seconds=31)
    passport.work()
    assert "take it by a window." in passport.fakes.sms.last(PHONE)
    assert "take it by a window." in passport.open("/verify").text
    assert desk.open("/desk/reasons/identity/new").response.status_code == 404, "reviewers choose, managers write"


def test_a_court_adds_a_reason_of_its_own_and_retires_one(clerk: Clerk, passport: Walker, app: Flask) -> None:
    manager = clerk("wangfang", Role.MANAGER).open("/desk/reasons/identity/new")
    assert manager.press("保存并启用", zh_Hans="请本人到窗口办理。").response.status_code == 422, (
        "English is read by all others"
    )
    manager.press("保存并启用", zh_Hans="请本人到窗口办理。", en="Come to the counter.")
    assert "请本人到窗口办理。" in manager.text and "本院添加" in manager.text
    with app.app_context():
        code = next(one.code for one in reasons_for(ItemKind.IDENTITY, "fr") if one.own)
        said = {language: words_of(code, ItemKind.IDENTITY, language) for language in ("fr", "zh_Hant", "en")}
    assert said == {"fr": "Come to the counter.", "zh_Hant": "请本人到窗口办理。", "en": "Come to the counter."}
    manager.press("停用 证件已经过期。")
    options = [option.text_content() for option in open_first(clerk()).page.cssselect("#reason option")]
    assert "请本人到窗口办理。" in options and "证件已经过期。" not in options
    manager.press("恢复 证件已经过期。")
    assert "恢复 证件已经过期。" not in [b.get("aria-label") for b in manager.page.cssselect("button")]


def test_a_face_that_comes_a_second_time_under_another_name_is_flagged_on_both(
    clerk: Clerk, walker: Walker, second: Walker, app: Flask
) -> None:
    from tests.web.test_verification import PASSPORT, at_document  # noqa: PLC0415

    walker.fakes.faces.description = (3, 1, 4)
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    second.accept_rules().prove_phone("10000000002", "+8610000000002").press("下一步")
    second.give_document(**{**PASSPORT, "name": "MUELLER BERTA", "number": "C01X00T48"})
    second.show_document().wait().show_video().wait()
    desk = clerk().open("/desk/identity?flag=same_face")
    assert len(desk.page.cssselect("tr[data-row]")) == 2
    desk.press("MUELLER BERTA")
    warned = desk.page.cssselect(".warned")[0].text_content()
    assert "另一个身份有相似的脸" in warned and "MUELLER ANNA" in warned
    with app.app_context():
        raw = db.session.connection().exec_driver_sql("SELECT description FROM face_print").scalar()
        assert raw is not None and b"3, 1, 4" not in bytes(raw)
        assert db.session.query(Photo).count() > 0


def test_a_face_that_only_an_earlier_film_had_in_common_is_history_and_warns_of_nobody(
    clerk: Clerk, walker: Walker, second: Walker, clock: TestClock
) -> None:
    from tests.web.test_verification import PASSPORT, at_document  # noqa: PLC0415

    walker.fakes.faces.description = (3, 1, 4)
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    second.accept_rules().prove_phone("10000000002", "+8610000000002").press("下一步")
    second.give_document(**{**PASSPORT, "name": "MUELLER BERTA", "number": "C01X00T48"})
    second.show_document().wait().show_video().wait()
    desk = clerk().open("/desk/identity?flag=same_face").press("MUELLER BERTA")
    desk.press("确认不通过", reason="court:face", redo="video")
    clock.move(seconds=31)
    second.work()
    second.fakes.faces.description = (2, 7, 1)
    second.open("/verify").film().wait()
    assert desk.open("/desk/identity?flag=same_face").page.cssselect("tr[data-row]") == [], "at neither of the two"
    desk.open("/desk/identity").press("MUELLER BERTA")
    assert not any("另一个身份有相似的脸" in one.text_content() for one in desk.page.cssselect(".warned"))
    assert "以前的人脸视频 · 另一个身份有相似的脸: MUELLER ANNA" in desk.text


def test_one_browser_for_two_people_is_flagged_and_the_cookie_is_kept_nowhere(
    clerk: Clerk, walker: Walker, second: Walker, app: Flask
) -> None:
    from tests.web.test_verification import PASSPORT, at_document  # noqa: PLC0415

    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    cookie = walker.client.get_cookie("device")
    assert cookie is not None and cookie.http_only
    second.client.set_cookie("device", cookie.value)
    second.accept_rules().prove_phone("10000000002", "+8610000000002").press("下一步")
    second.give_document(**{**PASSPORT, "name": "MUELLER BERTA", "number": "C01X00T48"})
    second.show_document().wait().show_video().wait()
    assert len(clerk().open("/desk/identity?flag=same_device").page.cssselect("tr[data-row]")) == 2
    with app.app_context():
        hashes = db.session.connection().exec_driver_sql("SELECT device_hash FROM device_use").scalars().all()
        assert cookie.value.encode() not in [bytes(one) for one in hashes]
