"""Files that would end the process that opens them, or swallow rows unseen: refused with words, and where."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
import xlsxwriter

from webapp.cases.register_files import rows_of
from webapp.core.tables import UnreadableTable, csv_rows
from webapp.core.workbooks import Cell, Workbook
from webapp.payouts.answers import UnreadableResult, read_answers

HEAD = ["姓名", "证件号码", "金额", "备注"]
HE, LI = ["何志豪", "440301198501010014", "10", ""], ["李四", "44030119850101009X", "20", ""]


def workbook(*rows: list[str], cells: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    for where, what in (cells or {}).items():
        sheet.write(where, what)
    book.close()
    return out.getvalue()


def renamed_cell(packed: bytes, old: str, new: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(f'r="{old}"'.encode(), f'r="{new}"'.encode()))
    return out.getvalue()


NO_CELL = renamed_cell(workbook(HEAD, HE), "A2", "ZZZZZZZ99999999")
FAR = workbook(HEAD, HE, cells={"XFD1048576": "x"})


@pytest.mark.parametrize(("packed", "code"), [(NO_CELL, "broken_xlsx"), (FAR, "huge_xlsx")])
def test_a_workbook_that_ends_whoever_opens_it_is_refused_as_a_register(packed: bytes, code: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        list(rows_of(lambda: iter([packed])))
    assert refused.value.code == code


@pytest.mark.parametrize(("packed", "code"), [(NO_CELL, "damaged"), (FAR, "too_large")])
def test_a_workbook_that_ends_whoever_opens_it_is_refused_as_a_banks_result(packed: bytes, code: str) -> None:
    with pytest.raises(UnreadableResult, match=code):
        list(read_answers(packed))


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    packed = workbook(*[[str(n) * 9] * 50 for n in range(40_000)])
    with pytest.raises(UnreadableTable, match="huge_xlsx"), Workbook(packed, seconds=1) as book:
        for _ in range(60):
            list(book.rows(0))


def test_a_stray_cell_a_little_aside_harms_nobody() -> None:
    rows = list(rows_of(lambda: iter([workbook(HEAD, HE, cells={"Z3000": "x"})])))
    assert (rows[1][:4], rows[-1][-1], len(rows)) == (HE, "x", 3000)


def test_whoever_stops_reading_leaves_no_process_behind() -> None:
    with Workbook(workbook(HEAD, HE)) as book:
        assert next(book.rows(0)) == HEAD
        child = book._child
        assert child.poll() is None
    assert child.poll() is not None


def lines(*rows: list[str]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def read(text: str) -> Iterator[list[Cell]]:
    return iter([list(row) for row in rows_of(lambda: iter([text.encode()]))])


@pytest.mark.parametrize(
    ("note", "later", "code", "row"),
    [
        ('"见附件', "", "quote", 2),
        ('"见附件', '（又名"王五五"）', "quote", 2),
        ('"甲', '乙"', "line_break", 2),
        ('"甲"乙', "", "quote", 2),
        ("", '"见附件', "quote", 3),
    ],
)
def test_a_stray_quote_loses_nobody(note: str, later: str, code: str, row: int) -> None:
    text = lines(HEAD, [*HE[:3], note], [*LI[:3], later])
    with pytest.raises(UnreadableTable) as refused:
        list(read(text))
    assert (refused.value.code, refused.value.row) == (code, row)


def test_a_stray_quote_in_the_first_lines_loses_nobody_either() -> None:
    for text in (
        lines(['"名册'], HEAD, HE, [*LI[:3], '乙"']),
        lines(HEAD, ["王五", "E1234567", "1", '"甲']) + '李四",E7654321,2,\n',
    ):
        with pytest.raises(UnreadableTable, match="line_break"):
            list(read(text))


def test_exports_with_quoted_cells_are_read_as_they_are_meant() -> None:
    text = (
        '"姓名","证件号码","金额\n（元）","备注"\r\n'
        '"何志豪","440301198501010014","1,200.50","又名""小何"""\r\n'
        '李四,44030119850101009X,20,5"管\r\n\r\n'
    )
    assert list(read(text)) == [
        ["姓名", "证件号码", "金额\n（元）", "备注"],
        ["何志豪", "440301198501010014", "1,200.50", '又名"小何"'],
        ["李四", "44030119850101009X", "20", '5"管'],
        [],
    ]


def test_a_row_far_down_is_told_as_a_spreadsheet_counts_it() -> None:
    text = ['"金额\n', '（元）"\n', *["1\n"] * 500, '"2\n', '3"\n']
    with pytest.raises(UnreadableTable) as refused:
        list(csv_rows(text, ","))
    assert (refused.value.code, refused.value.row) == ("line_break", 502)


def test_a_banks_result_with_a_stray_quote_is_refused_with_its_row() -> None:
    text = '客户参考号,状态,原因\nABCDEFGH0000001,成功,\nABCDEFGH0000002,失败,"户名\nABCDEFGH0000003,成功,\n'
    with pytest.raises(UnreadableResult) as refused:
        list(read_answers(text.encode()))
    assert (refused.value.code, refused.value.row) == ("quote", 3)
