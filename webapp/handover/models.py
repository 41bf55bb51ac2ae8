"""A desk browser lends a phone the taking of its pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed


class Handover(Base):
    """One hand-over: `wanted` maps the fields of the desk's page to kinds of photo, `photos` to what came.

    The link holds a random token, this row its hash; the phone's cookie another one, made when the code that the desk
    shows was typed. `whose` is the masked name that the phone shows, `back` the path of the desk's page.
    """

    __tablename__ = "handover"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("web_session.id"), index=True)
    link_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    code: Mapped[str] = mapped_column(Sealed("handover.code"))
    whose: Mapped[str] = mapped_column(Sealed("handover.whose"))
    wanted: Mapped[dict[str, str]] = mapped_column(JSON)
    photos: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    back: Mapped[str] = mapped_column(String(120))
    offered_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end: Mapped[str | None] = mapped_column(String(12))
