"""What the sandboxes remember between processes: a small SQLite file in the sandbox folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS asked (port TEXT, request TEXT, times INTEGER, PRIMARY KEY (port, request));
CREATE TABLE IF NOT EXISTS sms (id INTEGER PRIMARY KEY, key TEXT UNIQUE, phone TEXT, signature TEXT, body TEXT, sent_at TEXT);
"""


class SandboxMemory:
    """One file, safe to use from several processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept when the block ends well."""
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._folder / "sandbox.db", timeout=15)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()

    def count(self, port: str, request: str) -> int:
        """How often this request was asked, this time included."""
        with self.open() as connection:
            connection.execute(
                "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (port, request) DO UPDATE SET times = times + 1",
                (port, request),
            )
            row = connection.execute(
                "SELECT times FROM asked WHERE port = ? AND request = ?", (port, request)
            ).fetchone()
        return int(row[0])
