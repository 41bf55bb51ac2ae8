"""A signature as strokes: judged (blank, a dot, a scribble of one line) and drawn as a trimmed transparent PNG."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from webapp.core.joining import drawn_order, joined

MOST_POINTS = 20_000
PEN = (17, 26, 51, 255)
HEIGHT = 240
WIDEST = 900
SHORTEST_INK = 0.25


class StrokeFault(StrEnum):
    """Why this can't be a signature."""

    BLANK = "blank"
    DOT = "dot"
    BROKEN = "broken"


class BadStrokes(Exception):
    """The strokes can't be used; `fault` says why."""

    def __init__(self, fault: StrokeFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class Point:
    """x, y in CSS px of the pad, pressure 0–1, time in ms."""

    x: float
    y: float
    pressure: float
    time: float


@dataclass(frozen=True, slots=True)
class Strokes:
    """A signature as it was drawn on a pad of `width` × `height` CSS px."""

    width: float
    height: float
    lines: tuple[tuple[Point, ...], ...]

    @property
    def ink(self) -> float:
        """Length of all lines in CSS px."""
        return sum(math.hypot(b.x - a.x, b.y - a.y) for line in self.lines for a, b in pairwise(line))


def parse_strokes(text: str) -> Strokes:
    """Reads what the pad sends: {"width", "height", "strokes": [[[x, y, pressure, time], …], …]}. Raises BadStrokes."""
    if not text.strip():
        raise BadStrokes(StrokeFault.BLANK)
    try:
        sent = json.loads(text)
        lines = tuple(tuple(Point(*map(_number, point)) for point in line) for line in sent["strokes"] if line)
        strokes = Strokes(_number(sent["width"]), _number(sent["height"]), lines)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadStrokes(StrokeFault.BROKEN) from None
    if not lines or strokes.width < 50 or strokes.height < 50 or sum(map(len, lines)) > MOST_POINTS:
        raise BadStrokes(StrokeFault.BROKEN if lines else StrokeFault.BLANK)
    if strokes.ink < SHORTEST_INK * strokes.width or _all_in_one_place(strokes):
        raise BadStrokes(StrokeFault.DOT)
    return strokes


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > 1e15 or isinstance(value, str | bool):
        raise ValueError(value)
    return number


def _all_in_one_place(strokes: Strokes) -> bool:
    left, top, right, bottom = _box(strokes)
    return right - left < 0.08 * strokes.width and bottom - top < 0.12 * strokes.height


def _box(strokes: Strokes) -> tuple[float, float, float, float]:
    xs = [p.x for line in strokes.lines for p in line]
    ys = [p.y for line in strokes.lines for p in line]
    return min(xs), min(ys), max(xs), max(ys)


def draw_strokes(strokes: Strokes) -> bytes:
    """A transparent PNG, trimmed to the ink, at most 900 × 240 px; pressure is the pen's width."""
    left, top, right, bottom = _box(strokes)
    scale = min(HEIGHT / max(bottom - top, 20), WIDEST / max(right - left, 20)) * 2  # drawn double, then halved: smooth
    size = (round((right - left) * scale) + 40, round((bottom - top) * scale) + 40)
    picture = Image.new("RGBA", size, (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    for line in strokes.lines:
        spots = [
            (
                (p.x - left) * scale + 20,
                (p.y - top) * scale + 20,
                6 + 8 * min(max(p.pressure, 0), 1),
            )
            for p in line
        ]
        for x, y, width in spots:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=PEN)
        for (x1, y1, w1), (x2, y2, w2) in pairwise(spots):
            pen.line((x1, y1, x2, y2), fill=PEN, width=round((w1 + w2) / 2))
    return _png(picture.resize((max(1, size[0] // 2), max(1, size[1] // 2)), Image.Resampling.LANCZOS))


def draw_name(name: str, fonts: tuple[str, ...]) -> bytes:
    """A typed name as a picture, for people who can't draw; each character in the first font that has it, in the order it is drawn."""
    size = 150
    name = drawn_order(joined(name))
    faces = [ImageFont.truetype(font, size) for font in fonts]
    picture = Image.new("RGBA", (size * (len(name) + 1), size * 2), (255, 255, 255, 0))
    pen, x = ImageDraw.Draw(picture), 10.0
    for character in name:
        face = next((f for f in faces if f.getmask(character).getbbox() and _has(f, character)), faces[0])
        pen.text((x, 20 + size), character, font=face, fill=PEN, anchor="ls")
        x += face.getlength(character)
    trimmed = picture.crop(picture.getbbox() or (0, 0, 10, 10))
    trimmed.thumbnail((WIDEST, HEIGHT))
    return _png(trimmed)


def _has(face: ImageFont.FreeTypeFont, character: str) -> bool:
    return bytes(face.getmask(character)) != bytes(face.getmask("\uffff"))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
