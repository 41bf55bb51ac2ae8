"""What clerks do about single people of a case: transfers between them, their papers, reminders, visits to the counter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class TransferKind(StrEnum):
    """Why somebody else is paid: an HEIR's share, a REPRESENTATIVE or a COMPANY, or two entries are one person (MERGE)."""

    HEIR = "heir"
    REPRESENTATIVE = "representative"
    COMPANY = "company"
    MERGE = "merge"


class PayeeTransfer(Base):
    """An amount that went from one entry of a case to another; it can be taken back until either has signed."""

    __tablename__ = "payee_transfer"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    from_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    to_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Sealed("payee_transfer.reason"))
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class PayeeCorrection(Base):
    """An entry was corrected by hand: each changed field as it stood and as it stands, sealed; the audit row names this one."""

    __tablename__ = "payee_correction"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(SealedJson("payee_correction.before"))
    after: Mapped[dict[str, Any]] = mapped_column(SealedJson("payee_correction.after"))
    reason: Mapped[str] = mapped_column(Sealed("payee_correction.reason"))
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)


class PayeePaper(Base):
    """A paper that shows why (a certificate of inheritance, a power of attorney, a licence), sealed in the object store."""

    __tablename__ = "payee_paper"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    title: Mapped[str] = mapped_column(Sealed("payee_paper.title"))
    object_key: Mapped[str] = mapped_column(String(80), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    added_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    added_at: Mapped[datetime] = mapped_column(Moment)


class Reminder(Base):
    """One round of reminders. `after` is the last entry that was looked at, so that a killed worker goes on from there."""

    __tablename__ = "reminder"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    stages: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    after: Mapped[int] = mapped_column(BigInteger, default=0)
    sent: Mapped[int] = mapped_column(default=0)
    expected: Mapped[dict[str, Any]] = mapped_column(JSON)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class CounterVisit(Base):
    """A payee at the counter: a code, good once and for ten minutes, opens the payee's surface on a tablet beside a clerk.

    `reason`: why a clerk says that no SMS code can be asked for. `unproved`: it opened an account with a proved phone
    without a code to that phone, for this reason.
    """

    __tablename__ = "counter_visit"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(Sealed("counter_visit.reason"))
    unproved: Mapped[bool] = mapped_column(default=False, server_default=false())
    session_id: Mapped[str | None] = mapped_column(ForeignKey("web_session.id"))
