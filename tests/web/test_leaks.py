"""No personal data where it doesn't belong: made-up people go the whole way, then every place is searched for them."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask, request, request_started
from sqlalchemy import inspect, text

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.test_collection import at_account, hand_in, name_in_case
from webapp.core.db import db
from webapp.core.settings import Settings

SECRETS = ("何志豪", "440301198501010014", "6299990000000000012", "6299 9900 0000 0000 012", "10000000001", "12000.00")


@pytest.fixture
def walked(walker: Walker, app: Flask, clock: TestClock, caplog: pytest.LogCaptureFixture) -> Walker:
    caplog.set_level(logging.DEBUG)
    name_in_case(app, clock)
    hand_in(at_account(walker.verified_resident())).wait().press("提交并签名").press("确定")
    return walker.wait()


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


def test_no_address_holds_anything_personal(
    walked: Walker, app: Flask, settings: Settings, work: Callable[[], int]
) -> None:
    visited: list[str] = []

    def note(_app: Flask, **_rest: object) -> None:
        visited.append(request.full_path)

    with request_started.connected_to(note, app):
        look_around(walked, visited)
    assert not [path for path in visited if any(secret in path for secret in SECRETS)]


def look_around(walked: Walker, visited: list[str]) -> None:
    """Opens the pages of a payee and gathers every address on them."""
    for path in ("/", "/cases", "/messages", "/phones", "/signature", "/verify/phone", "/verify/document"):
        walked.open(path)
        visited += [a.get("href") for a in walked.page.cssselect("a[href]")] + [
            f.get("action") or "" for f in walked.page.forms
        ]
