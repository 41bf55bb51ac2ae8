"""Registers as courts have them: understood where they can be, refused whole with every bad row told where not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.fakes import TestClock
from webapp.cases import usecases
from webapp.cases.imports import begin_import, discard_import, read_rows
from webapp.cases.models import Case, CasePayee
from webapp.cases.register_models import RegisterImport
from webapp.cases.usecases import BadCaseNumber, ImportReport, create_case, import_register
from webapp.core.db import db, unit_of_work
from webapp.identity.usecases import document_hash

TODAY = date(2026, 11, 23)


def read(app: Flask, clock: TestClock, text: str, encoding: str = "utf-8-sig") -> tuple[ImportReport, dict[str, int]]:
    """Imports a register into the one case, and gives the report and the people with their amounts."""
    with app.app_context():
        case = db.session.query(Case).one_or_none()
        if case is None:
            db.session.rollback()
            with unit_of_work():
                case = create_case(
                    "(2023)粤0399执1234号", title="案", court="法院", partner_bank="银行", contact="", now=clock()
                )
        report = import_register(case, "register.csv", text.encode(encoding), today=TODAY, now=clock())
        return report, {payee.number: payee.amount for payee in db.session.query(CasePayee)}


def test_a_good_register_is_imported_with_numbers_made_whole(app: Flask, clock: TestClock) -> None:
    text = '姓名,证件号码,金额\n何志豪,４４０３０１１９８５０１０１００１４,"1,200.50"\n欧阳䶮,44030119850101009x,￥300\n老人家,440301850101001,12\n'
    report, people = read(app, clock, text.replace("老人家,440301850101001", "老人家,440301500307001"))
    assert (report.rows, report.added, report.faults) == (3, 3, ())
    assert people["440301198501010014"] == 120050
    assert people["44030119850101009X"] == 30000
    assert "440301195003070010" in people


@pytest.mark.parametrize(("encoding", "mark"), [("gb18030", ","), ("utf-8", ";"), ("utf-8-sig", "\t")])
def test_encodings_and_separators_of_spreadsheets_are_understood(
    app: Flask, clock: TestClock, encoding: str, mark: str
) -> None:
    report, _people = read(
        app, clock, f"姓名{mark}身份证号{mark}应发金额\n何志豪{mark}440301198501010014{mark}12.5\n", encoding
    )
    assert report.added == 1


def test_any_bad_row_stops_the_whole_file_and_all_bad_rows_are_told(app: Flask, clock: TestClock) -> None:
    text = (
        "姓名,证件类型,证件号码,金额\n何志豪,居民身份证,440301198501010014,12\n李,居民身份证,44030119850101009X,1\n王五,居民身份证,440301198501010015,1\n"
        "赵六,居民身份证,4.40301E+17,1\n钱七,居民身份证,440301198501010000,1\n孙八,居民身份证,440301198501010014,-5\n周九,军官证,12345678,1\n"
    )
    report, people = read(app, clock, text)
    assert people == {}
    assert [(fault.row_number, fault.column) for fault in report.faults] == [
        (3, "name"),
        (4, "number"),
        (5, "number"),
        (6, "number"),
        (7, "amount"),
        (8, "number"),
    ]
    assert all("rounded" in fault.reason for fault in report.faults[2:4])
    assert "军官证" in report.faults[5].reason
    assert not any("4403011985" in fault.value_hint for fault in report.faults), "a report must not spill whole numbers"


def test_one_person_in_several_rows_is_added_up(app: Flask, clock: TestClock) -> None:
    text = "姓名,证件号码,金额\n何志豪,440301198501010014,10\n何志豪,440301850101001,5.5\n"
    report, people = read(app, clock, text)
    assert (report.rows, report.added, people) == (2, 1, {"440301198501010014": 1550})


def test_the_command_adds_up_rows_that_are_wholly_the_same_only_when_told_so(
    app: Flask, clock: TestClock, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text("姓名,证件号码,金额\n" + "何志豪,440301198501010014,10\n" * 2, "utf-8")
    report, _people = read(app, clock, file.read_text("utf-8"))
    assert [(fault.row_number, fault.code, fault.value_hint) for fault in report.faults] == [(3, "row:doubled", "2")]
    with app.app_context():
        assert db.session.query(Case).one().people == 0
    command = app.test_cli_runner().invoke
    refused = command(args=["cases", "import", "(2023)粤0399执1234号", str(file)])
    assert (refused.exit_code, "row 3: row: wholly the same" in refused.output) == (1, True)
    assert command(args=["cases", "import", "(2023)粤0399执1234号", str(file), "--doubled-meant"]).exit_code == 0
    with app.app_context():
        assert [payee.amount for payee in db.session.query(CasePayee).filter_by(import_id=_applied())] == [2000]


def _applied() -> str:
    return db.session.query(RegisterImport).filter_by(state="applied").one().id


def test_one_number_under_two_names_stops_the_file(app: Flask, clock: TestClock) -> None:
    text = "姓名,证件号码,金额\n何志豪,440301198501010014,10\n王小明,440301198501010014,5\n"
    report, people = read(app, clock, text)
    assert [(fault.row_number, fault.code) for fault in report.faults] == [(3, "name:other")]
    assert people == {}


@pytest.mark.parametrize(
    "text",
    [
        "何志豪,440301198501010014,10\n欧阳䶮,44030119850101009X,20\n",
        "何志豪,身份证,440301198501010014,10\n欧阳䶮,居民身份证,44030119850101009X,20\n",
        "MUELLER ANNA,护照,C01X00T47,10\n",
        "何志豪,440301198501010014,10\n姓名,证件号码,金额\n欧阳䶮,44030119850101009X,20\n",
    ],
)
def test_a_register_that_begins_with_people_loses_nobody(app: Flask, clock: TestClock, text: str) -> None:
    report, people = read(app, clock, text)
    assert [fault.code for fault in report.faults] == ["headings:missing"]
    assert people == {}


def test_a_title_and_a_day_may_stand_above_the_headings(app: Flask, clock: TestClock) -> None:
    text = "发放名册,,\n法院,制表日期,20261125\n姓名,证件号码,金额\n何志豪,440301198501010014,10\n"
    report, people = read(app, clock, text)
    assert (report.faults, people) == ((), {"440301198501010014": 1000})


def test_a_second_import_adds_and_changes_and_removes_nobody(app: Flask, clock: TestClock) -> None:
    read(app, clock, "姓名,证件号码,金额\n何志豪,440301198501010014,10\n欧阳䶮,44030119850101009X,20\n")
    report, people = read(app, clock, "姓名,证件号码,金额\n何志豪,440301198501010014,11\n陈大文,H12345678,30\n")
    assert (report.added, report.changed) == (1, 1)
    assert people == {"440301198501010014": 1100, "44030119850101009X": 2000, "H12345678": 3000}
    with app.app_context():
        assert db.session.query(RegisterImport).count() == 2


def test_a_number_without_its_type_is_found_by_either_reading(app: Flask, clock: TestClock) -> None:
    read(app, clock, "姓名,证件号码,金额\n林美玲,12345678,10\n")
    with app.app_context():
        payee = db.session.query(CasePayee).one()
        assert {bytes(payee.number_hash), bytes(payee.other_hash or b"")} == {
            document_hash("taiwan_permit", "12345678"),
            document_hash("passport", "12345678"),
        }


@pytest.mark.parametrize("text", ["", "姓名,金额\n何志豪,1\n", "姓名,证件号码,金额\n", "\x00\x01\x02"])
def test_a_file_that_is_no_register_says_why(app: Flask, clock: TestClock, text: str) -> None:
    report, people = read(app, clock, text)
    assert report.faults
    assert people == {}


def test_a_case_needs_a_real_case_number(app: Flask, clock: TestClock) -> None:
    with app.app_context(), pytest.raises(BadCaseNumber), unit_of_work():
        create_case("一个案子", title="案", court="法院", partner_bank="", contact="", now=clock())


def test_the_command_imports_and_reports(app: Flask, clock: TestClock, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["cases", "create", "（2024）粤0399执7号", "示例案"])
    assert made.exit_code == 0, made.output
    good = tmp_path / "good.csv"
    good.write_text("姓名,证件号码,金额\n何志豪,440301198501010014,10\n", encoding="utf-8")
    assert "1 added" in runner.invoke(args=["cases", "import", "(2024)粤0399执7号", str(good)]).output
    good.write_text("姓名,证件号码,金额\n何志豪,123,10\n", encoding="utf-8")
    bad = runner.invoke(args=["cases", "import", "(2024)粤0399执7号", str(good)])
    assert bad.exit_code == 1
    assert "row 2: number" in bad.output
    assert "nothing was imported" in bad.output


def put_away(clock: TestClock) -> None:
    with unit_of_work():
        pending = db.session.query(RegisterImport).filter_by(state="reading").one_or_none()
        ready = pending or db.session.query(RegisterImport).filter_by(state="ready").one()
        discard_import(ready.id, clerk_id=None, now=clock())


def changed(_clock: TestClock) -> None:
    with unit_of_work():
        db.session.query(Case).update({"stamp": Case.stamp + 1})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(put_away, None, "put this import away"), (None, put_away, "put this import away"), (None, changed, "changed this case")],
    ids=["put-away-while-read", "put-away-when-read", "changed-when-read"],
)  # fmt: skip
def test_an_import_that_somebody_was_quicker_than_says_so(
    app: Flask, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: Any, after: Any, said: str
) -> None:
    def read_meanwhile(*args: Any, **kwargs: Any) -> None:
        for meanwhile in (before, lambda _clock: read_rows(*args, **kwargs), after):
            if meanwhile:
                meanwhile(clock)

    monkeypatch.setattr(usecases, "read_rows", read_meanwhile)
    result = imported(app, tmp_path)
    assert (result.exit_code, said in result.output, "nothing was imported" in result.output) == (1, True, True)
    with app.app_context():
        assert db.session.query(RegisterImport.state).all() == [("discarded",)]


def test_an_import_that_began_at_the_same_moment_says_so(
    app: Flask, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_first(case_id: str) -> None:
        with unit_of_work():
            begin_import(case_id, "r.csv", "0" * 64, clerk_id=None, now=clock())

    monkeypatch.setattr(usecases, "pending_import", another_first)
    result = imported(app, tmp_path)
    assert (result.exit_code, "another import of this case" in result.output) == (1, True)


def imported(app: Flask, folder: Path) -> Result:
    """What the command says of a good register, in a case of its own."""
    runner, file = app.test_cli_runner(), folder / "good.csv"
    runner.invoke(args=["cases", "create", "（2024）粤0399执7号", "示例案"])
    file.write_text("姓名,证件号码,金额\n何志豪,440301198501010014,10\n", encoding="utf-8")
    return runner.invoke(args=["cases", "import", "(2024)粤0399执7号", str(file)])
