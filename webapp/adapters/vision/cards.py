"""Reading a bank card's number: lines of text → digits-only decoding → length, Luhn, prefix → a vote of variants.

Never guesses: what isn't sure is None, because a wrong number that is filled in is the one harm done here. Luhn lets one
random error in ten through, so agreement of variants (plain, grey, contrast, inverted, high-pass) decides.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from stdnum import luhn

from webapp.adapters.vision.pictures import Array, decode, fit
from webapp.adapters.vision.text import Box, TextEngine, joined
from webapp.ports.card_reader import CardReading

DIGITS = "0123456789"
ENOUGH = 0.7
SURE_AT_ONCE = 0.93
MOST_LINES = 5


class OnnxCardReader:
    """`knows_prefix` tells of a whole number whether its first digits and length are a known bank's."""

    def __init__(self, models: Path, *, knows_prefix: Callable[[str], bool] | None = None) -> None:
        self._text = TextEngine(models)
        self._knows_prefix = knows_prefix or (lambda _: False)

    def read(self, picture: bytes) -> CardReading:
        """The number, or None; takes 0.1–0.4 s."""
        started = time.perf_counter()
        array = decode(picture)
        number, confidence = self._number(fit(array, 1600)) if array is not None else (None, 0.0)
        return CardReading(number, round(confidence, 3), milliseconds=round(1000 * (time.perf_counter() - started)))

    def _number(self, picture: Array) -> tuple[str | None, float]:
        votes: dict[str, list[float]] = defaultdict(list)
        lines = [self._text.crop(picture, box, ends=0.25) for box in candidate_lines(self._text.find(picture))]
        for position, variant in enumerate(VARIANTS):
            for line in lines:
                number, confidence = self._decoded(variant(line))
                if number:
                    votes[number].append(confidence)
            if position == 0 and len(votes) == 1 and max(*votes.values())[0] >= SURE_AT_ONCE:
                break
        return _elect(votes)

    def _decoded(self, line: Array) -> tuple[str | None, float]:
        padded = cv2.copyMakeBorder(line, 4, 4, 12, 12, cv2.BORDER_REPLICATE)
        text, confidence = self._text.read(padded, DIGITS)
        return next(((c, confidence) for c in _windows(text) if self._possible(c)), (None, 0.0))

    def _possible(self, number: str) -> bool:
        if not luhn.is_valid(number) or len(set(number)) < 3 or _is_id_number(number):
            return False
        known = self._knows_prefix(number)
        return known or (len(number) in (16, 19) and number[0] in "3456")


def candidate_lines(boxes: list[Box]) -> list[Box]:
    """Boxes long and flat enough for a card number, neighbours of one line joined; the longest first."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: -b.width):
        row = next((row for row in rows if _same_line(row[0], box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    whole = [joined(row) for row in rows]
    return sorted((b for b in whole if b.width >= 5 * b.height), key=lambda b: -b.width)[:MOST_LINES]


def _same_line(one: Box, other: Box) -> bool:
    gap = np.array(other.centre) - np.array(one.centre)
    across = abs(float(gap @ np.array([-one.along[1], one.along[0]])))
    similar = 0.5 < other.height / one.height < 2
    return similar and abs(one.angle - other.angle) < 12 and across < 0.4 * max(one.height, other.height)


def _windows(text: str) -> Iterator[str]:
    """The whole line first; never a part of a longer run of digits, which would turn any text into a number."""
    if 13 <= len(text) <= 19:
        yield text


def _is_id_number(number: str) -> bool:
    return len(number) == 18 and number[6:8] in ("19", "20") and "01" <= number[10:12] <= "12"


def _elect(votes: dict[str, list[float]]) -> tuple[str | None, float]:
    """The number whose share of all confidence, times its best confidence, is enough."""
    if not votes:
        return None, 0.0
    total = sum(sum(confidences) for confidences in votes.values())
    number, confidences = max(votes.items(), key=lambda item: sum(item[1]))
    trust = sum(confidences) / total * max(confidences)
    enough = trust >= ENOUGH and (len(confidences) >= 2 or max(confidences) >= SURE_AT_ONCE)
    return (number if enough else None), trust


def _plain(line: Array) -> Array:
    return line


def _grey(line: Array) -> Array:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR))


def _inverted(line: Array) -> Array:
    return np.asarray(255 - _grey(line))


def _contrast(line: Array) -> Array:
    even = cv2.createCLAHE(3.0, (4, 4)).apply(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY))
    return np.asarray(cv2.cvtColor(even, cv2.COLOR_GRAY2BGR))


def _high_pass(line: Array) -> Array:
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY).astype(np.float32)
    flat = grey - cv2.GaussianBlur(grey, (0, 0), max(2.0, line.shape[0] / 4))
    stretched = cv2.normalize(flat, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)  # type: ignore[call-overload]  # None is "make one"
    return np.asarray(cv2.cvtColor(stretched, cv2.COLOR_GRAY2BGR))


VARIANTS: tuple[Callable[[Array], Array], ...] = (_plain, _grey, _contrast, _inverted, _high_pass)
