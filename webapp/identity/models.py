"""Verification journeys, their step records, and what comes out of them: a proved identity and a reserved signature."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson

STANDING = text("superseded_at IS NULL")


class Verification(Base):
    """One journey of one account. Which table it follows is `document_type` with `means`, at `table_version`.

    `match_hash` is the keyed hash of the number that was typed, proved or not: a case counts by it who has begun.
    """

    __tablename__ = "verification"
    __table_args__ = (
        Index("ix_verification_standing", "account_id", unique=True, postgresql_where=STANDING, sqlite_where=STANDING),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    document_type: Mapped[str | None] = mapped_column(String(28))
    means: Mapped[str] = mapped_column(String(8), default="online")
    match_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    table_version: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)


class StepRecord(Base):
    """One answer to one step: superseded by a later answer, never edited; only its decision is added.

    `court`: whose clerks decide, on a record that waits for a court.
    `redo`, with a refusal: the steps that alone must be answered again, comma-separated; empty: all that follow too.
    """

    __tablename__ = "step_record"
    __table_args__ = (
        Index(
            "ix_step_record_standing",
            "verification_id",
            "step",
            unique=True,
            postgresql_where=STANDING,
            sqlite_where=STANDING,
        ),
        Index("ix_step_record_queue", "step", "state", "answered_at", postgresql_where=STANDING, sqlite_where=STANDING),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    verification_id: Mapped[str] = mapped_column(ForeignKey("verification.id"), index=True)
    step: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[dict[str, Any]] = mapped_column(SealedJson("step_record.answer"))
    answered_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(40))
    reason_words: Mapped[str | None] = mapped_column(Sealed("step_record.reason_words"))
    redo: Mapped[str] = mapped_column(String(60), default="", server_default="")
    reference: Mapped[str | None] = mapped_column(String(80))
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    court: Mapped[str | None] = mapped_column(String(60))


class Identity(Base):
    """A proved person. `match_hash` is the keyed hash of type family and normalised number: the only identity key.

    `name_hash` is the keyed hash of the name, for an auditor who has nothing else.
    """

    __tablename__ = "identity"
    __table_args__ = (
        Index("ix_identity_standing", "account_id", unique=True, postgresql_where=STANDING, sqlite_where=STANDING),
        Index("ix_identity_proved_at", "proved_at"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    verification_id: Mapped[str] = mapped_column(ForeignKey("verification.id"))
    document_type: Mapped[str] = mapped_column(String(28))
    match_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    name_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    name: Mapped[str] = mapped_column(Sealed("identity.name"))
    number: Mapped[str] = mapped_column(Sealed("identity.number"))
    nationality: Mapped[str] = mapped_column(String(3))
    phone_id: Mapped[str] = mapped_column(ForeignKey("phone.id"))
    face_photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    proved_at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)


class ReservedSignature(Base):
    """预留签名: the strokes with their timing and the PNG made of them, both sealed in the object store."""

    __tablename__ = "reserved_signature"
    __table_args__ = (
        Index(
            "ix_reserved_signature_standing",
            "account_id",
            unique=True,
            postgresql_where=STANDING,
            sqlite_where=STANDING,
        ),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    strokes_key: Mapped[str] = mapped_column(String(80))
    picture_key: Mapped[str] = mapped_column(String(80))
    strokes_sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(8), default="drawn")
    signed_at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)


class FacePrint(Base):
    """What the live face of a verification looks like to the comparer, sealed; kept to find one face under two names."""

    __tablename__ = "face_print"
    __table_args__ = (Index("ix_face_print_latest", "made_at"),)
    verification_id: Mapped[str] = mapped_column(ForeignKey("verification.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    description: Mapped[list[int]] = mapped_column(SealedJson("face_print.description"))
    made_at: Mapped[datetime] = mapped_column(Moment)
