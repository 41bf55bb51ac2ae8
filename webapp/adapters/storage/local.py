"""Sealed files in a local folder: written whole or not at all, readable by this user alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from webapp.adapters.storage.keys import checked_key
from webapp.ports.object_store import StoredFile


class LocalObjectStore:
    """An object store below `folder`. A key is a path of plain names; anything else is refused with ValueError.

    A crash while writing may leave a temporary file behind, whose name begins with a dot, so that no key means it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, data: bytes) -> None:
        """Writes to a temporary file, flushes it to the disk, renames it, flushes the folder."""
        path = self._path(key)
        _make_folder(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
        _flush_folder(path.parent)

    def get(self, key: str) -> bytes:
        """The bytes of a key; raises KeyError."""
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise KeyError(key) from None

    def delete(self, key: str) -> None:
        """Removes a key for good; one that isn't there is fine."""
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            _flush_folder(path.parent)

    def listed(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below a folder, what a crash left half-written left out."""
        for path in (self._folder / checked_key(prefix.rstrip("/"))).rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # removed while we look
                if path.is_file() and not path.name.startswith("."):
                    changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield StoredFile(path.relative_to(self._folder).as_posix(), changed_at)

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)


def _make_folder(folder: Path) -> None:
    """Makes each missing folder above it too, all for this user alone (`parents=True` would open those to others)."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(place.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
