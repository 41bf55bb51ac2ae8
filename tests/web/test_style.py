"""The style page: in a demo alone, made of the real macros, in the look that its address names."""

from __future__ import annotations

import re

import pytest

from tests.conftest import MakeApp
from tests.databases import ROOT
from webapp.core.settings import Environment

MACROS = re.compile(r"{% macro ([a-z]\w*)\(")
NOT_SHOWN = {
    "hidden", "field_errors", "described", "hint_line",  # pieces of the others
    "lens_words", "camera_words", "shoot", "by_phone", "by_phone_after", "reach",
    "share_button",  # needs a letter
}  # fmt: skip


def test_it_exists_in_a_demo_alone_and_is_linked_from_the_sandbox(make_app: MakeApp) -> None:
    demo, real = make_app(env=Environment.DEMO).test_client(), make_app().test_client()
    assert 'href="/sandbox/style"' in demo.get("/sandbox").text
    for address in ("/sandbox/style", "/sandbox/style.css", "/sandbox/style/nothing"):
        assert demo.get(address).status_code in (200, 204), address
        assert real.get(address).status_code == 404, address


def test_it_uses_each_macro_of_the_payees_parts() -> None:
    page = (ROOT / "templates" / "demo" / "style.html").read_text(encoding="utf-8")
    for name in ("cells", "forms", "dialog", "capture"):
        source = (ROOT / "templates" / "ui" / f"{name}.html").read_text(encoding="utf-8")
        for macro in set(MACROS.findall(source)) - NOT_SHOWN:
            called = "open_form" if macro == "form" else "fact_list" if macro == "facts" else macro
            assert re.search(rf"\b{called}\(", page), f"{macro} of ui/{name}.html isn't shown"


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_it_speaks_the_readers_language(make_app: MakeApp, tag: str) -> None:
    reply = make_app(env=Environment.DEMO).test_client().get("/sandbox/style", headers={"Accept-Language": tag})
    page = reply.text
    assert reply.status_code == 200 and f'lang="{tag}"' in page and "下一步" not in page and "没有通过" not in page


def test_its_stylesheet_answers_for_the_device(make_app: MakeApp) -> None:
    client = make_app(env=Environment.DEMO).test_client()
    plain, dark, light, plainer = (
        client.get(f"/sandbox/style.css{query}").text
        for query in ("", "?scheme=dark", "?scheme=light", "?contrast=more")
    )
    assert "@media (prefers-color-scheme: dark)" in plain and "@media (prefers-contrast: more)" in plain
    assert "prefers-color-scheme" not in dark + light and "@media all" in dark and "@media not all" in light
    assert "color-scheme: dark;" in dark and "prefers-contrast" not in plainer
    assert client.get("/sandbox/style.css?scheme=other").text == plain
