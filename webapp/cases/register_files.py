"""A register's file: sealed in pieces as it comes in, opened piece by piece when it is read; CSV and XLSX as rows of cells."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from webapp.core.sealing import key_ring
from webapp.core.tables import UnreadableTable, csv_rows, delimiter_of, encoding_of, is_workbook
from webapp.core.workbooks import Cell, Sheet, Workbook
from webapp.ports.object_store import ObjectStore

PIECE = 1 << 20
MOST_BYTES = 300_000_000
_MARKS = ",;\t，"


class UnreadableRegister(UnreadableTable):
    """It can be read, and can't be a register."""


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
    """The rows of a file, whichever kind it is. `told` hears how many bytes have been read. Raises UnreadableTable."""
    first = next(iter(opened()), b"")
    return _xlsx_rows(opened, told) if is_workbook(first) else _text_rows(opened, first, told)


def _text_rows(
    opened: Callable[[], Iterable[bytes]], first: bytes, told: Callable[[int], None]
) -> Iterator[Sequence[str]]:
    encoding = encoding_of(opened, first)
    text = io.TextIOWrapper(io.BufferedReader(_Stream(opened(), told), PIECE), encoding, newline="")
    return csv_rows(text, delimiter_of(first, encoding, _MARKS))


def _xlsx_rows(opened: Callable[[], Iterable[bytes]], told: Callable[[int], None]) -> Iterator[Sequence[Cell]]:
    data = b"".join(opened())
    size = len(data)
    with Workbook(data) as book:
        del data
        at = _only_sheet(book.sheets)
        height = max(1, book.sheets[at].end)
        for count, row in enumerate(book.rows(at)):
            if count % 1000 == 0:
                told(size * count // height)
            yield row


def _only_sheet(sheets: Sequence[Sheet]) -> int:
    """Which sheet holds rows. Raises UnreadableTable where several do: people on the others would be lost unseen."""
    written = [at for at, sheet in enumerate(sheets) if sheet.height]
    if len(written) > 1:
        raise UnreadableTable("sheets", "、".join(sheets[at].name for at in written)[:80])
    if not sheets:
        raise UnreadableTable("broken_xlsx")
    return written[0] if written else 0


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
