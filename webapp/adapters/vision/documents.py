"""Judging and reading photos of documents: MRZ lines by their check digits, resident cards by their number's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
from stdnum.iso7064 import mod_11_2

from webapp.adapters.vision.pictures import Array, brightness, decode, fit, glare_share, sharpness
from webapp.adapters.vision.text import Box, Line, TextEngine, joined
from webapp.core.mrz import Mrz, parse_mrz
from webapp.ports.document_reader import DocumentReading, DocumentSide, PictureFault

MRZ_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
SMALLEST, DARKEST, BRIGHTEST, BLUNTEST, MOST_GLARE = 480, 40.0, 240.0, 18.0, 0.06
_NUMBER = re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx]")
_LONG_TERM = re.compile(r"长期")
_SPAN = re.compile(r"([12][0-9]{3})[.·]?([01][0-9])[.·]?([0-3][0-9])-([12][0-9]{3})[.·]?([01][0-9])[.·]?([0-3][0-9])")


class OnnxDocumentReader:
    """Reads one picture at a time; takes 0.2–0.6 s."""

    def __init__(self, models: Path) -> None:
        self._text = TextEngine(models)

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading:
        """Faults first; what could be read is told even when there is one."""
        started = time.perf_counter()
        array = decode(picture)
        if array is None:
            return DocumentReading(PictureFault.NO_DOCUMENT)
        array = fit(array, 1600)
        fields, valid, found = self._fields(array, side)
        fault = picture_fault(array) or (None if found else PictureFault.NO_DOCUMENT)
        return DocumentReading(fault, fields, valid, round(1000 * (time.perf_counter() - started)))

    def _fields(self, array: Array, side: DocumentSide) -> tuple[dict[str, str], bool | None, bool]:
        if side in (DocumentSide.DATA_PAGE, DocumentSide.PERMIT_BACK):
            boxes = self._text.find(array, longest=960)
            mrz = self._mrz(array, boxes)
            return (_of_mrz(mrz) if mrz else {}), (mrz.valid if mrz else None), len(boxes) >= 3
        lines = self._text.read_all(array, longest=960)
        if side is DocumentSide.RESIDENT_FRONT:
            return _of_front(lines), None, len(lines) >= 2
        if side is DocumentSide.RESIDENT_BACK:
            return _of_back(lines), None, len(lines) >= 2
        return {}, None, len(lines) >= 2

    def _mrz(self, array: Array, boxes: list[Box]) -> Mrz | None:
        """The best parse of the lowest long lines: a valid one if there is any."""
        flat = _rows([box for box in boxes if box.width > 4 * box.height])
        low = [box for box in flat if box.width > 0.45 * array.shape[1]][-4:]
        texts = [self._line(array, box) for box in low]
        found = [mrz for lines in _runs(texts) if (mrz := parse_mrz(lines))]
        return next((mrz for mrz in found if mrz.valid), found[0] if found else None)

    def _line(self, array: Array, box: Box) -> str:
        line = self._text.crop(array, box, ends=0.3)
        padded = cv2.copyMakeBorder(line, 2, 2, 8, 8, cv2.BORDER_REPLICATE)
        text, _ = self._text.read(padded, MRZ_LETTERS)
        return text


def picture_fault(array: Array) -> PictureFault | None:
    """What an ordinary eye would complain of. Limits are loose: a payee who is sent back for nothing gives up."""
    if min(array.shape[:2]) < SMALLEST:
        return PictureFault.TOO_SMALL
    light = brightness(array)
    if light < DARKEST:
        return PictureFault.TOO_DARK
    if light > BRIGHTEST:
        return PictureFault.TOO_BRIGHT
    if sharpness(array) < BLUNTEST:
        return PictureFault.BLURRED
    return PictureFault.GLARE if glare_share(array) > MOST_GLARE and light < 200 else None


def _rows(boxes: list[Box]) -> list[Box]:
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.centre[1]):
        if rows and abs(rows[-1][0].centre[1] - box.centre[1]) < 0.5 * box.height:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [joined(row) for row in rows]


def _runs(texts: list[str]) -> Iterator[list[str]]:
    for start in range(len(texts) - 1):
        for width, count in ((44, 2), (30, 3)):
            chosen = texts[start : start + count]
            if len(chosen) == count and all(abs(len(t) - width) <= 4 for t in chosen):
                yield [_filled(t, width) for t in chosen]


def _filled(text: str, width: int) -> str:
    """Fillers are what OCR loses or doubles: put right at the longest run of them."""
    if len(text) == width:
        return text
    runs = [m for m in re.finditer(r"<{2,}", text)]
    if not runs:
        return text.ljust(width, "<")[:width]
    longest = max(runs, key=lambda m: m.end() - m.start())
    size = max(1, longest.end() - longest.start() + width - len(text))
    return (text[: longest.start()] + "<" * size + text[longest.end() :])[:width].ljust(width, "<")


def _of_mrz(mrz: Mrz) -> dict[str, str]:
    if not mrz.valid:
        return {"name": mrz.name} if mrz.name else {}
    century = "20" if int(mrz.birth[:2]) <= 26 else "19"
    return {
        "number": mrz.document_number,
        "nationality": mrz.nationality,
        "name": mrz.name,
        "birth_date": f"{century}{mrz.birth[:2]}-{mrz.birth[2:4]}-{mrz.birth[4:]}",
        "expiry_date": f"20{mrz.expiry[:2]}-{mrz.expiry[2:4]}-{mrz.expiry[4:]}",
    }


def _of_front(lines: list[Line]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        text = line.text.replace(" ", "")
        number = _NUMBER.search(text)
        if number and mod_11_2.is_valid(number.group().upper()):
            fields["number"] = number.group().upper()
        name = re.match(r"^姓名[:：]?([\u3400-\u9fff\U00020000-\U0003ffff·]{2,20})$", text)
        if name and line.confidence > 0.8:
            fields["name"] = name.group(1)
    return fields


def _of_back(lines: list[Line]) -> dict[str, str]:
    text = " ".join(line.text.replace(" ", "") for line in lines)
    if _LONG_TERM.search(text):
        return {"expiry_date": "9999-12-31"}
    span = _SPAN.search(text.replace("—", "-").replace("一", "-").replace("至", "-"))
    return {"expiry_date": "-".join(span.groups()[3:])} if span else {}
