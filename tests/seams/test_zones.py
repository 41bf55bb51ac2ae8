"""What a zone's check digits can't tell: characters that weigh the same there, of which the printed number decides."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from webapp.adapters.vision.boxes import Box
from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.adapters.vision.pictures import Array
from webapp.adapters.vision.text import Line
from webapp.adapters.vision.zones import MRZ_LETTERS
from webapp.core.mrz import check_digit
from webapp.ports.document_reader import DocumentReading, DocumentSide

TOP, NUMBER = Box((800, 800), 1400, 40, 0.0), Box((800, 880), 1400, 40, 0.0)
PRINTED, BELOW = Box((400, 200), 300, 40, 0.0), Box((400, 960), 300, 40, 0.0)
TONES = {60: TOP, 120: NUMBER, 180: PRINTED, 240: BELOW}
NAMES = "P<UTOMUELLER<<LUCA".ljust(44, "<")


def bottom(number: str) -> str:
    body = f"{number}{check_digit(number)}USA8201146M3409257".ljust(42, "<") + "<"
    return body + check_digit(body[0:10] + body[13:20] + body[21:43])


class Finder:
    def find(self, picture: Array, *, longest: int) -> list[Box]:
        return list(TONES.values())


class Reader:
    """Sees a G that may be a 6, by `doubt`; each line of the picture has its own grey, so that it is known again."""

    def __init__(self, doubt: float, printed: str, below: str) -> None:
        self._doubt = doubt
        self._texts = {TOP: NAMES, NUMBER: bottom("GC1391975"), PRINTED: printed, BELOW: below}

    def _line(self, cut: Array) -> Box:
        tone = float(cut[cut.shape[0] // 2].mean())
        return TONES[min(TONES, key=lambda one: abs(one - tone))]

    def read(self, line: Array, letters: str = "") -> tuple[str, float]:
        return self._texts[self._line(line)], 1.0

    def read_all(self, picture: Array, boxes: list[Box], *, floor: float = 0.5) -> list[Line]:
        return [Line(self._texts[box], 1.0, box) for box in boxes]

    def weigh(self, line: Array, letters: str, *, widest: int = 0) -> Array:
        text = self._texts[self._line(line)]
        seen = np.full((2 * len(text), len(MRZ_LETTERS) + 1), 1e-6)
        for place, letter in enumerate(text):
            seen[2 * place, MRZ_LETTERS.index(letter) + 1] = 1.0
            seen[2 * place + 1, 0] = 1.0
        if text[0] == "G":
            seen[0, [MRZ_LETTERS.index("G") + 1, MRZ_LETTERS.index("6") + 1]] = 1 - self._doubt, self._doubt
        return seen


def seen(doubt: float, printed: str = "", below: str = "") -> DocumentReading:
    page = np.full((1000, 1600, 3), 20, np.uint8)
    for tone, box in TONES.items():
        y, x = round(box.centre[1]), round(box.centre[0] - box.width / 2)
        page[y - 40 : y + 40, x - 20 : x + round(box.width) + 20] = tone
    file = io.BytesIO()
    Image.fromarray(page).save(file, "PNG")
    reader = OnnxDocumentReader(Path())
    reader._finder, reader._reader = Finder(), Reader(doubt, printed, below)  # type: ignore[assignment]
    return reader.read(file.getvalue(), DocumentSide.DATA_PAGE)


@pytest.mark.parametrize("doubt", [0.4, 0.6], ids=["likely a G", "likely a 6"])
@pytest.mark.parametrize("number", ["GC1391975", "6C1391975"])
def test_of_two_characters_that_weigh_the_same_the_printed_one_is_told(doubt: float, number: str) -> None:
    assert seen(doubt, printed=f"UTO {number[:4]} {number[4:]}").fields["number"] == number


@pytest.mark.parametrize("printed", ["", "GC1391975 6C1391975", "CC1391975"], ids=["nothing", "both", "another"])
def test_a_number_that_the_print_doesnt_decide_is_left_out(printed: str) -> None:
    reading = seen(0.5, printed=printed)
    assert reading.mrz_valid is True
    assert "number" not in reading.fields
    assert reading.fields["birth_date"] == "1982-01-14"


def test_what_stands_below_the_zone_decides_nothing() -> None:
    assert "number" not in seen(0.5, below="GC1391975").fields


def test_a_sure_character_needs_no_print() -> None:
    assert seen(0.01).fields["number"] == "GC1391975"
