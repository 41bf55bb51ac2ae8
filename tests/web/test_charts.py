"""A case in charts: counted behind the page, the same numbers in a table and as CSV, on both databases."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask

from benchmarks.desk_people import add_accounts
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import name_in_case
from webapp.cases.models import Case
from webapp.charts.queries import chart_of
from webapp.core.db import db, unit_of_work
from webapp.payee.models import Submission


@pytest.fixture
def case_id(passport: Walker, app: Flask, clock: TestClock) -> str:
    """A case that names eight: six have signed, one waits for the court, one hasn't come."""
    name_in_case(app, clock, "C01X00T47", "passport")
    name_in_case(app, clock)
    with app.app_context():
        case = db.session.query(Case).one()
        add_accounts(case, 6, now=clock())
        with unit_of_work():
            one, two, *_rest = db.session.query(Submission).order_by(Submission.submitted_at)
            one.state, one.decided_at = "accepted", clock()
            two.state, two.reason, two.decided_at = "returned", "account:card_unclear", clock()
        return case.id


def test_a_case_is_counted_behind_the_page_once_in_five_minutes(
    clerk: Clerk, case_id: str, work: Callable[[], int], clock: TestClock, app: Flask
) -> None:
    desk = clerk().open(f"/desk/charts/{case_id}")
    assert "正在第一次统计" in desk.text
    work()
    shares = [span.text_content() for span in desk.open(f"/desk/charts/{case_id}").page.cssselect("#funnel .lengths b")]
    assert shares == ["8", "7", "6", "6", "0", "1", "0", "0"]
    assert "正在重新统计" not in desk.text
    assert work() == 0, "what was just counted isn't counted again"
    clock.move(minutes=6)
    assert "正在重新统计" in desk.open(f"/desk/charts/{case_id}").text
    assert work() == 1
    with app.app_context():
        assert chart_of(case_id).counted_at == clock()


def test_every_chart_has_its_numbers_as_a_table_and_as_csv(
    clerk: Clerk, case_id: str, work: Callable[[], int], clock: TestClock
) -> None:
    desk = clerk().open(f"/desk/charts/{case_id}")
    work()
    desk.open(f"/desk/charts/{case_id}")
    assert len(desk.page.cssselect("figure.chart")) == 6
    assert len(desk.page.cssselect("figure.chart table caption")) == len(desk.page.cssselect("figure.chart table"))
    for key, expected in (
        ("funnel", "6"),
        ("languages", ""),
        ("refusals", "银行卡照片不清楚，看不清卡号。"),
        ("days", ""),
    ):
        reply = desk.client.get(f"/desk/charts/{case_id}/{key}.csv")
        rows = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
        assert reply.mimetype == "text/csv" and len(rows) > 1
        shown = [cell.text_content() for cell in desk.page.cssselect(f"#{key} thead th")]
        assert rows[0] == shown
        assert expected in {cell for row in rows for cell in row} | {""}
    assert desk.client.get(f"/desk/charts/{case_id}/nonsense.csv").status_code == 404


def test_who_waits_for_the_court_has_not_stopped(
    clerk: Clerk, case_id: str, work: Callable[[], int], clock: TestClock, app: Flask
) -> None:
    clock.move(days=3)
    clerk().open(f"/desk/charts/{case_id}")
    work()
    with app.app_context():
        steps = chart_of(case_id).numbers["steps"]
    assert steps["court_review"] == [1, 0]
    assert steps["account_refused"] == [1, 1]


def test_who_did_something_today_has_not_stopped(
    clerk: Clerk, case_id: str, work: Callable[[], int], app: Flask
) -> None:
    clerk().open(f"/desk/charts/{case_id}")
    work()
    with app.app_context():
        steps = chart_of(case_id).numbers["steps"]
    assert steps["account_refused"] == [1, 0]
    assert steps["account"][1] == 0


def test_the_overview_tells_of_every_case(clerk: Clerk, case_id: str, work: Callable[[], int]) -> None:
    desk = clerk().open("/desk/charts")
    assert "正在统计" in desk.text
    work()
    row = desk.open("/desk/charts").page.cssselect("tr[data-row]")[0]
    assert [cell.text_content() for cell in row.cssselect("td.num")] == ["8", "7", "6", "6", "0", "1", "0", "0"]
