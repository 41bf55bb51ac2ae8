"""A register's file: sealed in pieces as it comes in, opened piece by piece when it is read; CSV and XLSX as rows of cells."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, ZipError

from webapp.core.sealing import key_ring
from webapp.ports.object_store import ObjectStore

PIECE = 1 << 20
MOST_BYTES = 300_000_000
MOST_UNPACKED = 400_000_000
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCODINGS = ("utf-8", "gb18030")

Cell = str | int | float


class UnreadableRegister(Exception):
    """The file as a whole can't be a register; `code` says why, `detail` what was seen."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}" if detail else code)


class TooLargeFile(Exception):
    """More than a register of some million people can need."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """How many pieces a file was sealed into, its bytes, and its SHA-256 in hex."""

    pieces: int
    size: int
    sha256: str


def keep_file(import_id: str, source: IO[bytes], *, store: ObjectStore) -> KeptFile:
    """Seals a file into the store piece by piece, never whole in memory. Raises TooLargeFile."""
    digest, size, pieces = hashlib.sha256(), 0, 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > MOST_BYTES:
            forget_file(import_id, pieces, store=store)
            raise TooLargeFile
        digest.update(piece)
        place = _key(import_id, pieces)
        store.put(place, key_ring().seal(piece, place))
        pieces += 1
    return KeptFile(pieces, size, digest.hexdigest())


def forget_file(import_id: str, pieces: int, *, store: ObjectStore) -> None:
    """Removes a kept file; what is gone already is no fault."""
    for number in range(pieces):
        store.delete(_key(import_id, number))


def pieces_of(import_id: str, pieces: int, *, store: ObjectStore) -> Callable[[], Iterator[bytes]]:
    """Opens a kept file from its beginning each time it is called."""

    def opened() -> Iterator[bytes]:
        for number in range(pieces):
            place = _key(import_id, number)
            yield key_ring().open(store.get(place), place)

    return opened


def _key(import_id: str, number: int) -> str:
    return f"registers/{import_id}/{number:04d}"


def rows_of(
    opened: Callable[[], Iterable[bytes]], told: Callable[[int], None] = lambda _: None
) -> Iterator[Sequence[Cell]]:
    """The rows of a file, whichever kind it is. `told` hears how many bytes have been read. Raises UnreadableRegister."""
    first = next(iter(opened()), b"")
    if first.startswith(_ZIP):
        return _xlsx_rows(opened, told)
    if first.startswith(_OLD_EXCEL):
        raise UnreadableRegister("old_excel")
    return _csv_rows(opened, first, told)


def _csv_rows(
    opened: Callable[[], Iterable[bytes]], first: bytes, told: Callable[[int], None]
) -> Iterator[Sequence[str]]:
    encoding = _encoding(opened, first)
    text = io.TextIOWrapper(io.BufferedReader(_Stream(opened(), told), PIECE), encoding, newline="")
    try:
        yield from csv.reader(text, delimiter=_delimiter(first, encoding))
    except (csv.Error, UnicodeDecodeError) as broken:
        raise UnreadableRegister("broken_csv", str(broken)[:80]) from None


def _encoding(opened: Callable[[], Iterable[bytes]], first: bytes) -> str:
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
    raise UnreadableRegister("encoding")


def _delimiter(first: bytes, encoding: str) -> str:
    """The mark that most of the first lines' cells are parted by; a title above the headings has none."""
    head = first.decode(encoding, errors="replace").splitlines()[:15]
    return max(",;\t，", key=lambda mark: max((line.count(mark) for line in head), default=0))


def _xlsx_rows(opened: Callable[[], Iterable[bytes]], told: Callable[[int], None]) -> Iterator[Sequence[Cell]]:
    data = io.BytesIO(b"".join(opened()))
    try:
        with zipfile.ZipFile(data) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableRegister("huge_xlsx")
        data.seek(0)
        sheet = _only_sheet(CalamineWorkbook.from_filelike(data))
        height = max(1, sheet.total_height)
        for count, row in enumerate(sheet.iter_rows()):
            if count % 1000 == 0:
                told(len(data.getbuffer()) * count // height)
            yield [cell if isinstance(cell, str | int | float) else str(cell) for cell in row]
    except (zipfile.BadZipFile, CalamineError, ZipError, IndexError, OSError) as broken:
        raise UnreadableRegister("broken_xlsx", type(broken).__name__) from None


def _only_sheet(book: CalamineWorkbook) -> CalamineSheet:
    """The sheet that holds rows. Raises UnreadableRegister where several do: people on the others would be lost unseen."""
    written = [sheet for at in range(len(book.sheet_names)) if (sheet := book.get_sheet_by_index(at)).total_height]
    if len(written) > 1:
        raise UnreadableRegister("sheets", "、".join(book.sheet_names)[:80])
    return written[0] if written else book.get_sheet_by_index(0)


class _Stream(io.RawIOBase):
    """Pieces as one readable stream."""

    def __init__(self, pieces: Iterable[bytes], told: Callable[[int], None]) -> None:
        self._pieces, self._told, self._rest, self._read = iter(pieces), told, b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self._read += len(self._rest)
            self._told(self._read)
        count = min(len(target), len(self._rest))
        target[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
