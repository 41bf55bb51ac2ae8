"""What travels besides a page's words: packing, and what a search engine is told."""

from __future__ import annotations

import gzip

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.test_collection import name_in_case
from webapp.core.settings import Surface
from webapp.web.packing import MOST_PADDING, packed

TAKES = {"Accept-Encoding": "gzip, br"}


def test_a_page_leaves_packed_where_the_browser_takes_it(client: FlaskClient) -> None:
    plain, small = client.get("/help"), client.get("/help", headers=TAKES)
    assert "Content-Encoding" not in plain.headers and small.headers["Content-Encoding"] == "gzip"
    assert "<h1" in gzip.decompress(small.data).decode() and len(small.data) < len(plain.data) / 2
    for reply in (plain, small):
        assert "Accept-Encoding" in reply.headers["Vary"] and "HX-Request" in reply.headers["Vary"]
        assert int(reply.headers["Content-Length"]) == len(reply.data)


def test_the_same_page_is_of_another_length_each_time_so_that_its_secret_cannot_be_guessed() -> None:
    page = b"<p>" * 1000
    answers = [packed(page) for _ in range(60)]
    assert {gzip.decompress(one) for one in answers} == {page}
    lengths = {len(one) for one in answers}
    assert len(lengths) > 20 and max(lengths) - min(lengths) < MOST_PADDING


def test_what_is_small_or_refuses_gzip_stays_plain(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=TAKES).headers
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert client.head("/", headers=TAKES).data == b""


def test_a_picture_and_a_letter_are_sent_as_they_lie(client: FlaskClient) -> None:
    for address in ("/static/icons/icon-192.png", "/static/specimens/face.jpg"):
        with client.get(address, headers=TAKES) as reply:
            assert reply.status_code == 200 and "Content-Encoding" not in reply.headers


def test_search_engines_may_show_what_is_everybodys(client: FlaskClient) -> None:
    for address in ("/", "/help", "/verify/rules", "/letters", "/texts/privacy"):
        reply = client.get(address)
        assert reply.status_code == 200 and "X-Robots-Tag" not in reply.headers, address


def test_search_engines_keep_no_page_of_anybody_and_none_with_a_secret_in_its_address(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    name_in_case(app, clock)
    walker.verified_resident()
    for address in ("/cases", "/messages", "/phones", "/letters/AAAA-BBBB-CCCC", "/c/nothing", "/signin", "/nope"):
        reply = walker.client.get(address)
        assert reply.headers["X-Robots-Tag"] == "noindex, nofollow", address


def test_search_engines_keep_nothing_of_the_desk(make_app: MakeApp) -> None:
    desk = make_app(surface=Surface.CLERK).test_client()
    for address in ("/desk/", "/desk/sign-in", "/desk/identity"):
        assert desk.get(address).headers["X-Robots-Tag"] == "noindex, nofollow", address
