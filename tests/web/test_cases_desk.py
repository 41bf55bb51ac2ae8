"""Cases at the desk: made, changed, opened and closed; registers imported in the page; posters."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from PIL import Image
from python_calamine import CalamineWorkbook

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in
from webapp.accounts.models import Role
from webapp.cases.imports import READ_REGISTER
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.queries import may_see_person, tally_of
from webapp.cases.register_models import NamePosting, RegisterChange, RegisterFault, RegisterImport
from webapp.charts.queries import count_everything
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.jobs import Job
from webapp.identity.models import Identity
from webapp.review.queries import lost_of
from webapp.sms.models import LostSms, SmsDelivery

GOOD = "姓名,身份证号码,金额\n何志豪,440301198501010014,100.50\n欧阳䶮,44030119850101009x,200\n"
NEW: dict[str, Any] = {
    "number": "(2024)粤0399执7号",
    "title": "示例集资案",
    "partner_bank": "样本银行",
    "contact": "0755-12368",
}


@pytest.fixture
def desk(clerk: Clerk) -> Walker:
    """A manager with one case on the screen."""
    return clerk("wangfang", Role.MANAGER).open("/desk/cases/new").press("保存", **NEW)


def send(desk: Walker, data: bytes | str, name: str = "register.csv", **said: str) -> Walker:
    """Uploads a register and lets the worker read it."""
    if "/register" not in desk.path:
        desk.press("名册导入")
    if desk.path.rsplit("/", 1)[1] != "register":
        desk.open(desk.path.rsplit("/", 1)[0])
    raw = data.encode("utf-8-sig") if isinstance(data, str) else data
    form = desk.page.cssselect("form[enctype]")[0]
    fields = {**dict(form.form_values()), **said, "file": (io.BytesIO(raw), name)}
    desk.response = desk.client.post(desk.path, data=fields, follow_redirects=True)
    desk._arrived()
    desk.work()
    return desk.open(desk.path)


def people(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {payee.number: payee.amount for payee in db.session.query(CasePayee)}


def workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            page.write(y, x, cell)
    book.close()
    return out.getvalue()


def test_a_manager_makes_a_case_and_changes_it(desk: Walker, app: Flask) -> None:
    assert "（2024）粤0399执7号" in desk.text
    assert "登记中" in desk.text
    desk.press("修改").press("保存", title="另一个名称", collects_until="2026-12-31")
    assert "另一个名称" in desk.text
    assert "2026-12-31" in desk.text
    with app.app_context():
        row = (
            db.session.query(audit.AuditEntry)
            .filter_by(action="cases.edited")
            .order_by(audit.AuditEntry.id.desc())
            .first()
        )
        assert row.detail == {"fields": ["collects_until", "title"]}


def test_a_bad_case_number_is_told_beside_its_field_and_what_was_typed_stays(clerk: Clerk) -> None:
    desk = clerk("wangfang", Role.MANAGER).open("/desk/cases/new").press("保存", **{**NEW, "number": "一个案子"})
    assert desk.response.status_code == 422
    assert "案号请写成" in desk.errors[0]
    assert desk.page.cssselect("#title")[0].get("value") == "示例集资案"
    desk.press("保存", number=NEW["number"], collects_from="2026-12-01", collects_until="2026-11-01")
    assert "截止日期不能早于开始日期" in desk.errors[0]
    for first, last in (("0001-01-01", ""), ("", "9999-12-31")):
        desk.press("保存", collects_from=first, collects_until=last)
        assert "日期请写成" in desk.errors[0], (first, last)


def test_how_a_case_is_reached_holds_a_number_and_no_address(desk: Walker) -> None:
    desk.press("修改").press("保存", contact="张法官 0755-88881234 evil.example.com")
    assert "evil.example.com" in desk.errors[0]
    desk.press("保存", contact="张法官 0755-88881234")
    assert "张法官 0755-88881234" in desk.text


def test_a_case_can_not_be_made_twice(desk: Walker) -> None:
    desk.open("/desk/cases/new").press("保存", **NEW)
    assert "这个案号已经建立" in desk.errors[0]


def test_a_reviewer_looks_at_cases_but_changes_none(desk: Walker, clerk: Clerk) -> None:
    reviewer = clerk("limin")
    assert "新建案件" not in reviewer.open("/desk/cases").text
    assert reviewer.client.get("/desk/cases/new").status_code == 404


def test_payees_read_why_a_collection_is_closed_and_those_who_began_go_on(
    desk: Walker, verified: Walker, app: Flask
) -> None:
    with app.app_context():
        case_id = db.session.query(Case).filter_by(number="（2023）粤0399执1234号").one().id
    desk.open(f"/desk/cases/{case_id}").press("截止登记").press(
        "截止登记", why="第一轮登记已经结束，明年三月开始下一轮。"
    )
    assert "登记已截止" in desk.text
    verified.open("/cases")
    assert "登记已截止" in verified.text
    at_account(verified)
    assert "第一轮登记已经结束，明年三月开始下一轮。" in verified.text
    desk.press("重新开始登记").press("重新开始登记")
    hand_in(verified.open(verified.path))
    desk.press("截止登记").press("截止登记", why="第二轮登记也结束了。")
    verified.wait()
    assert verified.path.endswith("/letter/preview")


def test_a_collection_begins_and_ends_by_its_dates(
    desk: Walker, verified: Walker, app: Flask, clock: TestClock
) -> None:
    with app.app_context():
        case_id = db.session.query(Case).filter_by(number="（2023）粤0399执1234号").one().id
    desk.open(f"/desk/cases/{case_id}").press("修改").press(
        "保存", collects_from="2026-11-25", collects_until="2026-11-26"
    )
    assert "登记未开始" in verified.open("/cases").text
    at_account(verified)
    assert "2026年11月25日 00:00" in verified.text
    clock.move(days=3, hours=13)  # 2026-11-26, 23:00 in China
    assert "待登记" in verified.open("/cases").text
    clock.move(hours=2)
    assert "登记已截止" in verified.open("/cases").text


def test_a_register_is_read_shown_and_only_then_put_into_force(desk: Walker, app: Flask) -> None:
    send(desk, GOOD, rows="2", total="300.50")
    assert "等待确认" in desk.text
    assert [t.text_content() for t in desk.page.cssselect(".tile b")][:3] == ["2", "2", "2"]
    assert "一致" in desk.text
    case_page = desk.path.split("/register")[0]
    assert "本案还没有名册" in desk.open(f"{case_page}/people").text
    desk.open(case_page).press("register.csv").press("确认导入 ".strip())
    assert "已导入" in desk.text
    assert people(app) == {"440301198501010014": 10050, "44030119850101009X": 20000}
    desk.work()
    with app.app_context():
        assert db.session.query(RegisterImport).one().applied_at is not None
        assert db.session.query(Case).one().people == 2


def test_totals_that_differ_from_what_the_clerk_said_hold_the_import_back(desk: Walker, app: Flask) -> None:
    send(desk, GOOD, rows="2", total="999")
    assert "不一致" in desk.text
    assert "确认导入" not in desk.text
    desk.press("更正填写的数字", rows="2", total="300.50").press("确认导入")
    assert len(people(app)) == 2


def test_totals_are_said_anew_before_a_register_is_in_force_and_never_after(desk: Walker, app: Flask) -> None:
    send(desk, GOOD, rows="2", total="999")
    wrong: tuple[dict[str, Any], ...] = ({"rows": "²"}, {"rows": "9" * 5000}, {"total": "一"})
    for odd in wrong:
        assert "行数是一个整数" in desk.press("更正填写的数字", **odd).text, odd
    again = desk.page.cssselect("form[action$='/control']")[0].get("action")
    desk.press("更正填写的数字", rows="2", total="300.50").press("确认导入")
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="cases.register_totals").one().detail["fen"] == 30050
    token = desk.page.cssselect("[name=csrf_token]")[0].get("value")
    desk.client.post(again, data={"rows": "1", "total": "", "csrf_token": token})
    with app.app_context():
        assert db.session.query(RegisterImport).one().control == {"rows": 2, "fen": 30050}


def test_one_bad_row_keeps_everybody_out_and_all_bad_rows_come_as_a_workbook(desk: Walker, app: Flask) -> None:
    send(desk, GOOD + "李,440301198501010014,1\n王五,440301198501010015,=1+1\n")
    assert "没有导入任何人" in desk.text
    assert people(app) == {}
    sheet = desk.client.get(desk.page.cssselect("a[href$='faults.xlsx']")[0].get("href"))
    assert (
        "filename*=UTF-8''" in sheet.headers["Content-Disposition"] and sheet.headers["Content-Disposition"].isascii()
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert [(row[0], row[1]) for row in rows[1:]] == [("4", "姓名"), ("5", "金额"), ("5", "证件号码")]
    assert rows[2][3] == "'=1+1"


def test_a_workbook_whose_numbers_were_turned_into_floats_is_refused_with_words(desk: Walker, app: Flask) -> None:
    rows: list[list[object]] = [["姓名", "身份证号码", "金额"], ["何志豪", 440301198501010014, 12.5]]
    send(desk, workbook(rows), "register.xlsx")
    assert "末几位已经变成 0" in desk.text
    assert people(app) == {}


def test_a_workbook_with_a_title_above_its_headings_is_read(desk: Walker, app: Flask) -> None:
    rows: list[list[object]] = [
        ["某某案集资参与人名册"], [], ["序号", "集资参与人姓名", "身份证号码", "发放金额（元）", "联系电话"],
        [1, "何志豪", "440301198501010014", 12.5, "10000000009"], [2, "何志豪", "440301850101001", 1, ""], ["合计", "", "", 13.5, ""],
    ]  # fmt: skip
    send(desk, workbook(rows), "register.xlsx").press("确认导入")
    assert people(app) == {"440301198501010014": 1350}
    with app.app_context():
        assert db.session.query(CasePayee).one().phone == "+8610000000009"


def test_rows_that_are_wholly_the_same_wait_until_a_clerk_says_that_they_are_meant(
    desk: Walker, app: Flask, work: Callable[[], int], clock: TestClock
) -> None:
    he, he_again = "何志豪,440301198501010014,100.50,", "何志豪,440301198501010014,7,"
    rows = [
        "姓名,身份证号码,金额,手机",
        he,
        "欧阳䶮,44030119850101009x,200,",
        he,
        he_again,
        he_again,
        he,
        f"{he}10000000009",
    ]
    send(desk, "\n".join(rows))
    assert "有 3 行与前面的行完全相同" in desk.text
    assert "有 2 行与别的行是同一个人" in desk.text
    found = [[cell.text_content() for cell in row] for row in desk.page.cssselect("table tr[data-row], tbody tr")]
    assert found[-3:] == [["4", "2"], ["6", "5"], ["7", "2"]]
    sheet = desk.client.get(desk.page.cssselect("a[href$='faults.xlsx']")[0].get("href"))
    listed = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert [(row[0], row[3]) for row in listed[1:]] == [("4", "2"), ("6", "5"), ("7", "2")]
    with app.app_context(), unit_of_work():  # the case was changed meanwhile: read again, and listed once
        db.session.query(Case).one().stamp += 1
    desk.press("确认导入", doubled="y")
    work()
    assert "有 3 行与前面的行完全相同" in desk.open(desk.path).text
    with app.app_context():
        assert db.session.query(RegisterFault).count() == 3
    desk.press("确认导入")
    assert "请先核对" in desk.text
    assert people_in_force(app) == 0
    desk.press("确认导入", doubled="y")
    assert people(app) == {"440301198501010014": 10050 * 4 + 1400, "44030119850101009X": 20000}
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="cases.imported").one().detail["doubled"] == 3


def people_in_force(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Case).one().people


def test_columns_that_are_not_certain_are_asked_and_remembered(desk: Walker, app: Flask) -> None:
    odd = GOOD.replace("姓名,身份证号码,金额", "人,号,本次应得")
    send(desk, odd)
    assert "请逐列确认" in desk.text
    desk.press("确认并读取", column0="name", column1="number", column2="number")
    assert "每项只能指定一次" in desk.text
    desk.press("确认并读取", column0="name", column1="number", column2="amount")
    desk.work()
    desk.open(desk.path).press("确认导入")
    assert len(people(app)) == 2
    send(desk, odd.replace("100.50", "111"))
    assert "等待确认" in desk.text


def test_a_second_register_adds_and_changes_and_loses_no_signed_letter(
    desk: Walker, walker: Walker, app: Flask
) -> None:
    send(desk, GOOD).press("确认导入")
    walker.verified_resident()
    at_account(walker)
    hand_in(walker).wait().press("提交并签名").press("确定")
    walker.wait()
    send(desk, "姓名,证件号码,金额\n何志豪,440301198501010014,99\n陈大文,H12345678,30\n")
    tiles = {t.find("span").text: t.find("b").text for t in desk.page.cssselect(".tile")}
    assert (tiles["新增"], tiles["更改"], tiles["文件里没有的人"]) == ("1", "1", "1")
    assert "他们会保留" in desk.text
    desk.press("确认导入")
    assert people(app) == {"440301198501010014": 9900, "44030119850101009X": 20000, "H12345678": 3000}
    assert "已提交" in walker.open("/cases").text
    with app.app_context():
        assert db.session.query(CasePayee).filter_by(stage="signed").one().number == "440301198501010014"
        assert db.session.query(RegisterChange).count() == 1
    desk.work()
    with app.app_context():
        assert db.session.query(RegisterChange).count() == 0


def test_a_discarded_register_leaves_nothing_behind(desk: Walker, app: Flask) -> None:
    send(desk, GOOD).press("放弃")
    desk.work()
    assert people(app) == {}
    with app.app_context():
        assert db.session.query(NamePosting).count() == 0
    send(desk, GOOD).press("确认导入")
    assert len(people(app)) == 2


def test_a_register_waits_for_the_one_before_it(desk: Walker) -> None:
    send(desk, GOOD)
    desk.open(desk.path.rsplit("/", 1)[0])
    assert "还在等待处理" in desk.text
    assert desk.page.cssselect("form[enctype]") == []


def test_nobody_sees_a_case_by_a_register_that_is_not_in_force(desk: Walker, walker: Walker) -> None:
    send(desk, GOOD)
    walker.verified_resident().open("/cases")
    assert "目前没有找到" in walker.text
    desk.press("确认导入")
    assert "粤0399执7号" in walker.open("/cases").text


@dataclass(frozen=True)
class OfOneCourt:
    """A clerk, as far as queries ask."""

    courts: frozenset[str]


def seen_by_a_register(app: Flask, clock: TestClock) -> list[object]:
    """What a case's counts and lists tell of the one person who has proved an identity."""
    with app.app_context():
        case, account = db.session.query(Case).one(), db.session.query(Identity).one().account_id
        chart = count_everything(case.id, now=clock())["funnel"]
        clerk = OfOneCourt(frozenset({case.court}))
        lost = lost_of(clerk.courts, others=False, since=clock() - timedelta(days=1), most=9)
        return [
            tally_of(case).since(Stage.VERIFIED), chart["begun"], chart["verified"], chart["named"],
            may_see_person(clerk, account), len(lost),
        ]  # fmt: skip


def test_an_unconfirmed_register_tells_nothing_about_whoever_it_names(
    desk: Walker, walker: Walker, app: Flask, clock: TestClock
) -> None:
    walker.verified_resident()
    with app.app_context(), unit_of_work():  # a message that was lost before any case knew its reader
        sms = db.session.query(SmsDelivery).order_by(SmsDelivery.created_at).first()
        assert sms is not None
        sms.account_id = db.session.query(Identity).one().account_id
        db.session.add(LostSms(delivery_id=sms.id, place="later", created_at=clock()))
    send(desk, GOOD)
    assert seen_by_a_register(app, clock) == [0, 0, 0, 0, False, 0]
    desk.press("确认导入")
    assert seen_by_a_register(app, clock) == [1, 1, 1, 2, True, 1]


def test_a_worker_that_was_killed_while_reading_leaves_no_traces(
    desk: Walker, app: Flask, work: Callable[[], int], clock: TestClock
) -> None:
    send(desk, GOOD)
    with app.app_context(), unit_of_work():  # as a worker leaves it that died before its last word
        db.session.query(RegisterImport).one().state = "reading"
        db.session.query(Job).filter_by(kind=READ_REGISTER).update({"state": "queued", "run_at": clock()})
    work()
    desk.open(desk.path).press("确认导入")
    assert people(app) == {"440301198501010014": 10050, "44030119850101009X": 20000}


def test_a_file_that_is_no_register_is_told_in_words(desk: Walker) -> None:
    assert "找不到姓名" in send(desk, "随便,写写\n1,2\n").text
    assert "打不开" in send(desk, b"PK\x03\x04nothing", "x.xlsx").text
    assert "另存为" in send(desk, b"\xd0\xcf\x11\xe0old", "x.xlsx").text
    torn = '姓名,证件号码,金额\n何志豪,440301198501010014,1\n李四,44030119850101009X,"2\n'
    send(desk, torn)
    assert "引号没有成对" in desk.text
    assert [cell.text_content() for cell in desk.page.cssselect("td.num")] == ["3"]


def test_a_poster_leads_to_its_case(desk: Walker, app: Flask) -> None:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    with app.app_context():
        code = db.session.query(Case).one().code
    for link in desk.page.cssselect("ul a[href*='poster.']"):
        reply = desk.client.get(link.get("href"))
        assert reply.status_code == 200
        if reply.mimetype == "application/pdf":
            assert reply.data.startswith(b"%PDF")
            continue
        picture = Image.open(io.BytesIO(reply.data))
        assert picture.size == (2480, 3508)
        small = picture.resize((1240, 1754))
        assert cv2.QRCodeDetector().detectAndDecode(np.asarray(small))[0].endswith(f"/c/{code}")
