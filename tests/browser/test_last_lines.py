"""No line of words ends with a single character on a line of its own, in large text on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import new_context
from tests.browser.pages import Court

pytestmark = pytest.mark.browser
LONELY = Path(__file__).with_name("lonely.js").read_text()


@pytest.mark.parametrize("language", ["zh_Hans", "ja"])
def test_no_character_stands_on_a_last_line_alone(browser: Browser, court: Court, language: str) -> None:
    context = new_context(browser, has_touch=True, reduced_motion="reduce")
    court.speak(context, language)
    context.add_cookies([{"name": "text", "value": "large", "url": court.address}])
    page = context.new_page()
    faults: list[str] = []
    for sight in court.payee:
        court.enter(context, sight)
        court.show(page, sight)
        page.evaluate("document.documentElement.dataset.text = 'large'")
        faults += [f"{sight.name} ({sight.path}): {fault}" for fault in page.evaluate(LONELY)]
    context.close()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
