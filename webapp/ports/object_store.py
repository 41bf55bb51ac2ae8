"""Keeping sealed files (photos, videos, letters) outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the store lists it."""

    key: str
    changed_at: datetime


class ObjectStore(Protocol):
    """Keys are slash-separated ASCII names that we make ourselves. What it holds is already sealed.

    `listed` gives every file whose key begins with `prefix` (which ends with a slash), in no order that matters.
    `get` raises KeyError for an unknown key. `put` replaces atomically and returns only when the bytes are on disk.
    """

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...

    def delete(self, key: str) -> None: ...

    def listed(self, prefix: str) -> Iterator[StoredFile]: ...
