"""SMS on their way: written with the deed that causes them, sent by the worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed


class DeliveryState(StrEnum):
    """DELIVERED and UNDELIVERED come by a receipt, where the gateway sends such.

    LATE: it would have arrived after it was of use (a code that has run out), so it was not sent.
    """

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    LATE = "late"


class Fault(StrEnum):
    """Why an SMS didn't arrive: PERMANENT needs another number, TEMPORARY may be sent once more, UNKNOWN says neither."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    UNKNOWN = "unknown"


class SmsDelivery(Base):
    """One SMS: its text as it goes out, and what the gateway said. Its id is the gateway's idempotency key.

    One that isn't `urgent` waits out the quiet hours. `segments` counts what the carrier charges, signature included.
    `kind` is the message's (codes have none), `again_of` the delivery that this one repeats because it didn't arrive.
    `case_id` is the case of a message to somebody who has no account yet.
    """

    __tablename__ = "sms_delivery"
    __table_args__ = (Index("ix_sms_delivery_state_created_at", "state", "created_at"),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    phone: Mapped[str] = mapped_column(Sealed("sms_delivery.phone"))
    body: Mapped[str] = mapped_column(Sealed("sms_delivery.body"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    urgent: Mapped[bool] = mapped_column(default=True)
    segments: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default=DeliveryState.WAITING)
    reference: Mapped[str | None] = mapped_column(String(80), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40), default="")
    fault: Mapped[str | None] = mapped_column(String(12))
    again_of: Mapped[str | None] = mapped_column(ForeignKey("sms_delivery.id"), index=True)
    tries: Mapped[int] = mapped_column(default=1)
    case_id: Mapped[str | None] = mapped_column(String(22))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


LOST_SHOWN = timedelta(days=30)
"""How long a lost message is shown at the desk."""


class LostSms(Base):
    """Whom a message that was lost concerns: triggers write it as things stand then (migration 0087), cases.lost what a case learns later.

    `place` is the id of a case that names its reader, or the name of a court that was asked who they are; "nobody" where it
    went to a bare number, "later" where it went to an account that nobody knew yet.
    """

    __tablename__ = "lost_sms"
    __table_args__ = (Index("ix_lost_sms_place_created_at", "place", "created_at"),)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("sms_delivery.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(60), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
