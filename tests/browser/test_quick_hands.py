"""Hands that are quicker than the network: no photo is lost, whichever answer comes first and whatever else the page does."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PATIENCE, SPECIMENS, Camera, Demo
from tests.browser.payee import Payee
from tests.browser.studio import until

pytestmark = pytest.mark.browser

PERMIT = ("hk_macao_permit", "陈大文", "H12345678", "CHN")
FRONT, BACK = "hk-permit-front.jpg", "hk-permit-back.jpg"


class Gate:
    """Answers that are held back in the page: the server has done its part, the script hears of it when `open` says so.

    Each page has one; `close` names the addresses by their end, as a regular expression.
    """

    HOLD = """() => { const { open, send } = XMLHttpRequest.prototype; window.gate = { held: [], names: null };
    XMLHttpRequest.prototype.open = function (method, address, ...more) {
      this.named = `${method.toUpperCase()} ${address.split("?")[0]}`;
      return open.call(this, method, address, ...more); };
    XMLHttpRequest.prototype.send = function (...given) {
      const told = this.onload;
      if (gate.names?.test(this.named)) this.onload = (event) => gate.held.push({ answer: this.responseText, open: () => told.call(this, event) });
      return send.apply(this, given); }; }"""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(self.HOLD)

    def close(self, *named: str) -> None:
        """From now on; without names everything passes."""
        self.page.evaluate(
            "(names) => { gate.names = names.length ? new RegExp(names.join('|')) : null; }", [f"{n}$" for n in named]
        )

    def until(self, count: int) -> None:
        """Waits until so many answers are held."""
        until(self.page, f"gate.held.length >= {count}", PATIENCE)

    def open(self, place: int) -> None:
        """Lets one through; the others keep their places."""
        self.page.evaluate("(place) => gate.held[place].open()", place)

    def still_asks(self, place: int) -> bool:
        """Whether this answer is one that asks again by itself."""
        return bool(self.page.evaluate("(place) => gate.held[place].answer.includes('hx-get')", place))

    def photo(self, place: int) -> str:
        """The id that the server gave."""
        return str(json.loads(self.page.evaluate("(place) => gate.held[place].answer", place))["id"])


@pytest.fixture
def payee(phone: Page, demo: Demo, camera: Camera) -> Payee:
    return Payee(phone, demo, camera)


def choose(payee: Payee, place: int, picture: str) -> None:
    payee.page.locator("[data-capture]").nth(place).locator("input[type=file]").set_input_files(SPECIMENS / picture)


def asked_for(page: Page, address: str, method: str = "POST") -> list[Request]:
    """What the page asks for at this address from now on."""
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if r.method == method and r.url.endswith(address) else None)
    return asked


def kept(page: Page, name: str) -> str:
    return page.locator(f"input[name=kept_{name}]").input_value()


def test_a_form_waits_for_a_picture_of_its_page_that_is_on_its_way(payee: Payee, phone: Page) -> None:
    """The document is photographed and typed at once: its photo is there on the next page, and not asked for again."""
    payee.begin("10000000041")
    payee.sees("证件")
    gate, sent = Gate(phone), asked_for(phone, "/verify/document")
    phone.get_by_label(payee.words.document_type).select_option("hk_macao_permit")
    gate.close("POST /verify/document/photo")
    choose(payee, 0, FRONT)
    gate.until(1)
    payee.document(*PERMIT)
    expect(phone.get_by_role("button", name=payee.words.confirm_identity)).to_have_attribute("aria-busy", "true")
    assert sent == []
    gate.open(0)
    payee.sees("受诉法院和证件照片")
    expect(phone.locator("[data-capture]").first.locator(".shot img")).to_be_visible()
    assert len(sent) == 1


def test_a_page_that_is_being_left_takes_no_more_pictures(payee: Payee, phone: Page) -> None:
    payee.begin("10000000042")
    payee.sees("证件")
    gate = Gate(phone)
    gate.close("POST .*/verify/document")
    payee.document(*PERMIT)
    gate.until(1)
    phone.locator("[data-open]").first.dispatch_event("click")
    expect(phone.locator("dialog.lens")).to_have_count(0)
    gate.open(0)
    payee.sees("受诉法院和证件照片")


def at_photos(payee: Payee, number: str) -> None:
    payee.begin(number)
    payee.document(*PERMIT)
    payee.sees("受诉法院和证件照片")
    payee.choose_court()


def test_two_pictures_that_arrive_in_the_other_order_are_both_kept(payee: Payee, phone: Page) -> None:
    at_photos(payee, "10000000043")
    gate = Gate(phone)
    gate.close("POST /photos")
    choose(payee, 0, FRONT)
    choose(payee, 1, BACK)
    gate.until(2)
    payee.press(payee.words.next)
    gate.open(1)
    expect(phone.locator("[data-capture]").nth(1).locator(".say-now")).to_have_text("照片已保存")
    assert phone.url.endswith("/verify/evidence")
    gate.open(0)
    payee.sees("录制视频")


def test_of_two_pictures_of_the_same_side_the_later_one_counts(payee: Payee, phone: Page) -> None:
    at_photos(payee, "10000000044")
    gate = Gate(phone)
    gate.close("POST /photos")
    choose(payee, 0, BACK)
    gate.until(1)
    choose(payee, 0, FRONT)
    gate.until(2)
    choose(payee, 1, BACK)
    gate.until(3)
    payee.press(payee.words.next)
    for place in (2, 1):
        gate.open(place)
    later = gate.photo(1)
    payee.sees("录制视频")
    phone.go_back()
    payee.sees("受诉法院和证件照片")
    assert kept(phone, "front") == later


def test_of_two_pictures_that_are_read_the_later_one_fills_the_form_in(payee: Payee, phone: Page) -> None:
    """The reading of the first comes when the second is there already, with the photo's own answer or by asking again."""
    payee.begin("10000000045")
    payee.sees("证件")
    gate, first = Gate(phone), 0
    gate.close("POST .*/verify/document/photo", "GET .*/verify/document/photo/.*")
    choose(payee, 0, "resident-he-front.jpg")
    gate.until(1)
    if gate.still_asks(first):  # a quick worker has read it before the photo's answer is drawn
        gate.open(first)
        first = 1
        gate.until(2)
    gate.close()
    choose(payee, 0, "resident-ouyang-front.jpg")
    expect(phone.get_by_label(payee.words.number)).to_have_value("44030119850101009X", timeout=60_000)
    gate.open(first)
    phone.evaluate("() => new Promise((done) => setTimeout(done, 300))")  # htmx settles what it swaps in after 20 ms
    expect(phone.get_by_label(payee.words.number)).to_have_value("44030119850101009X")


def test_next_is_pressed_while_the_photo_is_still_being_made(payee: Payee, phone: Page) -> None:
    at_photos(payee, "10000000046")
    phone.evaluate(
        """() => { const make = HTMLCanvasElement.prototype.toBlob; window.later = [];
        HTMLCanvasElement.prototype.toBlob = function (...given) { window.later.push(() => make.apply(this, given)); };
        window.develop = () => { HTMLCanvasElement.prototype.toBlob = make; window.later.forEach((one) => one()); }; }"""
    )
    choose(payee, 1, BACK)
    payee.shoot(0, FRONT)
    payee.press(payee.words.next)
    expect(phone.get_by_role("button", name=payee.words.next)).to_have_attribute("aria-busy", "true")
    phone.evaluate("develop()")
    payee.sees("录制视频")


def test_a_photo_that_arrives_when_its_page_was_drawn_anew_is_shown_on_the_new_one(payee: Payee, phone: Page) -> None:
    at_photos(payee, "10000000047")
    gate = Gate(phone)
    gate.close("POST /photos")
    choose(payee, 0, FRONT)
    gate.until(1)
    phone.evaluate("htmx.ajax('GET', location.pathname, { target: '#page', swap: 'innerHTML' })")
    front = phone.locator("[data-capture]").first
    expect(front.locator(".say-now")).to_be_empty()
    gate.open(0)
    expect(front.locator(".shot img")).to_be_visible()
    assert kept(phone, "front") == gate.photo(0)
