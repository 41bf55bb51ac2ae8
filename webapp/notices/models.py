"""What people are told: the messages in their inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import SealedJson


class Message(Base):
    """One thing an account is told. The text is made from `kind` and `facts` in the reader's language when shown."""

    __tablename__ = "message"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJson("message.facts"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
