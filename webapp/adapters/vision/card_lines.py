"""Where a card's number may stand in a picture, and the level cuttings of it that the readers see.

Most numbers are one line across the card. New cards also print them small on the back, or in groups under each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

import cv2
import numpy as np

from webapp.adapters.vision.boxes import Box, joined, level, lines_of
from webapp.adapters.vision.card_numbers import DIGITS
from webapp.adapters.vision.card_numbers import LONGEST as LONGEST_NUMBER
from webapp.adapters.vision.pictures import Array
from webapp.adapters.vision.text import TextFinder, readings

MOST_LINES = 5  # of a picture: read once
FLATTEST, LONGEST = 7.5, 21.0  # width by height of a number's box, as the finder draws them
SHORTEST_SHAPE, LONGEST_SHAPE = 5.0, 27.0  # what isn't even looked at: words, and lines of a newspaper
WIDEST_GAP = 1.5  # times the height: between two groups of one number
NUMBER_AT, SPREAD = 0.6, 0.35  # of the picture's height: where ISO 7811 has the number line; wide, for people aim badly
ENDS = 0.25  # of the height: what a cutting has more at both ends
ONE_MORE = 1.0  # heights that a digit and a gap take
GROUP_SHAPE = (1.2, 13.0)  # width by height of one of several lines of a number: four digits up to twelve
FEWEST_GROUPS, MOST_GROUPS, MOST_STACKS = 2, 5, 3
AS_HIGH, AS_LEVEL, ALIGNED = (
    1.35,
    8.0,
    0.8,
)  # lines of one number: ratio of heights, degrees, heights between left edges
CLOSEST, FARTHEST, EVENLY = 0.55, 2.6, 0.3  # heights from one such line to the next, and how much that may vary
STRETCH = 1.2
TALL, TIGHT = 0.8, 0.7
"""Shares of a box's height that are cut out: the finder's boxes are twice as high as digits, and readers like them large."""


@dataclass(frozen=True, slots=True)
class Look:
    """One picture and where text stands in it."""

    picture: Array
    boxes: list[Box]

    @property
    def stands_on_end(self) -> bool:
        """Whether most of its text runs up or down: somebody held the phone upright before a card that lies."""
        steep = sum(box.width for box in self.boxes if abs(box.angle) > 45)
        return steep > 0.6 * sum(box.width for box in self.boxes)


def look_at(finder: TextFinder, picture: Array, longest: int) -> Look:
    """Text in a picture that is seen with its longer side at `longest` px."""
    return Look(picture, finder.find(picture, longest=longest))


@dataclass(slots=True)
class NumberLine:
    """One line that may be a number, or several that may be one together.

    `looks` are each look's probabilities, the first reader's at even places, the second's at odd ones; `share` is how
    much of what the first look saw was digits.
    """

    picture: Array
    boxes: tuple[Box, ...]
    looks: list[Array] = field(default_factory=list)
    share: float = 0.0
    _told: list[list[tuple[str, float]]] = field(default_factory=list)

    def told(self) -> list[list[tuple[str, float]]]:
        """What each look so far may say, the likeliest first, each with its share."""
        self._told += [readings(seen, DIGITS, longest=LONGEST_NUMBER) for seen in self.looks[len(self._told) :]]
        return self._told

    @property
    def above(self) -> float:
        """How far down the picture the bank's name must stand over it; a number in groups may have it anywhere."""
        return self.boxes[0].centre[1] if len(self.boxes) == 1 else math.inf

    @property
    def is_alone(self) -> bool:
        """Whether it is one line, not groups of digits that may be one number together."""
        return len(self.boxes) == 1

    def wider(self) -> NumberLine:
        """The same with room for a digit more, and the gap before it, at either end: the finder may have overlooked it."""
        (box,) = self.boxes
        return NumberLine(self.picture, (replace(box, width=box.width + 2 * ONE_MORE * box.height),))

    def cut(self, share: float = TALL) -> Array:
        """The line, level, with `share` of its box's height; groups beside each other."""
        if len(self.boxes) == 1:
            return _padded(level(self.picture, self.boxes[0], ends=ENDS, share=share))
        parts = [level(self.picture, box, share=share) for box in self.boxes]
        height = max(part.shape[0] for part in parts)
        even = [cv2.resize(part, (max(4, round(part.shape[1] * height / part.shape[0])), height)) for part in parts]
        return _padded(np.hstack(even))


def candidate_lines(boxes: list[Box], height: int) -> list[Box]:
    """Boxes long and flat enough for a card number, neighbours of one line joined, the likeliest first.

    Likely is large, shaped like 16 to 19 digits, and where a picture `height` px high has its card's number line: of
    200 drawn cards the number was the first line in 198, in 153 when ordered by size alone.
    """

    def likelihood(box: Box) -> float:
        shaped = 1.0 if FLATTEST <= box.width / box.height <= LONGEST else 0.3
        return box.width * box.height * shaped * math.exp(-(((box.centre[1] / height - NUMBER_AT) / SPREAD) ** 2))

    flat = [box for box in (*_runs(boxes), *boxes) if SHORTEST_SHAPE <= box.width / box.height <= LONGEST_SHAPE]
    flat = list(dict.fromkeys(flat))
    return sorted(flat, key=likelihood, reverse=True)[:MOST_LINES]


def stacks(boxes: list[Box]) -> list[tuple[Box, ...]]:
    """Lines under each other that may be the groups of one number: as high, from one edge, evenly apart; large ones first."""
    low, high = GROUP_SHAPE
    lines = sorted((b for b in _runs(boxes) if low <= b.width / b.height <= high), key=lambda box: box.centre[1])
    found: list[tuple[Box, ...]] = []
    for first in lines:
        stack = [first]
        for line in lines:
            if len(stack) < MOST_GROUPS and _follows(stack, line):
                stack.append(line)
        if len(stack) >= FEWEST_GROUPS and not any(set(stack) <= set(other) for other in found):
            found.append(tuple(stack))
    return sorted(found, key=lambda stack: -sum(box.height * box.width for box in stack))[:MOST_STACKS]


def alike(one: Box, other: Box) -> bool:
    """Whether the other box might hold another card's number: as high, and as long for its height."""
    return 0.6 < other.height / one.height < 1.6 and FLATTEST <= other.width / other.height <= LONGEST


def _follows(stack: Sequence[Box], line: Box) -> bool:
    last = stack[-1]
    gap = np.array(line.centre) - np.array(last.centre)
    down = float(gap @ last.across) / last.height
    left = abs(float(gap @ last.along) - (line.width - last.width) / 2) / last.height
    steps = [float((np.array(b.centre) - np.array(a.centre)) @ a.across) / a.height for a, b in pairwise(stack)]
    return (
        1 / AS_HIGH < line.height / last.height < AS_HIGH
        and abs(line.angle - last.angle) < AS_LEVEL
        and CLOSEST < down < FARTHEST
        and left < ALIGNED
        and all(abs(down - step) < EVENLY * step for step in steps)
    )


def _runs(boxes: list[Box]) -> list[Box]:
    return [part for row in lines_of(boxes) for part in _apart(row)]


def _apart(row: Sequence[Box]) -> Iterator[Box]:
    """A row's boxes joined as long as they're neighbours: what lies behind a card often has text at the same height."""
    run: list[Box] = []
    for box in sorted(row, key=lambda box: box.centre[0]):
        if run and box.centre[0] - box.width / 2 - (run[-1].centre[0] + run[-1].width / 2) > WIDEST_GAP * box.height:
            yield run[0] if len(run) == 1 else joined(run)
            run = []
        run.append(box)
    if run:
        yield run[0] if len(run) == 1 else joined(run)


def _padded(line: Array) -> Array:
    return cv2.copyMakeBorder(line, 4, 4, 12, 12, cv2.BORDER_REPLICATE)


def _grey(line: Array) -> Array:
    return _coloured(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY))


def _inverted(line: Array) -> Array:
    return np.asarray(255 - _grey(line))


def _evened(line: Array) -> Array:
    return _even(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY))


def _strongest(line: Array, clip: float = 3.0) -> Array:
    """The strongest colour of each pixel, evened out: relief on a coloured card is darkest in grey and plainest here."""
    return _even(line.max(axis=2), clip)


def _even(grey: Array, clip: float = 3.0) -> Array:
    return _coloured(cv2.createCLAHE(clip, (4, 4)).apply(grey))


def _stretched(line: Array) -> Array:
    """Wider digits: two that are alike, side by side, are not taken for one."""
    return np.asarray(cv2.resize(line, (round(line.shape[1] * STRETCH), line.shape[0]), interpolation=cv2.INTER_CUBIC))


def _flattened(line: Array) -> Array:
    """High-pass: edges stay, the card's design and the light's gradient go."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY).astype(np.float32)
    flat = grey - cv2.GaussianBlur(grey, (0, 0), max(2.0, line.shape[0] / 4))
    low, high = float(flat.min()), float(flat.max())
    return _coloured(((flat - low) * (255 / max(high - low, 1.0))).astype(np.uint8))


def _coloured(grey: Array) -> Array:
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to see a line again: how much of its box's height, and what is done to that cutting."""

    share: float
    change: Callable[[Array], Array]

    def see(self, line: NumberLine) -> Array:
        """The line as it looks that way."""
        return self.change(line.cut(self.share))


WAYS = tuple(Way(TIGHT, change) for change in (_grey, _inverted, _evened, _flattened))
"""How a doubtful line is seen again."""
OTHER_WAYS = (
    Way(TIGHT, _strongest),
    Way(TALL, _strongest),
    Way(TALL, partial(_strongest, clip=6.0)),
    Way(TALL, lambda line: _stretched(_strongest(line))),
)
"""And where that gave no number: raised digits without paint, over a pattern, are plainest so."""
