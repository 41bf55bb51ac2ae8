"""Reading the machine-readable lines of a document: long low rows, 37 characters allowed, fillers restored."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cv2

from webapp.adapters.vision.boxes import Box, level, rows
from webapp.adapters.vision.pictures import Array
from webapp.adapters.vision.text import LineReader
from webapp.core.mrz import Mrz, parse_mrz, repaired

MRZ_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
NARROWEST_SHARE = 0.45  # of the picture's width; the lines run from edge to edge of every document
MOST_ROWS = 5  # a line of print below or between them is seen as well
TOLERANCE = 5  # characters by which OCR miscounts a long run of fillers
_FALSE_FILLERS = re.compile(r"(?<=<<<)[KCELS]+(?=<|$)")


def read_zone(picture: Array, boxes: list[Box], reader: LineReader) -> Mrz | None:
    """A zone whose check digits are right if there is one, else one of the right shape, else None."""
    low = [box for box in rows(boxes) if box.width > NARROWEST_SHARE * picture.shape[1]][-MOST_ROWS:]
    texts = [_read(picture, box, reader) for box in low]
    found = [mrz for lines in _zones(texts) if (mrz := parse_mrz(repaired(lines)))]
    return next((mrz for mrz in found if mrz.valid), found[0] if found else None)


def _read(picture: Array, box: Box, reader: LineReader) -> str:
    padded = cv2.copyMakeBorder(level(picture, box, ends=0.3), 2, 2, 8, 8, cv2.BORDER_REPLICATE)
    text, _ = reader.read(padded, MRZ_LETTERS)
    return _FALSE_FILLERS.sub(lambda run: "<" * len(run.group()), text)


def _zones(texts: list[str]) -> Iterator[list[str]]:
    """Neighbouring rows that may be the two lines of a TD3 or the three of a TD1, brought to their length."""
    for start in range(len(texts) - 1):
        for width, count in ((44, 2), (30, 3)):
            chosen = texts[start : start + count]
            if len(chosen) == count and all(abs(len(text) - width) <= TOLERANCE for text in chosen):
                yield [_filled(text, width) for text in chosen]


def _filled(text: str, width: int) -> str:
    """The line at its true length: fillers are what OCR loses or doubles, so the longest run of them gives way."""
    if len(text) == width:
        return text
    longest = max(re.finditer(r"<{2,}", text), key=lambda run: run.end() - run.start(), default=None)
    if longest is None:
        return text.ljust(width, "<")[:width]
    size = max(1, longest.end() - longest.start() + width - len(text))
    return (text[: longest.start()] + "<" * size + text[longest.end() :])[:width].ljust(width, "<")
