"""Lists that go out to spreadsheets: nothing in them runs, and no number is rounded."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from webapp.core.cells import csv_bytes, guarded, workbook_bytes


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "＝1+1", "|calc"]
)
def test_a_name_that_a_spreadsheet_would_run_is_shown_instead(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert next(csv.reader(io.StringIO(csv_bytes([text], []).decode("utf-8-sig")))) == [f"'{text}"]


@pytest.mark.parametrize("text", ["何志豪", "440301198501010014", "O'Neill", "", "（2023）粤0399执1234号", "a=b"])
def test_what_runs_nowhere_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


def test_long_numbers_stay_whole_and_nothing_is_a_formula() -> None:
    number = "6222020000000000422"
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(workbook_bytes(["卡号", "说明"], [(number, "=1+1"), ("007", "x")]))
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert rows == [["卡号", "说明"], [number, "'=1+1"], ["007", "x"]]


def test_a_list_without_rows_still_has_its_headings() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook_bytes(["卡号"], iter([]))))
    assert book.get_sheet_by_index(0).to_python() == [["卡号"]]
