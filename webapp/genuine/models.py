"""How often somebody has asked whether a letter is genuine, so that nobody tries codes by the thousand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment


class LetterLook(Base):
    """One question of one client; kept for an hour."""

    __tablename__ = "letter_look"
    id: Mapped[int] = mapped_column(primary_key=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
