"""The clerks' handbook: whole, at hand, and about every page that the desk has."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from tests.web.conftest import Clerk
from webapp.accounts.models import Role
from webapp.handbook.reading import read
from webapp.web import desk_nav

DOCS = Path(__file__).parents[2] / "docs"
FILES = {"zh_Hans": "clerk.zh-CN.md", "en": "clerk.md"}


@pytest.mark.parametrize("role", list(Role))
def test_every_clerk_finds_the_handbook_in_the_navigation(clerk: Clerk, role: Role) -> None:
    desk = clerk(role=role)
    assert desk.page.cssselect("nav a[href='/desk/handbook']")
    desk.open("/desk/handbook")
    assert "工作人员操作手册" in desk.text
    assert desk.page.cssselect("table td")
    assert "**" not in desk.text
    targets = [link.get("href")[1:] for link in desk.page.cssselect("nav.tabs a")]
    assert targets == [heading.get("id") for heading in desk.page.cssselect("main h2[id]")]


@pytest.mark.parametrize("language", FILES)
def test_the_handbook_names_every_page_of_the_navigation(app: Flask, language: str) -> None:
    said = (DOCS / FILES[language]).read_text(encoding="utf-8")
    with app.test_request_context(), force_locale(language):
        titles = {str(title) for endpoint, title in desk_nav.titles() if endpoint != "desk_handbook.index"}
    assert len(titles) > 10
    assert {title for title in titles if title not in said} == set()


def test_both_languages_have_the_same_parts_and_the_same_keys() -> None:
    chinese, english = (read(DOCS / name) for name in FILES.values())
    assert [(block.kind, len(block.rows)) for block in chinese] == [(block.kind, len(block.rows)) for block in english]
    keys = [[row[0] for row in block.rows[1:]] for found in (chinese, english) for block in found if block.kind == "table"]
    assert keys[0] == keys[1]


def test_what_looks_like_markup_in_the_handbook_is_shown_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text("a <b>c</b> **d**", encoding="utf-8")
    assert read(tmp_path / "book.md")[0].rows == (("a &lt;b&gt;c&lt;/b&gt; <b>d</b>",),)
