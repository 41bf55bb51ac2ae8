"""How many bytes a phone must fetch: packed, as they travel. Pages are asked for plain, to be read, and packed here."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask

from tests.fakes import TestClock
from tests.guards.test_routes import database_url
from tests.walker import Walker
from tests.web.test_collection import at_account, name_in_case
from tests.web.test_verification import at_document

__all__ = ["database_url"]
FIRST, LATER = 60_000, 15_000  # bytes of a first visit in all, and of each page after it
SCRIPTS, STYLES = 26_000, 8_000  # of the first visit: htmx and ours; app.css
FONTS = re.compile(r"@font-face|\.(woff2?|ttf|otf)\b")
FETCHED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IMPORTED = re.compile(r'from "\./([a-z_]+\.js\?v=[0-9a-f]+)"')


def packed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def travels(walker: Walker, address: str) -> int:
    with walker.client.get(address, headers={"Accept-Encoding": "gzip"}) as reply:
        assert reply.status_code == 200, address
        return len(reply.data)


def fetched(walker: Walker) -> dict[str, int]:
    """What the page's head and pictures make a browser fetch, and how many bytes of it travel."""
    addresses = {address.replace("&amp;", "&") for address in FETCHED.findall(walker.response.text)}
    sizes = {}
    for address in addresses:
        if "maskable" not in address:  # a home screen's, when it is put there
            sizes[address] = travels(walker, address)
    return sizes


def modules(walker: Walker, *names: str) -> int:
    """The bytes of modules that a page asks for, with all that they import."""
    body = walker.page.cssselect("body")[0]
    wanted, seen = [body.get(f"data-js-{name}") for name in names], {}
    while wanted:
        address = wanted.pop()
        if address not in seen:
            text = walker.client.get(address).text
            seen[address] = travels(walker, address)
            wanted += [f"/static/js/{name}" for name in IMPORTED.findall(text)]
    return sum(seen.values())


def test_the_first_visit(walker: Walker) -> None:
    walker.open("/")
    sizes = fetched(walker)
    scripts = sum(size for name, size in sizes.items() if ".js" in name)
    styles = sum(size for name, size in sizes.items() if ".css" in name)
    page = packed(walker.response.data)
    assert scripts > 0 and styles > 0
    assert scripts <= SCRIPTS, scripts
    assert styles <= STYLES, styles
    assert page <= LATER, page
    assert page + sum(sizes.values()) + modules(walker, "sheet") <= FIRST, sizes


def test_no_font_is_fetched(app: Flask, walker: Walker) -> None:
    for address in fetched(walker.open("/")):
        if ".css" in address:
            assert not FONTS.search(walker.client.get(address).text)


@pytest.mark.parametrize("address", ["/", "/verify/document", "/help", "/verify/rules"])
def test_a_later_page(walker: Walker, address: str) -> None:
    at_document(walker)
    part = walker.client.get(address, headers={"HX-Request": "true", "HX-Target": "page", "HX-Boosted": "true"})
    assert part.status_code == 200
    assert packed(part.data) <= LATER, (address, packed(part.data))


def test_a_step_with_what_it_fetches_for_itself(walker: Walker) -> None:
    """Its modules come once, and a camera is more than a page."""
    at_document(walker)
    assert modules(walker, "typed", "kinds", "group") <= LATER
    assert modules(walker, "camera", "fill", "typed", "kinds") <= 2 * LATER


def test_the_pages_of_the_collection(walker: Walker, app: Flask, clock: TestClock) -> None:
    name_in_case(app, clock)
    for address in ("/cases", at_account(walker.verified_resident()).path):
        part = walker.client.get(address, headers={"HX-Request": "true", "HX-Target": "page", "HX-Boosted": "true"})
        assert part.status_code == 200
        assert packed(part.data) <= LATER, (address, packed(part.data))
