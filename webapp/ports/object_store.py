"""Keeping sealed files (photos, videos, letters) outside the database."""

from __future__ import annotations

from typing import Protocol


class ObjectStore(Protocol):
    """Keys are slash-separated ASCII names that we make ourselves. What it holds is already sealed.

    `get` raises KeyError for an unknown key. `put` replaces atomically and returns only when the bytes are on disk.
    """

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...

    def delete(self, key: str) -> None: ...
