"""Cases and the registers of who is owed money in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed


class Case(Base):
    """One mass-party case (涉众案件). `code` is what a poster's QR code points to; `letters` counts the letters it has had."""

    __tablename__ = "court_case"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    court: Mapped[str] = mapped_column(String(60))
    partner_bank: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(60), default="")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    letters: Mapped[int] = mapped_column(default=0, server_default="0")


class RegisterImport(Base):
    """One file of a register, imported whole or not at all."""

    __tablename__ = "register_import"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(Moment)
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)


class CasePayee(Base):
    """A person whom a case names, and the amount owed in fen.

    `other_hash` is a second way to read a number whose document type the register didn't give.
    """

    __tablename__ = "case_payee"
    __table_args__ = (Index("ix_case_payee_case_id_number_hash", "case_id", "number_hash", unique=True),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    other_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    name: Mapped[str] = mapped_column(Sealed("case_payee.name"))
    number: Mapped[str] = mapped_column(Sealed("case_payee.number"))
    document_type: Mapped[str | None] = mapped_column(String(28))
    amount: Mapped[int] = mapped_column(BigInteger)
    import_id: Mapped[str | None] = mapped_column(ForeignKey("register_import.id"))
