"""What clerks write: decisions that can still be undone, notes, opinions, and the reasons they may choose from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed

PENDING = text("state = 'pending'")


class DecisionState(StrEnum):
    """PENDING may be undone; DONE has taken effect; FAILED could not, because the payee was quicker."""

    PENDING = "pending"
    DONE = "done"
    UNDONE = "undone"
    FAILED = "failed"


class Decision(Base):
    """A clerk's decision on an item. It takes effect at `effective_at`, by a job of the same transaction.

    `redo`: what alone must be done again, comma-separated; empty: everything from the document on. `waited`: seconds that
    the item had waited. `seen_at`: the clerk was told that it failed.
    """

    __tablename__ = "review_decision"
    __table_args__ = (
        Index("ix_review_decision_pending", "item_id", unique=True, postgresql_where=PENDING, sqlite_where=PENDING),
        Index("ix_review_decision_clerk", "clerk_id", "decided_at"),
        Index("ix_review_decision_day", "decided_at"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("docket_item.id"), index=True)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    approved: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(40))
    words: Mapped[str | None] = mapped_column(Sealed("review_decision.words"))
    redo: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(8), default=DecisionState.PENDING)
    waited: Mapped[int]
    decided_at: Mapped[datetime] = mapped_column(Moment)
    effective_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)


class Note(Base):
    """What a clerk wrote down for colleagues about a thread; payees never see it."""

    __tablename__ = "review_note"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    thread: Mapped[str] = mapped_column(String(40), index=True)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    words: Mapped[str] = mapped_column(Sealed("review_note.words"))
    written_at: Mapped[datetime] = mapped_column(Moment)


class Verdict(StrEnum):
    """What a colleague thinks."""

    APPROVE = "approve"
    REFUSE = "refuse"
    UNSURE = "unsure"


class Opinion(Base):
    """A second opinion: asked of a named colleague, who is never the one who asks."""

    __tablename__ = "review_opinion"
    __table_args__ = (Index("ix_review_opinion_asked", "asked_of", "answered_at", "withdrawn_at"),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("docket_item.id"), index=True)
    asked_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    asked_of: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    question: Mapped[str] = mapped_column(Sealed("review_opinion.question"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    verdict: Mapped[str | None] = mapped_column(String(8))
    words: Mapped[str | None] = mapped_column(Sealed("review_opinion.words"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class Reason(Base):
    """A reason of the court's own, beside the product's. Its words are texts (`reason.<code>`), in versions."""

    __tablename__ = "review_reason"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
