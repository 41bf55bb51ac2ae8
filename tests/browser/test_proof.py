"""A form that comes too late for the last proof goes through in a browser, by htmx, once its clerk has given another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from tests.browser.conftest import DESK, new_context
from tests.browser.pages import PASSWORD, Court
from webapp.accounts.models import WebSession
from webapp.core.db import db, unit_of_work

pytestmark = pytest.mark.browser


def test_what_was_typed_goes_through_after_the_proof(browser: Browser, court: Court) -> None:
    context = new_context(browser, size=DESK)
    page = context.new_page()
    court.speak(context, "zh_Hans")
    sight = next(sight for sight in court.desk if sight.name == "people of a case")
    court.enter(context, sight)
    page.goto(f"{court.address}{sight.path}/add")
    for label, typed in (("姓名", "陈静"), ("金额（元）", "0"), ("原因", "判决后补充，已核对判决书。")):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_label("证件类型").select_option("passport")
    page.get_by_label("证件号码", exact=True).fill("E12345678")
    with court.app.app_context(), unit_of_work():
        db.session.execute(update(WebSession).values(fresh_at=None))
    page.get_by_role("button", name="保存", exact=True).click()
    asked = page.get_by_role("heading", name="请再确认一次是您本人")
    expect(asked).to_be_visible()
    expect(page).to_have_url(re.compile(r"/desk/prove\?next="))
    page.get_by_label("密码", exact=True).fill("not this one")
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="没有通过")).to_be_visible()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_label("姓名", exact=True)).to_have_value("陈静")
    expect(page).to_have_url(f"{court.address}{sight.path}/add")
    page.get_by_label("金额（元）", exact=True).fill("9")
    with court.app.app_context(), unit_of_work():
        db.session.execute(update(WebSession).values(fresh_at=None))
    page.get_by_role("button", name="保存", exact=True).click()
    expect(asked).to_be_visible()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_role("heading", name="陈静")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"{re.escape(sight.path)}/\d+$"))
    context.close()
