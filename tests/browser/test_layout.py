"""No page cuts off or covers its words, in any language, on a narrow phone and with the text twice as large."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import new_context
from tests.browser.pages import Court
from webapp.web.locale import LANGUAGES

pytestmark = pytest.mark.browser
NARROW = {"width": 360, "height": 740}
MEASURE = Path(__file__).with_name("measure.js").read_text()
SIZES = ("", "double", "large")


def test_every_page_of_a_payee_in_every_language_and_size_of_text(browser: Browser, court: Court) -> None:
    context = new_context(browser, size=NARROW, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    for sight in court.payee:
        court.enter(context, sight)
        for language in LANGUAGES:
            court.speak(context, language.code)
            court.show(page, sight)
            root = page.locator("html")
            where = f"{sight.name} ({sight.path}), {language.code}"
            if (root.get_attribute("lang"), root.get_attribute("dir")) != (language.tag, language.direction):
                faults.append(f"{where}: <html> is {root.get_attribute('lang')}, {root.get_attribute('dir')}")
            for size, found in page.evaluate(MEASURE, list(SIZES)):
                faults += [f"{where}{size and f', {size} text'}: {fault}" for fault in found]
    context.close()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


SHEETS = (("home", "languages"), ("account", "banks"), ("preview", "confirm"), ("signed", "more"))


@pytest.mark.parametrize(("name", "sheet"), SHEETS)
def test_every_sheet_of_a_payee_in_every_language_and_size_of_text(
    browser: Browser, court: Court, name: str, sheet: str
) -> None:
    context = new_context(browser, size=NARROW, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    sight = next(sight for sight in court.payee if sight.name == name)
    court.enter(context, sight)
    for language in LANGUAGES:
        court.speak(context, language.code)
        court.show(page, sight)
        page.locator(f"[data-opens={sheet}]").first.click()
        page.locator(f"dialog#{sheet}[open] :is(.cell, .btn):visible").first.wait_for()
        for size, found in page.evaluate(MEASURE, list(SIZES)):
            faults += [f"{sheet}, {language.code}{size and f', {size} text'}: {fault}" for fault in found]
    context.close()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


OUT_OF_SIGHT = """() => {
  const lines = (part) => { const range = document.createRange(); range.selectNodeContents(part);
    const rects = [...range.getClientRects()].filter((r) => r.width > 1).sort((a, b) => a.top - b.top);
    let below = -Infinity, count = 0;
    for (const r of rects) { if (r.top > below - 4) { count += 1; below = r.bottom; } }
    return count; };
  const squeezed = () => [...[...document.querySelectorAll('table.list td:not(.detail)')].filter((td) => td.textContent.trim() && lines(td) > 4)
    .map((td) => `a cell has ${lines(td)} lines: ${td.textContent.trim()}`),
    ...[...document.querySelectorAll('table.list .badge')].filter((part) => lines(part) > 1)
    .map((part) => `${part.textContent.trim()} is broken into lines`)];
  const uneven = () => [...document.querySelectorAll('.desk-alone form')].filter((form) => {
    const wide = (what) => Math.max(0, ...[...form.querySelectorAll(what)].map((part) => part.getBoundingClientRect().width));
    return wide('.in') && wide('.btn') > wide('.in') + 1; }).map(() => 'a button is wider than the fields above it');
  const within = (x, y, box) => x > Math.max(0, box.x) && x < Math.min(innerWidth, box.right) && y > 0 && y < innerHeight;
  const seen = (a) => { const r = a.getBoundingClientRect(), x = r.x + Math.min(r.width, 40) / 2, y = r.y + r.height / 2;
    return !within(x, y, a.closest('.scroll').getBoundingClientRect()) || a.contains(document.elementFromPoint(x, y)); };
  const reached = (box) => getComputedStyle(box).overflowX !== 'clip' || box.scrollWidth <= box.clientWidth + 1;
  const links = [...document.querySelectorAll('.scroll td a')].filter((a) => !seen(a));
  return [...links.map((a) => `${a.textContent} is covered`), ...[...document.querySelectorAll('.scroll')].filter((box) => !reached(box))
    .map((box) => `a table is ${box.scrollWidth} px wide in ${box.clientWidth}`),
    ...[...document.querySelectorAll('.cmp-box')].filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => `the comparison is ${box.scrollWidth} px wide in ${box.clientWidth}`),
    ...[...document.querySelectorAll('.desk-nav a')].filter((a) => a.getBoundingClientRect().right > innerWidth + 1)
    .map((a) => `the navigation doesn't show ${a.textContent}`), ...squeezed(), ...uneven()]; }"""


@pytest.mark.parametrize("width", [1280, 1100, 768])
def test_every_row_and_column_at_the_desk_can_be_seen(browser: Browser, court: Court, width: int) -> None:
    """No head that sticks lies over its rows, and what is too wide for its place scrolls."""
    context = new_context(browser, size={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    for sight in court.desk:
        court.enter(context, sight)
        for language in ("zh_Hans", "en"):
            court.speak(context, language)
            court.show(page, sight)
            faults += [f"{sight.name} ({sight.path}), {language}: {fault}" for fault in page.evaluate(OUT_OF_SIGHT)]
    context.close()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
