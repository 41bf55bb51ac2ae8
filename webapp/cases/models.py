"""Cases, and the people whom they name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class Collection(StrEnum):
    """Whether a case takes accounts in: NOT_YET before its first day, PAUSED and OVER once it was closed or ran out."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"


class Case(Base):
    """One mass-party case (涉众案件). `code` is what a poster's QR code points to; `letters` counts the letters it has had.

    Accounts are collected from `collects_from` until `collects_until` unless it was `closed_at`; `closed_why` tells payees.
    `people` counts those named, `stamp` goes up with each deed that changes who is named or with how much. `columns`
    remembers which heading of this court's files means what, `texts` which version of a text this case goes by.
    """

    __tablename__ = "court_case"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    court: Mapped[str] = mapped_column(String(60), index=True)
    partner_bank: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(60), default="")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_why: Mapped[str] = mapped_column(String(300), default="", server_default="")
    collects_from: Mapped[datetime | None] = mapped_column(Moment)
    collects_until: Mapped[datetime | None] = mapped_column(Moment)
    letters: Mapped[int] = mapped_column(default=0, server_default="0")
    people: Mapped[int] = mapped_column(default=0, server_default="0")
    stamp: Mapped[int] = mapped_column(default=0, server_default="0")
    columns: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    texts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")

    def collection(self, now: datetime) -> Collection:
        """Whether accounts may be handed in at this moment."""
        if self.closed_at is not None and self.closed_at <= now:
            return Collection.CLOSED
        if self.collects_until is not None and self.collects_until <= now:
            return Collection.CLOSED
        early = self.collects_from is not None and now < self.collects_from
        return Collection.NOT_YET if early else Collection.OPEN


class Stage(StrEnum):
    """How far a person has come; triggers of the database keep it beside what it follows from (migration 0060).

    PAID is set by whoever books the bank's result; a later submission sets it back.
    """

    NONE = "none"
    VERIFIED = "verified"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    PAID = "paid"


UNFINISHED = (Stage.NONE, Stage.VERIFIED, Stage.SUBMITTED, Stage.RETURNED)
"""Who has something left to do."""


class CasePayee(Base):
    """A person whom a case names, and the amount owed in fen.

    `other_hash` is a second way to read a number whose document type the register didn't give; `phone_hash` is made as that of a
    proved phone is. `moved` is what was
    transferred to others of the case (heirs, a representative, the entry that this one was merged into), less what came
    from them, so `amount + moved` is what the register says. `company` holds name and code of the body that a person acts
    for. One that an import brought is there for nobody but the importer until the import has taken effect.
    """

    __tablename__ = "case_payee"
    __table_args__ = (
        Index("ix_case_payee_number_hash_case_id", "number_hash", "case_id", unique=True),
        Index(
            "ix_case_payee_other_hash",
            "other_hash",
            postgresql_where=text("other_hash IS NOT NULL"),
            sqlite_where=text("other_hash IS NOT NULL"),
        ),
        Index(
            "ix_case_payee_phone_hash",
            "phone_hash",
            postgresql_where=text("phone_hash IS NOT NULL"),
            sqlite_where=text("phone_hash IS NOT NULL"),
        ),
        Index("ix_case_payee_case_id_id", "case_id", "id"),
        Index("ix_case_payee_case_id_stage_id", "case_id", "stage", "id"),
        Index(
            "ix_case_payee_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
            sqlite_where=text("merged_into_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    other_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    name_hash: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    name: Mapped[str] = mapped_column(Sealed("case_payee.name"))
    number: Mapped[str] = mapped_column(Sealed("case_payee.number"))
    phone: Mapped[str | None] = mapped_column(Sealed("case_payee.phone"))
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    document_type: Mapped[str | None] = mapped_column(String(28))
    amount: Mapped[int] = mapped_column(BigInteger)
    moved: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    stage: Mapped[str] = mapped_column(String(10), default=Stage.NONE, server_default=Stage.NONE)
    company: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("case_payee.company"))
    note: Mapped[str | None] = mapped_column(Sealed("case_payee.note"))
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_payee.id"))
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    import_id: Mapped[str | None] = mapped_column(ForeignKey("register_import.id"))
