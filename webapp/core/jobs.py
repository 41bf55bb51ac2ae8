"""The outbox, which is also the queue: what must happen after a deed is written in the deed's own transaction.

A worker claims a job with a lease and keeps the lease alive while it works. A worker that dies lets the lease run out,
and the reaper puts the job back. So each job runs at least once, and every handler must be safe to run twice. A job
that fails too often is kept as dead, where a clerk sees it; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment, db, unit_of_work
from webapp.core.ids import new_id

MOST_ATTEMPTS = 12
QUEUED, RUNNING, DONE, DEAD = "queued", "running", "done", "dead"


class Job(Base):
    """One thing to do. `payload` holds ids only; `key`, where given, makes the same job enqueue once."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_waiting", "run_at", postgresql_where=text("state = 'queued'"), sqlite_where=text("state = 'queued'")
        ),
        Index(
            "ix_job_leased",
            "leased_until",
            postgresql_where=text("state = 'running'"),
            sqlite_where=text("state = 'running'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(48))
    key: Mapped[str] = mapped_column(String(96), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    run_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    holder: Mapped[str | None] = mapped_column(String(32))
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in a worker's hands. `holder` proves that it still is when the worker reports."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    holder: str


class TryLater(Exception):
    """A handler's way to say: not yet. The job waits `delay` and doesn't count as failed."""

    def __init__(self, delay: timedelta) -> None:
        self.delay = delay
        super().__init__(f"again in {delay}")


Handler = Callable[[Mapping[str, Any]], None]


def enqueue(
    kind: str, payload: Mapping[str, Any], *, now: datetime, key: str = "", delay: timedelta = timedelta(0)
) -> None:
    """Writes a job inside the caller's unit of work; a second one of the same key is ignored."""
    if key and db.session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return
    job = Job(
        kind=kind,
        key=key or new_id(),
        payload=dict(payload),
        state=QUEUED,
        attempts=0,
        run_at=now + delay,
        created_at=now,
    )
    db.session.add(job)
    db.session.flush()


def any_due(*, now: datetime) -> bool:
    """True when a job waits: a plain read, so that an idle worker never takes SQLite's write lock."""
    due = select(Job.id).where(Job.state == QUEUED, Job.run_at <= now).limit(1)
    found = db.session.scalar(due) is not None
    db.session.rollback()
    return found


def claim(*, now: datetime, lease: timedelta) -> Claim | None:
    """Takes the oldest due job, or None. On PostgreSQL workers pass each other by (SKIP LOCKED), on SQLite they queue."""
    holder = new_id()
    with unit_of_work():
        due = select(Job.id).where(Job.state == QUEUED, Job.run_at <= now).order_by(Job.run_at, Job.id).limit(1)
        chosen = db.session.scalar(due.with_for_update(skip_locked=True))
        if chosen is None:
            return None
        job = db.session.get_one(Job, chosen)
        job.state, job.holder, job.leased_until, job.attempts = RUNNING, holder, now + lease, job.attempts + 1
        return Claim(job.id, job.kind, dict(job.payload), job.attempts, holder)


def prolong(claim: Claim, *, now: datetime, lease: timedelta) -> bool:
    """The heartbeat: keeps a long job ours. False when another worker has taken it over."""
    mine = update(Job).where(Job.id == claim.id, Job.holder == claim.holder, Job.state == RUNNING)
    with unit_of_work():
        return bool(_changed(mine.values(leased_until=now + lease)))


def finish(claim: Claim, *, now: datetime) -> None:
    """The job is done, unless somebody else has taken it over meanwhile (then it is theirs to finish)."""
    _report(claim, state=DONE, finished_at=now, leased_until=None, last_error=None)


def postpone(claim: Claim, delay: timedelta, *, now: datetime) -> None:
    """Back in the queue for later; doesn't count as an attempt."""
    _report(claim, state=QUEUED, run_at=now + delay, attempts=claim.attempts - 1, leased_until=None, holder=None)


def fail(claim: Claim, error: str, *, now: datetime) -> None:
    """Back in the queue with a growing pause, or dead after too many attempts. `error` must hold no personal data."""
    if claim.attempts >= MOST_ATTEMPTS:
        _report(claim, state=DEAD, finished_at=now, leased_until=None, last_error=error)
    else:
        _report(
            claim, state=QUEUED, run_at=now + backoff(claim.attempts), leased_until=None, holder=None, last_error=error
        )


def backoff(attempts: int) -> timedelta:
    """1 s, 2 s, 4 s … at most an hour."""
    return timedelta(seconds=min(2 ** (attempts - 1), 3600))


def reap(*, now: datetime) -> int:
    """Puts back the jobs of workers that died; returns how many."""
    lost = update(Job).where(Job.state == RUNNING, Job.leased_until < now)
    with unit_of_work():
        return _changed(lost.values(state=QUEUED, run_at=now, holder=None, leased_until=None))


def _report(claim: Claim, **values: Any) -> None:
    mine = update(Job).where(Job.id == claim.id, Job.holder == claim.holder, Job.state == RUNNING)
    with unit_of_work():
        db.session.execute(mine.values(**values))


def _changed(statement: Any) -> int:
    result: Any = db.session.execute(statement)
    return int(result.rowcount)
