"""The drawing board: fonts, printed paper with fine lines, the SPECIMEN mark, the photograph of the finished thing."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
SANS, BOLD, MONO, DIGITS = "Noto Sans CJK SC", "Noto Sans CJK SC:bold", "DejaVu Sans Mono", "DejaVu Sans:bold"
MARK = "SPECIMEN 样本"
INK: Colour = (28, 32, 40)


@cache
def font(family: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of this machine, found by fontconfig; `size` in pixels."""
    command = ["fc-match", "-f", "%{file}\n%{index}", family]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    file, index = found.split("\n")
    return ImageFont.truetype(file, size, index=int(index))


def printed(size: tuple[int, int], light: Colour, dark: Colour, seed: int) -> Image.Image:
    """Paper that runs from one colour to another below fine wavy lines, like no paper of any state."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = ((x / width + y / height) / 2)[..., None]
    base = np.array(light, np.float32) * (1 - along) + np.array(dark, np.float32) * along
    waves = np.sin(y / 9 + 6 * np.sin(x / (150 + 11 * seed) + seed)) + np.sin(x / 13 + 5 * np.sin(y / 120 + 2 * seed))
    lines = np.clip(1 - np.abs(waves) * 3.2, 0, 1)[..., None]
    return Image.fromarray(np.clip(base - 16 * lines, 0, 255).astype(np.uint8))


def write(page: Image.Image, at: tuple[int, int], text: str, look: tuple[str, int], fill: Colour = INK) -> None:
    """One line of text whose upper left corner is `at`; `look` is family and size."""
    ImageDraw.Draw(page).text(at, text, font=font(*look), fill=fill)


def field(page: Image.Image, at: tuple[int, int], label: str, value: str, size: int = 40) -> None:
    """A small label with its value below."""
    write(page, at, label, (SANS, 24), (96, 104, 120))
    write(page, (at[0], at[1] + 32), value, (BOLD, size))


def spaced(page: Image.Image, at: tuple[int, int], text: str, look: tuple[str, int], step: float) -> None:
    """Text with every letter `step` pixels from the last one: machine-readable lines."""
    for place, letter in enumerate(text):
        write(page, (round(at[0] + place * step), at[1]), letter, look)


def mark(page: Image.Image, centre: tuple[int, int], size: int, colour: Colour = (190, 40, 40)) -> Image.Image:
    """The word SPECIMEN 样本 across the page, so that nobody can use the picture for anything else."""
    layer = Image.new("RGBA", (int(size * 8.2), int(size * 2)), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    middle = (layer.width // 2, layer.height // 2)
    pen.text(middle, MARK, font=font(BOLD, size), fill=(*colour, 105), anchor="mm")
    turned = layer.rotate(24, expand=True, resample=Image.Resampling.BICUBIC)
    whole = page.convert("RGBA")
    whole.alpha_composite(turned, (max(0, centre[0] - turned.width // 2), max(0, centre[1] - turned.height // 2)))
    return whole.convert("RGB")


def photographed(page: Image.Image, *, corner: int, turn: float, seed: int) -> Image.Image:
    """The page lying on a desk, as somebody's phone sees it: 1,600 px wide, a little turned, with shadow and grain."""
    canvas = _desk((1600, round(1600 * page.height / page.width) + 60), seed)
    scale = 1490 / page.width
    small = page.resize((1490, round(page.height * scale)), Image.Resampling.LANCZOS)
    cut = Image.new("L", small.size, 0)
    ImageDraw.Draw(cut).rounded_rectangle((0, 0, small.width - 1, small.height - 1), corner, fill=255)
    sheet = small.convert("RGBA")
    sheet.putalpha(cut)
    turned = sheet.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    at = ((canvas.width - turned.width) // 2, (canvas.height - turned.height) // 2)
    shadow = Image.new("L", canvas.size, 0)
    shadow.paste(turned.getchannel("A").point(lambda a: a * 3 // 5), (at[0] + 8, at[1] + 14))
    canvas.paste((20, 20, 24), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    canvas.paste(turned, at, turned)
    return _grain(canvas, seed)


def save(picture: Image.Image, path: Path, *, most: int = 190_000) -> None:
    """A JPEG of at most `most` bytes."""
    for quality in (80, 74, 68, 60):
        picture.save(path, quality=quality, optimize=True, progressive=False)
        if path.stat().st_size <= most:
            return
    raise ValueError(f"{path.name} doesn't fit into {most} bytes")


def _desk(size: tuple[int, int], seed: int) -> Image.Image:
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1.06 - 0.22 * np.hypot(x / width - 0.3, y / height - 0.2)
    veins = 3 * np.sin(y / 23 + 2 * np.sin(x / 310 + seed))
    colour = np.array((126, 112, 98) if seed % 2 else (92, 100, 110), np.float32)
    return Image.fromarray(np.clip(colour * light[..., None] + veins[..., None], 0, 255).astype(np.uint8))


def _grain(picture: Image.Image, seed: int) -> Image.Image:
    """The light falls off to one corner; the sensor is a little noisy."""
    noise = np.random.default_rng(seed).normal(0, 1.0, (picture.height, picture.width, 1))
    y, x = np.mgrid[0 : picture.height, 0 : picture.width].astype(np.float32)
    light = (1.02 - 0.08 * (x / picture.width + y / picture.height) / 2)[..., None]
    return Image.fromarray(np.clip(np.asarray(picture) * light + noise, 0, 255).astype(np.uint8))
