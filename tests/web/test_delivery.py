"""What becomes of an SMS: receipts, another try where that helps, and what clerks and payees are told where it doesn't."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from tests.databases import sqlite_plan
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import name_in_case
from tests.web.test_courts import FUTIAN, MIDDLE, Enter, clerk_of
from tests.web.test_messages import PHONE, payee, tell_somebody
from webapp.accounts.models import Clerk as AClerk
from webapp.accounts.models import Role
from webapp.amending.usecases import Right, correct_entry
from webapp.cases.models import Case
from webapp.cases.people import Person, add_payee
from webapp.cases.register_models import ImportState, RegisterImport
from webapp.cases.usecases import create_case, import_register
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.hours import QuietHours
from webapp.ports.sms_gateway import SmsReceipt
from webapp.review.queries import lost_of
from webapp.sms.models import Fault, LostSms, SmsDelivery
from webapp.sms.usecases import fetch_receipts, note_receipt, post_sms, send_sms

__all__ = ["clerk_of", "payee"]


@dataclass
class FakeReceipts:
    """A gateway that is asked for its receipts."""

    waiting: list[SmsReceipt] = field(default_factory=list)

    def fetch(self) -> list[SmsReceipt]:
        told, self.waiting = self.waiting, []
        return told


def tell_later(app: Flask, clock: TestClock) -> None:
    clock.move(minutes=1)
    tell_somebody(app, clock)


def last_delivery(app: Flask) -> str:
    with app.app_context():
        return (
            db.session.scalars(
                select(SmsDelivery.id).order_by(SmsDelivery.created_at.desc(), SmsDelivery.tries.desc())
            ).first()
            or ""
        )


def receipt(
    app: Flask, clock: TestClock, *, delivered: bool = False, fault: Fault = Fault.TEMPORARY, of: str = ""
) -> None:
    with app.app_context(), unit_of_work():
        note_receipt(of or last_delivery(app), delivered=delivered, fault=fault, now=clock())


def sent(walker: Walker) -> int:
    walker.work()
    return len(walker.fakes.sms.sent)


def test_a_phone_that_is_off_is_tried_twice_more_and_then_left_alone(
    payee: Walker, app: Flask, clock: TestClock
) -> None:
    tell_later(app, clock)
    assert sent(payee) == 1
    receipt(app, clock)
    clock.move(minutes=29)
    assert sent(payee) == 1
    clock.move(minutes=2)
    assert sent(payee) == 2
    receipt(app, clock)
    clock.move(hours=4, minutes=1)
    assert sent(payee) == 3
    receipt(app, clock)
    clock.move(days=2)
    assert sent(payee) == 3


@pytest.mark.parametrize("fault", [Fault.PERMANENT, Fault.UNKNOWN])
def test_a_number_that_can_never_take_it_is_not_tried_again(
    payee: Walker, app: Flask, clock: TestClock, fault: Fault
) -> None:
    tell_later(app, clock)
    payee.work()
    receipt(app, clock, fault=fault)
    clock.move(days=2)
    assert sent(payee) == 1


def test_a_receipt_that_comes_twice_causes_one_more_try(payee: Walker, app: Flask, clock: TestClock) -> None:
    tell_later(app, clock)
    payee.work()
    first = last_delivery(app)
    for _ in range(3):
        receipt(app, clock, of=first)
    clock.move(hours=1)
    assert sent(payee) == 2


def test_what_arrived_after_all_is_not_sent_again(payee: Walker, app: Flask, clock: TestClock) -> None:
    tell_later(app, clock)
    payee.work()
    first = last_delivery(app)
    receipt(app, clock, of=first)
    receipt(app, clock, of=first, delivered=True)
    clock.move(hours=1)
    assert sent(payee) == 1


def test_a_code_is_never_sent_again_by_itself(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    walker.work()
    receipt(app, clock)
    clock.move(minutes=31)
    assert sent(walker) == 1


def test_the_payee_is_told_that_the_number_takes_no_sms(payee: Walker, app: Flask, clock: TestClock) -> None:
    tell_later(app, clock)
    payee.work()
    assert "没有送达" not in payee.open("/messages").text
    receipt(app, clock, fault=Fault.PERMANENT)
    assert "发到 100****0001 的短信没有送达" in payee.open("/messages").text
    tell_later(app, clock)
    payee.work()
    receipt(app, clock, delivered=True)
    assert "没有送达" not in payee.open("/messages").text


def test_clerks_see_what_was_lost_and_whether_to_wait(
    payee: Walker, app: Flask, clock: TestClock, clerk: Clerk
) -> None:
    for fault in (Fault.TEMPORARY, Fault.PERMANENT):
        clock.move(minutes=1)
        tell_later(app, clock)
        payee.work()
        receipt(app, clock, fault=fault)
    desk = clerk(role=Role.ADMINISTRATOR).open("/desk/messages")
    assert "需要当事人换一个号码" in desk.text
    assert "会自动再发" in desk.text
    assert "100****0001" in desk.text
    assert PHONE not in desk.text
    assert "何志豪" not in desk.text


def lost_at(desk: Walker) -> int:
    return len(desk.open("/desk/messages").page.cssselect("main tr[data-row]"))


def test_what_another_courts_payee_did_not_get_is_not_shown(
    verified: Walker, app: Flask, clock: TestClock, clerk_of: Enter
) -> None:
    """A message to somebody of a case belongs to its court; one to nobody of any case is for administrators alone."""
    tell_later(app, clock)
    verified.work()
    receipt(app, clock)
    with app.app_context(), unit_of_work():
        case = db.session.query(Case).one()
        case.court, case_id = MIDDLE, case.id
        strangers = [send_to_a_stranger(clock) for _ in range(2)]
        of_the_case = post_sms("+8610000000077", "您好", case_id=case_id, now=clock()).id
    for stranger in strangers:
        receipt(app, clock, of=stranger)
    mine, others, administrator = (
        clerk_of(MIDDLE), clerk_of(FUTIAN, role=Role.REVIEWER), clerk_of(FUTIAN, MIDDLE, role=Role.ADMINISTRATOR),
    )  # fmt: skip
    assert [lost_at(desk) for desk in (mine, others, administrator)] == [1, 0, 3]
    receipt(app, clock, of=of_the_case)  # a reminder to a number of the register
    assert [lost_at(desk) for desk in (mine, others, administrator)] == [2, 0, 4]
    receipt(app, clock, of=of_the_case, delivered=True)
    assert [lost_at(desk) for desk in (mine, others, administrator)] == [1, 0, 3]


def test_a_message_to_whom_nobody_knew_yet_is_shown_to_the_court_that_names_them_later(
    walker: Walker, app: Flask, clock: TestClock, clerk_of: Enter
) -> None:
    walker.verified_resident()
    tell_later(app, clock)
    walker.work()
    receipt(app, clock)
    desks = clerk_of(MIDDLE), clerk_of(role=Role.ADMINISTRATOR)
    assert [lost_at(desk) for desk in desks] == [0, 1]
    name_in_case(app, clock)
    with app.app_context(), unit_of_work():
        db.session.query(Case).one().court = FUTIAN
    assert [lost_at(desk) for desk in desks] == [0, 0]
    assert lost_at(clerk_of(FUTIAN, role=Role.REVIEWER)) == 1


@pytest.mark.parametrize("by", ["register", "hand", "correction"])
def test_a_court_that_names_somebody_later_sees_what_they_did_not_get(
    verified: Walker, app: Flask, clock: TestClock, clerk_of: Enter, by: str
) -> None:
    """Another court knew them already."""
    tell_later(app, clock)
    verified.work()
    lost = last_delivery(app)
    receipt(app, clock, of=lost)
    with app.app_context(), unit_of_work():
        first = db.session.query(Case).one()
        first.court = MIDDLE
        other = create_case(
            "（2024）粤0304执7号", title="另一个案件", court=FUTIAN, partner_bank="样本银行", contact="", now=clock()
        ).id
    desks = clerk_of(MIDDLE), clerk_of(FUTIAN)
    assert [lost_at(desk) for desk in desks] == [1, 0]
    name_later(app, clock, other, by)
    assert [lost_at(desk) for desk in desks] == [1, 1]
    receipt(app, clock, of=lost, delivered=True)
    assert [lost_at(desk) for desk in desks] == [0, 0]


def name_later(app: Flask, clock: TestClock, case_id: str, by: str) -> None:
    """The other court's case names 何志豪, in one of the ways there are."""
    number = "440301198501010014"
    with app.app_context():
        clerk_id = db.session.scalars(select(AClerk.id)).first() or "a clerk"
        if by == "register":
            rows, today = f"姓名,证件号码,金额\n何志豪,{number},100\n", in_china(clock()).date()
            import_register(db.session.get_one(Case, case_id), "r.csv", rows.encode(), today=today, now=clock())
            return
        written = number if by == "hand" else "440301199003070019"
        with unit_of_work():
            case = db.session.get_one(Case, case_id)
            added = add_payee(
                case, Person("何志豪", "resident_id", written), 100, "补充", clerk_id=clerk_id, now=clock()
            ).id
        if by == "correction":
            with unit_of_work():
                case = db.session.get_one(Case, case_id)
                right = Right("何志豪", "resident_id", number, 100)
                correct_entry(case, added, right, "抄错了", clerk_id=clerk_id, now=clock())


def test_what_is_lost_while_a_register_waits_is_not_written_down_for_its_case(
    verified: Walker, app: Flask, clock: TestClock
) -> None:
    """Whoever handed in a row would learn that its number is somebody's who is written to."""
    with app.app_context(), unit_of_work():
        other = create_case(
            "（2024）粤0304执7号", title="案", court=FUTIAN, partner_bank="", contact="", now=clock()
        ).id
    name_later(app, clock, other, "register")
    with app.app_context(), unit_of_work():
        theirs = db.session.query(RegisterImport).filter_by(case_id=other)
        theirs.update({"applied_at": None, "state": ImportState.READY})  # as before somebody confirms it
    tell_later(app, clock)
    verified.work()
    receipt(app, clock)
    with app.app_context():
        assert db.session.query(LostSms).filter_by(place=other).count() == 0
        assert db.session.query(LostSms).count() == 1, "its own case's"


def test_what_was_lost_long_ago_is_not_brought_to_a_court(
    verified: Walker, app: Flask, clock: TestClock, clerk_of: Enter
) -> None:
    tell_later(app, clock)
    verified.work()
    receipt(app, clock)
    with app.app_context(), unit_of_work():
        other = create_case(
            "（2024）粤0304执7号", title="案", court=FUTIAN, partner_bank="", contact="", now=clock()
        ).id
    clock.move(days=31)
    name_later(app, clock, other, "hand")
    with app.app_context():
        assert db.session.query(LostSms).filter_by(place=other).count() == 0


def test_a_courts_lost_messages_are_found_by_an_index(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        plan = sqlite_plan(lambda: lost_of(frozenset({MIDDLE}), others=False, since=clock(), most=200))
    assert (
        sum("lost_sms USING INDEX ix_lost_sms_place_created_at (place=? AND created_at>?)" in one for one in plan) == 3
    )
    assert "SEARCH sms_delivery USING INDEX sqlite_autoindex_sms_delivery_1 (id=?)" in plan[0]
    assert not [one for one in plan if one.startswith("SCAN")], plan


def send_to_a_stranger(clock: TestClock) -> str:
    return post_sms("+8610000000077", "您好", now=clock()).id


def test_receipts_are_fetched_once_for_all_messages_of_a_moment_until_none_is_open(
    payee: Walker, app: Flask, clock: TestClock
) -> None:
    source, quiet = FakeReceipts(), QuietHours.parse("off")
    with app.app_context():
        db.session.rollback()
        for _ in range(2):
            tell_later(app, clock)
        for delivery_id in db.session.scalars(select(SmsDelivery.id).where(SmsDelivery.state == "waiting")).all():
            db.session.rollback()
            send_sms(delivery_id, gateway=payee.fakes.sms, signature="法院", quiet=quiet, now=clock(), receipts=source)
        source.waiting = [SmsReceipt(f"ref-{q.key}", delivered=True) for q in payee.fakes.sms.sent]
        clock.move(minutes=3)
        fetch_receipts(source=source, now=clock())
        states = select(SmsDelivery.state).where(SmsDelivery.kind == "review_refused")
        assert set(db.session.scalars(states)) == {"delivered"}
