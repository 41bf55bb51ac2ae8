"""axe finds nothing against WCAG 2.2 AA on any page, light or dark."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESK, PHONE, Demo, new_context
from tests.browser.pages import Court, Sight

pytestmark = pytest.mark.browser
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)"


def violations(page: Page, where: str) -> list[str]:
    """Each fault in one line: the page, the rule, the element. Evaluated, for the page's policy lets no script in."""
    page.evaluate(f"() => {{ {AXE} }}")
    return [
        f"{where}: {one['id']}: {node['target']} {node['html'][:120]} ({node['failureSummary'][:200]})"
        for one in page.evaluate(RUN, TAGS)
        for node in one["nodes"]
    ]


def walk(browser: Browser, court: Court, sights: Iterable[Sight], languages: list[str], size: dict[str, int]) -> None:
    context = new_context(browser, size=size, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    for sight in sights:
        court.enter(context, sight)
        for language in languages:
            court.speak(context, language)
            court.show(page, sight)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                faults += violations(page, f"{sight.name} ({sight.path}), {language}, {scheme}, {size['width']} px")
    context.close()
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def test_the_pages_of_payees(browser: Browser, court: Court) -> None:
    walk(browser, court, court.payee, ["zh_Hans", "en", "ar"], PHONE)


@pytest.mark.parametrize("look", ["", "?scheme=light", "?scheme=dark", "?contrast=more", "?scheme=dark&contrast=more"])
def test_the_parts_of_all_pages(browser: Browser, demo: Demo, look: str) -> None:
    context = new_context(browser, size=PHONE, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    for language in ("zh_Hans", "en", "ar"):
        context.add_cookies([{"name": "language", "value": language, "url": demo.address}])
        page.goto(f"{demo.address}/sandbox/style{look}", wait_until="load")
        assert page.locator("#good").count() == 1
        faults += violations(page, f"style page {look}, {language}")
    context.close()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("size", [DESK, {"width": 768, "height": 1024}], ids=["wide", "narrow"])
def test_the_pages_of_the_desk(browser: Browser, court: Court, size: dict[str, int]) -> None:
    walk(browser, court, court.desk, ["zh_Hans", "en"], size)
