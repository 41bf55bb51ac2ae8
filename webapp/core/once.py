"""One-time form tokens: a form that is sent twice acts once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment, db

KEPT = timedelta(days=3)


class SpentToken(Base):
    """The hash of a form token that has done its deed."""

    __tablename__ = "spent_token"
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(Moment, index=True)


class AlreadyDone(Exception):
    """This very form was sent before and acted; show its result instead of acting again."""


def spend(token: str, *, now: datetime) -> None:
    """Marks `token` as used inside the caller's unit of work; raises AlreadyDone the second time.

    An empty token is a form of ours without the macro, which is a defect, so it is refused as used.
    """
    digest = hashlib.sha256(token.encode()).digest()
    if not token or db.session.scalar(select(SpentToken.spent_at).where(SpentToken.hash == digest)) is not None:
        raise AlreadyDone
    db.session.add(SpentToken(hash=digest, spent_at=now))
    try:
        db.session.flush()
    except IntegrityError:  # the same form, at this very moment, in another process
        raise AlreadyDone from None


def forget_old_tokens(*, now: datetime) -> None:
    """Removes tokens that no browser can still hold a form of."""
    db.session.execute(delete(SpentToken).where(SpentToken.spent_at < now - KEPT))
