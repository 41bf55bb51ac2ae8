"""Money owed, on its way and paid: rounds with everybody's share, batches for the bank, their lines, the bank's answers.

All amounts are whole fen. What a round gives to a person is a share; what is sent to the bank for a person is a line.
A person has one line on its way at most (an index holds it), and what is on its way and paid together never exceeds what
the register owes them (a trigger holds it, on both databases).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed

SERIAL = BigInteger().with_variant(Integer, "sqlite")


class PayoutRound(Base):
    """One distribution of a case. `part` is in millionths (PERCENT), `pot` in fen (POT); `total` is what the shares add up to."""

    __tablename__ = "payout_round"
    __table_args__ = (
        Index("ix_payout_round_case_id_number", "case_id", "number", unique=True),
        Index(
            "ix_payout_round_opening",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'opening'"),
            sqlite_where=text("state = 'opening'"),
        ),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    part: Mapped[int | None]
    pot: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    people: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    opened_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)


class PayoutShare(Base):
    """What a round gives to one person; frozen when the round is opened."""

    __tablename__ = "payout_share"
    __table_args__ = (
        Index("ix_payout_share_round_id_case_payee_id", "round_id", "case_payee_id", unique=True),
        CheckConstraint("amount > 0", name="amount"),
    )
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("payout_round.id"))
    case_payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class PayoutBatch(Base):
    """Lines for one file to the bank. Who releases is never who made it.

    `control` is SHA-256 over the lines as the releaser saw them; the file is only written if it still holds. `inner_key`
    is the sealed file itself, `outer_key` the same in an envelope for the bank; `password` stays until it has been shown once.
    """

    __tablename__ = "payout_batch"
    __table_args__ = (
        Index("ix_payout_batch_case_id_number", "case_id", "number", unique=True),
        Index(
            "ix_payout_batch_making",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'making'"),
            sqlite_where=text("state = 'making'"),
        ),
        CheckConstraint("released_by IS NULL OR released_by <> made_by", name="two_people"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(8), unique=True)
    template: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(10), index=True)
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    seen: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    control: Mapped[str | None] = mapped_column(String(64))
    ready_at: Mapped[datetime | None] = mapped_column(Moment)
    released_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    written_at: Mapped[datetime | None] = mapped_column(Moment)
    inner_key: Mapped[str | None] = mapped_column(String(80))
    inner_sha256: Mapped[str | None] = mapped_column(String(64))
    outer_key: Mapped[str | None] = mapped_column(String(80))
    outer_sha256: Mapped[str | None] = mapped_column(String(64))
    outer_kind: Mapped[str | None] = mapped_column(String(4))
    password: Mapped[str | None] = mapped_column(Sealed("payout_batch.password"))
    cancelled_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)


class PayoutLine(Base):
    """One payment to one person, with the account as it was signed for. `export_no` is what the bank gives back.

    `flags` are words for the releaser's eye, comma-separated; `result_id` and `row` name the answer that decided.
    """

    __tablename__ = "payout_line"
    __table_args__ = (
        Index("ix_payout_line_batch_id_number", "batch_id", "number", unique=True),
        Index(
            "ix_payout_line_on_its_way",
            "case_payee_id",
            unique=True,
            postgresql_where=text("state IN ('live', 'processing')"),
            sqlite_where=text("state IN ('live', 'processing')"),
        ),
        Index("ix_payout_line_case_id_state", "case_id", "state"),
        Index(
            "ix_payout_line_held",
            "case_id",
            postgresql_where=text("held IS NOT NULL"),
            sqlite_where=text("held IS NOT NULL"),
        ),
        CheckConstraint("amount > 0", name="amount"),
    )
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("payout_batch.id"))
    number: Mapped[int]
    export_no: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"))
    case_payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), index=True)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"))
    letter_sha256: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Sealed("payout_line.name"))
    card_number: Mapped[str] = mapped_column(Sealed("payout_line.card_number"))
    card_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    bank_code: Mapped[str] = mapped_column(String(16))
    branch: Mapped[str] = mapped_column(String(80))
    flags: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(24))
    bank_words: Mapped[str | None] = mapped_column(Sealed("payout_line.bank_words"))
    result_id: Mapped[str | None] = mapped_column(ForeignKey("payout_result.id"))
    row: Mapped[int | None]
    held: Mapped[str | None] = mapped_column(String(8))
    asked: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class PayoutDoubt(Base):
    """An answer by which a payment came back, or that contradicted what was known; it stays, whatever is paid afterwards.

    `known` is the line's state before, `says` what this answer said (Answer), each with the bank's words; `decision` is what
    a clerk made of it, and stays empty where the line followed the answer by itself.
    """

    __tablename__ = "payout_doubt"
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    line_id: Mapped[int] = mapped_column(SERIAL, ForeignKey("payout_line.id"), index=True)
    known: Mapped[str] = mapped_column(String(10))
    known_words: Mapped[str | None] = mapped_column(Sealed("payout_doubt.known_words"))
    says: Mapped[str] = mapped_column(String(10))
    words: Mapped[str | None] = mapped_column(Sealed("payout_doubt.words"))
    reason: Mapped[str | None] = mapped_column(String(24))
    result_id: Mapped[str] = mapped_column(ForeignKey("payout_result.id"))
    decision: Mapped[str | None] = mapped_column(String(8))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class PayoutResult(Base):
    """One result file of the bank. The same bytes for the same case are the same file, and change nothing again."""

    __tablename__ = "payout_result"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    key: Mapped[str] = mapped_column(String(90), unique=True)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(8))
    fault: Mapped[str | None] = mapped_column(String(24))
    cursor: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    faults: Mapped[list[Any]] = mapped_column(JSON, default=list)
    imported_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    imported_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
