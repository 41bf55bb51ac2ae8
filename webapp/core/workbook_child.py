"""A process that opens one workbook, within limits of memory and time, and says in lines of JSON what it holds.

In: the number of bytes, the bytes, and then, as often as one likes, which sheet is wanted. Out: [name, height, end, first rows]
of each sheet; then rows of the one that is wanted, some hundred a line, and an empty list. {"fault", "detail"} where it can't
be read. It imports nothing of ours.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable
from itertools import islice
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

SHOWN = 20
CELLS_A_LINE = 5000


def main(memory: int, seconds: int, unpacked: int) -> None:
    """Reads what is asked for, and ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
    try:
        _read(io.BytesIO(data), unpacked)
    except MemoryError:
        _say({"fault": "huge_xlsx", "detail": ""})
    except BaseException as broken:  # noqa: BLE001 (a panic of the library is no Exception)
        _say({"fault": "broken_xlsx", "detail": type(broken).__name__})


def _read(data: io.BytesIO, unpacked: int) -> None:
    with zipfile.ZipFile(data) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > unpacked:
            _say({"fault": "huge_xlsx", "detail": ""})
            return
    data.seek(0)
    book = CalamineWorkbook.from_filelike(data)
    sheets = [book.get_sheet_by_name(one.name) for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    _say([[sheet.name, *_looked_at(sheet)] for sheet in sheets])
    while asked := sys.stdin.buffer.readline():
        _say_rows(sheets[int(asked)])


def _looked_at(sheet: CalamineSheet) -> tuple[int, int, list[list[Any]]]:
    if not sheet.height:
        return 0, 0, []
    return sheet.height, sheet.end[0] + 1 if sheet.end else 0, _plain(islice(sheet.iter_rows(), SHOWN))


def _say_rows(sheet: CalamineSheet) -> None:
    rows, some = iter(sheet.iter_rows()), max(1, CELLS_A_LINE // max(1, sheet.total_width))
    while chunk := _plain(islice(rows, some)):
        _say(chunk)
    _say([])


def _plain(rows: Iterable[list[Any]]) -> list[list[Any]]:
    return [[cell if isinstance(cell, str | int | float) else str(cell) for cell in row] for row in rows]


def _say(what: object) -> None:
    sys.stdout.buffer.write(json.dumps(what, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
