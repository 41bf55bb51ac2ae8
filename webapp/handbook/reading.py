"""Reads the handbook: Markdown (CommonMark with tables), in which HTML is shown as it stands and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Book:
    """`sections` are (id, title) of its second-level headings, `body` all below the title as HTML."""

    title: str
    sections: Sequence[tuple[str, str]]
    body: Markup


def _table_open(_renderer: Any, _tokens: Sequence[Token], _place: int, _options: Any, _env: Any) -> str:
    return '<div class="scroll"><table class="plain">\n'


def _table_close(_renderer: Any, _tokens: Sequence[Token], _place: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    return reader


def read(path: Path) -> Book:
    """The book of a file; each section gets an id to be led to."""
    reader, title = _reader(), ""
    sections: list[tuple[str, str]] = []
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    for token, inside in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title = inside.content
        elif token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", f"part-{len(sections) + 1}")
            sections.append((f"part-{len(sections) + 1}", inside.content))
        elif token.type == "th_open":
            token.attrSet("scope", "col")
    if tokens and tokens[0].tag == "h1":
        tokens = tokens[3:]
    body = reader.renderer.render(tokens, reader.options, {})
    return Book(title, sections, Markup(body))  # noqa: S704 (rendered with HTML switched off)
