"""The pages of payments, as managers, an auditor, others and the payees themselves see them."""

from __future__ import annotations

import inspect
import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import python_calamine
from flask import Flask

from tests.crowd import add_people, make_case
from tests.fakes import Fakes, TestClock
from tests.payouts.conftest import AMOUNTS, Money, add_managers, result_csv, row_of
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_collection import at_account, hand_in, read_back
from webapp.accounts.models import Clerk as Employee
from webapp.accounts.models import Role
from webapp.cases.models import Case, CasePayee
from webapp.cases.people_models import CounterVisit
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.identity.usecases import document_hash
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.payee.models import Letter, Submission


class FromOutside:
    """The money of a case, asked from outside any request: each question in an application context of its own."""

    def __init__(self, money: Money) -> None:
        self._money = money

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._money, name)
        if not inspect.ismethod(found):
            return found

        def asked(*args: Any, **kwargs: Any) -> Any:
            with self._money.app.app_context():
                return found(*args, **kwargs)

        return asked


@pytest.fixture
def money(app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]) -> FromOutside:
    """Five people who are owed money and have signed, for tests that go through pages."""
    with app.app_context():
        case_id = make_case(clock())
        people = add_people(case_id, AMOUNTS, now=clock(), store=fakes.store)
        managers = add_managers(clock)
    return FromOutside(Money(app, clock, fakes, work, case_id, *managers, people))


def at_case(desk: Walker) -> Walker:
    return desk.open("/desk/payouts/").open(desk.page.cssselect("tr[data-row] a")[0].get("href"))


def made_batch(desk: Walker) -> Walker:
    """A round of everything, and a batch that waits for its release."""
    at_case(desk).press("开一轮发放").press("开始", kind="full")
    desk.work()
    at_case(desk).press("制作付款批次").press("制作")
    return proved(desk.wait())


def released(maker: Walker, other: Walker) -> Walker:
    made_batch(maker)
    other.open(maker.path).press("放行")
    return proved(other.wait())


def proved(desk: Walker) -> Walker:
    """Whoever sits there says again who they are, and goes on where they were."""
    return prove(desk.open(f"/desk/prove?next={desk.path}"))


def test_two_managers_pay_a_case_from_the_round_to_the_banks_answer(
    money: FromOutside, clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    assert "已放行" in other.text
    assert "71,534.34" in other.text
    other.press("显示密码（只显示一次）")
    shown = other.page.cssselect(".secret code")[0].text_content()
    assert len(shown) == 24
    assert shown not in other.open(maker.path).text
    file = other.client.get(f"{maker.path}/file")
    assert file.data[:2] == b"PK"
    rows = [row_of(line) for line in money.lines()]
    at_case(maker).press("导入银行结果").press("导入", files={"file": result_csv(rows)})
    maker.wait()
    assert "已读取" in maker.text
    at_case(maker).press("导入银行结果").press("导入", files={"file": result_csv(rows)})
    assert "这次没有改变任何结果" in maker.text
    assert "71,534.34" in at_case(maker).text


def prove(desk: Walker) -> Walker:
    """The page that asks who sits there, and the right answer."""
    assert "请再确认一次是您本人" in desk.text, desk.text[:200]
    return desk.press("确认", password=PASSWORD)


def test_making_and_releasing_each_take_a_proof_of_their_own(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    batch = maker.path
    other.open(batch)
    money.clock.move(minutes=6)
    other.press("放行")
    assert "请再确认一次是您本人" in other.text
    assert money.batch(batch.rsplit("/", 1)[1]).state == "ready", "nothing was let go without a proof"
    assert "没有通过" in other.press("确认", password="not this one").text
    assert prove(other).wait().path == batch, "the proof was for this deed, which is done now"
    assert money.batch(batch.rsplit("/", 1)[1]).state == "released"
    first = maker.open(f"/desk/payouts/cases/{money.case_id}/batches/new")
    assert first.path == "/desk/prove", "the proof was spent by the batch before"
    assert "每制作或放行一个付款批次，就要重新确认一次" in first.text, "the page promises no more than it keeps"
    prove(first).press("制作").wait()
    assert "第 2 批" in first.text


def test_a_release_that_waited_for_its_proof_is_one_however_often_it_is_sent(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    other.open(maker.path)
    money.clock.move(minutes=6)
    prove(other.press("放行"))
    assert prove(other.open("/desk/prove")).path == "/desk/identity"
    other.again()
    with money.app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="payouts.batch_released").count() == 1


def test_a_result_that_breaks_off_is_refused_with_its_row_and_changes_nothing(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    before = [line.state for line in money.lines()]
    torn = result_csv([row_of(line) for line in money.lines()]) + 'x,,,成功,,"户名\r\n'.encode()
    at_case(maker).press("导入银行结果").press("导入", files={"file": torn})
    maker.wait()
    assert "引号没有成对" in maker.text
    assert str(len(before) + 2) in [cell.text_content() for cell in maker.page.cssselect("td.num")]
    assert [line.state for line in money.lines()] == before


def test_a_result_file_is_chosen_again_after_the_proof(money: FromOutside, clerk: Clerk) -> None:
    maker = at_case(made_batch(clerk("wangfang", Role.MANAGER))).press("导入银行结果")
    money.clock.move(minutes=6)
    maker.press("导入", files={"file": result_csv([])})
    assert "选好的文件没有保留" in maker.text
    assert "选好的文件没有保留" in maker.press("确认", password="not this one").text
    assert "请选择银行给的结果文件" in prove(maker).errors[0]
    assert maker.response.status_code == 422


def test_a_proof_is_good_for_one_release(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    other.open(maker.path).press("放行").wait()
    for path in (f"/desk/payouts/cases/{money.case_id}/batches/new", f"{maker.path}/file"):
        assert other.open(path).path == "/desk/prove", path


def test_a_release_that_is_tapped_twice_is_one_and_asks_nothing_more(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    other.open(maker.path).press("放行").again()
    assert other.path == maker.path


@pytest.mark.parametrize(
    "path",
    [
        "{batch}/cancel",
        "{batch}/lines/{line}/drop",
        "{batch}/password",
        "{batch}/envelope",
        "{batch}/release",
        "{case}/batches/new",
        "{case}/rounds/new",
        "{case}/results/new",
        "{case}/asked",
        "/desk/payouts/lines/{line}/decision",
    ],
)
def test_a_desk_left_alone_changes_nothing_that_is_paid(money: FromOutside, clerk: Clerk, path: str) -> None:
    made_batch(clerk("wangfang", Role.MANAGER))
    other = clerk("zhaolei", Role.MANAGER)
    line = money.lines()[0]
    batch, case = f"/desk/payouts/batches/{line.batch_id}", f"/desk/payouts/cases/{money.case_id}"
    token = other.open(batch).page.cssselect("[name=csrf_token]")[0].get("value")
    money.clock.move(minutes=6)
    control, before = money.batch(line.batch_id).control, [one.state for one in money.lines()]
    data = {"csrf_token": token, "once": "z" * 30, "control": control, "template": "pipes", "decision": "again"}
    reply = other.client.post(path.format(batch=batch, case=case, line=line.export_no), data=data)
    asked = "请再确认一次是您本人" in reply.text or reply.headers["Location"].startswith("/desk/prove?")
    assert asked
    assert [one.state for one in money.lines()] == before
    assert money.batch(line.batch_id).state == "ready"


def test_the_maker_is_offered_no_release_and_gets_none_by_asking(money: FromOutside, clerk: Clerk) -> None:
    maker = made_batch(clerk("wangfang", Role.MANAGER))
    assert "这一批由您制作" in maker.text
    token = maker.page.cssselect("[name=csrf_token]")[0].get("value")
    control = money.batch(maker.path.rsplit("/", 1)[1]).control
    data = {"csrf_token": token, "once": "x" * 30, "control": control}
    reply = maker.client.post(f"{maker.path}/release", data=data)
    assert reply.status_code == 422
    assert "制作人不能放行自己的批次" in reply.text


def test_the_releaser_sees_first_what_was_booked_as_paid_and_is_paid_again(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    money.answer_all(money.lines()[0].batch_id)
    line = money.lines()[0]
    money.answer([row_of(line, "失败", "系统繁忙")])
    books = f"/desk/payouts/cases/{money.case_id}/reconciliation"
    assert (
        "请由没有导入过这笔付款的银行结果、也没有制作这笔付款的管理员决定：decided、released、zhaolei"
        in maker.open(books).text
    )
    assert "账户无误，下一批再付" not in maker.text
    proved(other.open(books)).press("账户无误，下一批再付")
    proved(at_case(maker).press("制作付款批次")).press("制作").wait()
    page = clerk("sunli", Role.MANAGER).open(maker.path)
    assert "没有需要特别注意的付款" not in page.text
    notice = page.page.cssselect(".checks .notice")[0].text_content()
    assert "曾记为已发放或结果矛盾，现在再付一次 1" in notice
    for words in (line.export_no, "“已发放”", "“付款失败：系统繁忙”", "账户无误，下一批再付", "made"):
        assert words in notice, words
    listed = page.open(f"{maker.path}?flag=again").page.cssselect("main tr[data-row]")
    assert len(listed) == 1
    assert line.export_no in listed[0].text_content()


def test_a_manager_who_types_the_banks_answer_cannot_have_somebody_paid_twice_unseen(
    money: FromOutside, clerk: Clerk
) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    line = money.lines()[0]
    typed = f"客户参考号,状态,原因\n{line.export_no},失败,余额不足\n".encode()
    at_case(maker).press("导入银行结果").press("导入", files={"file": typed}).wait()
    proved(at_case(maker).press("制作付款批次")).press("制作").wait()
    told = [notice.text_content() for notice in other.open(maker.path).page.cssselect(".checks .notice")]
    assert "由这一批的制作人本人导入的笔数：1" in told[0]
    assert "上一笔失败或退回，现在再付一次 1" in told[1]
    for words in (line.export_no, "“付款失败：余额不足”", "由wangfang导入", "导入人就是这一批的制作人"):
        assert words in told[1], words
    assert line.export_no in other.open(f"{maker.path}?flag=back").page.cssselect("main tr[data-row]")[0].text_content()
    money.answer([row_of(line)])
    books = maker.open(f"/desk/payouts/cases/{money.case_id}/reconciliation")
    assert "银行前后两次的结果矛盾" in books.text
    token = maker.page.cssselect("[name=csrf_token]")[0].get("value")
    data = {"csrf_token": token, "once": "x" * 30, "decision": "keep"}
    reply = proved(maker).client.post(f"/desk/payouts/lines/{line.export_no}/decision", data=data)
    assert reply.status_code == 422
    assert "请由另一位管理员核实决定" in reply.text
    assert money.lines()[0].held == "conflict"


def bring(desk: Walker, case_id: str, name: str, *rows: str) -> Walker:
    """A register comes in, and waits to be looked at."""
    data = "\n".join(["姓名,证件类型,证件号码,金额", *rows, ""]).encode()
    desk.open(f"/desk/cases/{case_id}/register").press("上传并检查", files={"file": (io.BytesIO(data), name)})
    return desk.wait()


def test_a_register_of_one_row_is_looked_at_before_it_counts_and_told_at_the_release(
    money: FromOutside, clerk: Clerk, app: Flask
) -> None:
    with app.app_context(), unit_of_work():
        entry = db.session.get_one(CasePayee, money.people[0])
        entry.name, entry.number, entry.document_type = "何志豪", "E12345670", "passport"
        entry.number_hash, there = document_hash("passport", entry.number), entry.id
        db.session.get_one(Case, money.case_id).people = len(money.people)
    maker = clerk("wangfang", Role.MANAGER)
    bring(maker, money.case_id, "名册.csv", "何志豪,护照,E12345670,1200.00")
    assert "与已生效的名册不同" not in maker.text
    proved(maker).press("确认导入")
    money.clock.move(days=1)
    maker = clerk("sunli", Role.MANAGER)
    bring(maker, money.case_id, "更正.csv", "何志豪,护照,E12345670,3120.00", "何新,护照,E99999999,9.00")
    listed = [" ".join(row.text_content().split()) for row in maker.page.cssselect("main tbody tr")]
    assert [("何志豪" in row, "1,200.00" in row, "3,120.00" in row) for row in listed] == [
        (True, True, True),
        (False, False, False),
    ]
    book = proved(maker).client.get(f"{maker.path}/changes.xlsx")
    told = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [row[1:] for row in told[1:]] == [["E12345670", "1,200.00", "3,120.00"], ["E99999999", "", "9.00"]]
    proved(maker).press("确认导入")
    assert "更正.csv" in maker.open(f"/desk/cases/{money.case_id}/people/{there}").text
    assert "名册改过的金额" in maker.text
    made_batch(maker)
    notices = [
        notice.text_content()
        for notice in clerk("zhouyu", Role.MANAGER).open(maker.path).page.cssselect(".checks .notice")
    ]
    assert "名册由这一批的制作人本人导入的笔数：1" in notices[0]
    assert "由后来的名册加入，或者由它改过金额 1" in notices[1]
    assert "名册“更正.csv”把金额从 1,200.00 改为 3,120.00（sunli于" in notices[1]


def test_who_imported_the_answer_by_which_it_is_paid_again_is_offered_no_release(
    money: FromOutside, clerk: Clerk
) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    typed = f"客户参考号,状态,原因\n{money.lines()[0].export_no},失败,余额不足\n".encode()
    at_case(other).press("导入银行结果").press("导入", files={"file": typed}).wait()
    proved(at_case(maker).press("制作付款批次")).press("制作").wait()
    assert "因为您导入的银行结果而再付一次" in other.open(maker.path).text
    assert "release" not in [form.get("id") for form in other.page.cssselect("form")]


def test_who_decided_that_it_is_paid_again_is_offered_no_release(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    money.answer_all(money.lines()[0].batch_id)
    money.answer([row_of(money.lines()[0], "失败", "系统繁忙")])
    proved(other.open(f"/desk/payouts/cases/{money.case_id}/reconciliation")).press("账户无误，下一批再付")
    proved(at_case(maker).press("制作付款批次")).press("制作").wait()
    assert "这一批里有您决定再付一次的付款" in other.open(maker.path).text
    assert "release" not in [form.get("id") for form in other.page.cssselect("form")]


@pytest.mark.parametrize("control", ["控制值", "\u00e9" * 64, "\ud800", "", "0" * 64])
def test_a_release_of_other_lines_than_were_seen_is_refused_whatever_is_sent(
    money: FromOutside, clerk: Clerk, control: str
) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    proved(other.open(maker.path))
    token = other.page.cssselect("[name=csrf_token]")[0].get("value")
    body = urlencode({"csrf_token": token, "once": "x" * 30, "control": control}, errors="surrogatepass")
    kind = "application/x-www-form-urlencoded"
    reply = other.client.post(f"{maker.path}/release", data=body, content_type=kind)
    assert reply.status_code == 422
    assert "有改动" in reply.text
    assert money.batch(maker.path.rsplit("/", 1)[1]).state == "ready"


ODD = (
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 40,
    "1" * 5000,
    "1.5",
    "x",
    "",
    "\0",
    "１２",
)


@pytest.mark.parametrize(
    "address",
    [
        "/desk/payouts/cases/{case}/reconciliation?after=",
        "/desk/payouts/cases/{case}/ledger?after=",
        "/desk/payouts/batches/{batch}?after=",
        "/desk/payouts/batches/{batch}?flag=again&after=",
        "/desk/cases/{case}/people?after=",
        "/desk/cases/{case}/letters?page=",
        "/desk/jobs?back=",
        "/desk/trail?before=",
    ],
)
def test_a_number_in_an_address_may_be_anything(money: FromOutside, clerk: Clerk, address: str) -> None:
    desk = made_batch(clerk("wangfang", Role.MANAGER)) if "{batch}" in address else clerk("wangfang", Role.MANAGER)
    if "trail" in address:
        desk = clerk("auditor", Role.AUDITOR)
    there = address.format(case=money.case_id, batch=desk.path.rsplit("/", 1)[1])
    for odd in ODD:
        reply = desk.client.get(there + quote(odd), follow_redirects=True)
        assert reply.status_code == (404 if "\0" in odd else 200), odd


def test_a_number_in_a_form_may_be_anything(money: FromOutside, clerk: Clerk) -> None:
    desk = clerk("wangfang", Role.MANAGER)
    token = desk.page.cssselect("[name=csrf_token]")[0].get("value")
    sent = {"/desk/search": "after", f"/desk/cases/{money.case_id}/people": "after", "/desk/jobs": "job"}
    for there, name in sent.items():
        for odd in ODD:
            data = {"csrf_token": token, "once": "x" * 30, "q": "何志", name: odd}
            reply = desk.client.post(there, data=data, follow_redirects=True)
            assert reply.status_code == (422 if "\0" in odd else 200), (there, odd)


@pytest.mark.parametrize("after", ["1\r\nX-Odd: 1", "\0", "确认书", "9223372036854775808", "nobody's"])
def test_letters_after_a_number_that_is_no_letters_are_not_there(money: FromOutside, clerk: Clerk, after: str) -> None:
    desk = clerk("wangfang", Role.MANAGER)
    there = f"/desk/archive/{money.case_id}/letters.zip?part=1&after={quote(after)}"
    assert desk.client.get(there).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR])
def test_reviewers_and_administrators_find_no_money_at_the_desk(money: FromOutside, clerk: Clerk, role: Role) -> None:
    manager = made_batch(clerk("wangfang", Role.MANAGER))
    other = clerk("somebody", role)
    assert "款项发放" not in other.text
    case = f"/desk/payouts/cases/{money.case_id}"
    for path in (
        "/desk/payouts/",
        case,
        f"{case}/reconciliation",
        f"{case}/ledger",
        manager.path,
        f"{manager.path}/file",
    ):
        assert other.client.get(path).status_code == 404, path
    token = other.page.cssselect("[name=csrf_token]")[0].get("value")
    for path in (f"{manager.path}/release", f"{manager.path}/cancel", f"{case}/asked"):
        assert other.client.post(path, data={"csrf_token": token, "once": "y" * 30}).status_code == 404, path


def test_an_auditor_sees_everything_and_can_do_nothing(money: FromOutside, clerk: Clerk) -> None:
    maker = made_batch(clerk("wangfang", Role.MANAGER))
    auditor = clerk("auditor", Role.AUDITOR)
    assert "71,534.34" in auditor.open(maker.path).text
    words = [button.text_content() for button in auditor.page.cssselect("main button")]
    assert not {"放行", "撤销这一批", "移出"} & set(words)
    assert auditor.client.get(f"{maker.path}/file").status_code == 404
    for path in ("", "/reconciliation", "/ledger"):
        assert auditor.open(f"/desk/payouts/cases/{money.case_id}{path}").response.status_code == 200


def test_no_page_shows_a_whole_account_number_or_name(money: FromOutside, clerk: Clerk) -> None:
    maker = made_batch(clerk("wangfang", Role.MANAGER))
    line = money.lines()[0]
    for path in (maker.path, f"/desk/payouts/cases/{money.case_id}/ledger"):
        text = maker.open(path).text
        assert line.card_number not in text.replace(" ", "")
        assert line.name not in text


def test_a_round_that_makes_no_sense_is_told_beside_its_field_and_keeps_what_was_typed(
    money: FromOutside, clerk: Clerk
) -> None:
    desk = at_case(clerk("wangfang", Role.MANAGER)).press("开一轮发放")
    desk.press("开始", kind="percent", percent="一百")
    assert "最多四位小数" in desk.errors[0]
    assert desk.page.cssselect("#percent")[0].get("value") == "一百"
    for odd in ("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1e999999", "1e-999999", "1E+28"):
        desk.press("开始", kind="percent", percent=odd)
        assert "最多四位小数" in desk.errors[0], odd
    desk.press("开始", kind="pot", pot="99,999,999.00")
    assert "您填写了比例或总额" in desk.text, "a figure of another way is never passed over"
    desk.press("开始", kind="pot", percent="", pot="99,999,999.00")
    assert "超过了名册上还没有安排发放的余额" in desk.text
    desk.press("开始", kind="pot", pot="10,000.03")
    desk.work()
    assert "10,000.03" in at_case(desk).text


def test_the_releaser_reads_who_sat_beside_whom(money: FromOutside, clerk: Clerk, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        helper = db.session.query(Employee).filter_by(username="made").one()
        db.session.query(Submission).order_by(Submission.id).first().helped_by = helper.id
        name = helper.display_name
    batch = made_batch(clerk("wangfang", Role.MANAGER))
    assert batch.text.count(f"在柜台由 {name} 陪同签署") == 1
    with app.app_context():
        assert sorted(line.flags for line in db.session.query(PayoutLine))[-1] == "counter"


def test_the_releaser_reads_why_a_visit_began_without_the_payees_phone(
    money: FromOutside, clerk: Clerk, app: Flask
) -> None:
    with app.app_context(), unit_of_work():
        helper = db.session.query(Employee).filter_by(username="made").one()
        given = db.session.query(Submission).order_by(Submission.id).first()
        visit = CounterVisit(
            payee_id=given.case_payee_id, clerk_id=helper.id, code_hash=b"-", made_at=money.clock(),
            expires_at=money.clock(), reason="手机丢了，号码已停用。", unproved=True,
        )  # fmt: skip
        db.session.add(visit)
        db.session.flush()
        given.helped_by, given.unproved_visit = helper.id, visit.id
    batch = made_batch(clerk("wangfang", Role.MANAGER))
    assert batch.text.count("在柜台打开账户时没有经过本人手机验证：手机丢了，号码已停用。") == 1
    with app.app_context():
        assert sorted(line.flags for line in db.session.query(PayoutLine))[-1] == "counter,unproved"


def test_a_line_is_taken_out_and_a_batch_is_cancelled_by_hand(money: FromOutside, clerk: Clerk) -> None:
    desk = made_batch(clerk("wangfang", Role.MANAGER)).press("移出第 1 笔")
    assert "70,334.34" in desk.text
    desk.press("撤销这一批")
    assert "已撤销" in desk.text
    assert {line.state for line in money.lines()} == {"cancelled"}


def test_in_english_who_made_and_what_began_is_told_from_what_can_be_done(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    made_batch(maker)
    with money.app.app_context(), unit_of_work():
        db.session.query(Employee).filter_by(username="zhaolei").one().language = "en"
    other.open(maker.path)
    assert "Releasing makes the bank file: 5 payments," in other.text
    for n in (2, 3, 4, 5):
        maker.press(f"移出第 {n} 笔")
    other.open(maker.path)
    assert "Releasing makes the bank file: 1 payment, 1,200.00 yuan" in other.text
    labels = [label.text_content() for label in other.page.cssselect("main dt")]
    assert ("Made by" in labels, "Released by" in labels) == (True, True), labels
    assert [button.text_content() for button in other.page.cssselect("#release button")] == ["Release"]
    assert "Started" in at_case(other).text
    with money.app.app_context(), unit_of_work():
        db.session.get_one(CasePayee, money.people[0]).import_id = None
    people = other.open(f"/desk/cases/{money.case_id}/people")
    assert "Added by hand" in [mark.text_content() for mark in people.page.cssselect("tr[data-row] small")]


def test_what_is_unclear_is_decided_on_the_page_of_the_books(money: FromOutside, clerk: Clerk) -> None:
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    first, second = money.lines()[:2]
    money.answer([row_of(first, "失败", "重复交易"), row_of(second, "处理中")])
    books = maker.open(f"/desk/payouts/cases/{money.case_id}/reconciliation")
    assert "重复交易" in books.text
    inquiry = books.client.post(
        f"/desk/payouts/cases/{money.case_id}/asked",
        data={"csrf_token": books.page.cssselect("[name=csrf_token]")[0].get("value")},
    )
    listed = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(inquiry.data)).get_sheet_by_index(0).to_python()
    headings, *rows = listed
    assert headings == ["客户参考号", "收款账号", "金额", "提交日期", "案号"]
    assert [second.export_no, second.card_number, "0.01"] in [row[:3] for row in rows], "a text, with all its digits"
    assert first.export_no not in [row[0] for row in rows]
    assert "银行确认已到账" not in books.open(books.path).text, "who made the payment leaves it to another"
    assert "重复交易" not in proved(other.open(books.path)).press("银行确认已到账").text
    assert money.lines()[0].state == "paid"


def test_letters_of_a_case_come_as_one_zip_with_an_index(money: FromOutside, clerk: Clerk) -> None:
    with money.app.app_context(), unit_of_work():
        broken, gone = db.session.query(Letter).order_by(Letter.number).limit(2)
        broken.pdf_sha256 = "0" * 64
        money.fakes.store.files.pop(gone.pdf_key)
        replaced = db.session.query(Letter).order_by(Letter.number.desc()).first()
        replaced.state = "replaced"
    desk = clerk("wangfang", Role.MANAGER).open(f"/desk/archive/{money.case_id}")
    reply = desk.client.get(f"/desk/archive/{money.case_id}/letters.zip")
    with zipfile.ZipFile(io.BytesIO(reply.data)) as archive:
        assert archive.testzip() is None
        files = archive.namelist()
        index = archive.read("索引.xlsx")
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(index)).get_sheet_by_index(0).to_python()
    assert (len(files), len(rows)) == (5, 6), "four letters and the index; a row for each letter and the headings"
    assert sum(name.startswith("已作废/") for name in files) == 1
    assert [row[8] for row in rows[1:]] == ["文件与登记的 SHA-256 不符", "文件缺失", "", "", ""]
    assert rows[1][1].startswith("何志豪")
    with money.app.app_context():
        done = {row.action for row in db.session.query(audit.AuditEntry).filter_by(actor_kind="clerk")}
    assert {"payouts.letters_begun", "payouts.letters_sent"} <= done


def test_a_part_that_broke_off_is_fetched_again_alone(
    money: FromOutside, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.payouts import letter_views, letters  # noqa: PLC0415

    for module in (letters, letter_views):
        monkeypatch.setattr(module, "PART", 2)
    with money.app.app_context():
        parts = letters.parts_of(money.case_id, size=2)
    assert [part.count for part in parts] == [2, 2, 1]
    desk = clerk("wangfang", Role.MANAGER)
    names: list[str] = []
    for part in parts:
        reply = desk.client.get(f"/desk/archive/{money.case_id}/letters.zip?part=1&after={part.after}")
        with zipfile.ZipFile(io.BytesIO(reply.data)) as archive:
            names += [name for name in archive.namelist() if name.endswith(".pdf")]
    assert len(names) == len(set(names)) == 5


def test_a_reviewer_gets_the_index_with_names_masked_and_no_letters(money: FromOutside, clerk: Clerk) -> None:
    desk = clerk("limin").open(f"/desk/archive/{money.case_id}")
    assert desk.client.get(f"/desk/archive/{money.case_id}/letters.zip").status_code == 404
    data = desk.client.get(f"/desk/archive/{money.case_id}/index.xlsx").data
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert {row[1] for row in rows[1:]} == {"何***"}


@pytest.fixture
def signed(verified: Walker) -> Walker:
    """A resident who has signed."""
    hand_in(at_account(verified)).wait().press("提交并签名").press("确定")
    return verified.wait()


def pay(clerk: Clerk) -> Walker:
    """The payee's case goes to the bank."""
    maker, other = clerk("wangfang", Role.MANAGER), clerk("zhaolei", Role.MANAGER)
    released(maker, other)
    return maker


def answered(maker: Walker, state: str, words: str = "") -> None:
    with maker.client.application.app_context():
        row = row_of(db.session.query(PayoutLine).order_by(PayoutLine.id.desc()).limit(1).one(), state, words)
    at_case(maker).press("导入银行结果").press("导入", files={"file": result_csv([row])})
    maker.work()


def test_a_payee_sees_at_each_stage_how_it_stands_and_what_to_do(signed: Walker, clerk: Clerk, app: Flask) -> None:
    letter = signed.path
    assert "已提交" in signed.text
    assert "您不需要再做什么" in signed.text
    maker = pay(clerk)
    assert "已入批次" in signed.open(letter).text
    assert "重新提交" not in signed.text
    account = letter.removesuffix("/letter") + "/account"
    assert signed.open(f"{account}?again=1").path == letter, (
        "the account can't be changed while money is on its way to it"
    )
    answered(maker, "处理中")
    assert "银行处理中" in signed.open(letter).text
    answered(maker, "成功")
    assert "已发放" in signed.open("/cases").text
    assert "12,000.00 元" in signed.open(letter).text
    assert "已发放到您尾号 0012 的账户" in signed.open("/messages").text


def test_a_payee_whose_money_came_back_mends_the_account_and_is_paid(signed: Walker, clerk: Clerk, app: Flask) -> None:
    maker = pay(clerk)
    answered(maker, "失败", "户名不符")
    assert "案款被银行退回" in signed.open("/").page.cssselect(".returned")[0].text_content()
    assert signed.open("/messages").press("查看这个案件").path.endswith("/account")
    assert "退汇，请更正账户" in signed.open("/cases").text
    signed.open(next(a.get("href") for a in signed.page.cssselect("a[href^='/cases/']")))
    assert "原因：户名与您的姓名不一致。案款被银行退回" in signed.text
    read_back(signed.press("下一步", card_number="6299 9900 0000 0000 020")).wait().press("提交并签名").press("确定")
    signed.wait()
    with app.app_context():
        assert [s.state for s in db.session.query(Submission).order_by(Submission.version)] == ["returned", "signed"]
    made = at_case(maker).press("制作付款批次").press("制作").wait()
    assert "12,000.00" in made.text
    with app.app_context():
        latest = db.session.query(PayoutLine).order_by(PayoutLine.id.desc()).first()
        assert latest.card_number == "6299990000000000020"
        assert db.session.query(PayoutBatch).count() == 2


def test_an_account_that_the_bank_gave_back_is_confirmed_and_looked_at_before_it_is_paid_again(
    signed: Walker, clerk: Clerk, app: Flask
) -> None:
    letter, maker = signed.path, pay(clerk)
    answered(maker, "失败", "户名不符")
    signed.open(letter.removesuffix("/letter"))
    told = signed.page.cssselect(".came-back")[0].text_content()
    assert "银行退回付款的账户（尾号 0012），原因：户名与您的姓名不一致。请换一个账户" in told
    signed.press("下一步")
    assert signed.errors == ["请换一个账户，或者确认这个账户现在可以收款。"]
    assert "请再核对一遍" in signed.press("下一步", still_right="y").text, "the number is read once more"
    signed.press("核对无误，提交").wait()
    assert "这个账户还要由法院工作人员核对" in signed.text
    signed.press("提交并签名").press("确定").wait()
    assert "审核中" in signed.text
    assert "户名与您的姓名不一致" not in signed.text, "nothing is asked any more, so no reason is told for it"
    assert "您不需要操作" in signed.text
    at_case(maker).press("制作付款批次").press("制作").wait()
    with app.app_context():
        assert db.session.query(PayoutLine).count() == 1, "nothing goes out before a clerk has looked"
        code = db.session.query(PayoutBatch).order_by(PayoutBatch.number).first().code
    reviewer = clerk("limin").open("/desk/accounts")
    assert "银行退回过这个账户的付款" in reviewer.text
    reviewer.open(reviewer.page.cssselect("tr[data-row] a")[0].get("href"))
    assert f"批次 {code} 的付款被银行退回：户名与您的姓名不一致（银行原文：户名不符）" in reviewer.text
    assert "当事人确认这个账户现在可以收款" in reviewer.text


def test_a_return_that_lay_with_the_bank_asks_for_the_confirmation_alone(
    signed: Walker, clerk: Clerk, app: Flask
) -> None:
    letter, maker = signed.path, pay(clerk)
    answered(maker, "成功")
    answered(maker, "失败", "系统繁忙")
    books = clerk("sunli", Role.MANAGER).open(f"{at_case(maker).path}/reconciliation")  # who imported neither answer
    books.press("退回当事人更正账户")
    signed.open(letter.removesuffix("/letter"))
    assert "原因：银行系统繁忙。账户没有变化的，请勾选确认" in signed.page.cssselect(".came-back")[0].text_content()
    read_back(signed.press("下一步", still_right="y")).wait().press("提交并签名").press("确定").wait()
    assert "审核中" in signed.text
    with app.app_context():
        assert db.session.query(Submission).order_by(Submission.version.desc()).first().needs_review
