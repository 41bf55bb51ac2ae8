"""The audit chain: who did what to which record, append-only, each row carrying the hash of the one before.

A row's hash is SHA-256 over the canonical JSON of its own fields and the hash of the row before it; changing, removing
or swapping any row breaks every hash after it. Database triggers refuse UPDATE and DELETE; the chain proves the rest.
Rows cut off the end break nothing that is left, so heads of the chain are written down elsewhere (`Head`), and a proof
asks for them too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Row, String, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment, db

GENESIS = bytes(32)
_BATCH = 5000
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_LOCK = 727001  # any fixed number: PostgreSQL's advisory lock that makes writers of the chain queue


class AuditEntry(Base):
    """One deed. `detail` holds ids, codes and counts, never personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_subject_id_id", "subject_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_at", "at"),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


_WRITTEN = tuple(one.key for one in AuditEntry.__table__.columns if one.key != "id")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a payee, a clerk, the system itself or an operator at the command line."""

    kind: str
    id: str


helping: ContextVar[str | None] = ContextVar("helping", default=None)
"""The clerk who stands beside whoever acts in this request (at the counter); each row of theirs names the clerk."""

SYSTEM = Actor("system", "worker")
OPERATOR = Actor("operator", "cli")


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's newest row at some moment, as it was written down: how many rows there were, its id and its hash (hex)."""

    rows: int
    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the id of the first row that doesn't fit, or None. `missing`: heads that the chain has no more."""

    rows: int
    broken_at: int | None
    head: str
    last_id: int = 0
    missing: Sequence[Head] = ()

    @property
    def holds(self) -> bool:
        """True when nothing was changed, removed, added, moved or cut off."""
        return self.broken_at is None and not self.missing


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written down of a deed. `subject` is (kind, id)."""

    actor: Actor
    action: str
    subject: tuple[str, str]
    detail: Mapping[str, Any]


def record(actor: Actor, action: str, subject: tuple[str, str], *, now: datetime, **detail: Any) -> AuditEntry:
    """Appends one row inside the caller's unit of work. `subject` is (kind, id)."""
    queue_up()
    entry = _entry(Deed(actor, action, subject, detail), _head(), now=now)
    db.session.add(entry)
    db.session.flush()
    return entry


def record_all(deeds: Sequence[Deed], *, now: datetime) -> None:
    """Appends a row for each deed, in their order, inside the caller's unit of work."""
    if not deeds:
        return
    db.session.flush()
    queue_up()
    previous, rows = _head(), []
    for deed in deeds:
        entry = _entry(deed, previous, now=now)
        previous = entry.hash
        rows.append({name: getattr(entry, name) for name in _WRITTEN})
    db.session.execute(insert(AuditEntry), rows)  # one after the other: ids go up as the chain does


def _entry(deed: Deed, previous: bytes, *, now: datetime) -> AuditEntry:
    helper = helping.get()
    entry = AuditEntry(
        at=now,
        actor_kind=deed.actor.kind,
        actor_id=deed.actor.id,
        action=deed.action,
        subject_kind=deed.subject[0],
        subject_id=deed.subject[1],
        detail={**deed.detail, "helped_by": helper} if helper else dict(deed.detail),
        previous=previous,
    )
    entry.hash = row_hash(entry)
    return entry


def row_hash(entry: AuditEntry | Row[Any]) -> bytes:
    """SHA-256 of the row as canonical JSON (sorted keys, no spaces), the hash before it included."""
    body = {
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": [entry.actor_kind, entry.actor_id],
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_id],
        "detail": entry.detail,
        "previous": entry.previous.hex(),
    }
    return hashlib.sha256(_CANONICAL.encode(body).encode()).digest()


def verify_chain(*, heads: Iterable[Head] = (), tell: Callable[[int], None] = lambda _rows: None) -> ChainReport:
    """Walks the whole chain and names the first row that was changed, removed, added or moved, and the heads it lacks.

    `tell` hears now and then how many rows have been seen; no transaction is open while it does.
    """
    wanted: dict[int, set[Head]] = {}
    for head in heads:
        wanted.setdefault(head.id, set()).add(head)  # a tail that grew anew may have had another row of the same id
    previous, rows, last_id = GENESIS, 0, 0
    for batch in _batches():
        for entry in batch:
            rows, last_id = rows + 1, entry.id
            if entry.previous != previous or row_hash(entry) != entry.hash:
                return ChainReport(rows, entry.id, previous.hex(), last_id, _missing(wanted))
            previous = entry.hash
            if entry.id in wanted:
                wanted[entry.id].discard(Head(rows, entry.id, previous.hex()))
        tell(rows)
    return ChainReport(rows, None, previous.hex(), last_id, _missing(wanted))


def _missing(wanted: Mapping[int, set[Head]]) -> Sequence[Head]:
    return [head for heads in wanted.values() for head in heads]


def count_rows() -> int:
    """About how many rows the chain has: ids aren't given twice, so the last one is never less."""
    return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def present_head() -> Head | None:
    """The newest row, to be written down elsewhere; None while there is none."""
    newest = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    found = db.session.execute(newest).first()
    if found is None:
        return None
    rows = db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.id <= found.id)) or 0
    return Head(rows, found.id, found.hash.hex())


def _batches() -> Iterator[Sequence[Row[Any]]]:
    """All rows in order, some thousands at a time, each batch read in a transaction of its own."""
    after = 0
    while True:
        query = select(*AuditEntry.__table__.columns).where(AuditEntry.id > after).order_by(AuditEntry.id)
        batch = db.session.execute(query.limit(_BATCH)).all()
        db.session.rollback()
        if not batch:
            return
        yield batch
        after = batch[-1].id


def _head() -> bytes:
    latest = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalar(latest) or GENESIS


def queue_up() -> None:
    """Waits for its turn to write to the chain, and has it until the caller's unit of work ends; on SQLite all writers queue anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
