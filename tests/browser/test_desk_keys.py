"""The desk's keys decide once, and only on what was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, new_context
from tests.browser.pages import QUEUED, Court
from webapp.core.db import db
from webapp.docket.models import DocketItem
from webapp.review.models import Decision

pytestmark = pytest.mark.browser
PRESS_TWICE = """() => { for (const one of [1, 2]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true })); }"""
PRESS_AND_HOLD = """() => { for (let i = 0; i < 9; i++) document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key: "a", bubbles: true, repeat: i > 0 })); }"""


@pytest.fixture
def desk(browser: Browser, court: Court) -> Iterator[Page]:
    context = new_context(browser, size=DESK)
    page = context.new_page()
    court.speak(context, "zh_Hans")
    court.enter(context, next(sight for sight in court.desk if sight.name == "identities"))
    yield page
    context.close()


def look_at(page: Page, court: Court, name: str) -> None:
    """Opens somebody's evidence, and waits until the next one is there."""
    with court.app.app_context():
        item = next(one for one in db.session.query(DocketItem) if one.facts["name"] == name)
        address = f"{court.address}/desk/review/{item.id}"
    with page.expect_response(lambda response: "ahead=1" in response.url) as ahead:
        page.goto(address)
    ahead.value.finished()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def decided(court: Court) -> list[str]:
    with court.app.app_context():
        rows = db.session.query(Decision, DocketItem).join(DocketItem, DocketItem.id == Decision.item_id)
        return sorted(item.facts["name"] for _decision, item in rows)


def test_m_goes_to_the_note_and_what_is_typed_is_written_there(desk: Page, court: Court) -> None:
    before = decided(court)
    look_at(desk, court, QUEUED[0])
    desk.keyboard.press("m")
    desk.keyboard.type("ask a rare name")
    expect(desk.get_by_label("备注（当事人看不到）")).to_have_value("ask a rare name")
    expect(desk.get_by_role("heading", name=QUEUED[0])).to_be_visible()
    assert decided(court) == before


def test_a_refusal_that_was_begun_is_still_there_after_a_note(desk: Page, court: Court) -> None:
    look_at(desk, court, QUEUED[0])
    desk.get_by_label("不通过的原因").select_option("court:unclear")
    desk.get_by_label("补充说明（会写进短信）").fill("请在窗边拍。")
    desk.get_by_role("checkbox", name="人脸视频").check()
    desk.locator("details.more summary").click()
    desk.get_by_label("备注（当事人看不到）").fill("等一等")
    desk.get_by_role("button", name="保存备注").click()
    expect(desk.locator(".notes")).to_contain_text("等一等")
    expect(desk.get_by_label("不通过的原因")).to_have_value("court:unclear")
    expect(desk.get_by_label("补充说明（会写进短信）")).to_have_value("请在窗边拍。")
    expect(desk.get_by_role("checkbox", name="人脸视频")).to_be_checked()
    expect(desk.locator("#sms")).to_contain_text("请在窗边拍。")


def test_who_is_filling_in_a_refusal_does_not_approve_by_a_slip(desk: Page, court: Court) -> None:
    before = decided(court)
    look_at(desk, court, QUEUED[0])
    desk.get_by_role("checkbox", name="人脸视频").check()
    desk.keyboard.press("a")
    expect(desk.get_by_role("heading", name=QUEUED[0])).to_be_visible()
    assert decided(court) == before


@pytest.mark.parametrize(
    ("name", "keys"), [(QUEUED[1], PRESS_AND_HOLD), (QUEUED[2], PRESS_TWICE)], ids=["held", "twice"]
)
def test_a_key_that_is_held_or_tapped_twice_decides_on_one_person(
    desk: Page, court: Court, name: str, keys: str
) -> None:
    before = decided(court)
    look_at(desk, court, name)
    desk.evaluate("scrollTo(0, 300)")
    with desk.expect_response(lambda response: "/decide" in response.url):
        desk.evaluate(keys)
    expect(desk.get_by_role("heading", name=name)).to_have_count(0)
    assert desk.evaluate("scrollY") == 0, "the next one is shown from its head"
    assert decided(court) == sorted([*before, name])


def test_the_first_key_counts_however_young_the_page_is(desk: Page, court: Court) -> None:
    """What guards against a second tap doesn't take the page's own birth for an item that came by itself."""
    desk.add_init_script("performance.now = () => 100")
    look_at(desk, court, QUEUED[5])
    with desk.expect_response(lambda response: "/decide" in response.url):
        desk.keyboard.press("a")


@pytest.mark.parametrize("by", ["button", "key"])
def test_undo_in_the_bar_brings_a_person_back_undecided(
    desk: Page, court: Court, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    patient = replace(court.app.extensions["settings"], undo_seconds=30)
    monkeypatch.setitem(court.app.extensions, "settings", patient)
    look_at(desk, court, QUEUED[4])
    with desk.expect_response(lambda response: "/decide" in response.url):
        desk.keyboard.press("a")
    told = desk.locator("#told form.told")
    expect(told).to_contain_text(QUEUED[4])
    box, bar = told.bounding_box(), desk.locator(".desk-bar").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"] + bar["height"], "it stands in the bar, beside no picture"
    expect(desk.get_by_role("heading", name=QUEUED[4])).to_have_count(0)
    assert standing(court, QUEUED[4]) == ("decided", "pending")
    if by == "key":
        desk.keyboard.press("u")
    else:
        told.get_by_role("button", name="撤销").click()
    expect(desk.get_by_role("heading", name=QUEUED[4])).to_be_visible()
    expect(desk.get_by_role("status").filter(has_text="已撤销，这一件回到您手里")).to_be_visible()
    expect(told).to_have_count(0)
    assert standing(court, QUEUED[4]) == ("open", "undone")


def standing(court: Court, name: str) -> tuple[str, str]:
    """How somebody's review stands, and the last decision on it."""
    with court.app.app_context():
        item = next(one for one in db.session.query(DocketItem) if one.facts["name"] == name)
        states = {decision.state for decision in db.session.query(Decision).filter_by(item_id=item.id)}
        return item.state, "pending" if "pending" in states else "/".join(states)


def test_a_slash_leads_to_the_field_that_finds_people(desk: Page, court: Court) -> None:
    desk.goto(f"{court.address}/desk/identity")
    expect(desk.locator("[data-key='/'][data-armed-for]")).to_be_visible()
    desk.keyboard.press("/")
    field = desk.get_by_role("searchbox", name="姓名、证件号码、手机号或确认书编号")
    expect(field).to_be_focused()
    desk.keyboard.type("/")
    expect(field).to_have_value("/")


def test_the_tour_goes_by_keys_points_at_its_place_and_ends_where_one_was(desk: Page, court: Court) -> None:
    desk.goto(f"{court.address}/desk/handbook")
    desk.get_by_role("button", name="重新看一遍入门指引").click()
    panel = desk.locator("section.tour")
    expect(panel).to_contain_text("入门指引 1 / 8")
    expect(desk.locator(".pointed")).to_have_count(1)
    desk.keyboard.press("ArrowRight")
    expect(panel).to_contain_text("2 / 8")
    expect(panel.get_by_role("heading")).to_be_focused()
    desk.keyboard.press("ArrowLeft")
    expect(panel).to_contain_text("1 / 8")
    desk.locator(".desk-nav").get_by_role("link", name="涉众案件").click()
    expect(desk.get_by_role("heading", name="涉众案件")).to_be_visible()
    expect(panel).to_contain_text("1 / 8")
    for number in range(2, 9):
        desk.keyboard.press("ArrowRight")
        expect(panel).to_contain_text(f"{number} / 8")
    box, nav = panel.bounding_box(), desk.locator(".pointed").bounding_box()
    assert box is not None
    assert nav is not None
    assert nav["x"] + nav["width"] <= box["x"], "the panel covers nothing that it points at"
    desk.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(desk.get_by_role("heading", name="涉众案件")).to_be_focused()
    assert desk.url.endswith("/desk/cases")


def test_the_counts_in_the_navigation_follow_a_decision(desk: Page, court: Court) -> None:
    look_at(desk, court, QUEUED[3])
    count = desk.locator(".desk-nav [data-counted='/desk/identity']")
    before = int(count.inner_text())
    desk.keyboard.press("a")
    expect(count).to_have_text(str(before - 1))
