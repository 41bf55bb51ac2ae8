"""How long a review may take: working days by China's clock, Saturday and Sunday left out.

Public holidays and the working weekends that make up for them change every year by decree; they aren't known here, so a
target may fall on a holiday.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.core.clock import in_china

DAY = timedelta(days=1)
WEEKEND = (5, 6)


def due(since: datetime, days: int) -> datetime:
    """The same time of day, `days` working days later; what comes at a weekend counts from Monday's midnight on."""
    at = _forward(in_china(since))
    for _ in range(days):
        at = _forward(at + DAY, keep_time=True)
    return at.astimezone(since.tzinfo)


def overdue_before(now: datetime, days: int) -> datetime:
    """What has waited since before this moment is overdue now: `due` turned round."""
    at = _backward(in_china(now))
    for _ in range(days):
        at = _backward(at - DAY, keep_time=True)
    return at.astimezone(now.tzinfo)


def _forward(at: datetime, *, keep_time: bool = False) -> datetime:
    while at.weekday() in WEEKEND:
        at += DAY
        at = at if keep_time else at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at


def _backward(at: datetime, *, keep_time: bool = False) -> datetime:
    """A weekend's moment counts as the Monday midnight after it (that is where its waiting began)."""
    while at.weekday() in WEEKEND:
        at = at - DAY if keep_time else (at + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    return at
