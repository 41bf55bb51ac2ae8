"""Makes a clip that Chromium takes for a camera: a still picture that trembles a little, as concatenated JPEGs.

    python tools/make_camera_clip.py PICTURE.jpg CLIP.mjpeg
    chromium --use-fake-device-for-media-stream --use-file-for-fake-video-capture=CLIP.mjpeg

Chromium plays such a file at its own rate, over and over.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageOps

SIZE, RATE, SECONDS = (1280, 720), 15, 2
TREMBLE = 4  # pixels; a frozen picture is what a liveness check looks for


def make_camera_clip(picture: Path, clip: Path) -> None:
    """Writes `clip`: 30 JPEGs of 1280 × 720, one after another, with the whole of `picture` in each."""
    room = (SIZE[0] - 2 * TREMBLE, SIZE[1] - 2 * TREMBLE)
    with Image.open(picture) as opened:
        still = ImageOps.contain(ImageOps.exif_transpose(opened).convert("RGB"), room, Image.Resampling.LANCZOS)
    clip.write_bytes(b"".join(_frame(still, number) for number in range(RATE * SECONDS)))


def write_camera_clip(frames: Iterable[Image.Image], clip: Path) -> None:
    """Writes `clip`: each picture, as large as it fits, in the middle of a grey 1280 × 720."""
    with clip.open("wb") as file:
        for frame in frames:
            file.write(_packed(ImageOps.contain(frame, SIZE, Image.Resampling.BILINEAR), (0, 0)))


def _frame(still: Image.Image, number: int) -> bytes:
    turn = 2 * math.pi * number / (RATE * SECONDS)
    return _packed(still, (round(TREMBLE * math.cos(turn)), round(TREMBLE * math.sin(turn))))


def _packed(picture: Image.Image, shift: tuple[int, int]) -> bytes:
    canvas = Image.new("RGB", SIZE, (120, 122, 126))
    left, top = ((whole - part) // 2 + by for whole, part, by in zip(SIZE, picture.size, shift, strict=True))
    canvas.paste(picture, (left, top))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=90, subsampling="4:2:0")
    return out.getvalue()


if __name__ == "__main__":
    make_camera_clip(Path(sys.argv[1]), Path(sys.argv[2]))
