"""Bank cards of every bank in the table, flat, embossed and worn, in looks of our own, each marked SPECIMEN 样本.

Layout by ISO/IEC 7810 and 7811 (85.6 × 54 mm, number line 21 mm above the lower edge), as cards in China have it:
16 digits by four; 19 digits as 6 + 13, by four, or in one run; the first four printed small below on some.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from stdnum import luhn

from drawing.emboss import Finish, Type, stamp
from drawing.tables import font, noise
from webapp.payee.rules.banks import Bank, CardType, Prefix, bank_by_code

Array = NDArray[Any]
MM = 14  # pixels
SIZE = (round(85.6 * MM), round(54 * MM))
CHINESE = ("Noto Sans CJK SC:bold", "Noto Serif CJK SC:bold", "Noto Sans CJK SC:medium")
LATIN = ("Liberation Sans:bold", "DejaVu Sans", "Liberation Serif", "Noto Sans:bold")
NUMBERS = (
    "Liberation Serif:bold",
    "Liberation Sans:bold",
    "Liberation Sans",
    "DejaVu Sans Mono",
    "Liberation Mono:bold",
    "Noto Sans:medium",
    "DejaVu Sans Condensed:bold",
    "Noto Sans Mono:medium",
)
SILVER, GOLD, WHITE = (214, 216, 222), (226, 196, 128), (244, 244, 246)


class Print(StrEnum):
    """How the number is on the card."""

    FLAT = "flat"
    EMBOSSED = "embossed"
    WORN = "worn"


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """The drawing and what a reader should find on it."""

    sheet: Image.Image
    number: str
    bank_code: str
    print: Print


def bank_card(prefix: Prefix, how: Print, rng: np.random.Generator) -> DrawnCard:
    """A card whose number begins with the prefix and has its length; the rest of it is random."""
    number = _number(prefix, rng)
    sheet, dark = _face(rng)
    bank = bank_by_code(prefix.bank_code)
    pen = ImageDraw.Draw(sheet)
    ink = WHITE if dark else (28, 30, 38)
    if bank:
        _name(pen, bank, ink, rng)
    _furniture(pen, prefix, ink, rng)
    page = np.asarray(sheet, np.float32)
    groups = _groups(number, rng)
    y = 54 - 21.4 + rng.normal(0, 1.4)
    flat = how is Print.FLAT
    page = (
        _flat(page, groups, y, ink, rng)
        if flat
        else _raised(page, groups, y, dark=dark, worn=how is Print.WORN, rng=rng)
    )
    return DrawnCard(_used(page, how, rng), number, prefix.bank_code, how)


def _number(prefix: Prefix, rng: np.random.Generator) -> str:
    while True:
        body = prefix.digits + "".join(str(d) for d in rng.integers(0, 10, prefix.length - len(prefix.digits) - 1))
        if len(set(body)) > 3:
            return body + str(luhn.calc_check_digit(body))


def _groups(number: str, rng: np.random.Generator) -> str:
    if len(number) == 19 and rng.random() < 0.5:
        return number[:6] + " " + number[6:]
    if len(number) == 19 and rng.random() < 0.3:
        return number
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def _face(rng: np.random.Generator) -> tuple[Image.Image, bool]:
    """The card's design: two colours, and over them bands, rings, hills, twigs or grain; True where it is dark."""
    width, height = SIZE
    base = rng.integers(12, 246, 3).astype(np.float32)
    if rng.random() < 0.5:  # banks like red, blue, green, gold
        base = np.array(((168, 28, 38), (22, 64, 128), (14, 112, 84), (196, 164, 96), (44, 46, 52))[rng.integers(5)])
    other = np.clip(base + rng.normal(0, 42, 3), 0, 255)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.clip(((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)) + 0.5, 0, 1)[..., None]
    page = base * (1 - along) + other * along
    page = page + rng.uniform(0, 6) * noise(SIZE, (3, 3), rng)[..., None]
    busy = rng.random()
    page = _shapes(page, base, busy, rng)
    middle = page[round(height * 0.5) : round(height * 0.72)].mean()
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)), bool(middle < 128)


def _shapes(page: Array, base: Array, busy: float, rng: np.random.Generator) -> Array:
    canvas = np.ascontiguousarray(np.clip(page, 0, 255).astype(np.uint8))
    width, height = SIZE
    for _ in range(int(busy * 9)):
        colour = tuple(int(v) for v in np.clip(base + rng.normal(0, 20 + 40 * busy, 3), 0, 255))
        kind = rng.integers(4)
        if kind == 0:
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            thick = -1 if rng.random() < 0.4 else int(rng.integers(2, 40))
            cv2.circle(canvas, centre, int(rng.integers(40, 520)), colour, thick, cv2.LINE_AA)
        elif kind == 1:
            points = rng.integers((-100, -100), (width + 100, height + 100), (int(rng.integers(3, 6)), 2))
            cv2.fillPoly(canvas, [points.astype(np.int32)], colour, cv2.LINE_AA)
        elif kind == 2:
            t = np.linspace(-0.1, 1.1, 60)
            wave = rng.uniform(0.1, 0.9) + rng.uniform(0.02, 0.25) * np.sin(rng.uniform(3, 14) * t + rng.uniform(0, 6))
            points = np.stack([t * width, wave * height], axis=1).astype(np.int32)
            cv2.polylines(canvas, [points], False, colour, int(rng.integers(2, 60)), cv2.LINE_AA)
        else:
            _twig(canvas, colour, rng)
    soft = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.6, 9)) if rng.random() < 0.4 else canvas
    return soft.astype(np.float32)


def _twig(canvas: Array, colour: tuple[int, ...], rng: np.random.Generator) -> None:
    at, turn = rng.uniform((0, 0), SIZE), rng.uniform(0, 2 * np.pi)
    for step in range(24):
        turn += rng.normal(0, 0.3)
        on = at + 40 * np.array([np.cos(turn), np.sin(turn)])
        start, end = (tuple(int(v) for v in point) for point in (at, on))
        cv2.line(canvas, start, end, colour, max(1, 12 - step // 2), cv2.LINE_AA)
        at = on


def _name(pen: ImageDraw.ImageDraw, bank: Bank, ink: tuple[int, int, int], rng: np.random.Generator) -> None:
    """A plain mark, the bank's name in Chinese and sometimes in English, and the word that says it's no real card."""
    left, top, size = rng.uniform(4, 8) * MM, rng.uniform(3.4, 6) * MM, rng.uniform(4.2, 6) * MM
    words = font(CHINESE[rng.integers(len(CHINESE))], round(size))
    mark = size * 1.25
    pen.ellipse((left, top, left + mark, top + mark), outline=ink, width=4)
    pen.line((left + mark * 0.3, top + mark * 0.7, left + mark * 0.7, top + mark * 0.3), fill=ink, width=5)
    room = 52 * MM / max(1.0, words.getlength(bank.name))
    if room < 1:
        words = font(CHINESE[0], round(size * room))
    pen.text((left + mark * 1.2, top - size * 0.12), bank.name, font=words, fill=ink)
    if bank.english and rng.random() < 0.6:
        small = font(LATIN[rng.integers(len(LATIN))], round(size * 0.42))
        pen.text((left + mark * 1.2, top + size * 1.16), bank.english.upper()[:34], font=small, fill=ink)
    pen.text((SIZE[0] - 4 * MM, 4 * MM), "SPECIMEN 样本", font=font(CHINESE[0], 26), fill=ink, anchor="ra")


def _furniture(pen: ImageDraw.ImageDraw, prefix: Prefix, ink: tuple[int, int, int], rng: np.random.Generator) -> None:
    """Chip, wireless mark, scheme's letters, the kind of card: everything else that has edges or letters."""
    if rng.random() < 0.85:
        _chip(pen, rng)
    if rng.random() < 0.5:
        for radius in (1.2 * MM, 2.3 * MM, 3.4 * MM, 4.5 * MM):
            pen.arc(
                (25 * MM - radius, 23 * MM - radius, 25 * MM + radius, 23 * MM + radius), -38, 38, fill=ink, width=5
            )
    kind = {CardType.DEBIT: "借记卡", CardType.PREPAID: "预付卡"}.get(prefix.card_type, "信用卡")
    if rng.random() < 0.5:
        pen.text((SIZE[0] - 5 * MM, 9 * MM), kind, font=font(CHINESE[0], 44), fill=ink, anchor="ra")
    if prefix.digits.startswith("62"):
        _scheme(pen)
    if rng.random() < 0.4:
        pen.text((20 * MM, 48 * MM), "95588", font=font("Liberation Sans", 24), fill=ink)
    if rng.random() < 0.3:
        pen.text((30 * MM, 12.5 * MM), "ATM", font=font("Liberation Sans:bold", 34), fill=ink)


def _chip(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    x, y = (9 + rng.normal(0, 0.6)) * MM, (18 + rng.normal(0, 0.6)) * MM
    gold, line = ((212, 184, 112), (196, 198, 204))[rng.integers(2)], (140, 116, 60)
    pen.rounded_rectangle((x, y, x + 12.4 * MM, y + 9.6 * MM), 22, fill=gold, outline=line, width=3)
    for part in (0.33, 0.66):
        level = y + part * 9.6 * MM
        pen.line((x, level, x + 4 * MM, level), fill=line, width=3)
        pen.line((x + 8.4 * MM, level, x + 12.4 * MM, level), fill=line, width=3)
    pen.rounded_rectangle((x + 56, y + 30, x + 118, y + 104), 12, outline=line, width=3)


def _scheme(pen: ImageDraw.ImageDraw) -> None:
    """Three bands with the scheme's name in plain letters; not its mark."""
    x, y = 64 * MM, 42.5 * MM
    for place, colour in enumerate(((178, 44, 52), (34, 84, 134), (20, 120, 116))):
        left = x + place * 62
        pen.polygon([(left + 18, y), (left + 96, y), (left + 78, y + 118), (left, y + 118)], fill=colour)
    pen.text((x + 104, y + 34), "UnionPay", font=font("Liberation Sans:bold", 34), fill=WHITE, anchor="mm")
    pen.text((x + 104, y + 82), "银联", font=font(CHINESE[0], 46), fill=WHITE, anchor="mm")


def _flat(page: Array, groups: str, y: float, ink: tuple[int, int, int], rng: np.random.Generator) -> Array:
    sheet = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(sheet)
    family = NUMBERS[rng.integers(len(NUMBERS))]
    size = rng.uniform(4.6, 6.4) * MM
    room = rng.uniform(66, 76) * MM / font(family, round(size)).getlength(groups)
    letter = font(family, round(size * min(1.0, room)))
    colour = ink
    if rng.random() < 0.35:
        mean = float(page[round(y * MM) : round((y + 5) * MM)].mean())
        colour = (20, 20, 24) if mean > 110 else (SILVER, GOLD, WHITE)[rng.integers(3)]
    left = rng.uniform(5, 9) * MM
    pen.text((left, y * MM), groups, font=letter, fill=colour)
    if rng.random() < 0.6:
        small = font(CHINESE[2], 22)
        pen.text((30 * MM, (y + 8.2) * MM), "VALID\nTHRU", font=font("Liberation Sans", 17), fill=ink)
        pen.text((36 * MM, (y + 8.2) * MM), _expiry(rng), font=font(family, 40), fill=colour)
        pen.text((left, (y + 15) * MM), "仅供演示", font=small, fill=ink)
    return np.asarray(sheet, np.float32)


def _raised(page: Array, groups: str, y: float, *, dark: bool, worn: bool, rng: np.random.Generator) -> Array:
    left = rng.uniform(6.5, 9.5) * MM
    pitch = min(3.63 * MM, (SIZE[0] - left - 4 * MM) / len(groups))
    height = 4.1 * MM * rng.uniform(0.94, 1.06)
    kind = Type(height, pitch, rng.uniform(0.5, 0.72) * MM, slim=min(0.62, 0.74 * pitch / height))
    foil = None if rng.random() < (0.45 if worn else 0.3) else (SILVER, GOLD, WHITE, (30, 30, 34))[rng.integers(4)]
    lost = rng.uniform(0.3, 0.62) if worn else rng.uniform(-0.2, 0.22)
    relief = rng.uniform(0.42, 0.8) if worn else rng.uniform(0.6, 1.0)
    finish = Finish(foil, lost, rng.uniform(0, 2 * np.pi), relief)
    if rng.random() < 0.4:  # the first four once more, printed, so that nobody alters the raised ones
        sheet = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
        ink = WHITE if dark else (28, 30, 38)
        small = font("Liberation Sans", round(2.1 * MM))
        ImageDraw.Draw(sheet).text((left + 4, (y + 4.9) * MM), groups[:4], font=small, fill=ink)
        ImageDraw.Draw(sheet).text((30 * MM, (y + 7.2) * MM), "VALID\nTHRU", font=font("Liberation Sans", 17), fill=ink)
        page = np.asarray(sheet, np.float32)
    page = stamp(page, groups, (left, y * MM), kind, finish, rng)
    date = Type(height * 0.72, pitch * 0.74, kind.stroke * 0.75)
    return stamp(page, _expiry(rng), (37 * MM, (y + 8) * MM), date, finish, rng)


def _expiry(rng: np.random.Generator) -> str:
    return f"{rng.integers(1, 13):02d}/{rng.integers(26, 39)}"


def _used(page: Array, how: Print, rng: np.random.Generator) -> Image.Image:
    """Scratches and dirt of years in a purse."""
    canvas: Array = np.ascontiguousarray(np.clip(page, 0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(0, 30 if how is Print.WORN else 5))):
        start = rng.uniform((0, 0), SIZE)
        end = start + rng.normal(0, 120, 2)
        tone = int(rng.integers(120, 240))
        points = [tuple(int(v) for v in point) for point in (start, end)]
        over = canvas.copy()
        cv2.line(over, points[0], points[1], (tone, tone, tone), 1, cv2.LINE_AA)
        canvas = cv2.addWeighted(over, 0.5, canvas, 0.5, 0)
    if how is not Print.WORN:
        return Image.fromarray(canvas)
    dirt = 4 * noise(SIZE, (60, 60), rng)
    return Image.fromarray(np.clip(canvas + dirt[..., None], 0, 255).astype(np.uint8))
