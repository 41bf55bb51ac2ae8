"""Makes text come back out of a PDF as it went in.

reportlab 5.1 writes a character beyond the basic plane into the ToUnicode map as five hex digits, so 𬱖 is drawn right and
copied out as another; the map wants UTF-16BE (ISO 32000-1, 9.10.3). A narrow mark of punctuation comes out as it was written,
and so does an Arabic letter, in whichever form it is drawn.
"""

from __future__ import annotations

import re
from typing import Any

from reportlab.pdfbase import ttfonts  # type: ignore[import-untyped]  # it ships no types

from webapp.adapters.pdf.punctuation import REAL
from webapp.core.joining import WRITTEN

_BEYOND = re.compile(r"(<[0-9A-F]{2}>\s*)<([0-9A-F]{5,6})>")

_AS_TYPED = REAL | WRITTEN
_DRAWN = "|".join(f"{ord(drawn):04X}" for drawn in _AS_TYPED)
_FORM = re.compile(rf"(<[0-9A-F]{{2}}>\s*)<({_DRAWN})>")


def correct_unicode_map() -> None:
    """Wraps reportlab's map writer; a second call changes nothing."""
    original: Any = ttfonts.makeToUnicodeCMap
    if getattr(original, "corrected", False):
        return

    def corrected(name: str, subset: list[int]) -> str:
        return _FORM.sub(_as_written, _BEYOND.sub(_in_utf16, original(name, subset)))

    corrected.corrected = True  # type: ignore[attr-defined]  # so that it is wrapped only once
    ttfonts.makeToUnicodeCMap = corrected


def _as_written(entry: re.Match[str]) -> str:
    return f"{entry[1]}<{_AS_TYPED[chr(int(entry[2], 16))].encode('utf-16-be').hex().upper()}>"


def _in_utf16(entry: re.Match[str]) -> str:
    return f"{entry[1]}<{chr(int(entry[2], 16)).encode('utf-16-be').hex().upper()}>"
