"""How each seam is doing, and what it answered: written by whoever asks, read by the desk and by the next who asks.

Both are written on a connection of their own, right after the call: they must be kept even where the deed that asked
then fails, and the objects which that deed has loaded must not be expired by somebody else's commit (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Double, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment, db

KEPT = timedelta(days=7)
SHOWN = timedelta(hours=24)
WORKER, MISSED = "worker", timedelta(minutes=1)


class SeamHealth(Base):
    """The last that was heard of one seam. `paused_until`: nobody is asked before then, it is known to be down."""

    __tablename__ = "seam_health"
    seam: Mapped[str] = mapped_column(String(24), primary_key=True)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    trouble: Mapped[str | None] = mapped_column(String(16))
    paused_until: Mapped[datetime | None] = mapped_column(Moment)


class SeamHour(Base):
    """How often a seam was asked in one hour, how often in vain, and how long all of it took."""

    __tablename__ = "seam_hour"
    seam: Mapped[str] = mapped_column(String(24), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    asked: Mapped[int]
    failed: Mapped[int]
    milliseconds: Mapped[int]


class SeamAnswer(Base):
    """An answer already given, for a party that has no request ids: asked again after a crash, we answer from here."""

    __tablename__ = "seam_answer"
    seam: Mapped[str] = mapped_column(String(24), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(80))
    similarity: Mapped[float | None] = mapped_column(Double)
    answered_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of some calls of one seam: counts, milliseconds in all, and the trouble of the last that failed."""

    seam: str
    asked: int
    failed: int
    milliseconds: int
    trouble: str | None
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class SeamState:
    """A row of the desk's page; the counts are those of the last 24 hours."""

    seam: str
    health: SeamHealth | None
    asked: int
    failed: int
    milliseconds: int

    @property
    def mean_milliseconds(self) -> int | None:
        """How long a call takes on average, or None when there was none."""
        return round(self.milliseconds / self.asked) if self.asked else None


def note_calls(heard: Heard, *, now: datetime) -> None:
    """Adds what was heard to the seam's rows; safe under concurrency, the database adds up."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    fresh: dict[str, Any] = {"paused_until": heard.paused_until}
    if heard.asked > heard.failed:
        fresh["succeeded_at"] = now
    if heard.failed:
        fresh |= {"failed_at": now, "trouble": heard.trouble}
    counts = {"asked": heard.asked, "failed": heard.failed, "milliseconds": heard.milliseconds}
    with _own_transaction() as connection:
        _upsert(connection, SeamHealth, {"seam": heard.seam}, fresh)
        table: Any = SeamHour.__table__
        sums = {name: table.c[name] + value for name, value in counts.items()}
        _upsert(connection, SeamHour, {"seam": heard.seam, "hour": hour}, counts, sums)


def forget_old_hours(*, now: datetime) -> None:
    """Removes what no page shows any more. Inside the caller's unit of work."""
    db.session.execute(delete(SeamHour).where(SeamHour.hour < now - KEPT))


def note_worker(*, now: datetime) -> None:
    """A worker that does every kind of job is alive: kept as that of a party whom the pages depend on, too."""
    with _own_transaction() as connection:
        _upsert(connection, SeamHealth, {"seam": WORKER}, {"succeeded_at": now})


def worker_is_seen(*, now: datetime) -> bool:
    """Whether a worker that does every kind of job has been seen within the last minute."""
    seen = db.session.scalar(select(SeamHealth.succeeded_at).where(SeamHealth.seam == WORKER))
    return seen is not None and seen > now - MISSED


def seam_states(seams: Sequence[str], *, now: datetime) -> list[SeamState]:
    """How these seams have done in the last 24 hours, in the same order."""
    rows = db.session.scalars(select(SeamHour).where(SeamHour.hour > now - SHOWN, SeamHour.seam.in_(seams))).all()
    return [
        SeamState(
            seam,
            db.session.get(SeamHealth, seam),
            *(
                sum(getattr(row, name) for row in rows if row.seam == seam)
                for name in ("asked", "failed", "milliseconds")
            ),
        )
        for seam in seams
    ]


class AnswerLedger:
    """The answers that parties without request ids gave us."""

    def recall(self, seam: str, request_id: str) -> Mapping[str, Any] | None:
        """verdict, reference, similarity of an answer given before, or None."""
        query = select(SeamAnswer.verdict, SeamAnswer.reference, SeamAnswer.similarity)
        with db.engine.connect() as connection:
            wanted = query.where(SeamAnswer.seam == seam, SeamAnswer.request_id == request_id)
            found = connection.execute(wanted).mappings().first()
        return dict(found) if found is not None else None

    def keep(self, seam: str, request_id: str, answer: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
        """Keeps an answer; where another worker was faster, its answer stays and is returned."""
        with _own_transaction() as connection:
            values = {"seam": seam, "request_id": request_id, "answered_at": now, **answer}
            connection.execute(_insert(connection)(SeamAnswer).values(**values).on_conflict_do_nothing())
        return self.recall(seam, request_id) or answer


@contextmanager
def _own_transaction() -> Iterator[Connection]:
    with db.engine.connect().execution_options(lingkuan_writes=True) as connection, connection.begin():
        yield connection


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def _upsert(
    connection: Connection,
    model: type[Base],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
) -> None:
    row = _insert(connection)(model).values(**key, **values)
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(changes or values)))
