"""Finding lines of text in a picture and reading them, with PP-OCR's networks and our own decoding.

One thread each; a network is loaded at first use, in the process that uses it (docs/recognition.md has the figures).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
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
SURELY_BLANK, LEAST_LETTER = 0.999, 1e-3  # probabilities that a beam needn't branch for
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
        if letters:
            return ctc(self.weigh(line, letters), ["", *letters])
        width = math.ceil(LINE_HEIGHT * line.shape[1] / line.shape[0])
        ready = cv2.resize(line, (min(WIDEST_LINE, max(NARROWEST_LINE, width)), LINE_HEIGHT))
        return ctc(self._network.run(None, {"x": _normalised(ready)[None]})[0][0], self._alphabet)

    def weigh(self, line: Array, letters: str, *, widest: int = WIDEST_LINE) -> Array:
        """Probabilities of a level line: times × (blank, then each of `letters`), each row adding up to 1.

        Seen at most `widest` px wide, its height being 48: a longer line is squeezed, and takes no longer.
        """
        return self.weigh_among_all(line, letters, widest=widest)[0]

    def weigh_among_all(self, line: Array, letters: str, *, widest: int = WIDEST_LINE) -> tuple[Array, float]:
        """The same, and the share that `letters` have of all that the line seems to say: near 1 where it says nothing else."""
        width = math.ceil(LINE_HEIGHT * line.shape[1] / line.shape[0])
        ready = cv2.resize(line, (min(widest, max(NARROWEST_LINE, width)), LINE_HEIGHT))
        found = self._network.run(None, {"x": _normalised(ready)[None]})[0][0]
        some = found[:, [0, *(self._places[letter] for letter in letters)]]
        share = float(some[:, 1:].sum() / max(1e-6, float((1 - found[:, 0]).sum())))
        return np.asarray(some / np.maximum(some.sum(axis=1, keepdims=True), 1e-6)), share

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


def readings(probabilities: Array, letters: str, *, longest: int, most: int = 24) -> list[tuple[str, float]]:
    """The likeliest texts of time × (blank, letters), each with its share of what was kept, the likeliest first.

    None has more than `longest` letters.

    CTC prefix beam search (Hannun et al., arXiv:1408.2873): paths that spell the same text are added up.
    """
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # text → ending in a blank, ending in its last letter
    for row in probabilities:
        beams = _extended(beams, row, letters, longest, most)
    return sorted(((text, blank + letter) for text, (blank, letter) in beams.items()), key=lambda pair: -pair[1])


def _extended(
    beams: dict[str, tuple[float, float]], row: Array, letters: str, longest: int, most: int
) -> dict[str, tuple[float, float]]:
    if row[0] > SURELY_BLANK:
        return {text: (blank + letter, 0.0) for text, (blank, letter) in beams.items()}
    likely = [(letters[place - 1], float(row[place])) for place in range(1, len(row)) if row[place] > LEAST_LETTER]
    grown: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for text, (blank, letter) in beams.items():
        kept = grown[text]
        again = letter * float(row[letters.index(text[-1]) + 1]) if text else 0.0
        grown[text] = (kept[0] + (blank + letter) * float(row[0]), kept[1] + again)
        for one, chance in likely if len(text) < longest else ():
            before = blank if text.endswith(one) else blank + letter
            longer = grown[text + one]
            grown[text + one] = (longer[0], longer[1] + before * chance)
    best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:most]
    whole = sum(sum(weights) for _, weights in best) or 1.0
    return {text: (blank / whole, letter / whole) for text, (blank, letter) in best}


def likelihoods(probabilities: Array, spellings: Sequence[str], letters: str) -> Array:
    """For each of the spellings, the natural logarithm of the chance that time × (blank, letters) spells just it.

    CTC's forward sum over all paths (Graves et al. 2006, section 4.1), for all spellings at once.
    """
    logs = np.log(np.maximum(probabilities, 1e-12))
    longest = 2 * max(map(len, spellings)) + 1
    states = np.zeros((len(spellings), longest), np.intp)  # blank, letter, blank, …; blanks behind the last one too
    for row, text in enumerate(spellings):
        states[row, 1 : 2 * len(text) : 2] = [letters.index(letter) + 1 for letter in text]
    leap = np.zeros(states.shape, bool)
    leap[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    paths = np.full(states.shape, -np.inf)
    paths[:, :2] = logs[0, states[:, :2]]
    for row in logs[1:]:
        came = np.logaddexp(paths, _shifted(paths, 1))
        paths = np.where(leap, np.logaddexp(came, _shifted(paths, 2)), came) + row[states]
    ends = np.array([2 * len(text) for text in spellings])
    at = np.arange(len(spellings))
    return np.asarray(np.logaddexp(paths[at, ends], paths[at, ends - 1]))


def _shifted(paths: Array, places: int) -> Array:
    moved = np.full(paths.shape, -np.inf)
    moved[:, places:] = paths[:, :-places]
    return moved


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
