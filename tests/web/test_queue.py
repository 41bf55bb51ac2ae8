"""The queue: filters and pages in the address, who has what in hand, assigning, opinions, notes, and what is odd."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from benchmarks.desk_people import add_accounts, add_passports
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import name_in_case
from webapp.accounts.models import Clerk as StaffClerk
from webapp.accounts.models import Role
from webapp.cases.models import Case
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.docket.models import DocketItem, Flag
from webapp.docket.usecases import raise_flag
from webapp.review.jobs import fill_docket
from webapp.review.models import Note, Opinion


@pytest.fixture
def people(app: Flask, clock: TestClock) -> int:
    """Sixty passports that wait for a clerk."""
    with app.app_context():
        add_passports(60, now=clock())
    return 60


@pytest.fixture
def few(app: Flask, clock: TestClock) -> int:
    with app.app_context():
        add_passports(4, now=clock())
    return 4


def hrefs(desk: Walker) -> list[str]:
    return [a.get("href").split("?")[0] for a in desk.page.cssselect("tr[data-row] a")]


def tab(desk: Walker, words: str) -> str:
    return next(
        re.sub(r"\D", "", a.text_content()) for a in desk.page.cssselect(".tabs a") if words in a.text_content()
    )


def open_row(desk: Walker, place: int = 0) -> Walker:
    return desk.open(desk.page.cssselect("tr[data-row] a")[place].get("href"))


def test_every_item_is_on_exactly_one_page_the_oldest_first(clerk: Clerk, people: int, app: Flask) -> None:
    desk = clerk().open("/desk/identity")
    seen, first = hrefs(desk), hrefs(desk)
    assert len(seen) == 25
    while "下一页" in desk.text:
        desk.press("下一页")
        seen += hrefs(desk)
    with app.app_context():
        oldest_first = [item.id for item in db.session.query(DocketItem).order_by(DocketItem.since, DocketItem.id)]
    assert seen == [f"/desk/review/{item}" for item in oldest_first]
    desk.press("上一页").press("上一页")
    assert hrefs(desk) == first


def test_filters_stand_in_the_address_and_come_along_to_the_item(clerk: Clerk, people: int, app: Flask) -> None:
    desk = clerk().open("/desk/identity?language=en&court=深圳市南山区人民法院")
    with app.app_context():
        wanted = db.session.query(DocketItem).filter_by(language="en", court="深圳市南山区人民法院").count()
    assert len(hrefs(desk)) == wanted > 0
    assert "language=en" in desk.page.cssselect("tr[data-row] a")[0].get("href")
    open_row(desk).press("返回队列 Q")
    assert len(hrefs(desk)) == wanted
    assert desk.open("/desk/identity?age=week").page.cssselect("tr[data-row]")
    assert "没有符合条件的" in desk.open("/desk/identity?court=nowhere").text
    assert desk.open("/desk/identity?tab=nonsense&after=nobody&flag=%27").response.status_code == 200


def test_tabs_count_what_is_overdue_and_what_is_odd(clerk: Clerk, few: int, app: Flask, clock: TestClock) -> None:
    with app.app_context(), unit_of_work():
        oldest = db.session.query(DocketItem).order_by(DocketItem.since).first()
        raise_flag(oldest.thread, Flag.SAME_DEVICE, other="somebody", now=clock())
    desk = clerk().open("/desk/identity")
    assert (tab(desk, "待审"), tab(desk, "要留意"), tab(desk, "我的")) == ("4", "1", "0")
    assert (
        desk.open("/desk/identity?flag=same_device").page.cssselect(".flag")[0].text_content()
        == "同一浏览器用过另一个身份"
    )
    clock.move(days=30)
    desk = clerk("wangfang").open("/desk/identity")
    assert tab(desk, "超过期限") == "4"


def test_the_next_item_is_never_one_that_a_colleague_has(clerk: Clerk, few: int) -> None:
    first, second = clerk().open("/desk/queue/identity/next"), clerk("wangfang").open("/desk/queue/identity/next")
    assert first.path != second.path
    assert "正在处理这一件" not in second.text
    third = second.open(f"{second.path}/next")
    assert third.path not in {first.path}


def test_the_next_page_is_loaded_ahead_and_kept_for_three_minutes(clerk: Clerk, few: int, clock: TestClock) -> None:
    desk = open_row(clerk().open("/desk/identity"))
    reply = desk.client.get(f"{desk.path}/next?ahead=1", headers={"HX-Request": "true"})
    address = reply.headers["X-Address"]
    assert reply.status_code == 200 and "<html" not in reply.text and "通过" in reply.text
    other = clerk("wangfang").open(address)
    assert "limin正在处理这一件" in other.text
    clock.move(minutes=4)
    assert "正在处理这一件" not in other.open(address).text


def test_a_hold_that_is_renewed_goes_on_and_one_that_was_taken_over_says_so(
    clerk: Clerk, few: int, clock: TestClock
) -> None:
    desk = open_row(clerk().open("/desk/identity"))
    keeping = next(form for form in desk.page.forms if form.get("id") == "keeping")
    clock.move(minutes=10)
    assert desk.client.post(keeping.get("action"), data=dict(keeping.form_values())).status_code == 204
    clock.move(minutes=10)
    other = clerk("wangfang").open(desk.path)
    assert "limin正在处理这一件" in other.text
    other.press("接手")
    assert desk.client.post(keeping.get("action"), data=dict(keeping.form_values())).status_code == 409


def test_a_manager_hands_out_work_and_a_reviewer_only_takes_it(clerk: Clerk, few: int, app: Flask) -> None:
    limin, manager = clerk(), clerk("wangfang", Role.MANAGER)
    with app.app_context():
        who = db.session.query(StaffClerk).filter_by(username="limin").one().id
    manager.open("/desk/identity")
    items = [box.get("value") for box in manager.page.cssselect("input[name=item]")][:2]
    form = next(form for form in manager.page.forms if form.get("id") == "hand-out")
    handed = {**dict(form.form_values()), "item": items, "to": who}
    assert "已分配 2 件" in manager.client.post(form.get("action"), data=handed, follow_redirects=True).text
    assert len(hrefs(limin.open("/desk/identity?tab=mine"))) == 2
    assert "勾选" not in limin.text
    token = limin.page.cssselect("[name=csrf_token]")[0].get("value")
    boss = manager.open("/desk/identity").page.cssselect("input[name=item]")[3].get("value")
    sent = {"csrf_token": token, "to": "somebody else"}
    assert limin.client.post(f"/desk/review/{boss}/assign", data=sent).status_code == 404
    open_row(manager.open(f"/desk/identity?who={who}"))
    assert "这一件分给了limin" in manager.text
    assert "通过 A" not in manager.text
    assert "通过 A" in manager.press("接手").text


def test_a_reviewer_takes_an_item_and_gives_it_back(clerk: Clerk, few: int) -> None:
    desk = open_row(clerk().open("/desk/identity")).press("归我")
    assert "已改分" in desk.text and "分给limin" in desk.text
    assert "分给limin" not in desk.press("不再归我").text
    desk.press("放回队列")
    assert "正在处理这一件" not in open_row(clerk("wangfang").open("/desk/identity")).text


def test_a_second_opinion_comes_from_somebody_else_and_is_waited_for(clerk: Clerk, few: int, app: Flask) -> None:
    limin, wangfang = clerk(), clerk("wangfang", Role.MANAGER)
    open_row(limin.open("/desk/identity"))
    names = [option.text_content() for option in limin.page.cssselect("#colleague option")]
    assert names == ["wangfang"], "nobody asks themselves"
    item = limin.path
    limin.press("请同事看", question="照片是不是同一个人？")
    assert "还没有回答" in limin.text
    limin.press("通过 A")
    assert limin.response.status_code == 409
    assert "还在等同事的意见" in limin.text
    wangfang.open("/desk/identity")
    assert tab(wangfang, "请我看看") == "1"
    wangfang.open(item).press("交给同事", verdict="refuse")
    assert "请写明理由" in wangfang.text
    wangfang.press("交给同事", verdict="refuse", opinion="耳朵不一样。")
    assert "意见已交给同事" in wangfang.text
    assert "不同意 耳朵不一样。" in limin.open(item).text
    assert "耳朵不一样。" in wangfang.open(item).text
    assert "已通过" in limin.open(item).press("通过 A").text
    with app.app_context():
        raw = db.session.connection().exec_driver_sql("SELECT question, words FROM review_opinion").one()
        assert "照片".encode() not in bytes(raw[0]) and "耳朵".encode() not in bytes(raw[1])


def test_a_question_can_be_withdrawn_and_only_who_was_asked_can_answer(clerk: Clerk, few: int, app: Flask) -> None:
    limin, wangfang, zhao = clerk(), clerk("wangfang"), clerk("zhaolei")
    open_row(limin.open("/desk/identity"))
    with app.app_context():
        asked = db.session.query(StaffClerk).filter_by(username="wangfang").one().id
    limin.press("请同事看", colleague=asked, question="您看呢？")
    with app.app_context():
        opinion = db.session.query(Opinion).one()
    token = zhao.page.cssselect("[name=csrf_token]")[0].get("value")
    sent = {"csrf_token": token, "item": opinion.item_id, "verdict": "approve", "opinion": ""}
    zhao.client.post(f"/desk/opinions/{opinion.id}", data=sent)
    with app.app_context():
        assert db.session.get_one(Opinion, opinion.id).verdict is None
    limin.press("撤回询问")
    assert "已通过" in limin.press("通过 A").text
    assert tab(wangfang.open("/desk/identity"), "请我看看") == "0"


def test_notes_are_sealed_and_stay_with_the_persons_later_tries(clerk: Clerk, passport: Walker, app: Flask) -> None:
    desk = open_row(clerk().open("/desk/identity"))
    desk.press("保存备注", note="电话里说护照在换新。")
    assert "电话里说护照在换新。" in desk.text
    desk.press("确认不通过", reason="court:expired")
    passport.open("/verify").press("同意，确认身份信息").show_document().wait().show_video().wait()
    assert "电话里说护照在换新。" in open_row(desk.open("/desk/identity")).text
    assert desk.press("保存备注", note=" ").response.status_code == 422
    with app.app_context():
        assert db.session.query(Note).count() == 1
        raw = db.session.connection().exec_driver_sql("SELECT words FROM review_note").one()
        assert "电话".encode() not in bytes(raw[0])


def test_numbers_are_masked_until_somebody_asks_which_is_recorded(clerk: Clerk, few: int, app: Flask) -> None:
    desk = open_row(clerk().open("/desk/identity"))
    masked = desk.page.cssselect("table.cmp tr:nth-child(2) td")[0].text_content()
    assert re.fullmatch(r"C.\*{5}..", masked)
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="desk.revealed").count() == 0
    desk.press("显示完整号码（会记录） S")
    shown = desk.page.cssselect("table.cmp tr:nth-child(2) td")[0].text_content()
    assert re.fullmatch(r"C\d{8}", shown)
    assert shown not in desk.response.request.full_path
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="desk.revealed", actor_kind="clerk").count() == 1
    other = clerk("wangfang").open(desk.response.request.full_path)
    assert shown not in other.text, "the address opens the numbers for nobody else"


def test_an_account_that_two_people_collect_into_waits_for_a_clerk_and_names_the_other(
    clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    name_in_case(app, clock)
    with app.app_context():
        add_accounts(db.session.query(Case).one(), 20, now=clock())
        pair = db.session.query(DocketItem).filter(DocketItem.flags.like("% same_account %")).all()
        names = [item.facts["name"] for item in pair]
    assert len(names) == 2
    desk = open_row(clerk().open("/desk/accounts?flag=same_account"))
    assert "另一个人也用这个账户收款" in desk.text
    assert any(name in desk.page.cssselect(".warned")[0].text_content() for name in names)


def test_what_waited_before_there_was_a_docket_is_put_on_it(clerk: Clerk, few: int, app: Flask) -> None:
    with app.app_context():
        with unit_of_work():
            db.session.query(DocketItem).delete()
        assert (fill_docket(), fill_docket()) == (4, 0)
    assert len(hrefs(clerk().open("/desk/identity"))) == 4


def test_managers_see_how_the_work_goes_and_reviewers_do_not(clerk: Clerk, few: int, clock: TestClock) -> None:
    limin = clerk()
    open_row(limin.open("/desk/identity")).press("通过 A").press("通过 A")
    limin.press("确认不通过", reason="court:unclear")
    manager = clerk("wangfang", Role.MANAGER).open("/desk/workload")
    row = next(row for row in manager.page.cssselect("tr[data-row]") if "limin" in row.text_content())
    assert [cell.text_content() for cell in row.cssselect("td")][1:3] == ["3", "1"]
    assert limin.open("/desk/workload").response.status_code == 404
