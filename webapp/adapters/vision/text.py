"""Finding lines of text in a picture and reading them: PP-OCRv6 small, our own pre- and post-processing.

One thread, models loaded at first use in the process that uses them. Finder: the picture at most 736 px on its longer
side, probability map → contours → rotated boxes, widened by 1.6. Reader: lines at 48 px height, CTC decoding over the
whole alphabet or over a few letters alone, which is what makes card numbers and MRZ lines readable.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

from webapp.adapters.vision.models import TEXT_FINDER, TEXT_READER, model_path
from webapp.adapters.vision.pictures import Array

MAP_FLOOR, BOX_FLOOR, WIDEN = 0.3, 0.5, 1.6
LINE_HEIGHT = 48
WIDEST_LINE = 1600


@dataclass(frozen=True)
class Box:
    """A rotated rectangle: centre, half-vector along the text, height; all in pixels of the whole picture."""

    centre: tuple[float, float]
    width: float
    height: float
    angle: float

    @property
    def along(self) -> Array:
        """Unit vector in the direction of reading."""
        radians = math.radians(self.angle)
        return np.array([math.cos(radians), math.sin(radians)])


@dataclass(frozen=True)
class Line:
    """What one box says: text, mean confidence of its letters, and the box."""

    text: str
    confidence: float
    box: Box


class TextEngine:
    """Finds and reads. Not for several threads at once: a lock lets one in."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._lock = threading.Lock()

    @cached_property
    def _finder(self) -> Any:
        return _session(model_path(self._models, TEXT_FINDER))

    @cached_property
    def _reader(self) -> Any:
        return _session(model_path(self._models, TEXT_READER))

    @cached_property
    def _alphabet(self) -> list[str]:
        letters = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        return ["", *letters, " "]

    def find(self, picture: Array, *, longest: int = 736) -> list[Box]:
        """Boxes of text lines, in no particular order."""
        scale = min(1.0, longest / max(picture.shape[:2]))
        size = [max(32, round(side * scale / 32) * 32) for side in picture.shape[:2]]
        small = cv2.resize(picture, (size[1], size[0]))
        with self._lock:
            probability = self._finder.run(None, {"x": _normalised(small)[None]})[0][0, 0]
        back = (picture.shape[1] / size[1], picture.shape[0] / size[0])
        return _boxes(probability, back)

    def crop(self, picture: Array, box: Box, *, ends: float = 0.0) -> Array:
        """The box turned level; `ends` widens both ends by that share of the height."""
        return level(picture, box, ends)

    def read(self, line: Array, letters: str = "") -> tuple[str, float]:
        """Text and mean confidence of a level line; with `letters` only these can be read."""
        probabilities, kept = self.probabilities(line, letters)
        return _ctc(probabilities, kept)

    def probabilities(self, line: Array, letters: str = "") -> tuple[Array, list[str]]:
        """Time × letters, and the letters (the first is CTC's blank); renormalised over `letters` when given."""
        width = min(WIDEST_LINE, max(48, math.ceil(LINE_HEIGHT * line.shape[1] / line.shape[0])))
        ready = _normalised(cv2.resize(line, (width, LINE_HEIGHT)))[None]
        with self._lock:
            found = self._reader.run(None, {"x": ready})[0][0]
        if not letters:
            return found, self._alphabet
        chosen = [0, *(self._alphabet.index(letter) for letter in letters)]
        some = found[:, chosen]
        return some / np.maximum(some.sum(axis=1, keepdims=True), 1e-6), ["", *letters]

    def read_all(self, picture: Array, *, longest: int = 960, floor: float = 0.5) -> list[Line]:
        """Every line of a picture from top to bottom, those below `floor` left out."""
        boxes = sorted(self.find(picture, longest=longest), key=lambda box: box.centre[1])
        lines = [Line(*self.read(self.crop(picture, box)), box) for box in boxes]
        return [line for line in lines if line.confidence >= floor and line.text.strip()]


def level(picture: Array, box: Box, ends: float = 0.0) -> Array:
    """Cuts a rotated box out of the picture, level, at its own size."""
    width, height = box.width + 2 * ends * box.height, box.height
    across = np.array([-box.along[1], box.along[0]])
    corner = np.array(box.centre) - box.along * width / 2 - across * height / 2
    source = np.array([corner, corner + box.along * width, corner + across * height], dtype=np.float32)
    target = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32)
    matrix = cv2.getAffineTransform(source, target)
    size = (max(4, round(width)), max(4, round(height)))
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def joined(boxes: Sequence[Box]) -> Box:
    """One box around boxes of the same line."""
    longest = max(boxes, key=lambda box: box.width)
    along = longest.along
    across = np.array([-along[1], along[0]])
    centres = [np.array(box.centre) for box in boxes]
    starts = [float(c @ along) - box.width / 2 for c, box in zip(centres, boxes, strict=True)]
    ends = [float(c @ along) + box.width / 2 for c, box in zip(centres, boxes, strict=True)]
    middle = float(np.average([float(c @ across) for c in centres], weights=[box.width for box in boxes]))
    centre = along * (min(starts) + max(ends)) / 2 + across * middle
    return Box(
        (float(centre[0]), float(centre[1])), max(ends) - min(starts), max(box.height for box in boxes), longest.angle
    )


def _session(path: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _normalised(picture: Array) -> Array:
    return ((picture.astype(np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1)


def _boxes(probability: Array, back: tuple[float, float]) -> list[Box]:
    mask = cv2.dilate((probability > MAP_FLOOR).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = [_box(contour, probability, back) for contour in contours if len(contour) >= 4]
    return [box for box in found if box is not None]


def _box(contour: Any, probability: Array, back: tuple[float, float]) -> Box | None:
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    if min(width, height) < 3 or _mean_inside(contour, probability) < BOX_FLOOR:
        return None
    if width < height:
        width, height, angle = height, width, angle - 90
    if angle > 45 or angle < -45:
        angle -= 180 * round(angle / 180)
    grow = width * height * WIDEN / (2 * (width + height))
    scale = (back[0] + back[1]) / 2
    return Box((x * back[0], y * back[1]), (width + 2 * grow) * scale, (height + 2 * grow) * scale, angle)


def _mean_inside(contour: Any, probability: Array) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(probability[y : y + height, x : x + width], mask)[0])


def _ctc(probabilities: Array, letters: list[str]) -> tuple[str, float]:
    best = probabilities.argmax(axis=1)
    keep = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not keep.any():
        return "", 0.0
    text = "".join(letters[i] for i in best[keep])
    return text, float(probabilities.max(axis=1)[keep].mean())
