"""The first-day tour: it begins by itself, leads each role to its own places, and is over when its clerk says so."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from webapp.accounts.models import Clerk as ClerkRow
from webapp.accounts.models import Role
from webapp.core.db import db, unit_of_work
from webapp.staff.tour import STOPS, stops_for


def panel(desk: Walker) -> str:
    found = desk.page.cssselect("section.tour")
    return re.sub(r"\s+", " ", found[0].text_content()).strip() if found else ""


def title(desk: Walker) -> str:
    return desk.page.cssselect("#tour-title")[0].text_content()  # type: ignore[no-any-return]  # text in, text out


@pytest.fixture
def newcomer(clerk: Clerk, app: Flask, clock: TestClock) -> Walker:
    """A reviewer with a password that somebody else gave, who sets one of their own."""
    desk = clerk("newcomer")
    with app.app_context(), unit_of_work():
        db.session.query(ClerkRow).filter_by(username="newcomer").one().temporary_until = clock()
    desk.open("/desk/")
    assert panel(desk) == "", "first the password"
    fields = {
        field.get("name"): "an even longer password" for field in desk.page.cssselect("main input[type=password]")
    }
    return desk._submit(desk.page.cssselect("main button")[0], {}, fields).open("/desk/")


def test_it_begins_by_itself_after_the_first_password_of_ones_own(newcomer: Walker) -> None:
    assert "入门指引 1 / 7" in panel(newcomer)
    assert title(newcomer) == "从队列开始"


def test_next_and_back_lead_through_and_each_place_is_remembered_on_the_server(newcomer: Walker, app: Flask) -> None:
    seen = []
    for number in range(7):
        seen.append(title(newcomer))
        newcomer.press("下一步→" if number < 6 else "知道了→")
    assert seen == [str(stop.title) for stop in stops_for(Role.REVIEWER)]
    assert panel(newcomer) == ""
    newcomer.open("/desk/handbook").press("重新看一遍入门指引").press("下一步→")
    assert "2 / 7" in panel(newcomer.open("/desk/cases")), "another page, the same place"
    newcomer.press("←上一步")
    assert newcomer.path == "/desk/cases"
    assert "1 / 7" in panel(newcomer)


def test_who_ended_it_is_left_alone_until_they_begin_it_again(newcomer: Walker, app: Flask, clock: TestClock) -> None:
    newcomer.press("不看了Esc")
    assert panel(newcomer) == ""
    with app.app_context(), unit_of_work():
        db.session.query(ClerkRow).filter_by(username="newcomer").one().temporary_until = clock()
    newcomer.open("/desk/")
    fields = {f.get("name"): "quite another password" for f in newcomer.page.cssselect("main input[type=password]")}
    newcomer._submit(newcomer.page.cssselect("main button")[0], {}, fields).open("/desk/")
    assert panel(newcomer) == "", "a password that was reset begins nothing again"
    assert "1 / 7" in panel(newcomer.open("/desk/handbook").press("重新看一遍入门指引"))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_six_to_eight_places_that_are_there(clerk: Clerk, role: Role) -> None:
    desk = clerk(role=role).open("/desk/handbook").press("重新看一遍入门指引")
    stops = stops_for(role)
    assert 6 <= len(stops) <= 8
    for number, stop in enumerate(stops, start=1):
        assert f"{number} / {len(stops)}" in panel(desk)
        points = desk.page.cssselect("[data-tour]")[0].get("data-points").split("|")
        if stop.endpoint or stop.points:
            assert [e for one in points for e in desk.page.cssselect(f"{one}")], stop.key
        desk.press("下一步→" if number < len(stops) else "知道了→")


def test_places_that_only_some_may_open_are_shown_to_them_alone() -> None:
    keys = {role: {stop.key for stop in stops_for(role)} for role in Role}
    assert {role for role in Role if "payments" in keys[role]} == {Role.MANAGER, Role.AUDITOR}
    assert {role for role in Role if "undo" in keys[role]} == {Role.MANAGER, Role.REVIEWER}
    assert len({stop.key for stop in STOPS}) == len(STOPS)


def test_clerks_who_have_been_there_long_see_no_tour(clerk: Clerk) -> None:
    assert panel(clerk()) == ""
