"""Rows of registers and their headings: the quick way judges as the full rules do; spellings of courts are known."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date

import pytest
import xlsxwriter
from stdnum.iso7064 import mod_11_2

from webapp.cases.headings import find_head
from webapp.cases.register_files import rows_of
from webapp.cases.register_rows import RegisterRow, RowReader
from webapp.core.sealing import KeyRing
from webapp.core.tables import UnreadableTable
from webapp.core.workbooks import MOST_UNPACKED
from webapp.identity.rules.documents import DocumentType, check_number

TODAY = date(2026, 11, 23)
COLUMNS = {"name": 0, "number": 1, "amount": 2}


def read(*cells: object) -> object:
    return RowReader(COLUMNS, today=TODAY).read(2, list(cells))  # type: ignore[arg-type]  # cells of any kind


def made_up_numbers() -> list[str]:
    """Sound ones and ones with every kind of slip."""
    chance, numbers = random.Random(7), []  # noqa: S311 (made-up data)
    for _ in range(3000):
        region, born = f"{chance.randrange(10, 92):02d}{chance.randrange(10000):04d}", chance.randrange(1895, 2030)
        body = f"{region}{born}{chance.randrange(14):02d}{chance.randrange(33):02d}{chance.randrange(1000):03d}"
        check = mod_11_2.calc_check_digit(body) if chance.random() < 0.8 else str(chance.randrange(10))
        number = body + check
        slip = chance.random()
        numbers.append(
            number.lower() if slip < 0.1 else number[:-1] if slip < 0.15 else f" {number}" if slip < 0.2 else number
        )
    return numbers


def test_the_quick_way_judges_resident_ids_as_the_full_rules_do() -> None:
    reader, sound = RowReader(COLUMNS, today=TODAY), 0
    for number in made_up_numbers():
        found = reader.read(2, ["何志豪", number, "1"])
        expected = check_number(DocumentType.RESIDENT_ID, number, today=TODAY)
        if expected.fault is None:
            assert isinstance(found, RegisterRow), number
            assert (found.number, found.document_type) == (expected.value, "resident_id")
            sound += 1
        elif isinstance(found, RegisterRow):
            assert found.document_type != "resident_id", number
    assert sound > 100


@pytest.mark.parametrize(
    ("written", "fen"),
    [("12", 1200), ("12.5", 1250), ("12.05", 1205), ("1,234.50", 123450), ("￥１２", 1200), ("0", 0), (12.5, 1250), (0.1 + 0.2, 30), (7, 700)],
)  # fmt: skip
def test_amounts_are_read_to_the_fen(written: object, fen: int) -> None:
    found = read("何志豪", "440301198501010014", written)
    assert isinstance(found, RegisterRow)
    assert found.amount == fen


@pytest.mark.parametrize("written", ["-1", "1.234", "", "一百", "1e3", -1.0, 12.345, float("nan")])
def test_what_is_no_amount_is_told(written: object) -> None:
    found = read("何志豪", "440301198501010014", written)
    assert isinstance(found, list)
    assert [fault.code for fault in found] == ["amount:bad"]


@pytest.mark.parametrize("cell", [4.40301198501010e17, 440301198501010000, "4.40301E+17"])
def test_a_number_that_a_spreadsheet_has_rounded_is_never_taken(cell: object) -> None:
    found = read("何志豪", cell, "1")
    assert isinstance(found, list)
    assert [fault.code for fault in found] == ["number:rounded"]


def test_an_old_number_kept_as_a_number_is_whole() -> None:
    found = read("何志豪", 440301850101001.0, "1")
    assert isinstance(found, RegisterRow)
    assert found.number == "440301198501010014"


def test_empty_rows_and_totals_are_no_people() -> None:
    assert read("", "", "") is None
    assert read("合计", "", "300") is None


def test_headings_are_found_below_a_title_and_in_many_spellings() -> None:
    head = find_head(
        [["某案名册"], [""], [" 集资参与人 ", "证件 类型", "公民身份号码*", "应受偿金额（元）", "联系电话"]], {}
    )
    assert head is not None
    assert head.sure
    assert (head.row, dict(head.columns)) == (2, {"name": 0, "type": 1, "number": 2, "amount": 3, "phone": 4})


def test_headings_that_may_mean_two_things_are_not_certain_until_a_clerk_has_said() -> None:
    rows = [["姓名", "身份证号", "金额", "应发金额"]]
    head = find_head(rows, {})
    assert head is not None
    assert not head.sure
    told = find_head(rows, {"金额": ""})
    assert told is not None
    assert told.sure
    assert told.columns["amount"] == 3


def test_many_are_hashed_and_sealed_as_one_is() -> None:
    ring = KeyRing({1: b"k" * 32}, b"index key")
    long_key = KeyRing({1: b"k" * 32}, b"i" * 80)
    for value in ("", "cn:440301198501010014", "何志豪"):
        assert ring.hasher("document")(value) == ring.keyed_hash("document", value)
        assert long_key.hasher("document")(value) == long_key.keyed_hash("document", value)
        assert ring.open(ring.sealer("case_payee.name")(value), "case_payee.name") == value.encode()


def test_a_small_workbook_that_unpacks_to_more_than_memory_holds_is_refused() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as part,
    ):
        for _ in range(MOST_UNPACKED // 10_000_000 + 1):
            part.write(bytes(10_000_000))
    assert len(packed.getvalue()) < 3_000_000
    with pytest.raises(UnreadableTable) as refused:
        list(rows_of(lambda: iter([packed.getvalue()])))
    assert (refused.value.code, refused.value.detail) == ("huge_xlsx", "")


def workbook(*sheets: list[list[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for rows in sheets:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return out.getvalue()


PEOPLE = [["姓名", "证件号码", "金额"], ["何志豪", "440301198501010014", "10"]]


def test_the_one_sheet_that_holds_people_is_read_wherever_it_stands() -> None:
    packed = workbook([], PEOPLE)
    assert list(rows_of(lambda: iter([packed]))) == PEOPLE


@pytest.mark.parametrize("others", [PEOPLE, PEOPLE[1:]])
def test_a_workbook_with_people_on_two_sheets_is_refused(others: list[list[str]]) -> None:
    packed = workbook(PEOPLE, [], others)
    with pytest.raises(UnreadableTable) as refused:
        list(rows_of(lambda: iter([packed])))
    assert (refused.value.code, refused.value.detail) == ("sheets", "Sheet1、Sheet3")
