"""Where text stands in a picture: rotated boxes out of a detector's probability map, joined by line, cut out level.

The map's post-processing is that of DB (Liao et al., arXiv:1911.08947) with PP-OCR's own figures: a mask at 0.3, a mean
of 0.5 inside, boxes widened by area × 1.6 / perimeter. Boxes stay rectangles, so no polygon library is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from webapp.adapters.vision.pictures import Array

MAP_FLOOR, BOX_FLOOR, WIDEN = 0.3, 0.5, 1.6
SMALLEST_SIDE = 3  # pixels of the map; smaller blots are noise


@dataclass(frozen=True)
class Box:
    """A rotated rectangle: centre, width along the text and height in pixels of the whole picture, angle in degrees."""

    centre: tuple[float, float]
    width: float
    height: float
    angle: float

    @property
    def along(self) -> Array:
        """Unit vector in the direction of reading."""
        radians = math.radians(self.angle)
        return np.array([math.cos(radians), math.sin(radians)])

    @property
    def across(self) -> Array:
        """Unit vector from one line of text to the next."""
        return np.array([-self.along[1], self.along[0]])


def boxes_in(probability: Array, back: tuple[float, float]) -> list[Box]:
    """The boxes of a probability map; `back` is how many pixels of the picture one of the map stands for, x and y."""
    mask = cv2.dilate((probability > MAP_FLOOR).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = [_box(contour, probability, back) for contour in contours if len(contour) >= 4]
    return [box for box in found if box is not None]


def level(picture: Array, box: Box, ends: float = 0.0, share: float = 1.0) -> Array:
    """Cuts a box out of the picture, level, at its own size.

    `ends` widens both ends by that share of the height; of the height itself only the middle `share` is taken.
    """
    width, height = box.width + 2 * ends * box.height, box.height * share
    corner = np.array(box.centre) - box.along * width / 2 - box.across * height / 2
    source = np.array([corner, corner + box.along * width, corner + box.across * height], dtype=np.float32)
    target = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32)
    matrix = cv2.getAffineTransform(source, target)
    size = (max(4, round(width)), max(4, round(height)))
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def joined(boxes: Sequence[Box]) -> Box:
    """One box around boxes of the same line, in the direction of the longest of them."""
    longest = max(boxes, key=lambda box: box.width)
    along, across = longest.along, longest.across
    centres = [np.array(box.centre) for box in boxes]
    starts = [float(c @ along) - box.width / 2 for c, box in zip(centres, boxes, strict=True)]
    ends = [float(c @ along) + box.width / 2 for c, box in zip(centres, boxes, strict=True)]
    middle = float(np.average([float(c @ across) for c in centres], weights=[box.width for box in boxes]))
    centre = along * (min(starts) + max(ends)) / 2 + across * middle
    height = max(box.height for box in boxes)
    return Box((float(centre[0]), float(centre[1])), max(ends) - min(starts), height, longest.angle)


def rows(boxes: Sequence[Box]) -> list[Box]:
    """Boxes of the same line joined, from top to bottom."""
    return sorted((joined(row) for row in lines_of(boxes)), key=lambda b: b.centre[1])


def lines_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes of the same line together."""
    found: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: -b.width):
        row = next((row for row in found if _same_line(row[0], box)), None)
        if row is None:
            found.append([box])
        else:
            row.append(box)
    return found


def same(one: Box, other: Box) -> bool:
    """Whether two looks of other sizes mean the same text: about as long and high, and hardly moved."""
    gap = np.array(other.centre) - np.array(one.centre)
    return (
        abs(float(gap @ one.across)) < 0.3 * one.height
        and abs(float(gap @ one.along)) < 0.5 * one.height
        and abs(other.width - one.width) < one.height
        and 0.7 < other.height / one.height < 1.4
    )


def _same_line(one: Box, other: Box) -> bool:
    gap = np.array(other.centre) - np.array(one.centre)
    similar = 0.5 < other.height / one.height < 2
    offset = abs(float(gap @ one.across))
    return similar and abs(one.angle - other.angle) < 12 and offset < 0.4 * max(one.height, other.height)


def _box(contour: Any, probability: Array, back: tuple[float, float]) -> Box | None:
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    if min(width, height) < SMALLEST_SIDE or _mean_inside(contour, probability) < BOX_FLOOR:
        return None
    if width < height:
        width, height, angle = height, width, angle - 90
    grow = width * height * WIDEN / (2 * (width + height))
    scale = (back[0] + back[1]) / 2
    centre = ((x + 0.5) * back[0], (y + 0.5) * back[1])
    return Box(centre, (width + 2 * grow) * scale, (height + 2 * grow) * scale, _upright(angle))


def _upright(angle: float) -> float:
    """The same direction of a line between −90 and 90 degrees: nobody's text runs to the left."""
    return angle - 180 * round(angle / 180)


def _mean_inside(contour: Any, probability: Array) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(probability[y : y + height, x : x + width], mask)[0])
