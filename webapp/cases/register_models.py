"""Imports of registers: the file, what became of it, its faulty rows, what it would change, and the index of names."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class ImportState(StrEnum):
    """READING → READY (to be looked at) → APPLIED or DISCARDED.

    ASKS: which column is which must be said first. FAULTY: rows are wrong. UNREADABLE: it is no register at all.
    """

    READING = "reading"
    ASKS = "asks"
    READY = "ready"
    FAULTY = "faulty"
    UNREADABLE = "unreadable"
    APPLIED = "applied"
    DISCARDED = "discarded"


PENDING = (ImportState.READING, ImportState.ASKS, ImportState.READY)


class RegisterImport(Base):
    """One file of a register, which takes effect whole or not at all.

    `rows` are those read so far, `size` and `done` bytes of the file. `run` names the worker's try that may write; a later
    try takes it away. `outlook` counts what would change. `stamp` is the case's as it was when the file was read.
    """

    __tablename__ = "register_import"
    __table_args__ = (
        Index(
            "ix_register_import_pending",
            "case_id",
            unique=True,
            postgresql_where=text("state IN ('reading', 'asks', 'ready')"),
            sqlite_where=text("state IN ('reading', 'asks', 'ready')"),
        ),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(Moment)
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=ImportState.APPLIED, server_default=ImportState.APPLIED)
    made_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    chunks: Mapped[int] = mapped_column(default=0, server_default="0")
    size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    done: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    run: Mapped[str] = mapped_column(String(22), default="", server_default="")
    stamp: Mapped[int] = mapped_column(default=0, server_default="0")
    faults: Mapped[int] = mapped_column(default=0, server_default="0")
    control: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    head: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("register_import.head"))
    applied_at: Mapped[datetime | None] = mapped_column(Moment)


class RegisterChange(Base):
    """What an import would change in an entry that is there already: its amount and, where it differs, its name."""

    __tablename__ = "register_change"
    import_id: Mapped[str] = mapped_column(ForeignKey("register_import.id"), primary_key=True)
    payee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(Sealed("case_payee.name"))
    name_hash: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    phone: Mapped[str | None] = mapped_column(Sealed("case_payee.phone"))
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class RegisterAmount(Base):
    """What somebody was owed before an import that was put into force, and since, in fen; kept for good."""

    __tablename__ = "register_amount"
    import_id: Mapped[str] = mapped_column(ForeignKey("register_import.id"), primary_key=True)
    payee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
    before: Mapped[int] = mapped_column(BigInteger)
    after: Mapped[int] = mapped_column(BigInteger)


class RegisterFault(Base):
    """One thing wrong in one row. `hint` may quote the end of a number."""

    __tablename__ = "register_fault"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("register_import.id"), index=True)
    row_number: Mapped[int]
    field: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(32))
    hint: Mapped[str] = mapped_column(Sealed("register_fault.hint"))


class NamePosting(Base):
    """Who of a case has a character (or a Latin word) in the name: a keyed hash, and the ids packed as 32-bit steps from `first`.

    `segment` is the import that brought them, or "hand". It is a hint alone: a name that was changed since stays in, so
    whoever searches opens the names and looks.
    """

    __tablename__ = "name_posting"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's own)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary(8), primary_key=True)
    segment: Mapped[str] = mapped_column(String(22), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    steps: Mapped[bytes] = mapped_column(LargeBinary)
