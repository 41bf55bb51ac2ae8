"""Films that a fake camera shows: a drawn card on a rough table, held well or badly, as concatenated JPEGs."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (720, 1280)  # px, upright, as a phone gives it
RATE = 20  # frames a second, as Chromium plays such a file
CARD = (856, 540)  # px of the drawn card
SHUTTER_SEES = 532  # px of the film that the frame is wide, on a phone of 390 × 844: 351 × 1280 ÷ 844


@dataclass(frozen=True, slots=True)
class Held:
    """How the card is held in one frame. `wide`: its width as a share of the frame's; places in px of the film."""

    wide: float = 0.92
    turn: float = 0.0
    right: float = 0.0
    down: float = 0.0
    blur: float = 0.0
    light: float = 1.0
    glare: float = 0.0
    there: bool = True


GOOD = Held()
FAULTS = {
    "frame": replace(GOOD, there=False),
    "closer": replace(GOOD, wide=0.62),
    "inside": replace(GOOD, right=150),
    "tilt": replace(GOOD, turn=11, wide=0.84),
    "dark": replace(GOOD, light=0.25),
    "glare": replace(GOOD, glare=0.24),
    "blur": replace(GOOD, blur=7),
}


def drawn_card() -> Image.Image:
    """A bank card of no bank: a title, a chip, a number, round corners."""
    card = Image.new("RGBA", CARD, (0, 0, 0, 0))
    draw = ImageDraw.Draw(card)
    draw.rounded_rectangle((0, 0, CARD[0] - 1, CARD[1] - 1), 34, fill=(24, 66, 120, 255))
    for n in range(0, CARD[1], 6):
        draw.line((40, n, CARD[0] - 40, n + 60), fill=(30, 76, 134, 255), width=2)
    draw.rounded_rectangle((70, 170, 190, 262), 14, fill=(206, 176, 98, 255), outline=(120, 96, 40, 255), width=3)
    draw.text((64, 56), "SPECIMEN BANK", fill="white", font=ImageFont.load_default(54))
    draw.text((64, 300), "6299 9900 0000 0000 012", fill="white", font=ImageFont.load_default(62))
    draw.text((64, 420), "VALID THRU 12/39    NOT A REAL CARD", fill="white", font=ImageFont.load_default(34))
    return card


def table(seed: int = 5) -> Image.Image:
    """Rough wood: strong in detail, without a straight edge as long as a card."""
    noise = np.random.default_rng(seed).normal(0, 1, (SIZE[1] // 4, SIZE[0] // 4))
    small = Image.fromarray(np.uint8(np.clip(150 + 22 * noise, 0, 255))).filter(ImageFilter.GaussianBlur(0.8))
    grey = np.asarray(small.resize(SIZE, Image.Resampling.BICUBIC), dtype=np.float32)
    return Image.fromarray(np.uint8(np.clip(grey[..., None] * (1.05, 0.92, 0.72), 0, 255)))


def film(frames: Iterable[Held], path: Path) -> Path:
    """Writes the film; a hand's tremble of a pixel or two is in every frame."""
    wood, card = table(), drawn_card()
    path.write_bytes(b"".join(_frame(wood, card, held, n) for n, held in enumerate(frames)))
    return path


def still(held: Held, seconds: float = 1.5) -> list[Held]:
    """The same for a while."""
    return [held] * round(seconds * RATE)


def between(first: Held, last: Held, seconds: float) -> list[Held]:
    """From one to the other, evenly."""
    names = ("wide", "turn", "right", "down", "blur", "light", "glare")
    count = round(seconds * RATE)

    def at(share: float) -> Held:
        return replace(last, **{n: getattr(first, n) + share * (getattr(last, n) - getattr(first, n)) for n in names})

    return [at(n / count) for n in range(count)]


def _frame(wood: Image.Image, card: Image.Image, held: Held, number: int) -> bytes:
    picture = wood.copy()
    if held.there:
        width = held.wide * SHUTTER_SEES
        small = card.resize((round(width), round(width * CARD[1] / CARD[0])), Image.Resampling.LANCZOS)
        if held.glare:
            small.alpha_composite(_glint(small, held.glare))
        turned = small.rotate(-held.turn, Image.Resampling.BICUBIC, expand=True)
        tremble = (1.5 * math.cos(number / 3), 1.5 * math.sin(number / 2))
        left = (SIZE[0] - turned.width) / 2 + held.right + tremble[0]
        top = (SIZE[1] - turned.height) / 2 + held.down + tremble[1]
        picture.paste(turned, (round(left), round(top)), turned)
    if held.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(held.blur))
    grain = np.random.default_rng(number).normal(0, 2.5, (SIZE[1], SIZE[0], 1))
    lit = np.asarray(picture, dtype=np.float32) * held.light + grain
    out = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(lit, 0, 255))).save(out, "JPEG", quality=90, subsampling="4:2:0")
    return out.getvalue()


def _glint(card: Image.Image, size: float) -> Image.Image:
    """A lamp's reflection, burnt out in its middle, on the card's face."""
    glint = Image.new("L", card.size, 0)
    x, y, r = card.width * 0.6, card.height * 0.5, size * card.width
    ImageDraw.Draw(glint).ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=255)
    soft = glint.filter(ImageFilter.GaussianBlur(r / 8))
    white = Image.new("RGBA", card.size, (255, 255, 255, 0))
    white.putalpha(Image.fromarray(np.minimum(np.asarray(soft), np.asarray(card.getchannel("A")))))
    return white


Reel = Callable[[Iterable[Held]], None]
