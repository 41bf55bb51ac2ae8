"""How long a review may take: working days of China's week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.clock import CHINA, in_china
from webapp.docket.rules import due, overdue_before

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (given its zone)


def china(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """November 2026: the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("since", "days", "expected"),
    [
        (china(23, 10), 3, china(26, 10)),
        (china(26, 10), 3, china(31 - 1, 10) + timedelta(days=1)),  # Thursday → Tuesday, over a weekend
        (china(27, 10), 1, china(30, 10)),
        (china(28, 15), 1, china(30) + timedelta(days=1)),  # what comes on a Saturday begins to wait on Monday
        (china(29, 23, 59), 0, china(30)),
    ],
)
def test_a_target_leaves_out_saturdays_and_sundays(since: datetime, days: int, expected: datetime) -> None:
    assert due(since.astimezone(UTC), days) == expected


@given(MOMENTS, MOMENTS, st.integers(0, 12))
def test_what_is_overdue_is_what_came_before_the_moment_that_the_query_asks_for(
    since: datetime, now: datetime, days: int
) -> None:
    assert (due(since, days) < now) == (since < overdue_before(now, days)) or _at_a_weekends_edge(since, now, days)


def _at_a_weekends_edge(since: datetime, now: datetime, days: int) -> bool:
    """At a weekend nothing works, so that "due on Monday at midnight" is overdue on Saturday or on Monday, as one counts."""
    return in_china(now).weekday() >= 5 or (
        in_china(due(since, days)).weekday() == 0 and in_china(since).weekday() >= 5
    )


@given(MOMENTS, st.integers(0, 12))
def test_a_target_is_never_at_a_weekend_and_later_ones_are_due_later(since: datetime, days: int) -> None:
    assert in_china(due(since, days)).weekday() < 5
    assert due(since, days) <= due(since + timedelta(hours=1), days)
    assert due(since, days) < due(since, days + 1)
