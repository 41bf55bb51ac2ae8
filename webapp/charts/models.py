"""Counts of a case, taken by the worker and kept, so that a page shows a million people as fast as ten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment


class CaseChart(Base):
    """The newest counts of one case: numbers and codes alone, nobody's data. `counted_at`: what the numbers are as of."""

    __tablename__ = "case_chart"
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(Moment)
    milliseconds: Mapped[int]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
