"""What was typed into a form that has not been handed in yet: sealed, one row for each form of an account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.sealing import SealedJson


class TypedForm(Base):
    """`key` is the account's id and the form's place. `fields` is None once the form was handed in; `closed_at` is then when,
    for as long as a request of the page before may still come in late.
    """

    __tablename__ = "typed_form"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    fields: Mapped[dict[str, str] | None] = mapped_column(SealedJson("typed_form.fields"))
    changed_at: Mapped[datetime] = mapped_column(Moment, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
