"""Tables that go out to spreadsheets: no cell may act as a formula, no long number may be rounded.

A cell that begins with = + - @, a tab or a return is run by spreadsheet programs as a formula (OWASP, CSV injection). A
number of more than 15 digits is rounded by them unless it is text, so every cell of ours is text.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_SPACES = " \u00a0\u3000"
MOST_ROWS = 1_048_575  # that a sheet holds below its headings


def guarded(text: str) -> str:
    """`text` as a cell may hold it: with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if text.lstrip(_SPACES).startswith(_RUNS) or text.startswith(("\t", "\r", "\n")) else text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV that Excel and WPS open as UTF-8 (BOM, CRLF), every cell guarded."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (headings, *rows):
        writer.writerow([guarded(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def write_workbook(
    target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str = "1", width: int = 22
) -> None:
    """Writes an XLSX of guarded text cells to `target`, row by row, in little memory; rows beyond a sheet's end go to a next one."""
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": folder,
        }
        book = xlsxwriter.Workbook(target, options)
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        page = _new_page(book, headings, sheet, width, (text, bold))
        for count, row in enumerate(rows):
            if count and count % MOST_ROWS == 0:
                page = _new_page(book, headings, None, width, (text, bold))
            for column, cell in enumerate(row):
                page.write_string(count % MOST_ROWS + 1, column, guarded(str(cell)), text)
        book.close()


def _new_page(book: Any, headings: Sequence[str], name: str | None, width: int, formats: tuple[Any, Any]) -> Any:
    page = book.add_worksheet(name)
    page.set_column(0, max(0, len(headings) - 1), width, formats[0])
    page.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        page.write_string(0, column, guarded(heading), formats[1])
    return page


def workbook_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str = "1") -> bytes:
    """The same in memory, for lists of some thousand rows."""
    out = io.BytesIO()
    write_workbook(out, headings, rows, sheet=sheet)
    return out.getvalue()
