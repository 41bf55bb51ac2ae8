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
