"""Adds half-wide Chinese punctuation to the letters' main font, for where two marks meet.

Usage: python -m tools.narrow_punctuation     (after make_letter_fonts.py; a second run changes nothing)
The narrow marks stand in the private use area, from NARROW_FROM on, in the order of MARKS: webapp/adapters/pdf/punctuation.py
sets them, and writes the real marks into the map by which text is copied out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.transformPen import TransformPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from webapp.adapters.pdf.punctuation import CLOSING, MARKS, NARROW_FROM

FONT = Path(__file__).parents[1] / "static" / "fonts" / "letter" / "song.ttf"


def narrow(file: Path) -> int:
    """Writes the font anew; returns how many marks it now has. Raises ValueError for a mark whose ink isn't in one half."""
    font = TTFont(file)
    names, glyphs, widths = font.getBestCmap(), font["glyf"], font["hmtx"]
    order = font.getGlyphOrder()
    for place, mark in enumerate(MARKS):
        point, name = NARROW_FROM + place, f"narrow{place:02d}"
        if point in names:
            continue
        source = names[ord(mark)]
        whole = widths[source][0]
        shift = 0 if mark in CLOSING else -whole // 2
        pen = TTGlyphPen(font.getGlyphSet())
        font.getGlyphSet()[source].draw(TransformPen(pen, (1, 0, 0, 1, shift, 0)))
        glyph = pen.glyph()
        glyph.recalcBounds(glyphs)
        if glyph.xMin < -0.06 * whole or glyph.xMax > 0.56 * whole:
            raise ValueError(f"{mark}: its ink is in both halves ({glyph.xMin} to {glyph.xMax} of {whole})")
        order = [*order, name]
        font.setGlyphOrder(order)
        glyphs.glyphs[name] = glyph
        widths[name] = (whole // 2, glyph.xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[point] = name
    glyphs.glyphOrder = order
    font.save(file)
    return len(MARKS)


if __name__ == "__main__":
    sys.stdout.write(f"{narrow(FONT)} narrow marks\n")
