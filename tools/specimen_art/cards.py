"""Bank cards of 样本银行, printed flat or embossed, in a look of our own."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from specimen_art.paper import BOLD, DIGITS, SANS, Colour, font, mark, printed, write

SIZE = (1480, 934)
WHITE: Colour = (246, 248, 250)
NUMBER_AT = (108, 520)


def bank_card(number: str, kind: str, *, colours: tuple[Colour, Colour], embossed: bool, seed: int) -> Image.Image:
    """One card. `number` in digits; `kind` is what the card says it is (借记卡 or 信用卡)."""
    page = printed(SIZE, *colours, seed)
    _logo(page)
    write(page, (1180, 96), kind, (BOLD, 52), WHITE)
    write(page, (1180, 166), "DEBIT" if kind == "借记卡" else "CREDIT", (SANS, 34), WHITE)
    _chip(page, (112, 292))
    page = mark(page, (770, 318), 100, (255, 255, 255))
    text = "  ".join(number[i : i + 4] for i in range(0, len(number), 4))
    page = _embossed(page, NUMBER_AT, text) if embossed else _flat(page, NUMBER_AT, text)
    write(page, (112, 690), "有效期至 VALID THRU", (SANS, 26), WHITE)
    write(page, (112, 728), "12/39", (DIGITS, 46), WHITE)
    write(page, (880, 742), "仅供演示 · NOT A REAL CARD", (SANS, 34), WHITE)
    return page


def _logo(page: Image.Image) -> None:
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((108, 84, 204, 180), 26, outline=WHITE, width=9)
    pen.line((132, 150, 156, 116, 180, 150), fill=WHITE, width=9)
    write(page, (236, 78), "样本银行", (BOLD, 64), WHITE)
    write(page, (240, 158), "SPECIMEN BANK", (SANS, 30), WHITE)


def _chip(page: Image.Image, at: tuple[int, int]) -> None:
    pen, (x, y) = ImageDraw.Draw(page), at
    pen.rounded_rectangle((x, y, x + 164, y + 126), 20, fill=(214, 186, 112), outline=(150, 122, 60), width=3)
    for line in ((x, y + 42, x + 54, y + 42), (x, y + 84, x + 54, y + 84), (x + 110, y + 42, x + 164, y + 42)):
        pen.line(line, fill=(150, 122, 60), width=3)
    pen.line((x + 110, y + 84, x + 164, y + 84), fill=(150, 122, 60), width=3)
    pen.rounded_rectangle((x + 54, y + 24, x + 110, y + 102), 10, outline=(150, 122, 60), width=3)


def _size(text: str) -> int:
    return 94 if len(text) < 24 else 77


def _flat(page: Image.Image, at: tuple[int, int], text: str) -> Image.Image:
    write(page, at, text, (DIGITS, _size(text)), WHITE)
    return page


def _embossed(page: Image.Image, at: tuple[int, int], text: str) -> Image.Image:
    """Letters of the card's own colour, seen by the light and shadow of their raised edges, with worn silver on top."""
    shape = Image.new("L", page.size, 0)
    ImageDraw.Draw(shape).text(at, text, font=font(DIGITS, _size(text)), fill=255)
    hill = np.asarray(shape.filter(ImageFilter.GaussianBlur(3.2)), np.float32)
    down, across = np.gradient(hill)
    relief = Image.fromarray(
        np.clip(np.asarray(page, np.float32) + 3.6 * (down + across)[..., None] * -1, 0, 255).astype(np.uint8)
    )
    dropped = ImageChops.offset(shape, 7, 9).filter(ImageFilter.GaussianBlur(5)).point(lambda a: a * 2 // 5)
    relief.paste((0, 0, 0), mask=ImageChops.subtract(dropped, shape))
    relief.paste((206, 210, 216), mask=shape.filter(ImageFilter.MinFilter(5)).point(lambda a: a * 13 // 20))
    return relief
