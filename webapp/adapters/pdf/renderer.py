"""Letters as PDF by xhtml2pdf: every glyph drawn, fonts embedded, text that can be read back.

The library's traps are closed by the neighbours of this file: blanks for characters without a glyph
(coverage), addresses that fetch (contents), wrong copies of rare characters (unicode_map), and
faults that are only logged (complaints). Lines break and marks stand as Chinese printing wants it (line_breaks, punctuation).
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xhtml2pdf import pisa
from xhtml2pdf.files import ResourceAccessPolicy

from webapp.adapters.pdf.complaints import listening
from webapp.adapters.pdf.contents import Contents, with_pictures
from webapp.adapters.pdf.coverage import Coverage
from webapp.adapters.pdf.line_breaks import break_by_our_rules
from webapp.adapters.pdf.punctuation import squeezed
from webapp.adapters.pdf.quickening import quicken
from webapp.adapters.pdf.typefaces import FontUnreadable, families
from webapp.adapters.pdf.unicode_map import correct_unicode_map
from webapp.core.joining import joined
from webapp.ports.failures import SeamMisused
from webapp.ports.letter_renderer import MissingGlyph

TEXT_TAGS = "body, p, div, span, h1, h2, h3, h4, li, dt, dd, td, th"
PAGE_COUNT = "<pdf:pagecount />"
_PAGE = re.compile(rb"/Type\s*/Page\b")
POLICY = ResourceAccessPolicy.server(allow_remote=False)  # no folder named: no file either
_RENDERING = threading.Lock()


class RenderFailed(SeamMisused):
    """The library complained; nothing is returned rather than half a letter."""


class Xhtml2pdfLetterRenderer:
    """The port LetterRenderer with the fonts of one folder; one letter at a time in a process."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts.resolve()
        self._coverage = Coverage(fonts)
        self._pages = 1

    def missing(self, text: str) -> str:
        """The characters of `text` that no font can draw, each once; empty when all can."""
        return self._coverage.missing(text)

    def render(self, html: str, pictures: Mapping[str, bytes]) -> bytes:
        """An A4 PDF. Raises MissingGlyph, LetterReachesOut and PictureUnreadable before drawing,
        RenderFailed afterwards."""
        contents = Contents(html)
        if missing := self.missing(contents.text):
            raise MissingGlyph(missing)
        whole = with_pictures(squeezed(joined(html)), contents.images, pictures)
        with _RENDERING:
            correct_unicode_map()
            quicken()
            break_by_our_rules()
            return self._draw(f"<style>{self._font_css(contents.text)}</style>{whole}")

    def _draw(self, html: str) -> bytes:
        """In one pass where the number of pages is as for the last letter, which it nearly always is; else in a second."""
        pdf, pages = _draw(html.replace(PAGE_COUNT, str(self._pages)))
        if PAGE_COUNT in html and pages != self._pages:
            self._pages = pages
            pdf, pages = _draw(html.replace(PAGE_COUNT, str(pages)))
            if pages != self._pages:
                raise RenderFailed("the number of pages depends on itself")
        return pdf

    def _font_css(self, text: str) -> str:
        try:
            names = families(self._fonts, self._coverage.needed(text))
        except FontUnreadable as error:
            raise RenderFailed(f"font {error}") from error
        return f"{TEXT_TAGS} {{font-family: {', '.join(names)};}}"


def _draw(html: str) -> tuple[bytes, int]:
    out = io.BytesIO()
    with listening() as complaints:
        done: Any = pisa.CreatePDF(html, dest=out, encoding="utf-8", resource_policy=POLICY)
    if done.err or complaints:
        raise RenderFailed(f"{done.err} errors, complaints at {complaints[:5]}")
    pdf = out.getvalue()
    return pdf, len(_PAGE.findall(pdf))
