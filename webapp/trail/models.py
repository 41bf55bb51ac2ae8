"""Proofs of the audit chain that auditors ask for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id


class ChainProof(Base):
    """One walk along the chain, done by the worker. `heads`: how many written-down heads were asked for; `missing`: not found."""

    __tablename__ = "chain_proof"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    asked_by: Mapped[str] = mapped_column(ForeignKey("clerk.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    rows_total: Mapped[int] = mapped_column(BigInteger)
    rows_seen: Mapped[int] = mapped_column(BigInteger, default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    broken_at: Mapped[int | None] = mapped_column(BigInteger)
    missing: Mapped[int] = mapped_column(default=0)
    heads: Mapped[int] = mapped_column(default=0)
    head: Mapped[str | None] = mapped_column(String(64))
