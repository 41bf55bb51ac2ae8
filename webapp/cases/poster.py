"""A case's poster on A4: who calls, what to scan, what to do, whom to ask. One drawing, as PDF (vectors) and as PNG (300 dpi)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import segno
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

FONTS = Path(__file__).parents[2] / "static" / "fonts" / "letter"
WIDTH, HEIGHT = A4  # points: 595.28 × 841.89
DPI = 300
COURT, DEEP, PAPER, INK, GREY, WARM, LINE = "#1d4e89", "#143a68", "#fffefb", "#1c2430", "#525c6b", "#b56a14", "#d9d4c7"
MARGIN = 48.0


@dataclass(frozen=True, slots=True)
class PosterWords:
    """Everything that a poster says; `steps` are four pairs of a title and a sentence."""

    language: str
    court: str
    title: str
    case: str
    about: str
    invitation: str
    steps: tuple[tuple[str, str], ...]
    link: str
    help: str
    warning: str
    dates: str = ""


class Brush(Protocol):
    """Draws in points from the top left corner."""

    def box(
        self, x: float, y: float, w: float, h: float, colour: str, *, radius: float = 0, edge: str = ""
    ) -> None: ...

    def disc(self, x: float, y: float, radius: float, colour: str) -> None: ...

    def write(self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> None: ...

    def width(self, text: str, size: float) -> float: ...


def poster_pdf(words: PosterWords) -> bytes:
    """The poster as PDF with its fonts inside."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    canvas.setTitle(f"{words.court} {words.title} {words.case}")
    canvas.setAuthor(words.court)
    _draw(_PdfBrush(canvas), words)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def poster_png(words: PosterWords, dpi: int = DPI) -> bytes:
    """The poster as a picture of 2480 × 3508 pixels, or smaller."""
    picture = Image.new("RGB", (round(WIDTH * dpi / 72), round(HEIGHT * dpi / 72)), PAPER)
    _draw(_PngBrush(picture, dpi / 72), words)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=False, dpi=(dpi, dpi))
    return out.getvalue()


def _draw(brush: Brush, words: PosterWords) -> None:
    english = words.language == "en"
    brush.box(0, 0, WIDTH, HEIGHT, PAPER)
    brush.box(0, 0, WIDTH, 214, DEEP)
    brush.box(0, 214, WIDTH, 5, WARM)
    _centred(brush, 42, words.court, 19, "#dce7f4", most=WIDTH - 2 * MARGIN)
    _centred(brush, 78, words.title, 40 if english else 50, "#ffffff", bold=True, most=WIDTH - 2 * MARGIN)
    _centred(brush, 152, words.case, 17, "#ffffff", most=WIDTH - 2 * MARGIN)
    _centred(brush, 178, words.about, 15, "#dce7f4", most=WIDTH - 2 * MARGIN)
    _centred(brush, 240, words.invitation, 23 if english else 27, DEEP, bold=True, most=WIDTH - 2 * MARGIN)
    side = 224.0
    left, top = (WIDTH - side) / 2, 305.0
    brush.box(left - 16, top - 14, side + 32, side + 44, "#ffffff", radius=14, edge=LINE)
    _draw_code(brush, words.link, left, top, side)
    _centred(brush, top + side + 7, words.link, 10.5, GREY, most=side + 24)
    y = top + side + 50
    y = _draw_steps(brush, words.steps, y) + 12
    brush.box(MARGIN, y, WIDTH - 2 * MARGIN, 0.8, LINE)
    y += 13
    if words.dates:
        y = _paragraph(brush, words.dates, MARGIN, y, WIDTH - 2 * MARGIN, 14.5, INK, centred=True) + 3
    y = _paragraph(brush, words.help, MARGIN, y, WIDTH - 2 * MARGIN, 17, DEEP, bold=True, centred=True) + 4
    _paragraph(brush, words.warning, MARGIN, y, WIDTH - 2 * MARGIN, 13, WARM, centred=True)


def _draw_code(brush: Brush, link: str, left: float, top: float, side: float) -> None:
    rows = [list(row) for row in segno.make(link, error="q", boost_error=False).matrix]
    module = side / len(rows)
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                brush.box(left + x * module, top + y * module, (end - x) * module, module, INK)
            x = max(end, x + 1)


def _draw_steps(brush: Brush, steps: tuple[tuple[str, str], ...], top: float) -> float:
    """Two by two; returns where they end."""
    wide, y, bottom = (WIDTH - 2 * MARGIN - 24) / 2, top, top - 12
    for number, (title, words) in enumerate(steps):
        x = MARGIN + (number % 2) * (wide + 24)
        if number % 2 == 0:
            y = bottom + 12
        brush.disc(x + 15, y + 15, 15, COURT)
        digit = str(number + 1)
        brush.write(x + 15 - brush.width(digit, 17) / 2, y + 5.5, digit, 17, "#ffffff", bold=True)
        brush.write(x + 40, y + 4, title, 18, INK, bold=True)
        bottom = max(bottom, _paragraph(brush, words, x + 40, y + 29, wide - 40, 13, GREY))
    return bottom


def _centred(brush: Brush, y: float, text: str, size: float, colour: str, *, bold: bool = False, most: float) -> None:
    while brush.width(text, size) > most and size > 7:
        size -= 0.5
    brush.write((WIDTH - brush.width(text, size)) / 2, y, text, size, colour, bold=bold)


def _paragraph(
    brush: Brush,
    text: str,
    x: float,
    y: float,
    wide: float,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    centred: bool = False,
) -> float:
    """Writes `text` in lines no wider than `wide`; returns where it ends."""
    for line in _lines(brush, text, wide, size):
        at = x + (wide - brush.width(line, size)) / 2 if centred else x
        brush.write(at, y, line, size, colour, bold=bold)
        y += size * 1.42
    return y


def _lines(brush: Brush, text: str, wide: float, size: float) -> list[str]:
    """Broken between words, and between Chinese characters but not before a closing mark."""
    pieces: list[str] = []
    for character in text:
        joined = pieces and (
            character in "，。、；：！？）》”’"
            or (character.isascii() and character != " " and pieces[-1][-1].isascii() and pieces[-1][-1] != " ")
        )
        if joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    lines = [""]
    for piece in pieces:
        if lines[-1] and brush.width((lines[-1] + piece).rstrip(), size) > wide:
            lines.append("")
        lines[-1] += piece if lines[-1] or piece != " " else ""
    return [line.rstrip() for line in lines if line.strip()]


@cache
def _cover() -> tuple[tuple[str, frozenset[int]], ...]:
    """The files of the fonts with the characters that each holds, the likeliest first."""
    names = ("song-latin", "song", "song-more", "song-rare", "song-hangul")
    return tuple(
        (name, frozenset(TTFont(f"poster-{name}", str(FONTS / f"{name}.ttf")).face.charToGlyph)) for name in names
    )


def _runs(text: str) -> list[tuple[str, str]]:
    """(font, part) so that each part's characters are in its font; what no font has is written as 〓."""
    runs: list[tuple[str, str]] = []
    for character in text:
        font = next((name for name, held in _cover() if ord(character) in held), None)
        name, shown = (font, character) if font else ("song", "〓")
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + shown)
        else:
            runs.append((name, shown))
    return runs


class _PdfBrush:
    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def box(self, x: float, y: float, w: float, h: float, colour: str, *, radius: float = 0, edge: str = "") -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setStrokeColor(edge or colour)
        self._canvas.setLineWidth(1)
        draw = self._canvas.roundRect if radius else self._canvas.rect
        draw(x, HEIGHT - y - h, w, h, *([radius] if radius else []), stroke=1 if edge else 0, fill=1)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.circle(x, HEIGHT - y, radius, stroke=0, fill=1)

    def write(self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        canvas = self._canvas
        for name, part in _runs(text):
            line = canvas.beginText(x, HEIGHT - y - size * 0.9)
            line.setFont(_registered(name), size)
            line.setFillColor(colour)
            line.setStrokeColor(colour)
            canvas.setLineWidth(size * 0.028)
            line.setTextRenderMode(2 if bold else 0)
            line.textOut(part)
            canvas.drawText(line)
            x += pdfmetrics.stringWidth(part, _registered(name), size)

    def width(self, text: str, size: float) -> float:
        return float(sum(pdfmetrics.stringWidth(part, _registered(name), size) for name, part in _runs(text)))


class _PngBrush:
    def __init__(self, picture: Image.Image, scale: float) -> None:
        self._draw, self._scale = ImageDraw.Draw(picture), scale

    def box(self, x: float, y: float, w: float, h: float, colour: str, *, radius: float = 0, edge: str = "") -> None:
        scale = self._scale
        corners = (
            round(x * scale),
            round(y * scale),
            round((x + w) * scale) - 1,
            max(round(y * scale), round((y + h) * scale) - 1),
        )
        self._draw.rounded_rectangle(
            corners, radius * scale, fill=colour, outline=edge or None, width=round(scale) if edge else 0
        )

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        s = self._scale
        self._draw.ellipse(((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s), fill=colour)

    def write(self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        s = self._scale
        for name, part in _runs(text):
            font = _sized(name, size * s)
            weight = max(1, round(size * s * 0.014)) if bold else 0
            self._draw.text(
                (x * s, (y + size * 0.9) * s), part, colour, font, anchor="ls", stroke_width=weight, stroke_fill=colour
            )
            x += font.getlength(part) / s

    def width(self, text: str, size: float) -> float:
        return float(sum(_sized(name, size * self._scale).getlength(part) for name, part in _runs(text)) / self._scale)


@cache
def _registered(name: str) -> str:
    pdfmetrics.registerFont(TTFont(f"poster-{name}", str(FONTS / f"{name}.ttf")))
    return f"poster-{name}"


@cache
def _sized(name: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), size)
