"""No personal data where it doesn't belong: made-up people go the whole way, then every place is searched for them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from flask import Flask, Response, request, request_finished, request_started
from lxml import html
from sqlalchemy import inspect, text

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.test_collection import at_account, hand_in, name_in_case, read_back
from webapp.core.db import db

IN_NO_ADDRESS = ("card", "phone", "number", "code", "name", "password", "words")
"""Fields whose values no address may carry; a field's name is looked at for each of these."""
ALLOWED = {"bank_search", "number"}
"""`number` is a sealed ticket of a phone that waits for its code."""
SECRETS = ("何志豪", "440301198501010014", "6299990000000000012", "6299 9900 0000 0000 012", "10000000001", "12000.00")


@pytest.fixture
def visited() -> list[str]:
    """Every address that is asked for while the test runs, and every one that a page would ask for by itself."""
    return []


@pytest.fixture
def walked(
    walker: Walker, app: Flask, clock: TestClock, caplog: pytest.LogCaptureFixture, visited: list[str]
) -> Iterator[Walker]:
    caplog.set_level(logging.DEBUG)
    name_in_case(app, clock)

    def note(_app: Flask, **_rest: object) -> None:
        visited.append(request.full_path)

    def note_page(_app: Flask, response: Response, **_rest: object) -> None:
        if response.mimetype == "text/html" and response.get_data():
            visited.extend(addresses_on(html.fromstring(response.get_data(as_text=True))))

    with request_started.connected_to(note, app), request_finished.connected_to(note_page, app):
        hand_in(at_account(walker.verified_resident()), card_number="6299990000000000012 ", branch="")
        read_back(walker.press("下一步", branch="深圳福田支行")).wait().press("提交并签名").press("确定")
        yield walker.wait()


def addresses_on(page: Any) -> list[str]:
    """Where a page's links, forms and htmx lead, with the values that a GET of them would put into the address."""
    found = [e.get(name) for name in ("href", "action", "hx-get", "src") for e in page.cssselect(f"[{name}]")]
    for form in page.cssselect("form"):
        if (form.get("method") or "get").lower() == "get":
            found += [
                f"{form.get('action')}?{field.get('name')}={field.get('value')}" for field in form.cssselect("[name]")
            ]
    for asks in page.cssselect("[hx-get]"):
        for chosen in (asks.get("hx-include") or "").split(","):
            fields = page.cssselect(chosen.strip()) if chosen.strip() else []
            found += [f"{asks.get('hx-get')}?{field.get('name')}={field.get('value')}" for field in [asks, *fields]]
    return found


def every_cell(app: Flask) -> list[str]:
    """Everything the database holds, as its raw bytes would be read by somebody who stole it."""
    found: list[str] = []
    with app.app_context(), db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 (table names of our own)
                found += [
                    bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)
                    for cell in row
                ]
    return found


def test_the_database_holds_nothing_in_the_clear(walked: Walker, app: Flask) -> None:
    cells = every_cell(app)
    assert len(cells) > 300
    assert [(secret, cell[:80]) for secret in SECRETS for cell in cells if secret in cell] == []


def test_the_store_holds_nothing_in_the_clear(walked: Walker) -> None:
    for data in walked.fakes.store.files.values():
        assert not any(secret.encode() in data for secret in SECRETS)
        assert data[:2] != b"\xff\xd8"
        assert b"%PDF" not in data


def test_the_log_says_nothing_personal(walked: Walker, caplog: pytest.LogCaptureFixture) -> None:
    assert [record for record in caplog.records if any(secret in record.getMessage() for secret in SECRETS)] == []


def test_no_address_holds_anything_personal(walked: Walker, visited: list[str]) -> None:
    for path in ("/", "/cases", "/messages", "/phones", "/signature", "/verify/phone", "/verify/document"):
        walked.open(path)
    assert len(visited) > 100
    assert not [path for path in visited if any(secret in unquote_plus(path) for secret in SECRETS)]
    fields = {name for path in visited for name in parse_qs(urlsplit(path).query, keep_blank_values=True)}
    assert {name for name in fields if any(part in name for part in IN_NO_ADDRESS)} <= ALLOWED


def test_the_bank_of_a_typed_card_is_asked_for_without_naming_the_card_in_the_address(walked: Walker) -> None:
    walked.press("账户有误？重新提交")
    asks = walked.page.cssselect("[hx-post][hx-trigger='change from:#card_number']")[0]
    token = walked.page.cssselect("#form [name=csrf_token]")[0].get("value")
    assert asks.get("hx-params").split(",") == ["csrf_token", "card_number"]
    assert next(asks.iterancestors("form")).get("id") == "form", "htmx sends the fields of the form around it"
    data = {"csrf_token": token, "card_number": "6299 9900 0000 0000 012"}
    assert "已按卡号选好银行" in walked.client.post(asks.get("hx-post"), data=data).text
    assert walked.client.get("/banks", query_string={"card_number": "6299990000000000012"}).status_code == 405
