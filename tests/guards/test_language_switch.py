"""The language can be changed on every page of the desk, also on one that answers an address which only takes forms."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.guards.route_table import rows
from tests.guards.test_route_table import World, database_url, rules, world
from tests.walker import Walker
from tests.web.conftest import Clerk, clerk
from webapp.accounts.models import Clerk as AClerk
from webapp.accounts.models import Role
from webapp.core.db import db

__all__ = ["clerk", "database_url", "world"]
LAST = ("desk_security.end_sessions", "desk_staff.end_sessions", "desk_staff.reset", "desk_door.sign_out")
"""Deeds that sign somebody out."""


def switch(page: str) -> str:
    """The address of the language switch; "" where the page has none."""
    found = html.fromstring(page).cssselect(".desk-bar a[href*='/desk/language/']") if page.strip() else []
    return str(found[0].get("href")) if found else ""


def test_it_leads_from_the_answer_to_every_form_to_a_page(world: World) -> None:
    table, wrong, asked, forms_only = rows(), [], set(), set()
    desk = [rule for rule in rules(world.app) if rule.rule.startswith("/desk") and "POST" in (rule.methods or ())]
    for place, rule in enumerate(sorted(desk, key=lambda rule: rule.endpoint in LAST)):
        row = table[rule.endpoint]
        for role in sorted(row.who & set(world.asks)) or ["reviewer"]:
            asker = world.asks[role]
            for data in ({}, {"once": f"{place} {role}"}):
                reply = asker.post(world.address(rule, row, world.own), data=data)
                page = reply.mimetype == "text/html" and reply.status_code != 404  # nothing there in any language
                to = switch(reply.text) if page else ""
                reply.close()
                if not to:
                    continue
                asked.add(rule.endpoint)
                if "GET" not in (rule.methods or ()):
                    forms_only.add(rule.endpoint)
                shown = asker.get(to, follow_redirects=True)
                if shown.status_code != 200 or shown.mimetype != "text/html":
                    wrong.append((rule.endpoint, role, to, shown.status_code))
    assert wrong == []
    assert len(asked) > 20, asked
    assert len(forms_only) > 3, forms_only


@pytest.fixture
def admin(clerk: Clerk) -> Walker:
    clerk("limin")
    return clerk("zhangwei", Role.ADMINISTRATOR)


def test_a_temporary_password_is_not_lost_for_a_language(admin: Walker, app: Flask) -> None:
    with app.app_context():
        limin = db.session.query(AClerk).filter_by(username="limin").one().id
    admin.open(f"/desk/staff/{limin}")
    assert switch(admin.response.text)
    admin.press("重置登录方式")
    assert "临时密码" in admin.text
    assert switch(admin.response.text) == ""
    admin.open("/desk/staff/new")
    admin.press("保存", username="sunli", display_name="孙丽", role="reviewer", courts=["深圳市中级人民法院"])
    assert "临时密码" in admin.text
    assert switch(admin.response.text) == ""


def test_reload_leads_from_what_was_shown_once_to_the_page_above(admin: Walker, app: Flask) -> None:
    with app.app_context():
        limin = db.session.query(AClerk).filter_by(username="limin").one().id
    token = admin.open(f"/desk/staff/{limin}").page.cssselect("[name=csrf_token]")[0].get("value")
    asks_part = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "page"}
    reset: FlaskClient = admin.client
    reply = reset.post(f"/desk/staff/{limin}/reset", data={"csrf_token": token, "once": "1"}, headers=asks_part)
    assert (reply.status_code, reply.headers["HX-Push-Url"]) == (200, f"/desk/staff/{limin}")
