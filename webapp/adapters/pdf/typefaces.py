"""Our fonts, given to the libraries once in a process.

An @font-face rule would do it too, but xhtml2pdf then reads and digests every font file again for
each letter (0.1 s for the rare characters), and needs leave to open files.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import product
from pathlib import Path

from reportlab.lib.fonts import addMapping  # type: ignore[import-untyped]  # it ships no types
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]
from xhtml2pdf.default import DEFAULT_FONT

from webapp.adapters.pdf.coverage import Face


class FontUnreadable(Exception):
    """A font file is missing or broken."""


def families(fonts: Path, faces: Iterable[Face]) -> list[str]:
    """The names by which CSS may call these faces, loaded if they weren't yet.

    Raises FontUnreadable. Not safe for two threads at once: the caller holds a lock.
    """
    return [_family(fonts / face.file) for face in faces]


def _family(file: Path) -> str:
    name = f"{file.stem}-{zlib.crc32(str(file).encode()):08x}"  # two folders may hold the same name
    if name not in DEFAULT_FONT:
        try:
            pdfmetrics.registerFont(TTFont(name, str(file)))
        except (TTFError, OSError) as error:
            raise FontUnreadable(file.name) from error
        for bold, italic in product((0, 1), repeat=2):
            addMapping(name, bold, italic, name)
        DEFAULT_FONT[name] = name
    return name
