"""The clerks' handbook: whole, at hand, and about every page that the desk has."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from lxml import html

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
    bodies = [html.fromstring(f"<div>{book.body}</div>") for book in (chinese, english)]
    shapes = [[e.tag for e in body.iter() if e.tag in ("h2", "p", "ul", "ol", "li", "tr")] for body in bodies]
    assert len(chinese.sections) > 10
    assert shapes[0] == shapes[1]
    keys = [[row[0].text_content() for row in body.cssselect("tbody tr")] for body in bodies]
    assert keys[0] == keys[1]
    assert "J K" in keys[0]


def test_what_looks_like_markup_in_the_handbook_is_shown_as_it_stands(tmp_path: Path) -> None:
    text = "# Book\n\na <b>c</b> **d**\n\n<script>alert(1)</script>\n\n[x](javascript:alert) ![y](z.png)\n"
    (tmp_path / "book.md").write_text(text, encoding="utf-8")
    book = read(tmp_path / "book.md")
    assert book.title == "Book"
    assert "a &lt;b&gt;c&lt;/b&gt; <strong>d</strong>" in book.body
    assert {e.tag for e in html.fromstring(f"<div>{book.body}</div>").iter()} <= {"div", "p", "strong", "a"}
    assert "javascript:" not in "".join(html.fromstring(f"<div>{book.body}</div>").xpath("//@href"))
