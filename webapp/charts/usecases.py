"""Having a case counted, and keeping what was counted."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from webapp.charts.models import CaseChart
from webapp.charts.queries import chart_of, count_everything
from webapp.core import jobs
from webapp.core.db import db, end_reading, unit_of_work

COUNT_CASE = "count_case"
FRESH = timedelta(minutes=5)


def ask_for_counts(case_id: str, *, now: datetime) -> None:
    """Has a case counted by the worker, once every five minutes at most. Inside a unit of work."""
    turn = int(now.timestamp() // FRESH.total_seconds())
    jobs.enqueue(COUNT_CASE, {"case": case_id}, now=now, key=f"{COUNT_CASE}:{case_id}:{turn}")


def is_stale(case_id: str, *, now: datetime) -> bool:
    """True for counts that are older than five minutes (of a huge case: than twenty times what counting took), or missing."""
    chart = chart_of(case_id)
    return chart is None or now - chart.counted_at >= max(FRESH, 20 * timedelta(milliseconds=chart.milliseconds))


def count_case(case_id: str, *, now: datetime) -> None:
    """Counts a case and keeps the numbers; twice does no harm."""
    started = time.monotonic()
    numbers = count_everything(case_id, now=now)
    end_reading()
    took = int(1000 * (time.monotonic() - started))
    with unit_of_work():
        chart = db.session.get(CaseChart, case_id) or CaseChart(case_id=case_id)
        db.session.add(chart)
        chart.counted_at, chart.milliseconds, chart.numbers = now, took, numbers
