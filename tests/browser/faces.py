"""Films of faces before a fake camera: one that is held well, and each way of holding it badly."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from drawing.face_clips import actor
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.browser.films import RATE, SIZE
from webapp.adapters.sandbox.moving_face import NEUTRAL, Pose, film

OVAL = 414  # px of the film that the oval is wide, on a phone of 390 × 844: 273 × 1280 ÷ 844
SECONDS = 1
FACE_AT = 0.4  # of a photo's height: where its face has its middle
WALL = (176, 184, 190)
AWAY = Pose(yaw=58)


@cache
def _head(who: str, pose: Pose) -> list[NDArray[np.uint8]]:
    """The head of a person who holds this pose and sways a little."""
    frames = film(actor(who), lambda _time: pose, SECONDS, seed=4, rate=RATE)
    return [np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8) for frame in frames]


def _placed(*heads: tuple[str, float, float], pose: Pose = NEUTRAL) -> list[Image.Image]:
    """Heads before a wall: who, how wide their picture is in ovals, and how far right of the middle in ovals."""
    pictures = []
    for number in range(SECONDS * RATE):
        picture = Image.new("RGB", SIZE, WALL)
        for who, wide, right in heads:
            head = Image.fromarray(_head(who, pose)[number])
            width = round(wide * OVAL)
            head = head.resize((width, round(width * head.height / head.width)), Image.Resampling.LANCZOS)
            picture.paste(
                head, (round((SIZE[0] - width) / 2 + right * OVAL), round(SIZE[1] / 2 - FACE_AT * head.height))
            )
        pictures.append(picture)
    return pictures


def _each(change: Callable[[Image.Image], Image.Image]) -> list[Image.Image]:
    return [change(picture) for picture in _placed(("collins", 1.5, 0))]


FILMS: Mapping[str, Callable[[], list[Image.Image]]] = {
    "auto": lambda: _placed(("collins", 1.5, 0)),
    "closer": lambda: _placed(("collins", 0.95, 0)),
    "turned": lambda: _placed(("collins", 1.5, 0), pose=AWAY),
    "one": lambda: _placed(("collins", 1.1, -0.5), ("hopper", 0.8, 0.45)),
    "frame": _placed,
    "dark": lambda: _each(lambda picture: picture.point(lambda value: value * 0.15)),
    "blur": lambda: _each(lambda picture: picture.filter(ImageFilter.GaussianBlur(9))),
}


def faces(name: str, path: Path) -> Path:
    """Writes the film of this name."""
    with path.open("wb") as clip:
        for number, picture in enumerate(FILMS[name]()):
            grain = np.random.default_rng(number).normal(0, 2, (SIZE[1], SIZE[0], 1))
            lit = np.uint8(np.clip(np.asarray(picture, np.float32) + grain, 0, 255))
            out = io.BytesIO()
            Image.fromarray(lit).save(out, "JPEG", quality=90, subsampling="4:2:0")
            clip.write(out.getvalue())
    return path
