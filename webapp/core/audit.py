"""The audit chain: who did what to which record, append-only, each row carrying the hash of the one before.

A row's hash is SHA-256 over the canonical JSON of its own fields and the hash of the row before it; changing, removing
or swapping any row breaks every hash after it. Database triggers refuse UPDATE and DELETE; the chain proves the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment, db

GENESIS = bytes(32)
_LOCK = 727001  # any fixed number: PostgreSQL's advisory lock that makes writers of the chain queue


class AuditEntry(Base):
    """One deed. `detail` holds ids, codes and counts, never personal data."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(32), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a payee, a clerk, the system itself or an operator at the command line."""

    kind: str
    id: str


SYSTEM = Actor("system", "worker")
OPERATOR = Actor("operator", "cli")


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the id of the first row that doesn't fit, or None."""

    rows: int
    broken_at: int | None
    head: str


def record(actor: Actor, action: str, subject: tuple[str, str], *, now: datetime, **detail: Any) -> AuditEntry:
    """Appends one row inside the caller's unit of work. `subject` is (kind, id)."""
    _queue_up()
    entry = AuditEntry(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        detail=detail,
        previous=_head(),
    )
    entry.hash = row_hash(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def row_hash(entry: AuditEntry) -> bytes:
    """SHA-256 of the row as canonical JSON (sorted keys, no spaces), the hash before it included."""
    body = {
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": [entry.actor_kind, entry.actor_id],
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_id],
        "detail": entry.detail,
        "previous": entry.previous.hex(),
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()


def verify_chain() -> ChainReport:
    """Walks the whole chain and names the first row that was changed, removed, added or moved."""
    previous, rows = GENESIS, 0
    with closing(_all_entries()) as entries:
        for entry in entries:
            rows += 1
            if entry.previous != previous or row_hash(entry) != entry.hash:
                return ChainReport(rows, entry.id, previous.hex())
            previous = entry.hash
    return ChainReport(rows, None, previous.hex())


def _all_entries() -> Generator[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2000)
    result = db.session.scalars(query)
    try:
        for entry in result:
            yield entry
            db.session.expunge(entry)
    finally:
        result.close()


def _head() -> bytes:
    latest = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalar(latest) or GENESIS


def _queue_up() -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
