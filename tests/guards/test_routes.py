"""What must hold for every route, found from the URL map, so that a new one can't be forgotten."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from webapp.core.settings import Surface
from webapp.web.access import Access

FRAMEWORK = {"static"}


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: object, sqlite_template: object) -> str:
    """The URL map is the same on both databases."""
    import shutil  # noqa: PLC0415

    for part in sqlite_template.parent.glob("lingkuan.db*"):  # type: ignore[attr-defined]
        shutil.copy(part, tmp_path / part.name)
    return ""


def addresses(app: Flask) -> list[tuple[str, str, frozenset[Access]]]:
    """(method, an address with made-up names, who may call it) of every route."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FRAMEWORK:
            continue
        path = re.sub(r"<[^>]+>", "unknown", rule.rule)
        marks = app.view_functions[rule.endpoint].__access__
        found += [(method, path, marks) for method in sorted(rule.methods & {"GET", "POST"})]
    return found


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    silent = [
        name for name, view in app.view_functions.items() if name not in FRAMEWORK and not hasattr(view, "__access__")
    ]
    assert silent == []


def test_no_route_of_payees_or_clerks_answers_a_stranger(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for method, path, marks in addresses(app):
        if Access.EVERYONE in marks:
            continue
        reply = client.open(path, method=method)
        assert reply.status_code == 303, f"{method} {path} gave a stranger {reply.status_code}"
        assert "sign" in reply.headers["Location"], path


def test_no_form_is_taken_without_its_csrf_token(app: Flask, client: FlaskClient) -> None:
    for method, path, _marks in addresses(app):
        if method == "POST":
            assert client.post(path).status_code == 400, f"{path} took a form without a token"


def test_every_answer_carries_the_security_headers(app: Flask, client: FlaskClient) -> None:
    for method, path, _marks in addresses(app):
        headers = client.open(path, method=method).headers
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "HX-Request" in headers["Vary"], path
        assert "no-store" in headers["Cache-Control"] or path == "/sw.js", path


def test_the_public_host_has_no_route_of_clerks_at_all(make_app: MakeApp) -> None:
    public, desk = make_app(surface=Surface.PAYEE), make_app(surface=Surface.CLERK)
    assert not [rule.rule for rule in public.url_map.iter_rules() if rule.rule.startswith("/desk")]
    own = [rule.rule for rule in desk.url_map.iter_rules() if not rule.rule.startswith(("/desk", "/static"))]
    assert own == []


def test_a_payees_session_opens_nothing_at_the_desk(app: Flask, client: FlaskClient, walker: object) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    walker.accept_rules()  # type: ignore[attr-defined]
    for method, path, marks in addresses(app):
        if path.startswith("/desk") and Access.EVERYONE not in marks:
            assert client.open(path, method=method).status_code == 303, path


def test_no_route_takes_a_nul_in_its_address_or_in_its_form(app: Flask, client: FlaskClient, walker: object) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    walker.accept_rules()  # type: ignore[attr-defined]
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in FRAMEWORK]
    for rule in rules:
        plain = re.sub(r"<[^>]+>", "1", rule.rule)
        named = re.sub(r"<[^>]+>", "a%00b", rule.rule) if rule.arguments else f"{plain}?a=%00"
        for method in sorted(rule.methods & {"GET", "POST"}):
            assert client.open(named, method=method).status_code == 404, f"{method} {named}"
            assert client.open(f"{plain}?%00=a", method=method).status_code == 404, f"{method} {plain}"
        if "POST" in rule.methods:
            for form in ({"bank": "a\0b"}, {"a\0b": ""}, {"front": (io.BytesIO(b"x"), "a\0b.jpg")}):
                assert client.post(plain, data=form).status_code == 422, f"{plain} took {form}"
    assert len(rules) > 100
