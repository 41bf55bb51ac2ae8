"""Heads of the audit chain, written down outside the database, so that rows cut off its end are missed."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from webapp.core.audit import Head, present_head

log = logging.getLogger("lingkuan.audit")
_LINE = re.compile(r"^(\S+) rows=(\d+) id=(\d+) sha256=([0-9a-f]{64})$")


def line_of(head: Head, *, now: datetime) -> str:
    """One line of the file and of the log: when, how many rows, the last one's id and hash."""
    return f"{now.isoformat(timespec='seconds')} rows={head.rows} id={head.id} sha256={head.hash}"


def written_heads(file: Path) -> Sequence[Head]:
    """The heads of the file, the oldest first; a line that isn't one counts as a head that no chain has."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_read(line, place) for place, line in enumerate(lines) if line.strip()]


def _read(line: str, place: int) -> Head:
    found = _LINE.match(line)
    return Head(int(found[2]), int(found[3]), found[4]) if found else Head(-1, -1 - place, "")


def write_head(file: Path, *, now: datetime) -> Head | None:
    """Appends the present head to the file and says it in the log, where another machine may keep it."""
    head = present_head()
    if head is not None:
        line = line_of(head, now=now)
        with file.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
            out.flush()
            os.fsync(out.fileno())
        log.info("audit head %s", line)
    return head


def write_daily_head(file: Path, *, now: datetime) -> bool:
    """Once a day (UTC), as the worker's housekeeping; True if it wrote one."""
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    if any(line.startswith(f"{now:%Y-%m-%d}T") for line in lines):
        return False
    return write_head(file, now=now) is not None
