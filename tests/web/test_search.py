"""One field over all cases of one's courts: whoever calls or comes to the counter is found, and nobody of another court."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.databases import sqlite_plan
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in
from tests.web.test_courts import FUTIAN, MIDDLE, Enter, clerk_of
from webapp.accounts.models import Role
from webapp.cases.models import Case, CasePayee
from webapp.cases.register_models import RegisterImport
from webapp.cases.usecases import create_case, import_register
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.payee.models import Letter
from webapp.search import queries

__all__ = ["clerk_of"]
HERE = (
    "姓名,证件号码,金额\n何志豪,440301198501010014,100.50\n歐陽䶮,44030119850101009x,200\nMÜLLER ANNA,C01X00T47,300\n"
)
THERE = "姓名,证件号码,金额\n何志豪,440301198501010014,7\n何丽丽,H12345678,400\n"
FIND = "在全部案件里查人"


def add_case(app: Flask, clock: TestClock, number: str, court: str, register: str) -> str:
    with app.app_context():
        with unit_of_work():
            case = create_case(number, title="示例案", court=court, partner_bank="样本银行", contact="", now=clock())
        import_register(case, "r.csv", register.encode(), today=in_china(clock()).date(), now=clock(), test_phones=True)
        return case.id


@pytest.fixture
def cases(app: Flask, clock: TestClock) -> tuple[str, str]:
    """One case here, one at another court."""
    one = add_case(app, clock, "（2024）粤03执7号", MIDDLE, HERE)
    return one, add_case(app, clock, "（2024）粤0304执8号", FUTIAN, THERE)


def found(desk: Walker, typed: str) -> list[tuple[str, str]]:
    desk.press(FIND, q=typed)
    rows = desk.page.cssselect("main tr[data-row]")
    return [
        (r.cssselect("td:first-child a")[0].text_content(), r.cssselect("td.whole")[0].text_content()) for r in rows
    ]


BOTH = [("何志豪", "（2024）粤03执7号"), ("何志豪", "（2024）粤0304执8号")]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("志豪", BOTH), ("440301198501010014", BOTH), ("440301850101001", BOTH), ("欧阳", [("歐陽䶮", BOTH[0][1])]),
     ("muller", [("MÜLLER ANNA", BOTH[0][1])]), ("c01x00t47", [("MÜLLER ANNA", BOTH[0][1])]), ("张三", []), ("99999999", [])],
)  # fmt: skip
def test_people_of_all_ones_cases_are_found_from_any_page(
    clerk: Clerk, cases: tuple[str, str], typed: str, wanted: list[tuple[str, str]]
) -> None:
    desk = clerk().open("/desk/messages")
    assert found(desk, typed) == wanted
    assert typed not in desk.response.request.full_path
    assert "440301198501010014" not in desk.page.cssselect("main")[0].text_content(), "numbers are masked"
    if not wanted:
        assert "没有查到" in desk.text


def test_nobody_of_another_court_is_found(clerk_of: Enter, cases: tuple[str, str]) -> None:
    desk = clerk_of(FUTIAN, role=Role.REVIEWER)
    assert found(desk, "志豪") == BOTH[1:]
    assert found(desk, "440301198501010014") == BOTH[1:]
    assert found(desk, "欧阳") == []
    assert found(desk, "c01x00t47") == []


def test_one_character_is_too_little_and_is_said(clerk: Clerk, cases: tuple[str, str]) -> None:
    desk = clerk().press(FIND, q=" 何 ")
    assert desk.response.status_code == 422
    assert "请至少输入两个字" in desk.text


def test_who_has_signed_is_found_by_phone_and_letter_with_links_to_all_that_belongs(
    clerk: Clerk, clerk_of: Enter, cases: tuple[str, str], walker: Walker, app: Flask
) -> None:
    walker.verified_resident()
    hand_in(at_account(walker))
    walker.wait().press("提交并签名").press("确定").wait()
    with app.app_context():
        letter = db.session.query(Letter).one()
        entry, code, number = letter.case_payee_id, letter.verification_code, letter.number
        signed_in = db.session.scalar(select(Case.number).where(Case.id == letter.case_id))
    desk = clerk()
    assert found(desk, "10000000001") == BOTH, "by the phone that was proved"
    for typed in (code, code.lower().replace("-", " "), number):
        assert found(desk, typed) == [("何志豪", signed_in)], typed
    links = [a.get("href") for a in desk.page.cssselect("main td a")]
    assert any(link.endswith(f"/people/{entry}") for link in links)
    assert f"/desk/letters/{letter.id}.pdf" in links
    other = clerk_of(MIDDLE if signed_in == BOTH[1][1] else FUTIAN)
    assert found(other, code) == []


def add_with_phones(app: Flask, clock: TestClock, number: str, *phones: str) -> str:
    people = zip(("何志豪,440301198501010014", "何丽丽,H12345678"), phones, strict=False)
    rows = "".join(f"{person},100,{phone}\n" for person, phone in people)
    return add_case(app, clock, number, MIDDLE, f"姓名,证件号码,金额,手机\n{rows}")


def test_whom_a_register_names_with_a_phone_is_found_by_it_at_that_court_alone(
    clerk: Clerk, clerk_of: Enter, app: Flask, clock: TestClock
) -> None:
    add_with_phones(app, clock, "（2024）粤03执7号", "10000000041", "")
    desk = clerk()
    for typed in ("10000000041", "+86 100 0000 0041"):
        assert found(desk, typed) == BOTH[:1], typed
    assert found(desk, "10000000042") == []
    assert found(clerk_of(FUTIAN, role=Role.REVIEWER), "10000000041") == []


def test_a_phone_that_changes_is_found_as_it_stands_now(clerk: Clerk, app: Flask, clock: TestClock) -> None:
    case_id = add_with_phones(app, clock, "（2024）粤03执7号", "10000000041", "10000000044")
    with app.app_context():
        again = "姓名,证件号码,金额,手机\n何志豪,440301198501010014,100,10000000042\n何丽丽,H12345678,100,\n"
        case = db.session.get_one(Case, case_id)
        import_register(case, "r.csv", again.encode(), today=in_china(clock()).date(), now=clock(), test_phones=True)
    desk = clerk(role=Role.MANAGER)
    assert [len(found(desk, f"1000000004{n}")) for n in (1, 4, 2)] == [0, 1, 1], "an empty cell takes no phone away"
    desk.press("何志豪").press("更正名册").press("保存更正", phone="10000000043", reason="当事人来电更正手机号。")
    assert [len(found(desk, f"1000000004{n}")) for n in (2, 3)] == [0, 1]
    desk.press("何志豪").press("更正名册").press("保存更正", phone="", reason="当事人不用手机。")
    assert found(desk, "10000000043") == []
    person: dict[str, Any] = {
        "name": "陈静",
        "document_type": "passport",
        "number": "E12345678",
        "amount": "9",
        "phone": "10000000045",
    }
    desk.open(f"/desk/cases/{case_id}/people/add").press("保存", reason="判决后补充。", **person)
    assert [name for name, _case in found(desk, "10000000045")] == ["陈静"]


def test_a_phone_of_more_entries_than_are_shown_is_said_to_be_of_more(
    clerk: Clerk, app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_ENTRIES", 1)
    add_with_phones(app, clock, "（2024）粤03执7号", "10000000041", "10000000041")  # their lawyer's
    add_with_phones(app, clock, "（2024）粤03执8号", "10000000042")
    desk = clerk()
    assert found(desk, "10000000041") == BOTH[:1]
    assert "这里只列出前 1 人" in desk.text
    found(desk, "10000000042")
    assert "这里只列出" not in desk.text


def test_a_phone_is_looked_up_by_its_index(app: Flask, cases: tuple[str, str]) -> None:
    def ask() -> None:
        queries.search("10000000041", (MIDDLE,), today=date(2026, 11, 23), test_phones=True)

    with app.app_context():
        plan = "\n".join(sqlite_plan(ask, "phone_hash IN"))
    assert "ix_case_payee_phone_hash (phone_hash=?)" in plan
    assert "SCAN" not in plan


def test_who_waits_for_the_court_is_found_without_any_case(clerk: Clerk, clerk_of: Enter, passport: Walker) -> None:
    desk = clerk().press(FIND, q="C01X00T47")
    link = desk.page.cssselect("main tr[data-row] a")[0]
    assert link.get("href").startswith("/desk/review/")
    assert desk.open(link.get("href")).response.status_code == 200
    assert "没有查到" in clerk_of(FUTIAN).press(FIND, q="C01X00T47").text


def test_a_search_and_whom_it_showed_leave_a_row_in_the_audit_trail(
    clerk: Clerk, cases: tuple[str, str], app: Flask
) -> None:
    clerk().press(FIND, q="志豪")
    with app.app_context():
        row = db.session.query(audit.AuditEntry).filter_by(action="desk.searched").one()
        ids = list(
            db.session.scalars(select(CasePayee.id).where(CasePayee.number_hash.is_not(None)).order_by(CasePayee.id))
        )
        assert len(row.detail["found"]) == 2
        assert set(row.detail["found"]) <= set(ids)
        assert "志豪" not in str(row.detail)


def test_many_of_one_name_come_page_by_page_each_once(
    clerk: Clerk, cases: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    desk = clerk()
    assert found(desk, "志豪") == BOTH[:1]
    desk.press("下一页")
    rows = [r.cssselect("td.whole")[0].text_content() for r in desk.page.cssselect("main tr[data-row]")]
    assert rows == [BOTH[1][1]]
    assert not [b for b in desk.page.cssselect("button") if "下一页" in b.text_content()]


def test_who_a_register_names_before_it_is_applied_is_not_found(
    clerk: Clerk, cases: tuple[str, str], app: Flask
) -> None:
    with app.app_context(), unit_of_work():
        db.session.query(RegisterImport).filter_by(case_id=cases[1]).update({"applied_at": None})
    desk = clerk()
    assert found(desk, "志豪") == BOTH[:1]
    assert found(desk, "440301198501010014") == BOTH[:1]
