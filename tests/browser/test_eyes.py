"""For eyes that see little: large text, more contrast, forced colours, the dark, no motion, and targets that are hit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, new_context

pytestmark = pytest.mark.browser

PLACES = ("/", "/language?next=/", "/signin", "/verify/rules", "/help", "/letters")
LANGUAGES = ("zh_Hans", "en", "ar")
NARROW = {"width": 360, "height": 740}
TOO_SMALL = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter((e) => {
  const box = e.getBoundingClientRect(), fits = (part) => part && Math.min(part.getBoundingClientRect().height, part.getBoundingClientRect().width) >= 44;
  const inText = e.matches("p a, li a, label a, small a, .text a");  // a link within a sentence is as high as its line
  const unseen = !box.width || e.closest("dialog:not([open]), details:not([open]) > div, .skip, .hide");
  return !unseen && !inText && !fits(e) && !fits(e.closest("label")) && !fits(e.labels?.[0]);
}).map((e) => e.outerHTML.slice(0, 100))"""
WIDER = "document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : 0"
CONTRAST = """(selector) => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (e) => {
    while (e.parentElement && rgb(getComputedStyle(e).backgroundColor)[3] < 255) e = e.parentElement;
    return rgb(getComputedStyle(e).backgroundColor);
  };
  const said = [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length && e.textContent.trim());
  return Math.min(...said.map((e) => {
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
}"""
"""The smallest contrast of words with the ground that they stand on."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_context(browser, size=NARROW)
    yield context.new_page()
    context.close()


def speak(page: Page, demo: Demo, language: str) -> None:
    page.goto(f"{demo.address}/language?next=/signin")
    page.locator(f"input[value={language}]").check()
    page.locator("form:has(input[name=language]) .btn").click()
    page.wait_for_url("**/signin")
    expect(page.locator("html")).to_have_attribute(
        "lang", language.replace("_", "-")
    )  # a whole page, with its direction
    page.wait_for_load_state("networkidle")


def test_large_text_is_switched_on_the_language_sheet_kept_and_switched_back_without_javascript(
    browser: Browser, demo: Demo
) -> None:
    context = new_context(browser, size=NARROW, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.address}/language?next=/signin")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html")).to_have_attribute("data-text", "large")
    expect(page).to_have_url(f"{demo.address}/language?next=/signin")  # the choice of a language is still before one
    expect(page.locator("body")).to_have_css("font-size", "22px")
    page.goto(f"{demo.address}/help")
    expect(page.locator("body")).to_have_css("font-size", "22px")
    page.goto(f"{demo.address}/language?next=/signin")
    page.get_by_role("button", name="普通字").click()
    expect(page.locator("body")).to_have_css("font-size", "18px")
    context.close()


def test_large_text_is_switched_in_the_sheet_of_the_home_page_too(page: Page, demo: Demo) -> None:
    page.goto(demo.address)
    page.get_by_role("link", name="未认证").click()
    page.get_by_role("dialog").get_by_role("button", name="大字版").click()
    expect(page.locator("body")).to_have_css("font-size", "22px")
    back = page.get_by_role("dialog").get_by_role(
        "button", name="普通字"
    )  # the sheet has come back, and the focus with it
    expect(back).to_be_focused()
    expect(page.locator("dialog#languages-verify")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="未认证")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_large_and_nothing_is_cut_off_in_either_size(page: Page, demo: Demo, language: str) -> None:
    speak(page, demo, language)
    faults = {}
    for size in ("normal", "large"):
        page.context.add_cookies([{"name": "text", "value": size, "url": demo.address}])
        for place in PLACES:
            page.goto(demo.address + place)
            faults[size, place] = (page.evaluate(TOO_SMALL), page.evaluate(WIDER))
    assert {where: fault for where, fault in faults.items() if fault != ([], 0)} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("wish", "least"), [("no-preference", 4.5), ("more", 7.0)])
def test_words_stand_out_and_more_where_that_is_asked_for(
    page: Page, demo: Demo, scheme: str, wish: str, least: float
) -> None:
    page.emulate_media(color_scheme=scheme, contrast=wish)  # type: ignore[arg-type]
    faint = {}
    for place in PLACES:
        page.goto(demo.address + place)
        faint[place] = page.evaluate(CONTRAST, "h1, p, small, label, a, button, summary, .badge")
    assert {place: ratio for place, ratio in faint.items() if ratio < least} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_edges_and_leave_paper_white(page: Page, demo: Demo, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
    page.goto(f"{demo.address}/signin")
    for part in (".foot .btn", ".in"):
        assert page.locator(part).first.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)") >= 1
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_role("alert")).to_be_focused()
    rings = "e => [getComputedStyle(e).outlineStyle, parseFloat(getComputedStyle(e).outlineWidth)]"
    page.keyboard.press("Tab")
    assert page.locator(":focus-visible").evaluate(rings) == ["solid", 3]
    for paper in ("pad", "letter", "qr", "signature"):
        colours = """(name) => { const e = document.createElement("div"); e.className = name; document.querySelector("main").append(e);
          return getComputedStyle(e).backgroundColor; }"""
        assert page.evaluate(colours, paper) == "rgb(255, 255, 255)", paper


def test_nothing_moves_for_whoever_asks_for_no_motion(page: Page, demo: Demo) -> None:
    moving = "Math.max(0, ...document.getAnimations().map((a) => a.effect.getComputedTiming().activeDuration))"
    longest = {}
    for wish in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=wish)
        page.goto(demo.address)
        page.get_by_role("link", name="未认证").focus()
        longest[wish] = page.evaluate(
            f"() => {{ document.getElementById('languages-verify').showModal(); document.body.offsetHeight; return {moving}; }}"
        )
    assert longest["no-preference"] > 100
    assert longest["reduce"] < 20
