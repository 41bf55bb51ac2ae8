"""Raised digits: strokes like those of embossing machines (Farrington 7B's skeleton), as hills under a lamp.

A hill is a height map; what makes it seen is its slopes' light and shadow, a foil tipped onto its top that wears off,
and the sheen of plastic. Unpainted digits on a busy card are what readers lose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Colour = tuple[float, float, float]
Stroke = Sequence[tuple[float, float]]

FINER = 3  # strokes are drawn at this many times their size, with four more bits for parts of pixels
SKELETONS: dict[str, tuple[Stroke, ...]] = {  # in a box of 1 × 1, y downwards; a dot twice is a sharp corner
    "0": (((0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5), (0, 0), (0.5, 0)),),
    "1": (((0.16, 0.14), (0.5, 0), (0.5, 0), (0.5, 1)), ((0.12, 1), (0.92, 1))),
    "2": (((0.04, 0.12), (0.1, 0), (0.92, 0), (0.96, 0.42), (0.06, 0.62), (0.04, 1), (0.04, 1), (1, 1)),),
    "3": (((0.06, 0), (0.94, 0), (0.94, 0.46), (0.36, 0.46)), ((0.4, 0.46), (1, 0.46), (1, 1), (0.04, 1))),
    "4": (((0.14, 0), (0.02, 0.64), (0.02, 0.64), (1, 0.64)), ((0.74, 0.34), (0.74, 1))),
    "5": (((0.92, 0), (0.08, 0), (0.08, 0), (0.08, 0.42), (0.08, 0.42), (0.96, 0.4), (0.96, 1), (0.04, 1)),),
    "6": (
        ((0.34, 0), (0.04, 0.1), (0.04, 0.7), (0.04, 1), (0.5, 1), (0.98, 1), (0.98, 0.7), (0.98, 0.44), (0.06, 0.46)),
    ),
    "7": (((0.06, 0.16), (0.06, 0), (0.06, 0), (0.96, 0), (0.96, 0.2), (0.6, 0.5), (0.56, 1)),),
    "8": (
        ((0.5, 0), (0.86, 0), (0.86, 0.42), (0.5, 0.45), (0.14, 0.42), (0.14, 0), (0.5, 0)),
        ((0.5, 0.45), (1, 0.46), (1, 1), (0.5, 1), (0, 1), (0, 0.46), (0.5, 0.45)),
    ),
    "9": (
        ((0.94, 0.54), (0.02, 0.56), (0.02, 0.28), (0.02, 0), (0.5, 0), (0.96, 0), (0.96, 0.3), (0.96, 0.9), (0.66, 1)),
    ),
    "/": (((0.9, 0), (0.1, 1)),),
}


@dataclass(frozen=True, slots=True)
class Type:
    """How a machine is set: height and pitch of the digits and the stroke's width, in pixels; their slimness."""

    height: float
    pitch: float
    stroke: float
    slim: float = 0.62


@dataclass(frozen=True, slots=True)
class Finish:
    """`foil` on top of the digits (None: the card's own colour), how much of it is `worn` (0 … 1), and the `lamp`.

    `lamp` is the light's direction in radians; `relief` how deep the slopes' light and shadow are, 0 … 1.
    """

    foil: Colour | None
    worn: float
    lamp: float
    relief: float


def stamp(
    sheet: Array, text: str, at: tuple[float, float], kind: Type, finish: Finish, rng: np.random.Generator
) -> Array:
    """The sheet (RGB, float32, 0 … 255) with raised `text`, a blank being one pitch; `at` is its upper left corner."""
    pad = 4 * kind.stroke
    x0, y0 = int(at[0] - pad), int(at[1] - pad)
    size = (int(len(text) * kind.pitch + 2 * pad), int(kind.height + 2 * pad))
    x0, y0 = max(0, x0), max(0, y0)
    part = sheet[y0 : y0 + size[1], x0 : x0 + size[0]]
    ink = _ink(text, (at[0] - x0, at[1] - y0), (part.shape[1], part.shape[0]), kind, rng)
    done = sheet.copy()
    done[y0 : y0 + size[1], x0 : x0 + size[0]] = _lit(part, ink, kind, finish, rng)
    return done


def _ink(text: str, at: tuple[float, float], size: tuple[int, int], kind: Type, rng: np.random.Generator) -> Array:
    """0 … 1: how much of each pixel a stroke covers; every digit stands a little off, as worn machines set them."""
    canvas = np.zeros((size[1] * FINER, size[0] * FINER), np.uint8)
    width = max(1, round(kind.stroke * FINER))
    for place, letter in enumerate(text):
        left = at[0] + place * kind.pitch + rng.normal(0, 0.012) * kind.pitch
        top = at[1] + rng.normal(0, 0.012) * kind.height
        for stroke in SKELETONS.get(letter, ()):
            points = _smooth(tuple(stroke)) * (kind.slim * kind.height, kind.height) + (left, top)
            fixed = np.round(points * FINER * 16).astype(np.int32)
            cv2.polylines(canvas, [fixed.reshape(-1, 1, 2)], False, 255, width, cv2.LINE_AA, 4)
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


@cache
def _smooth(stroke: tuple[tuple[float, float], ...]) -> Array:
    """Corners cut off twice (Chaikin 1974), ends and doubled dots kept."""
    points = np.array(stroke, np.float64)
    for _ in range(3):
        one, other = points[:-1], points[1:]
        cut = np.stack([0.78 * one + 0.22 * other, 0.22 * one + 0.78 * other], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points


def _lit(part: Array, ink: Array, kind: Type, finish: Finish, rng: np.random.Generator) -> Array:
    soft = cv2.GaussianBlur(ink, (0, 0), kind.stroke * 0.26)
    down, across = cv2.Sobel(soft, cv2.CV_32F, 0, 1) / 8, cv2.Sobel(soft, cv2.CV_32F, 1, 0) / 8
    slope = -(np.cos(finish.lamp) * across + np.sin(finish.lamp) * down) * kind.stroke
    drop = _moved(soft, -np.cos(finish.lamp) * kind.stroke * 0.4, -np.sin(finish.lamp) * kind.stroke * 0.4)
    shade = 1 - 0.4 * finish.relief * np.clip(drop - soft, 0, 1)
    body = part * shade[..., None]
    if finish.foil is not None:
        body = _tipped(body, ink, kind, finish, rng)
    light = 0.8 * finish.relief * slope
    sheen = np.clip(slope - 0.3, 0, 1) ** 1.5 * 260 * finish.relief * rng.uniform(0.2, 1)
    bright = body * np.clip(1 + light, 0.45, 1.6)[..., None] + np.minimum(sheen, 120)[..., None]
    return np.asarray(np.clip(bright, 0, 255))


def _tipped(body: Array, ink: Array, kind: Type, finish: Finish, rng: np.random.Generator) -> Array:
    """Foil on the tops: where it is worn through, in blots and along the edges, the card's colour shows."""
    tops = np.clip((cv2.GaussianBlur(ink, (0, 0), kind.stroke * 0.25) - 0.35) / 0.4, 0, 1)
    blots = cv2.resize(
        rng.random((max(2, ink.shape[0] // 7), max(2, ink.shape[1] // 7)), np.float32), (ink.shape[1], ink.shape[0])
    ) + 0.35 * rng.random(ink.shape, np.float32)
    kept = np.clip((blots / 1.35 - finish.worn) / 0.12, 0, 1)
    cover = (tops * kept)[..., None]
    return np.asarray(body * (1 - cover) + np.array(finish.foil, np.float32) * cover)


def _moved(array: Array, right: float, down: float) -> Array:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(array, matrix, (array.shape[1], array.shape[0])), np.float32)
