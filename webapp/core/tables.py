"""Tables that people hand in, as text: which encoding and separator they have, and rows of which none swallows the next."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HEAD_ROWS = 20  # from the top, among which titles and headings are
_ENCODINGS = ("utf-8", "gb18030")
_NUMBER_OF_SOMEBODY = re.compile(r"\d{6}")


class UnreadableTable(Exception):
    """The file as a whole can't be read; `code` says why, `detail` what was seen, `row` where, counted from 1.

    Codes: "encoding", "old_excel", "broken_csv", "quote" (one that isn't closed or stands alone), "line_break" (inside a row
    of somebody), "huge_xlsx", "broken_xlsx", "sheets".
    """

    def __init__(self, code: str, detail: str = "", row: int = 1) -> None:
        self.code, self.detail, self.row = code, detail, row
        super().__init__(f"{code}: {detail}" if detail else code)


def is_workbook(first: bytes) -> bool:
    """True for a file that begins as an XLSX does. Raises UnreadableTable for the workbooks of before 2007."""
    if first.startswith(OLD_EXCEL):
        raise UnreadableTable("old_excel")
    return first.startswith(ZIP)


def encoding_of(opened: Callable[[], Iterable[bytes]], first: bytes) -> str:
    """The encoding that all of a file's pieces can be read in. Raises UnreadableTable."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for piece in opened():
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return "utf-8-sig" if encoding == "utf-8" else encoding
    raise UnreadableTable("encoding")


def delimiter_of(first: bytes, encoding: str, marks: str) -> str:
    """The mark that most of the first lines' cells are parted by; a title above the headings has none."""
    head = first.decode(encoding, errors="replace").splitlines()[:HEAD_ROWS]
    return max(marks, key=lambda mark: max((line.count(mark) for line in head), default=0))


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows of a CSV, whose lines keep their ends. Raises UnreadableTable.

    A stray quote would make one cell of everything down to the next one, and people in between would be gone unseen. So
    quotes must stand as they should, and only a heading may hold a line break.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    place = last = 0
    try:
        for place, cells in enumerate(reader, start=1):
            if reader.line_num != last + 1 and not _may_break(place, cells, delimiter):
                raise UnreadableTable("line_break", row=place)
            last = reader.line_num
            yield cells
    except csv.Error:
        raise UnreadableTable("quote", row=place + 1) from None
    except UnicodeDecodeError as broken:
        raise UnreadableTable("broken_csv", broken.reason[:80], place + 1) from None


def _may_break(place: int, cells: Sequence[str], delimiter: str) -> bool:
    """True for titles and headings, which name nobody: no long number, and no cells inside a cell."""
    if place > HEAD_ROWS or any(_NUMBER_OF_SOMEBODY.search(cell) for cell in cells):
        return False
    return not any(delimiter in rest for cell in cells for rest in cell.splitlines()[1:])
