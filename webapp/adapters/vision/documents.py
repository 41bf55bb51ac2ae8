"""Judging and reading photos of documents: MRZ lines by their check digits, resident cards by their number's."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np

from webapp.adapters.vision.boxes import Box
from webapp.adapters.vision.pictures import Array, brightness, decode, fit, glare_share, sharpness
from webapp.adapters.vision.residents import Fields, Read, back_fields, front_fields, permit_fields
from webapp.adapters.vision.text import LineReader, TextFinder
from webapp.adapters.vision.zones import FEWEST_FILLERS, Zone, read_zone
from webapp.core.clock import Clock, in_china, system_clock
from webapp.ports.document_reader import DocumentReading, DocumentSide, PictureFault

LONGEST_PICTURE, LONGEST_SEEN, CLOSER_LOOK = 1600, 960, 1280
SMALLEST = 480  # pixels of the shorter side
DARKEST, BRIGHTEST = 40.0, 240.0  # mean grey, 0 … 255
BLUNTEST = 18.0  # variance of the Laplacian at 640 px
MOST_GLARE, LIT_PAPER = 0.06, 200.0  # share of the picture; mean grey above which white is paper, not a lamp
ALPHA3 = {"D": "DEU"}  # the one nationality that Doc 9303 writes otherwise than ISO 3166
WITH_ZONE = (DocumentSide.DATA_PAGE, DocumentSide.PERMIT_BACK)
WHOLE = {
    DocumentSide.RESIDENT_FRONT: {"name", "number"},
    DocumentSide.RESIDENT_BACK: {"expiry_date"},
    DocumentSide.PERMIT_FRONT: {"name", "number"},
    DocumentSide.PERMIT_BACK: {"number"},
    DocumentSide.DATA_PAGE: {"number"},
}
FRONTS = (DocumentSide.RESIDENT_FRONT, DocumentSide.PERMIT_FRONT)


@dataclass(frozen=True)
class _Found:
    """What one picture gave: lines of print seen, fields surely read, whether a zone's digits were right."""

    lines: int
    fields: Fields = field(default_factory=dict)
    mrz_valid: bool | None = None


class OnnxDocumentReader:
    """Reads one picture at a time; takes 0.2–0.7 s. The clock is for the century of two-digit years."""

    def __init__(self, models: Path, *, clock: Clock = system_clock) -> None:
        self._finder, self._reader = TextFinder(models), LineReader(models)
        self._clock = clock

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading:
        """The fault and the fields, each on its own: a poor picture may still say its number. Never raises."""
        started = time.perf_counter()
        array = decode(picture)
        if array is None:
            return DocumentReading(PictureFault.NO_DOCUMENT)
        array = fit(array, LONGEST_PICTURE)
        found = self._read(array, side)
        took = round(1000 * (time.perf_counter() - started))
        values = {name: read.value for name, read in found.fields.items()}
        trust = {name: round(read.confidence, 3) for name, read in found.fields.items()}
        fault = _fault(array, found, side)
        return DocumentReading(fault, MappingProxyType(values), found.mrz_valid, took, MappingProxyType(trust))

    def _read(self, array: Array, side: DocumentSide) -> _Found:
        if side in WITH_ZONE:
            return self._with_zone(array)
        boxes = self._finder.find(array, longest=LONGEST_SEEN)
        lines = self._reader.read_all(array, boxes)
        if side is DocumentSide.PERMIT_FRONT:  # the validity of a permit stands on its front
            if sum(line.text.count("<") for line in lines) >= FEWEST_FILLERS:  # an outbound permit's only line
                return self._with_zone(array)
            return _Found(len(lines), {**permit_fields(lines), **back_fields(lines), **front_fields(lines)})
        return _Found(len(lines), front_fields(lines) if side in FRONTS else back_fields(lines))

    def _with_zone(self, array: Array) -> _Found:
        """A second, closer look only where the first gave no right zone."""
        boxes = self._finder.find(array, longest=LONGEST_SEEN)
        zone = read_zone(array, boxes, self._reader)
        if len(boxes) >= 2 and not (zone and zone.mrz.valid):
            closer = read_zone(array, self._finder.find(array, longest=CLOSER_LOOK), self._reader)
            zone = closer or zone
        if zone is None:
            return _Found(len(boxes))
        fields = _of_zone(zone, in_china(self._clock()).date())
        if "number" in fields and zone.twins:
            fields = self._as_printed(fields, zone, array, boxes)
        return _Found(len(boxes), fields, zone.mrz.valid)

    def _as_printed(self, fields: Fields, zone: Zone, array: Array, boxes: list[Box]) -> Fields:
        """The same with the one of a number and its twins that is printed above the zone; without a number if none is."""
        top = zone.top
        above = [box for box in boxes if (np.array(box.centre) - np.array(top.centre)) @ top.across < -top.height / 2]
        said = [line.text.replace(" ", "") for line in self._reader.read_all(array, above)]
        printed = {one for one in (zone.mrz.document_number, *zone.twins) if any(one in text for text in said)}
        others = {name: read for name, read in fields.items() if name != "number"}
        return {**others, "number": Read(printed.pop(), zone.confidence)} if len(printed) == 1 else others


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
    return PictureFault.GLARE if glare_share(array) > MOST_GLARE and light < LIT_PAPER else None


def _fault(array: Array, found: _Found, side: DocumentSide) -> PictureFault | None:
    """A picture of which all was read is sharp and free of glare, whatever the measures say."""
    fault = picture_fault(array)
    if fault in (PictureFault.BLURRED, PictureFault.GLARE) and WHOLE[side] <= found.fields.keys():
        return None
    return fault or (PictureFault.NO_DOCUMENT if found.lines < 2 else None)


def _of_zone(zone: Zone, today: date) -> Fields:
    """Nothing from a zone with a wrong check digit: which character is the wrong one can't be known."""
    mrz = zone.mrz
    if not mrz.valid:
        return {}
    fields = {
        "number": mrz.document_number,
        "nationality": ALPHA3.get(mrz.nationality, mrz.nationality),
        "name": mrz.name,
        "birth_date": mrz.birth_date(today),
        "expiry_date": mrz.expiry_date(today),
        "sex": mrz.sex,
    }
    return {key: Read(value, zone.confidence) for key, value in fields.items() if value}
