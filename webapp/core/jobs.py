"""The outbox, which is also the queue: what must happen after a deed is written in the deed's own transaction.

A worker claims a job with a lease and keeps the lease alive while it works. A worker that dies lets the lease run out,
and the reaper puts the job back. So each job runs at least once, and every handler must be safe to run twice.

A job whose outside party is down waits with growing pauses, however long the outage. A job that fails by a defect, or
takes its worker down with it, is kept as dead after MOST_ATTEMPTS, where a clerk sees it and can revive it; nothing is
dropped.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, SmallInteger, String, Text, func, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit
from webapp.core.db import Base, Moment, db, insert_all_once, unit_of_work
from webapp.core.ids import new_id

MOST_ATTEMPTS = 12
QUEUED, RUNNING, DONE, DEAD = "queued", "running", "done", "dead"
SHORTEST_OUTAGE, LONGEST_OUTAGE = timedelta(seconds=5), timedelta(minutes=10)
HURRY_EVERY = timedelta(seconds=30)


WAITING = text("state = 'queued'")
"""What the index of waiting jobs holds; a query must say it in the same words, without parameters, for SQLite to use it."""


class Turn(IntEnum):
    """Who goes before whom: codes and warnings, then what somebody waits for in a page, then messages that may be late."""

    NOW = 0
    SOON = 1
    LATER = 2


ALL_TURNS, QUICK = tuple(Turn), (Turn.NOW,)
"""What a worker takes: everything, or only what somebody waits for within seconds, so that it never waits behind a register."""


class Job(Base):
    """One thing to do. `payload` holds ids only; `key`, where given, makes the same job enqueue once.

    `outages` counts how often in a row its outside party was down; `hurried_at` is when somebody last had it brought forward.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_waiting", "turn", "run_at", "id", postgresql_where=WAITING, sqlite_where=WAITING),
        Index(
            "ix_job_leased",
            "leased_until",
            postgresql_where=text("state = 'running'"),
            sqlite_where=text("state = 'running'"),
        ),
        Index("ix_job_dead", "id", postgresql_where=text("state = 'dead'"), sqlite_where=text("state = 'dead'")),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(48))
    key: Mapped[str] = mapped_column(String(96), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    turn: Mapped[int] = mapped_column(SmallInteger, default=Turn.SOON, server_default=text("1"))
    run_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    outages: Mapped[int] = mapped_column(default=0, server_default="0")
    hurried_at: Mapped[datetime | None] = mapped_column(Moment)
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
    outages: int
    holder: str


class TryLater(Exception):
    """A handler's way to say: not yet. The job waits `delay` and doesn't count as failed."""

    def __init__(self, delay: timedelta) -> None:
        self.delay = delay
        super().__init__(f"again in {delay}")


Handler = Callable[[Mapping[str, Any]], None]


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    key: str = "",
    delay: timedelta = timedelta(0),
    turn: Turn = Turn.SOON,
) -> None:
    """Writes a job inside the caller's unit of work; a second one of the same key is ignored."""
    enqueue_all(kind, {key or new_id(): payload}, now=now, delay=delay, turn=turn)


def enqueue_all(
    kind: str,
    payloads: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    delay: timedelta = timedelta(0),
    turn: Turn = Turn.SOON,
) -> None:
    """Writes a job for each key with its payload inside the caller's unit of work; keys that are known are ignored."""
    common = {"kind": kind, "run_at": now + delay, "created_at": now, "turn": turn}
    rows = [{**common, "key": key, "payload": dict(payload)} for key, payload in payloads.items()]
    insert_all_once(Job, rows, key="key")


def any_due(*, now: datetime, turns: Sequence[Turn] = ALL_TURNS) -> bool:
    """True when a job of these turns waits: a plain read, so that an idle worker never takes SQLite's write lock."""
    found = _first_due(now, turns) is not None
    db.session.rollback()
    return found


def _first_due(now: datetime, turns: Sequence[Turn], *, taking: bool = False) -> int | None:
    """The oldest due job of the first turn that has one: a look at the head of the index for each, however long the queue."""
    for turn in turns:
        due = select(Job.id).where(WAITING, Job.turn == turn, Job.run_at <= now)
        due = due.order_by(Job.run_at, Job.id).limit(1)
        if (found := db.session.scalar(due.with_for_update(skip_locked=True) if taking else due)) is not None:
            return found
    return None


def claim(*, now: datetime, lease: timedelta, turns: Sequence[Turn] = ALL_TURNS) -> Claim | None:
    """Takes the oldest due job of the first of these turns, or None.

    On PostgreSQL workers pass each other by (SKIP LOCKED), on SQLite they queue.
    """
    holder = new_id()
    with unit_of_work():
        chosen = _first_due(now, turns, taking=True)
        if chosen is None:
            return None
        job = db.session.get_one(Job, chosen)
        job.state, job.holder, job.leased_until, job.attempts = RUNNING, holder, now + lease, job.attempts + 1
        return Claim(job.id, job.kind, dict(job.payload), job.attempts, job.outages, holder)


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
    _put_off(claim, now + delay, outages=0)


def wait_out(claim: Claim, *, now: datetime) -> timedelta:
    """The outside party is down: back in the queue, however often, for a longer pause each time, which is returned."""
    pause = outage_pause(claim.outages)
    _put_off(claim, now + pause, outages=claim.outages + 1, last_error="SeamUnavailable")
    return pause


def outage_pause(outages: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 10 minutes; up to a fifth shorter at random, so that jobs don't come back all at once."""
    pause: timedelta = min(SHORTEST_OUTAGE * 2 ** min(outages, 10), LONGEST_OUTAGE)
    return pause * random.uniform(0.8, 1.0)  # noqa: S311 (spread, not secrecy)


def _put_off(claim: Claim, until: datetime, **values: Any) -> None:
    _report(claim, state=QUEUED, run_at=until, attempts=claim.attempts - 1, leased_until=None, holder=None, **values)


def waits_out(key: str) -> bool:
    """True while a job is put off because its outside party was down, so that a page can say so."""
    waiting = select(Job.id).where(Job.key == key, Job.state == QUEUED, Job.outages > 0)
    return db.session.scalar(waiting) is not None


def hurry(key: str, *, now: datetime) -> bool:
    """Brings a job that waits out an outage forward because its payee asks, every 30 s at most; True if it did.

    Inside the caller's unit of work.
    """
    waits = update(Job).where(Job.key == key, Job.state == QUEUED, Job.outages > 0, Job.run_at > now)
    allowed = waits.where(or_(Job.hurried_at.is_(None), Job.hurried_at <= now - HURRY_EVERY))
    return bool(_changed(allowed.values(run_at=now, hurried_at=now)))


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
    """Puts back the jobs of workers that died, and returns how many; one that outlives every worker is dead itself."""
    lost = update(Job).where(Job.state == RUNNING, Job.leased_until < now)
    killers = lost.where(Job.attempts >= MOST_ATTEMPTS)
    with unit_of_work():
        _changed(killers.values(state=DEAD, finished_at=now, leased_until=None, last_error="worker lost"))
        return _changed(lost.values(state=QUEUED, run_at=now, holder=None, leased_until=None))


def dead_jobs(*, most: int = 200) -> Sequence[Job]:
    """Jobs that people must look at, the newest failure first."""
    return db.session.scalars(select(Job).where(Job.state == DEAD).order_by(Job.id.desc()).limit(most)).all()


def count_dead() -> int:
    """How many jobs are dead."""
    return db.session.scalar(select(func.count()).select_from(Job).where(Job.state == DEAD)) or 0


def revive(ids: Sequence[int] | None, *, actor: audit.Actor, now: datetime) -> int:
    """Gives dead jobs (None: all of them) all their attempts once more; returns how many. Inside a unit of work."""
    dead = update(Job).where(Job.state == DEAD)
    chosen = dead if ids is None else dead.where(Job.id.in_(ids))
    fresh = {"state": QUEUED, "run_at": now, "attempts": 0, "outages": 0, "holder": None, "finished_at": None}
    revived = db.session.execute(chosen.values(**fresh).returning(Job.id, Job.kind)).all()
    for job_id, kind in revived:
        audit.record(actor, "job.revived", ("job", str(job_id)), now=now, kind=kind)
    return len(revived)


def _report(claim: Claim, **values: Any) -> None:
    mine = update(Job).where(Job.id == claim.id, Job.holder == claim.holder, Job.state == RUNNING)
    with unit_of_work():
        db.session.execute(mine.values(**values))


def _changed(statement: Any) -> int:
    result: Any = db.session.execute(statement)
    return int(result.rowcount)
