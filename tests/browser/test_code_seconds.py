"""The seconds until another code tick in the page, silently, and right after a while in the background."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.browser.pages import Court

pytestmark = pytest.mark.browser


def at_code(browser: Browser, court: Court, number: str, language: str) -> Page:
    """A phone that has just asked for a code, at eleven o'clock of a clock that the test moves."""
    page = new_context(browser, language=language).new_page()
    page.goto(f"{court.address}/signin")
    page.locator("#phone").fill(number)
    page.locator("button[form=form]").click()
    expect(page.locator("#code")).to_be_visible()
    return stop_the_clock(page)


def stop_the_clock(page: Page) -> Page:
    """The page anew, with its scripts, in a time that stands still; the court's own clock stands as well."""
    page.clock.install(time="2026-11-23T11:00:00+08:00")
    page.clock.pause_at("2026-11-23T11:00:01+08:00")
    page.goto(page.url)
    page.evaluate("import(document.body.dataset.jsCodes).then(() => null)")
    return page


def test_they_tick_and_a_screen_reader_hears_of_their_end_alone(browser: Browser, court: Court) -> None:
    page = at_code(browser, court, "10000000091", "ar")
    line, said = page.locator("[data-countdown]"), page.locator("[data-countdown] + [role=status]")
    expect(line).to_contain_text("60")
    page.clock.run_for(1000)
    expect(line).to_contain_text("بعد 59 ثانية")
    page.clock.run_for(51_000)
    expect(line).to_contain_text("بعد 8 ثوانٍ")
    page.clock.run_for(6_000)
    expect(line).to_contain_text("بعد ثانيتين")
    assert page.locator("[role=status] [data-countdown], [aria-live] [data-countdown]").count() == 0
    assert said.text_content() == ""
    page.clock.run_for(2_000)
    expect(line).to_be_hidden()
    assert re.search("الآن", said.text_content() or "")
    page.context.close()


def test_they_are_right_at_once_when_the_page_comes_back_from_the_background(browser: Browser, court: Court) -> None:
    page = at_code(browser, court, "10000000092", "en-US")
    line = page.locator("[data-countdown]")
    expect(line).to_contain_text("in 60 seconds")
    page.clock.set_fixed_time("2026-11-23T11:00:40+08:00")
    expect(line).to_contain_text("in 60 seconds")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(line).to_contain_text("in 21 seconds")
    page.context.close()


def test_the_button_that_asks_again_waits_with_them(browser: Browser, court: Court) -> None:
    context = new_context(browser)
    court.speak(context, "zh_Hans")
    court.enter(context, next(sight for sight in court.payee if sight.name == "signature"))
    page = context.new_page()
    page.goto(f"{court.address}/signature/renew")
    button = page.get_by_role("button", name="获取验证码")
    button.click()
    expect(page.locator("[data-countdown]")).to_contain_text("60 秒后可以再次获取验证码")
    stop_the_clock(page)
    expect(button).to_be_disabled()
    page.clock.run_for(60_000)
    expect(button).to_be_enabled()
    assert page.locator("[role=status]", has_text="现在可以获取验证码。").count() == 1
    context.close()


def test_without_a_script_the_page_says_how_long(browser: Browser, court: Court) -> None:
    page = new_context(browser, java_script_enabled=False).new_page()
    page.goto(f"{court.address}/signin")
    page.locator("#phone").fill("10000000093")
    page.locator("button[form=form]").click()
    expect(page.get_by_text("60 秒后可以再次获取验证码")).to_be_visible()
    page.context.close()
