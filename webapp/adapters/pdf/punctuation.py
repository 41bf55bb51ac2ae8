"""Chinese punctuation as a printer sets it: two marks that meet take the room of one and a half (CLREQ, section 3.1.6).

A mark that is followed by another gives up its empty half. The narrow forms are glyphs of the main font in the private use
area (tools/narrow_punctuation.py); whoever copies text out of the letter gets the real marks, by the font's ToUnicode map.
"""

from __future__ import annotations

import re

CLOSING = "，。、；：）〕】》〉」』”’"
OPENING = "（〔【《〈「『“‘"
MARKS = CLOSING + OPENING
NARROW_FROM = 0xE800
NARROW = {mark: chr(NARROW_FROM + place) for place, mark in enumerate(MARKS)}
REAL = {narrow: mark for mark, narrow in NARROW.items()}
CANNOT_END = set(OPENING) | {NARROW[mark] for mark in OPENING}
CANNOT_START = set(CLOSING + "！？…—％") | {NARROW[mark] for mark in CLOSING}
_BEFORE_ANOTHER = re.compile(f"[{CLOSING}](?=[{MARKS}])")
_AFTER_OPENING = re.compile(f"(?<=[{OPENING}])[{OPENING}]")


def squeezed(text: str) -> str:
    """The same text with narrow marks where two meet; the last of a row stays whole."""
    text = _AFTER_OPENING.sub(lambda found: NARROW[found[0]], text)
    return _BEFORE_ANOTHER.sub(lambda found: NARROW[found[0]], text)
