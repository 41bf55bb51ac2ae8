"""The database: one `db`, and `unit_of_work`, the only place where anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).parents[2] / "migrations"
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every model is made from; constraint names are fixed, so that migrations are the same on both databases."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite forgets the zone, this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True, compare_type=True)


class NestedUnitOfWork(Exception):
    """A use case opened a transaction inside another's: the inner deed belongs to the outer one."""


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One write transaction: all of the block or nothing of it.

    Whatever was read before is read afresh inside, so decisions rest on what is true now. On SQLite the write lock is
    taken at the start (BEGIN IMMEDIATE), so that two writers queue instead of failing half-way.
    """
    session = db.session()
    if session.info.get("writing"):
        raise NestedUnitOfWork
    _refuse_stray_changes(session)
    session.rollback()
    session.expire_all()  # a read that was committed keeps its objects as they were; here they must be read afresh
    session.info["writing"] = True
    try:
        session.connection(execution_options={"lingkuan_writes": True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def insert_once(model: type[Base], values: Mapping[str, Any], *, key: str) -> bool:
    """Inserts a row inside the caller's unit of work unless one with the same unique column `key` is there; True if it did.

    Two at the same moment don't collide: the later one waits for the earlier one's transaction and inserts nothing.
    """
    inserted = _insert_new(model, key).values(dict(values)).returning(model.__table__.c[key])
    return db.session.execute(inserted).first() is not None


def insert_all_once(model: type[Base], rows: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """`insert_once` for many rows with the same columns; those that are there already stay as they are."""
    if rows:
        db.session.execute(_insert_new(model, key), [dict(row) for row in rows])


def _insert_new(model: type[Base], key: str) -> Any:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(model.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    return statement.on_conflict_do_nothing(index_elements=[key])


def one_at_a_time(*hashes: bytes) -> None:
    """Makes deeds on the same keyed hash queue up until the caller's unit of work ends: a limit is counted, then used.

    Several are locked in one order, so that two deeds can't wait for each other. On SQLite all writers queue anyway.
    """
    if db.engine.dialect.name == "postgresql":
        for key in sorted(int.from_bytes(one[:8], "big", signed=True) for one in hashes):
            db.session.execute(select(func.pg_advisory_xact_lock(key)))


def end_reading() -> None:
    """Closes the read transaction before a call to the outside world; objects already loaded stay readable."""
    session = db.session()
    if session.info.get("writing"):
        raise NestedUnitOfWork
    _refuse_stray_changes(session)
    session.commit()


def _refuse_stray_changes(session: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside unit_of_work")


def init_db(app: Flask) -> None:
    """Connects the application, and gives SQLite its manners: WAL, full sync, foreign keys, patience."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": True})
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _teach_sqlite(db.engine)


def _teach_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: Any, record: object) -> None:  # noqa: ARG001 (SQLAlchemy's signature)
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("lingkuan_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
