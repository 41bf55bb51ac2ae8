"""Payees who came by WeChat's mini-program: where a subscribe message reaches them, and what is on its way there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class WeChatState(StrEnum):
    """LATE: nothing may be sent there any more, or the message had lost its use, so it was not sent."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    LATE = "late"


class WeChatReader(Base):
    """One account's user of the mini-program. `allowed`: how many messages WeChat lets us send; each tap of theirs adds one."""

    __tablename__ = "wechat_reader"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    openid: Mapped[str] = mapped_column(Sealed("wechat_reader.openid"))
    openid_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    allowed: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(Moment)


class WeChatDelivery(Base):
    """One subscribe message. `words` names no person: it is shown in a list that others may see."""

    __tablename__ = "wechat_delivery"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    words: Mapped[dict[str, Any]] = mapped_column(SealedJson("wechat_delivery.words"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(12), default=WeChatState.WAITING)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
