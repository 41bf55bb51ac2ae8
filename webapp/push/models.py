"""Browsers that a payee has asked to be told in, and what is on its way to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class PushState(StrEnum):
    """LATE: nobody is signed in there any more, or the message had lost its use, so it was not sent."""

    WAITING = "waiting"
    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    LATE = "late"


class PushSubscription(Base):
    """One browser of one account, for as long as the session lives in which it was asked for."""

    __tablename__ = "push_subscription"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("web_session.id"), index=True)
    endpoint: Mapped[str] = mapped_column(Sealed("push_subscription.endpoint"))
    endpoint_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    keys: Mapped[dict[str, Any]] = mapped_column(SealedJson("push_subscription.keys"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class PushDelivery(Base):
    """One message to one browser. `payload` names no person: it is shown on a locked screen."""

    __tablename__ = "push_delivery"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("push_subscription.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson("push_delivery.payload"))
    urgent: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(12), default=PushState.WAITING)
    reference: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
