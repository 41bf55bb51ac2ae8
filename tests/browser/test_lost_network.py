"""A network that is gone for twenty seconds in the middle of a picture: nothing is lost, and nothing is typed twice."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import SPECIMENS, Camera, Demo, new_context, patiently
from tests.browser.pages import Court
from tests.browser.payee import Payee
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser
SENT = re.compile(r"/signin\?")


def test_a_picture_goes_on_by_itself_after_twenty_seconds_without_network(
    browser: Browser, demo: Demo, camera: Camera
) -> None:
    wire = Wire(urlsplit(demo.address).port or 0)
    context = new_context(
        browser, has_touch=True
    )  # not `phone`, whose console must stay silent: lost requests are told
    phone = context.new_page()
    payee = Payee(phone, replace(demo, address=f"http://127.0.0.1:{wire.port}"), camera)
    payee.begin("10000000031")
    payee.document("passport", "MUELLER ANNA KATHARINA", "C01X00T47", "DEU")
    phone.get_by_label("受诉法院").select_option("深圳市南山区人民法院")
    box = phone.locator("[data-capture]")
    wire.upward = 20_000
    box.locator("input[type=file]").set_input_files(SPECIMENS / "passport-mueller.jpg")
    before = wire.carried
    patiently(lambda: wire.carried >= before + 40_000 or None, "nothing was sent")  # of some 150,000
    wire.cut()
    expect(box.locator(".say-now")).to_contain_text("网络断了")
    payee.press(payee.words.next)
    phone.wait_for_timeout(20_000)  # the outage itself
    expect(box.locator(".say-now")).to_contain_text("网络断了")
    expect(phone.get_by_label("受诉法院")).to_have_value("深圳市南山区人民法院")
    wire.mend()
    payee.sees("录制视频")
    context.close()
    wire.close()


def test_while_it_is_tried_again_nothing_says_that_the_network_is_gone(browser: Browser, court: Court) -> None:
    page = new_context(browser).new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.goto(f"{court.address}/signin")
    page.locator("#phone").fill("10000000094")
    page.route(SENT, lambda route: route.abort())
    page.locator("button[form=form]").click()
    line = page.locator("[data-offline]")
    expect(line).to_be_visible()
    page.unroute(SENT)
    page.route(SENT, hold)
    page.locator("button[form=form]").click()
    expect(line).to_be_hidden()
    held.pop().continue_()
    expect(page.locator("#code")).to_be_visible()
    page.context.close()
