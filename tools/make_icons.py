"""Draws the application's own mark (a coin between two brackets of paper) as PNG icons, with room for a mask."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).parents[1] / "static" / "icons"


def main() -> None:
    """Writes 192 and 512 px, each with round corners, and whole for a mask: everything stands inside the middle 80 %."""
    big = Image.new("RGB", (1024, 1024), "#1d4e89")
    pen = ImageDraw.Draw(big)
    pen.rounded_rectangle((272, 232, 752, 792), 56, fill="#fffefb")
    for y in (344, 424):
        pen.rounded_rectangle((352, y, 672, y + 28), 14, fill="#c9d5e3")
    pen.ellipse((412, 492, 612, 692), fill="#c8802a")
    pen.rectangle((482, 562, 542, 622), fill="#fffefb")
    corners = Image.new("L", big.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 1023, 1023), 224, fill=255)
    rounded = big.copy()
    rounded.putalpha(corners)
    for kind, picture in (("icon", rounded), ("maskable", big)):
        for size in (192, 512):
            small = picture.resize((size, size), Image.Resampling.LANCZOS)
            small.quantize(64).save(OUT / f"{kind}-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
