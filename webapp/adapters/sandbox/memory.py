"""What the sandboxes remember between processes: a small SQLite file in the sandbox folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ASKED = "CREATE TABLE IF NOT EXISTS asked (port TEXT, request TEXT, times INTEGER, PRIMARY KEY (port, request))"
_SMS = """
CREATE TABLE IF NOT EXISTS sms
    (id INTEGER PRIMARY KEY, key TEXT UNIQUE, phone TEXT, signature TEXT, body TEXT, sent_at TEXT)
"""
_PUSH = "CREATE TABLE IF NOT EXISTS push (id INTEGER PRIMARY KEY, key TEXT UNIQUE, title TEXT, body TEXT, sent_at TEXT)"
_MAIL = """
CREATE TABLE IF NOT EXISTS mail
    (id INTEGER PRIMARY KEY, key TEXT UNIQUE, recipient TEXT, subject TEXT, body TEXT, file_name TEXT, size INTEGER, sent_at TEXT)
"""
_COUNT = """
INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (port, request) DO UPDATE SET times = times + 1 RETURNING times
"""


class SandboxMemory:
    """One file, safe to use from several processes. Made when first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection that waits for others for 15 s; its changes are kept when the block ends well."""
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._folder / "sandbox.db", timeout=15)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            for table in (_ASKED, _SMS, _PUSH, _MAIL):
                connection.execute(table)
            with connection:
                yield connection
        finally:
            connection.close()

    def count(self, port: str, request: str) -> int:
        """How often this request was asked, this time included."""
        with self.open() as connection:
            (times,) = connection.execute(_COUNT, (port, request)).fetchone()
        return int(times)
