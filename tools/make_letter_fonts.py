"""Makes the fonts that letters are set in, from their sources, and a table of what each can draw.

static/fonts/letter/README.md says where the sources come from and how to call this. All outlines
are TrueType: reportlab can embed nothing else.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

from arabic_reshaper.letters import LETTERS_ARABIC
from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

OUT = Path(__file__).parents[1] / "static" / "fonts" / "letter"
OURS = {1, 3, 4, 6}  # the name records by which reportlab tells fonts apart
SPACES = {0x20, 0xA0}  # in each font, for a space is set in the font of the word before it
SOFT_HYPHEN = 0xAD
ARABIC_MARKS = {0x060C, 0x061B, 0x061F}  # comma, semicolon, question mark
LAYOUT = ["GSUB", "GPOS", "GDEF", "BASE", "kern", "VORG", "vhea", "vmtx"]
UNNEEDED = [*LAYOUT, "DSIG", "FFTM", "gasp", "meta", "STAT", "hdmx", "VDMX", "LTSH"]


def main() -> None:
    """Writes six fonts and coverage.json. Each holds only what the ones before it can't draw."""
    arguments = _arguments()
    general = _general_standard(arguments.unihan)
    song, drawn = arguments.song, set[int]()
    plan: list[tuple[str, Path, Callable[[int], bool]]] = [
        ("song.ttf", song, lambda c: not _is_han(c) or c in general or _is_common(c)),
        ("song-latin.ttf", arguments.latin, lambda c: c < 0x2C00),
        ("song-hangul.ttf", arguments.hangul, _is_hangul),
        ("song-arabic.ttf", arguments.arabic, _is_arabic),
        ("song-more.ttf", song, _is_han),
        ("song-rare.ttf", arguments.rare, lambda c: c >= 0x20000),
    ]
    coverage: dict[str, list[list[int]]] = {}
    for name, source, wanted in plan:
        points = {c for c in _inked(TTFont(source)) if wanted(c)} - drawn
        forms = {c for c in _inked(TTFont(source)) if _is_joined_form(c)} if name == "song-arabic.ttf" else set()
        found = _make(source, points | forms | SPACES, name) - forms
        drawn |= found
        coverage[name] = _ranges(sorted(found))
    (OUT / "coverage.json").write_text(json.dumps(coverage, separators=(",", ":")) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("song", "latin", "hangul", "arabic", "rare", "unihan"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args()


def _general_standard(unihan: Path) -> set[int]:
    """The 8105 characters of the Table of General Standard Chinese Characters (Unihan's kTGH)."""
    lines = unihan.read_text(encoding="utf-8").splitlines()
    return {int(line[2:].split("\t")[0], 16) for line in lines if "\tkTGH\t" in line}


def _inked(font: TTFont) -> list[int]:
    """Code points with an outline, and spaces; a glyph named but empty would print blank.

    Signs that only steer (a joiner, a direction) are left out even where a font shows them: none may be printed.
    """
    outlines = font["glyf"]
    names = [
        (c, name) for c, name in font.getBestCmap().items() if unicodedata.category(chr(c)) != "Cf" or c == SOFT_HYPHEN
    ]
    return [c for c, name in names if outlines[name].numberOfContours or chr(c).isspace()]


def _is_han(point: int) -> bool:
    return 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or point >= 0x20000


def _is_common(point: int) -> bool:
    """In GB 2312, or among Big5's frequent characters: people of Hong Kong, Macao and Taiwan."""
    character = chr(point)
    if len(character.encode("gb2312", "ignore")) == 2:
        return True
    big5 = character.encode("big5", "ignore")
    return len(big5) == 2 and 0xA4 <= big5[0] <= 0xC6


def _is_hangul(point: int) -> bool:
    return 0xAC00 <= point <= 0xD7A3 or 0x3130 <= point <= 0x318F


def _is_arabic(point: int) -> bool:
    """A letter whose joined forms are characters of their own (Arabic, Persian, Urdu …), or a mark of punctuation.

    Vowel signs are not among them: where they stand is told by tables that the PDF's maker doesn't read.
    """
    return chr(point) in LETTERS_ARABIC or point in ARABIC_MARKS


def _is_joined_form(point: int) -> bool:
    """What the library puts in the place of a letter between its neighbours; nobody types it."""
    return 0xFB50 <= point <= 0xFBFF or 0xFE80 <= point <= 0xFEFC


def _make(source: Path, characters: set[int], name: str) -> set[int]:
    """The code points that the written font really draws."""
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        glyph_names=False, notdef_outline=True, drop_tables=UNNEEDED,
    )  # fmt: skip
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in OURS:
            parts = name.removesuffix(".ttf").split("-")
            record.string = "Lingkuan" + "".join(part.title() for part in parts)
    points = set(font.getBestCmap())
    subset.save_font(font, str(OUT / name), options)
    return points


def _ranges(points: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


if __name__ == "__main__":
    main()
