"""The clerks' desk: its door, its queue, its decisions, and what each role may not do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.accounts.models import Role
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.identity.models import StepRecord
from webapp.payee.models import Letter, Submission
from webapp.ports.account_check import AccountVerdict
from webapp.staff.usecases import WeakPassword, create_clerk, hash_password


def open_first(desk: Walker, queue: str = "/desk/identity") -> Walker:
    desk.open(queue)
    return desk.open(desk.page.cssselect("tr[data-row] a")[0].get("href"))


def test_a_clerk_approves_and_the_journey_goes_on_at_the_signature(clerk: Clerk, passport: Walker) -> None:
    desk = open_first(clerk())
    assert "C0*****47" in desk.text
    desk.press("通过 A")
    assert "已通过" in desk.text
    passport.work()
    assert "已审核通过" in passport.fakes.sms.last("+8610000000001")
    assert passport.open("/verify").path == "/verify/signature"
    passport.sign().open("/messages")
    assert "已审核通过" in passport.text


def test_a_refusal_reaches_the_payee_in_the_manuals_words_and_the_journey_starts_again(
    clerk: Clerk, passport: Walker
) -> None:
    desk = open_first(clerk())
    desk.press("确认不通过", reason="court:unclear", words="请重新拍资料页。")
    passport.work()
    message = passport.fakes.sms.last("+8610000000001")
    assert (
        message
        == "MUELLER ANNA，您在 2026-11-23 10:00:00 提交的身份信息审核未通过，详情：证件照片不清楚。请重新拍资料页。 请进入深圳移动微法院重新进行身份认证。"
    )
    passport.open("/verify")
    assert passport.path == "/verify/document"
    assert "证件照片不清楚。请重新拍资料页。" in passport.text
    passport.press("同意，确认身份信息").show_document().wait().show_video().wait()
    assert "以前的提交" in open_first(desk).text


def test_a_refusal_without_a_reason_is_not_taken(clerk: Clerk, passport: Walker) -> None:
    desk = open_first(clerk()).press("确认不通过")
    assert desk.response.status_code == 422
    desk.press("确认不通过", reason="court:other")
    assert "请写明要修改什么" in desk.errors[0]


def test_two_clerks_cannot_decide_the_same_item(clerk: Clerk, passport: Walker, app: Flask) -> None:
    first, second = open_first(clerk()), open_first(clerk("wangfang", Role.MANAGER))
    assert "limin正在处理这一件" in second.text
    second.press("接手")
    assert "通过 A" in second.text
    second.press("通过 A")
    first.press("通过 A")
    assert "已由别人处理" in first.text
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="identity.accepted", actor_kind="clerk").count() == 1


def test_an_item_that_the_payee_took_back_cannot_be_decided(clerk: Clerk, passport: Walker, app: Flask) -> None:
    desk = open_first(clerk())
    passport.open("/verify/document").press("同意，确认身份信息")
    desk.press("通过 A")
    assert "当事人已经撤回" in desk.text
    with app.app_context():
        assert db.session.query(StepRecord).filter_by(step="court_review", state="accepted").count() == 0


def test_a_hold_lapses_by_itself(clerk: Clerk, passport: Walker, clock: TestClock) -> None:
    open_first(clerk())
    clock.move(minutes=16)
    assert "通过 A" in open_first(clerk("wangfang")).text


def test_an_auditor_looks_but_does_not_decide(clerk: Clerk, passport: Walker, app: Flask) -> None:
    desk = open_first(clerk("auditor", Role.AUDITOR))
    assert "MUELLER ANNA" in desk.text
    assert "通过 A" not in desk.text
    token = desk.page.cssselect("[name=csrf_token]")[0].get("value")
    for deed in ("decide", "take", "assign", "note", "ask"):
        sent = {"csrf_token": token, "once": "x", "decision": "approve"}
        assert desk.client.post(f"{desk.path}/{deed}", data=sent).status_code == 404, deed


def test_every_look_at_a_persons_record_leaves_an_audit_row(clerk: Clerk, passport: Walker, app: Flask) -> None:
    desk = open_first(clerk())
    desk.client.get(desk.page.cssselect("figure img")[0].get("src"))
    with app.app_context():
        kinds = {
            row.subject_kind
            for row in db.session.query(audit.AuditEntry).filter_by(action="desk.looked", actor_kind="clerk")
        }
    assert kinds == {"verification", "photo"}


def test_a_wrong_password_and_an_unknown_name_say_the_same(clerk: Clerk) -> None:
    desk = clerk()
    desk.press("退出")
    answers = set()
    for name in ("limin", "nobody"):
        desk.open("/desk/sign-in").press("登录", username=name, password="wrong wrong wrong")
        answers.add(desk.text)
    assert len(answers) == 1
    assert "用户名或密码不对。" in answers.pop()


def test_guessing_slows_down_but_locks_nobody_else_out(
    clerk: Clerk, app: Flask, fakes: Fakes, work: Callable[[], int], clock: TestClock
) -> None:
    clerk().press("退出")
    guesser = Walker(app.test_client(), fakes, work)
    for _ in range(5):
        guesser.open("/desk/sign-in").press("登录", username="limin", password="guess guess guess")
    guesser.press("登录", username="limin", password=PASSWORD)
    assert "尝试次数太多" in guesser.text
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert (
        "身份审核"
        in Walker(elsewhere, fakes, work).open("/desk/").press("登录", username="limin", password=PASSWORD).text
    )
    clock.move(minutes=1)
    assert "身份审核" in guesser.press("登录", username="limin", password=PASSWORD).text


def test_made_up_names_from_the_same_address_stop_no_clerk_who_was_here_before(
    clerk: Clerk, app: Flask, fakes: Fakes, work: Callable[[], int]
) -> None:
    inside, known = clerk("wangfang", Role.MANAGER), clerk().press("退出")
    guesser = Walker(app.test_client(), fakes, work).open("/desk/sign-in")
    for n in range(20):
        guesser.press("登录", username=f"nobody{n}", password="guess guess guess")
    guesser.press("登录", username="limin", password=PASSWORD)
    assert "尝试次数太多" in guesser.text
    assert inside.open("/desk/prove?next=/desk/cases").press("确认", password=PASSWORD).path == "/desk/cases"
    another = known.open("/desk/sign-in").press("登录", username="wangfang", password=PASSWORD)
    assert "尝试次数太多" in another.text, "a browser is known for the clerk who signed in there"
    assert "身份审核" in known.press("登录", username="limin", password=PASSWORD).text


def test_guessing_is_limited_in_a_known_browser_and_before_a_proof(clerk: Clerk) -> None:
    known, inside = clerk().press("退出"), clerk("wangfang", Role.MANAGER)
    for _ in range(5):
        known.open("/desk/sign-in").press("登录", username="limin", password="guess guess guess")
        inside.open("/desk/prove").press("确认", password="guess guess guess")
    assert "尝试次数太多" in known.press("登录", username="limin", password=PASSWORD).text
    assert "尝试次数太多" in inside.press("确认", password=PASSWORD).text


def test_a_clerks_session_ends_after_idleness_and_at_the_end_of_the_day(clerk: Clerk, clock: TestClock) -> None:
    desk = clerk()
    for _ in range(21):
        clock.move(minutes=29)
        desk.open("/desk/identity")
    assert desk.path == "/desk/sign-in"
    desk.press("登录", username="limin", password=PASSWORD)
    clock.move(minutes=31)
    assert desk.open("/desk/identity").path == "/desk/sign-in"


def test_a_short_password_is_refused(app: Flask, clock: TestClock) -> None:
    with app.app_context(), pytest.raises(WeakPassword), unit_of_work():
        create_clerk(
            "x",
            display_name="x",
            password_hash=hash_password("short", username="x"),
            role=Role.REVIEWER,
            courts=(),
            now=clock(),
        )


def signed_permit(walker: Walker, app: Flask, clock: TestClock) -> Walker:
    """A permit's holder whose account only a clerk can judge, signed."""
    name_in_case(app, clock, "H12345678", "hk_macao_permit")
    walker.fakes.bank.verdict = AccountVerdict.UNSUPPORTED_DOCUMENT
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait().sign()
    hand_in(at_account(walker)).wait().press("提交并签名").press("确定")
    return walker.wait()


def test_an_account_that_the_bank_cannot_judge_is_accepted_by_a_clerk(
    walker: Walker, clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    desk = open_first(clerk(), "/desk/accounts").press("接受 A")
    assert "已通过" in desk.text
    walker.open("/cases")
    assert "法院已接受" in walker.text
    walker.open(next(a.get("href") for a in walker.page.cssselect("a[href^='/cases/']")))
    assert "重新提交" not in walker.text
    account = walker.path.removesuffix("/letter") + "/account"
    assert walker.open(f"{account}?again=1").path.endswith("/letter")


def test_a_name_that_the_bank_writes_differently_counts_as_differing(
    clerk: Clerk, walker: Walker, app: Flask, clock: TestClock
) -> None:
    name_in_case(app, clock)
    walker.verified_resident().fakes.bank.verdict = AccountVerdict.NAME_UNCLEAR
    hand_in(at_account(walker.open("/cases"))).wait().press("提交并签名").press("确定").wait()
    desk = open_first(clerk(), "/desk/accounts")
    name = next(row for row in desk.page.cssselect("table.cmp tbody tr") if "姓名" in row.text_content())
    assert "写法与证件不同" in name.text_content() and name.cssselect(".no") and not name.cssselect(".yes")


def test_an_account_given_back_reopens_with_the_clerks_words_and_its_letter_is_void(
    walker: Walker, clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    open_first(clerk(), "/desk/accounts").press("确认退回", words="证件照片反光，看不清号码。")
    walker.open("/cases")
    assert "已退回" in walker.text
    walker.open(next(a.get("href") for a in walker.page.cssselect("a[href^='/cases/']")))
    assert "证件照片反光，看不清号码。" in walker.text
    with app.app_context():
        assert [letter.state for letter in db.session.query(Letter)] == ["replaced"]
    walker.press("下一步").wait().press("提交并签名").press("确定")
    walker.wait()
    with app.app_context():
        assert sorted(s.state for s in db.session.query(Submission)) == ["returned", "signed"]


def test_a_case_shows_how_far_its_people_have_come_and_their_letters(
    walker: Walker, clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    name_in_case(app, clock, "44030119850101009X")
    desk = clerk().open("/desk/cases")
    assert [cell.text_content() for cell in desk.page.cssselect("tr[data-row] td.num")] == [
        "2",
        "0",
        "0",
        "1",
        "0",
        "0",
        "0",
    ]
    open_first(desk, "/desk/cases").press("确认书")
    assert "陈**" in desk.text
    assert desk.client.get(desk.page.cssselect("a[href$='.pdf']")[0].get("href")).data.startswith(b"%PDF")
    with app.app_context():
        code = db.session.query(Letter).one().verification_code
    assert "有效" in desk.open(f"/desk/letters?code={code.lower()}").text
    assert "没有找到" in desk.open("/desk/letters?code=XXXX").text


def test_the_desk_speaks_english_too(clerk: Clerk, passport: Walker) -> None:
    desk = clerk().press("English")
    assert "Identity reviews" in desk.text


def test_a_refused_photo_must_be_taken_again_and_says_so_where_photos_are(clerk: Clerk, passport: Walker) -> None:
    open_first(clerk()).press("确认不通过", reason="court:unclear", words="请重新拍资料页。")
    passport.open("/verify").press("同意，确认身份信息")
    assert passport.path == "/verify/evidence"
    assert "证件照片不清楚。请重新拍资料页。" in passport.text
    assert passport.page.cssselect(".capture img") == []
    passport.press("下一步")
    assert passport.errors
    passport.show_document().wait()
    assert passport.path == "/verify/video"


def test_the_clerk_sees_the_message_in_the_payees_own_language(clerk: Clerk, walker: Walker) -> None:
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    walker.open("/language").press("继续", language="en")
    desk = open_first(clerk())
    assert "当事人使用English" in desk.text
    assert "and verify again" in desk.text
    desk.press("确认不通过", reason="court:unclear", words="Take the data page again.")
    walker.work()
    assert "not clear. Take the data page again." in walker.fakes.sms.last("+8610000000001")


def test_reloading_after_a_refused_form_leads_back_to_the_page_with_it(clerk: Clerk, passport: Walker) -> None:
    """An address that only takes forms never stands in the address bar, and by hand it answers as a page of the desk."""
    desk = open_first(clerk())
    token = desk.page.cssselect("#refuse [name=csrf_token]")[0].get("value")
    address = desk.page.cssselect("#refuse")[0].get("action")
    asked = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "page"}
    refused = desk.client.post(address, data={"csrf_token": token, "decision": "refuse"}, headers=asked)
    assert (refused.status_code, refused.headers["HX-Push-Url"]) == (422, "false")
    desk.open(address)
    assert desk.response.status_code == 405
    assert desk.page.cssselect(".desk-bar"), "in the desk's own layout, with the desk's navigation"
    assert [link.get("href") for link in desk.page.cssselect("main a.btn")] == ["/desk/"]
