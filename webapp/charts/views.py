"""A case in charts: drawn here as SVG, the same numbers in a table behind each, and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, make_response
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.cases.desk_views import case_or_404
from webapp.charts import rules
from webapp.charts.models import CaseChart
from webapp.charts.queries import chart_of, charted_cases
from webapp.charts.usecases import ask_for_counts, is_stale
from webapp.charts.words import DAYS, FUNNEL, ORDER, TIMES, duration_words, refusal_words, step_words
from webapp.core.db import unit_of_work
from webapp.web.access import DESK, open_to
from webapp.web.locale import BY_CODE
from webapp.web.present import now
from webapp.web.rendering import show

bp = Blueprint("desk_charts", __name__, url_prefix="/desk/charts")
DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `heads` and `rows` are its table, and its CSV; `bars` or `shares` its drawing."""

    key: str
    title: str
    heads: list[str]
    rows: list[list[Any]]
    note: str = ""
    bars: list[rules.Bar] | None = None
    grid: list[rules.Line] | None = None
    legend: list[str] | None = None
    shares: list[tuple[str, int, float, int]] | None = None


@bp.get("")
@open_to(*DESK)
def overview() -> Response:
    """Every case with how far it has come."""
    cases = charted_cases(current_user.courts)
    missing = [case.id for case, chart in cases[:20] if chart is None]
    if missing:
        with unit_of_work():
            for case_id in missing:
                ask_for_counts(case_id, now=now())
    return show("desk/charts.html", rows=cases, heads=FUNNEL)


@bp.get("/<case_id>")
@open_to(*DESK)
def case(case_id: str) -> Response:
    """The charts of a case as it was counted last; older than five minutes, it is counted again behind the page."""
    found = case_or_404(case_id)
    stale = is_stale(case_id, now=now())
    if stale:
        with unit_of_work():
            ask_for_counts(case_id, now=now())
    chart = chart_of(case_id)
    return show(
        "desk/chart.html", case=found, charts=_charts(chart) if chart else [], counted_at=chart.counted_at if chart else None,
        stale=stale, width=rules.WIDTH, height=rules.HEIGHT, left=rules.LEFT,
    )  # fmt: skip


@bp.get("/<case_id>/<key>.csv")
@open_to(*DESK)
def table(case_id: str, key: str) -> BaseResponse:
    """The numbers behind one chart."""
    counted = chart_of(case_or_404(case_id).id) or abort(404)
    chart = next((chart for chart in _charts(counted, days=None) if chart.key == key), None) or abort(404)
    response = make_response(rules.as_csv(chart.heads, chart.rows))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={chart.key}.csv"
    return response


def _charts(counted: CaseChart, *, days: int | None = DAYS_SHOWN) -> list[Chart]:
    numbers = counted.numbers
    return [
        _funnel(numbers["funnel"]), _by_day(numbers["days"], days), _times(numbers["minutes"], numbers["typical"]),
        _steps(numbers["steps"]), _refusals(numbers["refusals"]), _languages(numbers["languages"]),
    ]  # fmt: skip


def _funnel(numbers: dict[str, int]) -> Chart:
    pairs = [(str(words), numbers.get(key, 0)) for key, words in FUNNEL.items()]
    drawn = rules.shares(pairs, of=numbers["named"])
    rows = [[label, value, f"{percent}%"] for label, value, _length, percent in drawn]
    return Chart("funnel", _("走到哪一步"), [_("步骤"), _("人数"), _("占名册")], rows, shares=drawn)


def _by_day(numbers: dict[str, dict[str, int]], days: int | None) -> Chart:
    shown = sorted(numbers)[-days if days else 0 :]
    rows: list[list[Any]] = [[day, *(numbers[day].get(key, 0) for key in DAYS)] for day in shown]
    series = [[row[n + 1] for row in rows] for n in range(len(DAYS))]
    most = max((value for values in series for value in values), default=0)
    return Chart(
        "days", _("每天的进展"), [_("日期"), *map(str, DAYS.values())], rows,
        bars=rules.columns([day[5:] for day in shown], series), grid=rules.grid(most), legend=list(map(str, DAYS.values())),
    )  # fmt: skip


def _times(numbers: list[int], typical: list[int]) -> Chart:
    labels = list(map(str, TIMES))
    note = ""
    if len(typical) == 2:
        half, most = map(duration_words, typical)
        note = _("一半的人在%(half)s内完成，九成在%(most)s内完成。", half=half, most=most)
    return Chart(
        "times", _("从开始到签署用了多久"), [_("时间"), _("人数")], [list(row) for row in zip(labels, numbers, strict=True)] if any(numbers) else [], note,
        bars=rules.columns(labels, [numbers]), grid=rules.grid(max(numbers, default=0)),
    )  # fmt: skip


def _steps(numbers: dict[str, list[int]]) -> Chart:
    rows: list[list[Any]] = [
        [step_words(step), *numbers[step]] for step in ORDER if step in numbers and numbers[step][0]
    ]
    drawn = rules.shares([(row[0], row[2]) for row in rows if row[2]])
    note = _("一天以上没有动静的人，停在哪一步；正在等法院或外部核验的不算。")
    return Chart("steps", _("停在哪一步"), [_("步骤"), _("在这一步的人"), _("停下的人")], rows, note, shares=drawn)


def _refusals(numbers: dict[str, int]) -> Chart:
    pairs = sorted(((refusal_words(code), n) for code, n in numbers.items()), key=lambda pair: -pair[1])
    return Chart(
        "refusals",
        _("为什么退回"),
        [_("原因"), _("次数")],
        [list(pair) for pair in pairs],
        shares=rules.shares(pairs[:12]),
    )


def _languages(numbers: dict[str, int]) -> Chart:
    named = [(BY_CODE[code].name if code in BY_CODE else code, n) for code, n in numbers.items()]
    pairs = sorted(named, key=lambda pair: -pair[1])
    return Chart(
        "languages",
        _("当事人的语言"),
        [_("语言"), _("人数")],
        [list(pair) for pair in pairs],
        shares=rules.shares(pairs),
    )
