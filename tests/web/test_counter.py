"""At the counter somebody with an account shows by a code to their phone that they are there; who can't is let in for a reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_desk import open_first
from webapp.accounts.models import Account, PhoneCode
from webapp.cases.models import CasePayee
from webapp.cases.people_models import CounterVisit
from webapp.core import audit
from webapp.core.db import db
from webapp.docket.models import DocketItem
from webapp.payee.models import Submission

PHONE = "+8610000000001"
LOST: dict[str, Any] = {"phone": "without", "reason": "手机 上周丢了，号码已停用。"}


@pytest.fixture
def reviewer(verified: Walker, app: Flask, clerk: Clerk, clock: TestClock) -> Walker:
    """A reviewer before the page that opens the pages of somebody who is verified."""
    assert verified.path == "/verify/done"
    clock.move(minutes=2)  # since the payee's own code
    return clerk().open(counter_of_the_only_one(app))


def counter_of_the_only_one(app: Flask) -> str:
    """The desk's page that opens the pages of the only person whom a register names."""
    with app.app_context():
        payee = db.session.query(CasePayee).one()
        return f"/desk/cases/{payee.case_id}/people/{payee.id}/counter"


def offered(desk: Walker, **how: Any) -> str:
    """The tablet's address."""
    desk.press("生成二维码", seen="y", **how).work()
    return "/counter/" + str(re.findall(r"/counter/([2-9A-Z]{10})", desk.text)[0])


def opened(desk: Walker, tablet: Walker) -> Walker:
    """The payee types the code that came to their phone."""
    tablet.open(offered(desk)).press("获取验证码").work()
    return tablet.press("开始办理", code=tablet.fakes.sms.code(PHONE))


def test_whoever_has_an_account_opens_it_by_a_code_to_their_own_phone(
    reviewer: Walker, second: Walker, app: Flask, fakes: Fakes
) -> None:
    assert "发到 100****0001 的验证码" in reviewer.text
    second.open(offered(reviewer))
    assert "100****0001" in second.text
    assert PHONE not in second.response.text
    second.press("获取验证码")
    second.work()
    assert "秒后可以再次获取验证码" in second.text
    second.press("开始办理", code="000000" if fakes.sms.code(PHONE) != "000000" else "000001")
    assert "验证码不对" in second.errors[0]
    second.press("开始办理", code=fakes.sms.code(PHONE))
    assert "在场人员：limin" in second.text
    second.work()
    assert "在工作人员协助下打开了您的账户" in fakes.sms.last(PHONE)
    with app.app_context():
        visit = db.session.query(CounterVisit).one()
        assert (visit.reason, visit.unproved) == (None, False)
        detail = db.session.query(audit.AuditEntry).filter_by(action="counter.opened").one().detail
        assert (detail["code"], detail["unproved"]) == (True, False)


def test_five_wrong_codes_end_a_code_and_a_new_one_is_had_on_the_same_page(
    reviewer: Walker, second: Walker, fakes: Fakes, clock: TestClock
) -> None:
    second.open(offered(reviewer)).press("获取验证码")
    second.work()
    right = fakes.sms.code(PHONE)
    for _try in range(5):
        second.press("开始办理", code="111111" if right != "111111" else "222222")
    assert "错的次数太多" in second.errors[0]
    assert "错的次数太多" in second.press("开始办理", code=right).errors[0]
    clock.move(seconds=61)
    second.press("获取验证码").work()
    assert "在场人员" in second.press("开始办理", code=fakes.sms.code(PHONE)).text


def test_a_code_that_another_browser_asked_for_opens_nothing_on_the_tablet(
    reviewer: Walker, second: Walker, verified: Walker, app: Flask, fakes: Fakes
) -> None:
    address = offered(reviewer)
    other = Walker(app.test_client(), fakes, second.work).open(address)
    other.press("获取验证码").work()
    second.open(address).press("开始办理", code=fakes.sms.code(PHONE))
    assert "请先获取验证码" in second.errors[0]
    assert second.open("/cases").path == "/signin"


def test_who_has_lost_the_phone_is_let_in_for_a_reason_which_is_kept_and_told_to_the_phone(
    reviewer: Walker, second: Walker, app: Flask, fakes: Fakes
) -> None:
    reviewer.press("生成二维码", seen="y", phone="without", reason=" 丢 ")
    assert "请写明原因" in reviewer.errors[0]
    address = offered(reviewer, **LOST)
    assert "这次不发验证码" in reviewer.text
    second.open(address)
    assert "验证码" not in second.text
    sent = len(fakes.sms.sent)
    second.press("开始办理").work()
    assert "在场人员：limin" in second.text
    assert len(fakes.sms.sent) == sent + 1
    said, court = fakes.sms.last(PHONE), app.extensions["settings"].court_phone
    assert "没有用短信验证码验证您的手机" in said
    assert court in said
    with app.app_context():
        visit = db.session.query(CounterVisit).one()
        assert (visit.reason, visit.unproved) == ("手机 上周丢了，号码已停用。", True)
        entries = {row.action: row.detail for row in db.session.query(audit.AuditEntry)}
        assert entries["counter.offered"] == {"visit": visit.id, "without_phone": True}
        assert entries["counter.opened"]["unproved"] is True


def test_what_is_handed_in_without_a_proof_says_so_to_the_other_clerk(
    reviewer: Walker, second: Walker, app: Flask, clerk: Clerk
) -> None:
    second.open(offered(reviewer, **LOST)).press("开始办理")
    hand_in(at_account(second)).wait()
    second.press("提交并签名").press("确定").wait()
    other = open_first(clerk("chenjing"), "/desk/accounts")
    warned = [" ".join(one.text_content().split()) for one in other.page.cssselect(".warned")]
    assert "在柜台由工作人员陪同办理：limin" in warned[0]
    assert "没有经过本人手机验证：手机 上周丢了，号码已停用。（limin）" in warned[1]
    with app.app_context():
        assert "without_phone" in db.session.query(DocketItem).one().flags
        visit = db.session.query(CounterVisit).one()
        assert db.session.query(Submission).one().unproved_visit == visit.id


def test_what_was_handed_in_without_a_proof_keeps_its_flag_when_it_is_signed_with_one(
    reviewer: Walker, second: Walker, verified: Walker, app: Flask, clock: TestClock
) -> None:
    second.open(offered(reviewer, **LOST)).press("开始办理")
    hand_in(at_account(second)).wait()
    clock.move(minutes=2)
    reviewer.open(reviewer.path)
    tablet = opened(reviewer, Walker(app.test_client(), second.fakes, second.work))
    tablet.open(second.path).press("提交并签名").press("确定").wait()
    with app.app_context():
        signed = db.session.query(Submission).one()
        first = db.session.query(CounterVisit).filter_by(unproved=True).one()
        assert (signed.state, signed.unproved_visit) == ("signed", first.id)


def test_what_is_handed_in_after_a_code_has_no_such_flag(
    reviewer: Walker, second: Walker, app: Flask, clerk: Clerk
) -> None:
    hand_in(at_account(opened(reviewer, second))).wait()
    second.press("提交并签名").press("确定").wait()
    other = open_first(clerk("chenjing"), "/desk/accounts")
    assert len(other.page.cssselect(".warned")) == 1
    with app.app_context():
        assert db.session.query(Submission).one().unproved_visit is None


def test_who_they_are_is_looked_at_again_with_that_flag_when_it_was_opened_without_a_proof(
    passport: Walker, app: Flask, clock: TestClock, clerk: Clerk, second: Walker
) -> None:
    name_in_case(app, clock, number="C01X00T47", kind="passport")
    open_first(clerk("chenjing")).press("通过 A")
    passport.work()
    passport.open("/verify").sign()
    clock.move(minutes=2)
    second.open(offered(clerk().open(counter_of_the_only_one(app)), **LOST)).press("开始办理")
    second.open("/verify/document").give_document(
        kind="passport", name="MUELLER ANNA MARIA", number="C01X00T47", nationality="DEU"
    )
    second.show_document().wait().show_video().wait()
    assert second.path == "/verify/court_review"
    desk = open_first(clerk("zhaolei"))
    warned = [" ".join(one.text_content().split()) for one in desk.page.cssselect(".warned")]
    assert any("没有经过本人手机验证：手机 上周丢了，号码已停用。（limin）" in line for line in warned)


def test_a_visit_that_ended_while_the_code_was_typed_says_so_and_who_helps_on(
    reviewer: Walker, second: Walker, fakes: Fakes, clock: TestClock
) -> None:
    address = offered(reviewer)
    second.open(address).press("获取验证码").work()
    clock.move(minutes=16)
    second.press("开始办理", code=fakes.sms.code(PHONE))
    assert second.response.status_code == 410
    assert "有效时间已经过了" in second.text
    assert "重新生成二维码" in second.text
    assert second.open("/cases").path == "/signin"
    reviewer.open(reviewer.path)
    assert "在场人员" in opened(reviewer, second).text


def test_asking_for_a_code_keeps_the_visit_open_as_long_as_that_code_lives(
    reviewer: Walker, second: Walker, fakes: Fakes, clock: TestClock
) -> None:
    second.open(offered(reviewer))
    clock.move(minutes=9)
    second.press("获取验证码").work()
    clock.move(minutes=4)
    assert "在场人员" in second.press("开始办理", code=fakes.sms.code(PHONE)).text


def test_whoever_reads_slowly_gets_more_time_for_the_code_and_the_visit(
    reviewer: Walker, second: Walker, fakes: Fakes, clock: TestClock
) -> None:
    second.open(offered(reviewer)).press("获取验证码").work()
    for _again in range(3):
        clock.move(minutes=4)
        second.press("我需要更多时间")
        assert second.path.startswith("/counter/")
        assert second.response.status_code == 200
    clock.move(minutes=4)
    assert "在场人员" in second.press("开始办理", code=fakes.sms.code(PHONE)).text


def test_a_used_code_leads_back_to_the_pages_that_it_opened(reviewer: Walker, second: Walker) -> None:
    opened(reviewer, second)
    second.again()
    assert second.response.status_code == 410
    assert "它已经用过一次" in second.text
    assert "在场人员" in second.press("继续").text


def test_somebody_without_an_account_is_let_in_as_before(
    app: Flask, clock: TestClock, clerk: Clerk, second: Walker, fakes: Fakes
) -> None:
    name_in_case(app, clock)
    desk = clerk().open(counter_of_the_only_one(app))
    assert "本人的手机" not in desk.text
    second.open(offered(desk)).press("开始办理")
    assert "在场人员：limin" in second.text
    assert fakes.sms.sent == []
    with app.app_context():
        assert db.session.query(CounterVisit).one().unproved is False
        assert db.session.query(Account).count() == 1


def test_a_code_of_the_counter_uses_up_nothing_of_the_payees_own_day(
    reviewer: Walker, second: Walker, verified: Walker, app: Flask, clock: TestClock
) -> None:
    second.open(offered(reviewer))
    for _time in range(3):
        second.press("获取验证码").work()
        clock.move(seconds=61)
    with app.app_context():
        assert [code.known for code in db.session.query(PhoneCode).order_by(PhoneCode.sent_at)][1:] == [False] * 3
