"""People of a case at the desk: found by name and number, added, paid instead, merged, reminded, helped at the counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in
from webapp.accounts.models import Clerk as AClerk
from webapp.accounts.models import Role
from webapp.cases.models import Case, CasePayee
from webapp.cases.people import merge_entries
from webapp.cases.people_models import PayeePaper
from webapp.cases.usecases import create_case, import_register
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.evidence.usecases import open_file
from webapp.payee.letters import labels
from webapp.payee.models import Letter
from webapp.push.models import PushDelivery
from webapp.sms.models import SmsDelivery
from webapp.typed.models import TypedForm

REGISTER = (
    "姓名,证件号码,金额,手机号\n何志豪,440301198501010014,100.50,\n歐陽䶮,44030119850101009x,200,10000000007\n"
    "MÜLLER ANNA,C01X00T47,300,\n何丽丽,H12345678,400,10000000008\n"
)
HEIR: dict[str, Any] = {
    "name": "何小妹", "document_type": "hk_macao_permit", "number": "H87654321", "amount": "60", "reason": "原权利人去世，已公证。", "kind": "heir",
}  # fmt: skip


@pytest.fixture
def desk(app: Flask, clerk: Clerk, clock: TestClock) -> Walker:
    """A manager before the list of a case of four."""
    with app.app_context():
        with unit_of_work():
            case = create_case(
                "（2024）粤0399执7号",
                title="示例集资案",
                court="深圳市中级人民法院",
                partner_bank="样本银行",
                contact="",
                now=clock(),
            )
        today = in_china(clock()).date()
        report = import_register(case, "r.csv", REGISTER.encode(), today=today, now=clock(), test_phones=True)
        assert report.added == 4
        case_id = case.id
    return clerk("wangfang", Role.MANAGER).open(f"/desk/cases/{case_id}/people")


def names(desk: Walker) -> list[str]:
    return [a.text_content() for a in desk.page.cssselect("tr[data-row] td:first-child a")]


def person(desk: Walker, name: str) -> Walker:
    if not desk.path.endswith("/people"):
        desk.open(re.sub(r"/people.*", "/people", desk.path))
    return desk.press(name)


def code_on(desk: Walker) -> str:
    return re.findall(r"/counter/([2-9A-Z]{10})", desk.text)[0]  # type: ignore[no-any-return]  # text in, text out


def amounts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {payee.name: payee.amount for payee in db.session.query(CasePayee)}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("何", ["何志豪", "何丽丽"]), ("志豪", ["何志豪"]), ("欧阳", ["歐陽䶮"]), ("muller", ["MÜLLER ANNA"]), ("何丽", ["何丽丽"]),
        ("丽何", []), ("440301850101001", ["何志豪"]), ("44030119850101009x", ["歐陽䶮"]), ("c01x00t47", ["MÜLLER ANNA"]), ("张", []),
    ],
)  # fmt: skip
def test_people_are_found_by_a_part_of_the_name_or_the_number(desk: Walker, typed: str, found: list[str]) -> None:
    desk.press("查找", q=typed)
    assert names(desk) == found
    assert typed not in desk.response.request.full_path


def test_a_search_leaves_a_row_in_the_audit_trail(desk: Walker, app: Flask) -> None:
    desk.press("查找", q="志豪")
    with app.app_context():
        row = db.session.query(audit.AuditEntry).filter_by(action="cases.searched").one()
        assert len(row.detail["found"]) == 1
        assert "志豪" not in str(row.detail)


def test_a_persons_stage_follows_what_they_do(desk: Walker, walker: Walker, app: Flask) -> None:
    def stage() -> str:
        with app.app_context():
            return str(
                db.session.query(CasePayee).filter_by(document_type="resident_id").order_by(CasePayee.id).first().stage
            )

    assert stage() == "none"
    walker.verified_resident()
    assert stage() == "verified"
    hand_in(at_account(walker))
    assert stage() == "submitted"
    walker.wait().press("提交并签名").press("确定")
    assert stage() == "signed"
    desk.open(f"{desk.path}?stage=signed")
    assert names(desk) == ["何志豪"]
    desk.open(f"{desk.path}?stage=none")
    assert "何志豪" not in names(desk)


def test_somebody_whom_no_register_names_is_added_with_a_reason(desk: Walker, app: Flask) -> None:
    extra = {k: v for k, v in HEIR.items() if k != "kind"}
    desk.press("手工添加").press("保存", **{**extra, "reason": ""})
    assert "请写明原因" in desk.errors[0]
    desk.press("保存", **extra)
    assert "何小妹" in desk.text
    desk.open(re.sub(r"/people.*", "/people", desk.path)).press("查找", q="小妹")
    assert names(desk) == ["何小妹"]
    desk.press("手工添加").press("保存", **extra)
    assert "本案已有这个证件号码的人" in desk.errors[0]
    with app.app_context():
        assert db.session.query(Case).one().people == 5


def test_an_heirs_share_comes_out_of_what_the_deceased_is_owed(desk: Walker, app: Flask) -> None:
    person(desk, "何志豪").press("由他人领取").press("保存", **{**HEIR, "amount": "100.51"})
    assert "超过了此人还剩的份额" in desk.errors[0]
    desk.press("保存", **HEIR)
    assert (amounts(app)["何志豪"], amounts(app)["何小妹"]) == (4050, 6000)
    desk.press("由他人领取").press("保存", **{**HEIR, "name": "何小弟", "number": "H87654322", "amount": "40.51"})
    assert "超过了此人还剩的份额" in desk.errors[0]
    desk.press("保存", amount="40.50")
    assert sum(amounts(app).values()) == 100050
    assert amounts(app)["何志豪"] == 0
    desk.press("撤销")
    assert amounts(app)["何志豪"] > 0
    assert sum(amounts(app).values()) == 100050


def test_a_share_is_kept_when_the_register_comes_again(desk: Walker, app: Flask, clock: TestClock) -> None:
    person(desk, "何志豪").press("由他人领取").press("保存", **HEIR)
    with app.app_context():
        case, today = db.session.query(Case).one(), in_china(clock()).date()
        db.session.rollback()
        again = import_register(case, "r.csv", REGISTER.replace("100.50", "150").encode(), today=today, now=clock())
        assert (again.added, again.changed, again.faults) == (0, 1, ())
    assert (amounts(app)["何志豪"], amounts(app)["何小妹"]) == (9000, 6000)
    with app.app_context():
        case = db.session.query(Case).one()
        db.session.rollback()
        less = import_register(case, "r.csv", REGISTER.replace("100.50", "59").encode(), today=today, now=clock())
        assert [fault.code for fault in less.faults] == ["amount:moved"]
    assert amounts(app)["何志豪"] == 9000


def test_a_company_is_paid_through_a_person_who_signs_for_it(desk: Walker) -> None:
    company = {**HEIR, "kind": "company", "company": "深圳某某有限公司", "company_code": "91440300708461136T"}
    person(desk, "何志豪").press("由他人领取").press("保存", **{**company, "company_code": "91440300708461136X"})
    assert "统一社会信用代码不对" in desk.errors[0]
    desk.press("保存", company_code=company["company_code"]).press("何小妹")
    assert "深圳某某有限公司" in desk.text


def test_two_entries_are_held_in_the_order_of_their_ids(desk: Walker, app: Flask, clock: TestClock) -> None:
    """Whichever goes into which: an import that is put into force holds them in that order, too."""
    with app.app_context():
        ids = sorted(payee.id for payee in db.session.query(CasePayee))
        case, by = db.session.query(Case).one(), db.session.query(AClerk).first()
        asked: list[tuple[str, Any]] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
        with unit_of_work():
            merge_entries(case, ids[3], ids[0], "同一人。", clerk_id=by.id, now=clock())
        sql, values = next((sql, values) for sql, values in asked if "FROM case_payee" in sql)
        assert "ORDER BY case_payee.id" in sql
        assert {ids[0], ids[3]} == set(values.values() if isinstance(values, dict) else values)


def test_double_entries_are_merged_and_either_document_leads_to_the_one(
    desk: Walker, walker: Walker, app: Flask
) -> None:
    person(desk, "何丽丽").press("合并重复").press("查看两条", other="440301198501010014", reason="同一人的两种证件。")
    assert "两条各是谁的钱" in desk.text
    assert [cell.text_content() for cell in desk.page.cssselect("td.num")].count("0.00") == 4
    assert amounts(app)["何丽丽"] != 50050, "nothing is merged before it was seen whose money that is"
    desk.press("确认合并")
    assert amounts(app)["何丽丽"] == 50050
    walker.verified_resident().open("/cases")
    assert len(walker.page.cssselect("a[href^='/cases/']")) == 1
    hand_in(at_account(walker)).wait()
    desk.open(desk.path).press("撤销")
    assert "已经签署" not in desk.text
    person(desk, "何丽丽").press("合并重复").press(
        "查看两条", other="440301198501010014", reason="同一人的两种证件。"
    ).press("确认合并")
    assert amounts(app)["何丽丽"] == 50050
    with app.app_context():
        assert db.session.query(Case).one().people == 3


def test_what_was_signed_for_is_not_moved_any_more(desk: Walker, walker: Walker, app: Flask) -> None:
    walker.verified_resident()
    hand_in(at_account(walker)).wait().press("提交并签名").press("确定")
    walker.wait()
    person(desk, "何志豪")
    assert "由他人领取" not in desk.text
    desk.open(f"{desk.path}/instead").press("保存", **HEIR)
    assert "已经签署的金额不能再变动" in desk.text


def test_papers_are_kept_sealed(desk: Walker, app: Flask) -> None:
    person(desk, "何志豪").press("保存材料", files={"paper": picture_bytes()}, title="继承公证书")
    desk.press("保存材料", files={"paper": b"%PDF-1.7 made up"}, title="委托书")
    links = [a.get("href") for a in desk.page.cssselect("a[href*='/papers/']")]
    kinds = [desk.client.get(link).mimetype for link in links]
    assert set(kinds) == {"application/pdf", "image/jpeg"}
    desk.press("保存材料", files={"paper": b"MZ program"}, title="程序")
    assert "这个文件不是照片" in desk.errors[0]
    with app.app_context():
        store = app.extensions["seams"].store
        for paper in db.session.query(PayeePaper):
            assert store.get(paper.object_key) != open_file(paper.object_key, store=store)


def test_reminders_are_counted_priced_sent_and_not_repeated_within_a_week(
    desk: Walker, fakes: Fakes, app: Flask, clock: TestClock
) -> None:
    desk.press("短信提醒").press("算一算", stages="none")
    numbers = {t.find("span").text: t.find("b").text for t in desk.page.cssselect(".tile")}
    assert (numbers["会收到的人"], numbers["没有手机号"]) == ("2", "2")
    assert numbers["短信条数（计费）"] in ("4", "6")
    desk.press("发送 2 人", stages="none")
    desk.work()
    assert "歐陽䶮" in fakes.sms.last("+8610000000007")
    assert "粤0399执7号" in fakes.sms.last("+8610000000008")
    desk.open(desk.path).press("算一算", stages="none")
    numbers = {t.find("span").text: t.find("b").text for t in desk.page.cssselect(".tile")}
    assert (numbers["会收到的人"], numbers["7 天内提醒过"]) == ("0", "2")
    clock.move(days=8)
    with app.app_context():
        assert db.session.query(SmsDelivery).count() == 2
        assert db.session.query(PushDelivery).count() == 0


def test_a_clerk_at_the_counter_opens_a_payees_surface_and_every_deed_says_so(
    desk: Walker, second: Walker, app: Flask, clock: TestClock, clerk: Clerk
) -> None:
    reviewer = clerk("limin")
    reviewer.open(desk.path).press("何志豪").press("柜台办理").press("生成二维码")
    assert "请先当面核对" in reviewer.errors[0]
    reviewer.press("生成二维码", seen="y")
    code = code_on(reviewer)
    second.open(f"/counter/{code}")
    assert "limin" in second.text
    second.press("开始办理")
    assert "在场人员：limin" in second.text
    second.accept_rules().prove_phone().press("下一步").give_document().show_face().wait().sign()
    hand_in(at_account(second)).wait().press("提交并签名").press("确定")
    second.wait()
    with app.app_context():
        clerk_id = db.session.query(audit.AuditEntry).filter_by(action="counter.opened").one().actor_id
        signed = db.session.query(audit.AuditEntry).filter_by(action="payee.signed").one()
        assert signed.detail["helped_by"] == clerk_id
        assert audit.verify_chain().broken_at is None
    second.press("结束")
    assert "把平板交还" in second.text
    with app.app_context():
        assert db.session.query(TypedForm).count() == 0, "the tablet's next payee finds nothing of this one"
    assert second.open("/cases").path == "/signin"
    assert desk.client.get(f"/counter/{code}").status_code == 410
    assert desk.client.get("/counter/ABCDEFGHJK").status_code == 404


def test_a_counter_code_ends_after_ten_minutes(desk: Walker, second: Walker, clock: TestClock) -> None:
    person(desk, "何志豪").press("柜台办理").press("生成二维码", seen="y")
    code = code_on(desk)
    assert second.client.get(f"/counter/{code}").status_code == 200
    clock.move(minutes=11)
    assert second.client.get(f"/counter/{code}").status_code == 410
    assert "有效时间已经过了" in second.open(f"/counter/{code}").text


def test_a_person_of_another_case_is_not_found_under_this_one(
    desk: Walker, app: Flask, clock: TestClock, work: Callable[[], int]
) -> None:
    with app.app_context(), unit_of_work():
        other = create_case(
            "（2024）粤0399执8号", title="另一案", court="", partner_bank="", contact="", now=clock()
        ).id
    here = person(desk, "何志豪").path
    elsewhere = re.sub(r"/cases/[^/]+/", f"/cases/{other}/", here)
    assert desk.client.get(elsewhere).status_code == 404
    assert desk.client.get(f"{elsewhere}/counter").status_code == 404


COMPANY = "深圳某某有限公司"
SIGNER: dict[str, Any] = {"name": "何小妹", "number": "11010519491231002X"}
FOR_COMPANY: dict[str, Any] = {
    **HEIR, **SIGNER, "document_type": "resident_id", "kind": "company", "company": COMPANY, "company_code": "91440300708461136T",
}  # fmt: skip


def test_whoever_signs_for_a_company_and_the_clerk_read_its_name_wherever_the_case_is_named(
    desk: Walker, walker: Walker, clerk: Clerk, app: Flask
) -> None:
    person(desk, "何志豪").press("由他人领取").press("保存", **FOR_COMPANY)
    assert f"{COMPANY}（91440300708461136T）" in desk.open(desk.path.rsplit("/", 1)[0]).text
    walker.verified_resident(**SIGNER)
    assert f"代表单位：{COMPANY}（91440300708461136T）" in walker.open("/cases").text
    walker.open(walker.page.cssselect("a[href^='/cases/']")[0].get("href"))
    assert COMPANY in walker.text, "the consent says for whom"
    at_account(walker)
    assert COMPANY in walker.text
    assert "91440300708461136T" in walker.text
    hand_in(walker).wait()
    assert f"本人代表{COMPANY}确认以下列账户收取本案执行款" in walker.text
    assert "这个账户还要由法院工作人员核对" in walker.text, "a company's money always goes to a clerk"
    walker.press("提交并签名").press("确定").wait()
    with app.app_context():
        content = db.session.query(Letter).one().content
        printed = app.jinja_env.get_template("letters/account_confirmation.html").render(**content, beside=labels())
    assert f"本人代表{COMPANY}确认" in printed
    assert "91440300708461136T" in printed
    reviewer = clerk("limin").open("/desk/accounts")
    reviewer.open(reviewer.page.cssselect("tr[data-row] a")[0].get("href"))
    assert COMPANY in reviewer.text
    assert "91440300708461136T" in reviewer.text


def test_an_heir_and_the_clerk_read_whose_heir_it_is(desk: Walker, walker: Walker, app: Flask) -> None:
    person(desk, "何志豪").press("由他人领取").press("保存", **{**HEIR, **SIGNER, "document_type": "resident_id"})
    walker.verified_resident(**SIGNER)
    assert "原权利人：何志豪" in walker.open("/cases").text
    hand_in(at_account(walker)).wait()
    assert "本人作为何志豪的继承人确认" in walker.text


def test_a_companys_money_and_a_persons_own_are_never_put_together(desk: Walker, app: Flask) -> None:
    own: dict[str, Any] = {"name": "何丽丽", "document_type": "hk_macao_permit", "number": "H12345678"}
    person(desk, "何志豪").press("由他人领取").press("保存", **{**FOR_COMPANY, **own})
    assert "请另外指定一位代表人" in desk.text
    desk.press("保存", **SIGNER, document_type="resident_id")
    desk.press("由他人领取").press("保存", **{**HEIR, **SIGNER, "document_type": "resident_id", "amount": "1"})
    assert "请另外指定一位代表人" in desk.text, "nor the other way round"
    assert (amounts(app)["何小妹"], amounts(app)["何丽丽"]) == (6000, 40000)


def test_who_has_signed_gets_nothing_more_and_the_clerk_reads_what_can_be_done(
    desk: Walker, walker: Walker, app: Flask
) -> None:
    walker.verified_resident()
    hand_in(at_account(walker)).wait().press("提交并签名").press("确定")
    signed = {"name": "何志豪", "document_type": "resident_id", "number": "440301198501010014"}
    person(desk, "何丽丽").press("由他人领取").press("保存", **{**HEIR, **signed})
    assert "请另外指定一位在本案没有签署过的人领取" in desk.text
