"""Who at the desk has which item in hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment


class ReviewClaim(Base):
    """A clerk's hold on one item (a step record or a submission); it lapses by itself."""

    __tablename__ = "review_claim"
    subject_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    claimed_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
