"""A second photo of a card, and the way back from the comparison of its number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import SPECIMENS, new_context
from tests.browser.pages import Court

pytestmark = pytest.mark.browser
READ = """<div class="notice good" data-card="6299 9900 0000 0000 012" data-bank="SPECIMEN" data-photo="x"><p>read</p></div>"""
UNREAD = """<div class="notice" data-photo="y"><p>unread</p></div>"""


@pytest.fixture
def account(browser: Browser, court: Court) -> Iterator[Page]:
    """A payee's account page, which nothing has been typed into."""
    context = new_context(browser, has_touch=True)
    page = context.new_page()
    sight = next(one for one in court.payee if one.name == "account")
    court.enter(context, sight)
    court.speak(context, "zh_Hans")
    court.show(page, sight)
    yield page
    context.close()


def test_a_number_goes_with_its_photo_and_one_that_was_typed_stays(account: Page) -> None:
    answers = [READ, UNREAD, READ, UNREAD]

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body=answers.pop(0))

    account.route("**/card", answer)
    number, photo, said = (
        account.locator("#card_number"),
        account.locator("#card_picture"),
        account.locator("#card-result"),
    )
    photo.set_input_files(SPECIMENS / "bank-card-flat-19.jpg")
    expect(number).to_have_value("6299 9900 0000 0000 012")
    photo.set_input_files(SPECIMENS / "bank-card-embossed-19.jpg")
    expect(said).to_contain_text("unread")
    expect(number).to_have_value("")
    expect(account.locator("#card-live")).to_be_empty()
    photo.set_input_files(SPECIMENS / "bank-card-flat-19.jpg")
    expect(number).to_have_value("6299 9900 0000 0000 012")
    number.fill("6299 9900 0000 0000 020")
    photo.set_input_files(SPECIMENS / "bank-card-embossed-19.jpg")
    expect(said).to_contain_text("unread")
    expect(number).to_have_value("6299 9900 0000 0000 020")


def test_back_from_the_comparison_leads_to_the_form_as_it_was_sent(account: Page) -> None:
    account.locator("#card_number").fill("6299 9900 0000 0000 012")
    account.locator("#branch").fill("深圳福田支行")
    for name in ("front", "back"):
        account.locator(f"#{name}").set_input_files(
            SPECIMENS / f"resident-{'he-' if name == 'front' else ''}{name}.jpg"
        )
        expect(account.locator(f"[name=kept_{name}]")).not_to_have_value("")
    account.get_by_role("button", name="下一步").click()
    expect(account.get_by_role("heading", name="请再核对一遍")).to_be_visible()
    account.go_back()
    expect(account.get_by_role("heading", name="身份信息")).to_be_visible()
    expect(account.locator("#card_number")).to_have_value("6299 9900 0000 0000 012")
    expect(account.locator("#branch")).to_have_value("深圳福田支行")
    expect(account.locator("[name=kept_front]")).not_to_have_value("")
