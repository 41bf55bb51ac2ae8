"""Turning a letter's HTML into a PDF with every glyph really drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class MissingGlyph(Exception):
    """No font at hand can draw these characters; a blank on a court letter would be a lie, so nothing is made."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(" ".join(f"U+{ord(c):04X}" for c in characters))


class LetterRenderer(Protocol):
    """`html` may refer to pictures by the names in `pictures` (PNG or JPEG bytes), as `<img src="name">`, and to nothing else.

    `missing` gives the characters of a text that no font can draw. `render` raises MissingGlyph; it returns an A4 PDF
    with embedded subset fonts whose text can be read back.
    """

    def missing(self, text: str) -> str: ...

    def render(self, html: str, pictures: Mapping[str, bytes]) -> bytes: ...
