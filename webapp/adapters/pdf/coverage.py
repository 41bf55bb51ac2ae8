"""Which of the letter fonts can draw a character; read from the table made together with them."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple


class Face(NamedTuple):
    """A font file of the folder, and the name by which CSS calls it."""

    family: str
    file: str


# In this order a character is looked for; each file holds only what those before it lack.
FACES = (
    Face("Song", "song.ttf"),
    Face("SongLatin", "song-latin.ttf"),
    Face("SongHangul", "song-hangul.ttf"),
    Face("SongArabic", "song-arabic.ttf"),
    Face("SongMore", "song-more.ttf"),
    Face("SongRare", "song-rare.ttf"),
)


class Coverage:
    """The fonts of one folder. The table is read once, when it is first asked."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts

    def missing(self, text: str) -> str:
        """The characters of `text` that no font can draw, each once, by code point."""
        return "".join(sorted(c for c in _visible(text) if self._face_of(c) is None))

    def needed(self, text: str) -> list[Face]:
        """The fonts that `text` needs, in order; always the first, in which spaces are set."""
        found = {self._face_of(c) for c in _visible(text)}
        return [face for face in FACES if face in found or face is FACES[0]]

    def _face_of(self, character: str) -> Face | None:
        point = ord(character)
        for face, bounds in self._bounds:
            if bisect_right(bounds, point) % 2 == 1:
                return face
        return None

    @cached_property
    def _bounds(self) -> list[tuple[Face, list[int]]]:
        """For each face first, last + 1, first, last + 1, …: an odd place is inside a range."""
        table = json.loads((self._fonts / "coverage.json").read_text(encoding="utf-8"))
        return [(face, list(chain.from_iterable((a, b + 1) for a, b in table[face.file]))) for face in FACES]


def _visible(text: str) -> set[str]:
    return {c for c in text if not c.isspace()}
