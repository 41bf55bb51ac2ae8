"""The one place that reads the clock; everything else is told the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "CST")


class Clock(Protocol):
    """Gives the present as an aware datetime in UTC."""

    def __call__(self) -> datetime: ...


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (this is the one place)


def in_china(moment: datetime) -> datetime:
    """The same moment as a wall clock in China shows it; courts date by it wherever a payee is."""
    return moment.astimezone(CHINA)
