"""Texts on their way into force: written by one person, approved by another."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id


class DraftState(StrEnum):
    """WAITING for the second person; then APPROVED (a version was made of it), REFUSED, or taken back by its writer."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TextDraft(Base):
    """A proposal for the next version of a text. `base_version` is the version it was written over (0: none).

    `effective_at`: when it is to take effect; None: as soon as it is approved.
    """

    __tablename__ = "text_draft"
    __table_args__ = (Index("ix_text_draft_state_kind_language", "state", "kind", "language"),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(12))
    base_version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    effective_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(9), default=DraftState.WAITING)
    made_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(200))
    text_id: Mapped[str | None] = mapped_column(ForeignKey("text_version.id"))
