"""How the work goes: who decided how much, how old it was, what waits. For managers, and for auditors to see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import case, func, select

from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.docket import queries as docket
from webapp.docket.models import DocketItem, ItemKind, ItemState
from webapp.docket.queries import Filters
from webapp.review import queries
from webapp.review.addresses import asker
from webapp.review.models import Decision, DecisionState
from webapp.web.access import Access, open_to
from webapp.web.present import now
from webapp.web.rendering import show

bp = Blueprint("desk_workload", __name__, url_prefix="/desk")
WEEK = timedelta(days=7)


@bp.get("/workload")
@open_to(Access.MANAGER, Access.AUDITOR)
def workload() -> Response:
    """Decided today and in seven days by each clerk, with the mean age of what they decided, and what they have in hand."""
    who = asker()
    waiting = {
        kind.value: (docket.count(Filters(kind), who), docket.count(Filters(kind, "overdue"), who), docket.oldest(kind))
        for kind in ItemKind
    }
    return show("desk/workload.html", rows=_rows(), waiting=waiting, now=now())


def _rows() -> list[dict[str, Any]]:
    midnight = in_china(now()).replace(hour=0, minute=0, second=0, microsecond=0)
    today, week = _decided(midnight), _decided(now() - WEEK)
    held = DocketItem.holder_id.is_not(None) & (DocketItem.held_until > now()) & (DocketItem.state == ItemState.OPEN)
    in_hand = _counts(select(DocketItem.holder_id, func.count()).where(held).group_by(DocketItem.holder_id))
    given = DocketItem.assigned_to.is_not(None) & (DocketItem.state == ItemState.OPEN)
    assigned = _counts(select(DocketItem.assigned_to, func.count()).where(given).group_by(DocketItem.assigned_to))
    clerks = {clerk.id: clerk.display_name for clerk in queries.deciders()} | queries.names_of_clerks(week)
    nothing = (0, 0, 0, 0)
    return [
        {
            "name": name, "today": today.get(clerk_id, nothing), "week": week.get(clerk_id, nothing),
            "in_hand": in_hand.get(clerk_id, 0), "assigned": assigned.get(clerk_id, 0),
        }
        for clerk_id, name in sorted(clerks.items(), key=lambda pair: -today.get(pair[0], nothing)[0])
    ]  # fmt: skip


def _decided(since: datetime) -> dict[str, tuple[int, int, int, int]]:
    """(decided, of them refused, mean hours waited, undone) of each clerk since a moment."""
    counts = Decision.state != DecisionState.UNDONE
    query = select(
        Decision.clerk_id, func.sum(case((counts, 1), else_=0)),
        func.sum(case((counts & Decision.approved.is_(False), 1), else_=0)),
        func.avg(case((counts, Decision.waited))), func.sum(case((counts, 0), else_=1)),
    ).where(Decision.decided_at >= since).group_by(Decision.clerk_id)  # fmt: skip
    rows = db.session.execute(query)
    return {row[0]: (int(row[1]), int(row[2]), round(float(row[3] or 0) / 3600), int(row[4])) for row in rows}


def _counts(query: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in db.session.execute(query)}
