"""Reads the handbook: of Markdown only what docs/clerk.md uses, which is titles, paragraphs, lists, tables and bold words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

BOLD = re.compile(r"\*\*(.+?)\*\*")
NUMBERED = re.compile(r"\d+\. ")


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is title, section, text, points, numbered or table; `rows` its lines, each of one cell but in a table."""

    kind: str
    rows: tuple[tuple[Markup, ...], ...]


def read(path: Path) -> list[Block]:
    """The blocks of a file, in order."""
    return list(_blocks(path.read_text(encoding="utf-8").splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    for kind, some in groupby(lines, key=_kind):
        if kind == "table":
            cells = [[_words(cell.strip()) for cell in line.strip("|").split("|")] for line in some if "---" not in line]
            yield Block(kind, tuple(tuple(row) for row in cells))
        elif kind:
            yield Block(kind, tuple((_words(_bare(line)),) for line in some))


def _kind(line: str) -> str:
    for mark, kind in (("# ", "title"), ("## ", "section"), ("- ", "points"), ("|", "table")):
        if line.startswith(mark):
            return kind
    return "numbered" if NUMBERED.match(line) else "text" if line else ""


def _bare(line: str) -> str:
    return re.sub(r"^(#+|-|\d+\.) ", "", line)


def _words(text: str) -> Markup:
    return Markup(BOLD.sub(r"<b>\1</b>", str(escape(text))))  # noqa: S704 (escaped before the bold words are marked)
