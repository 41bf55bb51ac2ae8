"""Finding lines of text in a picture and reading them, with PP-OCR's networks and our own decoding.

One thread each; a network is loaded at first use, in the process that uses it (docs/recognition.md has the figures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from webapp.adapters.vision.boxes import Box, boxes_in, level
from webapp.adapters.vision.models import TEXT_FINDER, TEXT_READER, model_path
from webapp.adapters.vision.pictures import Array

LINE_HEIGHT = 48
NARROWEST_LINE, WIDEST_LINE = 48, 1600
MOST_BOXES = 120  # a page of small print must not hold a worker


@dataclass(frozen=True)
class Line:
    """What one box says: text, mean confidence of its letters, and the box."""

    text: str
    confidence: float
    box: Box


class TextFinder:
    """Says where text stands."""

    def __init__(self, models: Path) -> None:
        self._models = models

    @cached_property
    def _network(self) -> Any:
        return _session(model_path(self._models, TEXT_FINDER))

    def find(self, picture: Array, *, longest: int) -> list[Box]:
        """Boxes of text in no particular order, the picture seen with its longer side at `longest` px at most."""
        scale = min(1.0, longest / max(picture.shape[:2]))
        height, width = (max(32, round(side * scale / 32) * 32) for side in picture.shape[:2])
        small = cv2.resize(picture, (width, height))
        probability = self._network.run(None, {"x": _normalised(small)[None]})[0][0, 0]
        boxes = boxes_in(probability, (picture.shape[1] / width, picture.shape[0] / height))
        return sorted(boxes, key=lambda box: -box.width)[:MOST_BOXES]


class LineReader:
    """Reads level lines. `letters` limits what can be read, which is what makes card numbers and MRZ lines readable."""

    def __init__(self, models: Path, name: str = TEXT_READER) -> None:
        self._models, self._name = models, name

    @cached_property
    def _network(self) -> Any:
        return _session(model_path(self._models, self._name))

    @cached_property
    def _alphabet(self) -> list[str]:
        """The network's outputs in order: CTC's blank, the letters written into the model, the space."""
        letters = self._network.get_modelmeta().custom_metadata_map["character"].splitlines()
        return ["", *letters, " "]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {letter: place for place, letter in enumerate(self._alphabet) if letter}

    def read(self, line: Array, letters: str = "") -> tuple[str, float]:
        """Text of a level BGR line, and the mean confidence of its letters (0 … 1)."""
        width = math.ceil(LINE_HEIGHT * line.shape[1] / line.shape[0])
        ready = cv2.resize(line, (min(WIDEST_LINE, max(NARROWEST_LINE, width)), LINE_HEIGHT))
        found = self._network.run(None, {"x": _normalised(ready)[None]})[0][0]
        if not letters:
            return ctc(found, self._alphabet)
        some = found[:, [0, *(self._places[letter] for letter in letters)]]
        return ctc(some / np.maximum(some.sum(axis=1, keepdims=True), 1e-6), ["", *letters])

    def read_all(self, picture: Array, boxes: list[Box], *, floor: float = 0.5) -> list[Line]:
        """What the boxes say from top to bottom, what is read with less confidence than `floor` left out."""
        ordered = sorted(boxes, key=lambda box: box.centre[1])
        lines = [Line(*self.read(level(picture, box)), box) for box in ordered]
        return [line for line in lines if line.confidence >= floor and line.text.strip()]


def ctc(probabilities: Array, letters: list[str]) -> tuple[str, float]:
    """Best path of time × letters, letter 0 being the blank (Graves et al. 2006), and its letters' mean probability."""
    best = probabilities.argmax(axis=1)
    keep = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not keep.any():
        return "", 0.0
    text = "".join(letters[place] for place in best[keep])
    return text, float(probabilities.max(axis=1)[keep].mean())


@cache
def _session(path: Path) -> Any:
    """One network for all readers of a process; onnxruntime lets several threads run it at once.

    Without its memory arena: lines of ever other widths would make that grow to twice the size of all else.
    """
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _normalised(picture: Array) -> Array:
    """0 … 255 to −1 … 1, channels first, as PP-OCR was trained."""
    return np.ascontiguousarray(((picture.astype(np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1))
