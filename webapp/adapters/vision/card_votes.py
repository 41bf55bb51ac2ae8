"""Weighing what the readers saw of a number: the one that all looks together make likely, and no other one nearly so.

A look's word on a number is CTC's log-likelihood of it. A line's is the mean of its looks', a picture's that of its line
on which the number is likeliest, and several pictures' again the mean.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from webapp.adapters.vision.card_lines import Look, NumberLine
from webapp.adapters.vision.card_numbers import DIGITS, LONGEST, USUAL_STARTS, possible
from webapp.adapters.vision.pictures import Array
from webapp.adapters.vision.text import ctc, likelihoods

LEAST_LIKELY = -25.0  # one look that sees nothing must not outweigh nine
MOST_SPELLINGS = 12  # weighed against all looks
ENOUGH = 0.9  # for a prefix that isn't in the table: share of the votes times best confidence
UNLISTED_VOTES, UNLISTED_SURE = 6, 0.97  # upside down, real digits gave up to four votes at 0.93 for such a number


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number must have to be told: the least mean log-likelihood, and its lead on the next number's.

    `far_for_first` and `far_for_second` are the leads in each reader's own looks, so that either can object.
    """

    likely: float
    far: float
    far_for_first: float = -math.inf
    far_for_second: float = -math.inf


AT_ONCE = Limits(-2.5, 6.0)
"""Of two looks, one by each reader."""
AGREED = Limits(-2.5, 6.0, 3.0, 1.0)
"""Of four looks at each line or more: then the others are spared."""
AT_LAST = Limits(-5.5, 2.0, 3.0, 1.0)
"""Of all ten looks: on lines composed of photographed digits none was told wrongly (docs/recognition.md)."""


@dataclass(slots=True)
class Sight:
    """A look at one picture that came to an end, and its doubtful lines."""

    look: Look
    lines: list[NumberLine]


@dataclass(frozen=True, slots=True)
class Found:
    """A number, how far it is trusted (0 … 1), where it was seen, and how far down the bank's name may stand."""

    number: str
    trust: float
    look: Look
    above: float


class Scales:
    """`knows_prefix` tells whether a whole number is one of a bank in the table."""

    def __init__(self, knows_prefix: Callable[[str], bool]) -> None:
        self._knows_prefix = knows_prefix

    def is_candidate(self, number: str) -> bool:
        """Whether it can be a number of a listed bank."""
        return self._knows_prefix(number) and possible(number, self._knows_prefix)

    def _is_longer(self, number: str) -> bool:
        """Whether the table knows its first digits for longer numbers: then a finger lies over the last ones."""
        return any(self._knows_prefix(number.ljust(length, "0")) for length in range(len(number) + 1, LONGEST + 1))

    def spellings(self, sights: Sequence[Sight]) -> list[str]:
        """Numbers of listed banks that some look finds likely, the likeliest first."""
        shares = self._candidates([line for sight in sights for line in sight.lines])
        return sorted(shares, key=lambda number: -shares[number])[:MOST_SPELLINGS]

    def _candidates(self, lines: Sequence[NumberLine]) -> dict[str, float]:
        shares: dict[str, float] = defaultdict(float)
        for spelling, share in (pair for line in lines for told in line.told() for pair in told):
            if self.is_candidate(spelling):
                shares[spelling] += share
        return shares

    def gave_any(self, line: NumberLine) -> bool:
        """Whether any look at the line so far finds a number likely, or spells one whose prefix isn't in the table."""
        spelled = (ctc(seen, ["", *DIGITS])[0] for seen in line.looks)
        return bool(self._candidates([line])) or any(possible(number, self._knows_prefix) for number in spelled)

    def likeliest(self, sights: Sequence[Sight], limits: Limits) -> Found | None:
        """The number of a listed bank that keeps to the limits, else None."""
        spellings = self.spellings(sights)
        sights = [sight for sight in sights if sight.lines]
        if not spellings or not sights:
            return None
        said = [[_said(line.looks, spellings) for line in sight.lines] for sight in sights]
        every, firsts, seconds = (
            np.mean([np.max([words[part].mean(axis=0) for words in lines], axis=0) for lines in said], axis=0)
            for part in (slice(None), slice(0, None, 2), slice(1, None, 2))
        )
        best = int(every.argmax())
        leads = _lead(firsts, best) >= limits.far_for_first and _lead(seconds, best) >= limits.far_for_second
        usual = len(spellings[best]) in USUAL_STARTS  # else it may be a longer one under a thumb
        if every[best] < (limits.likely if usual else AT_ONCE.likely) or _lead(every, best) < limits.far or not leads:
            return None
        sight = sights[-1]
        line = sight.lines[max(range(len(sight.lines)), key=lambda place: float(said[-1][place][:, best].mean()))]
        return Found(spellings[best], math.exp(every[best] / len(spellings[best])), sight.look, line.above)

    def elect(self, sights: Sequence[Sight]) -> Found | None:
        """A number whose prefix isn't in the table: most looks must spell just it, on one line."""
        votes: dict[str, list[float]] = defaultdict(list)
        lines = (line for sight in sights for line in sight.lines if len(line.boxes) == 1)
        for seen in (seen for line in lines for seen in line.looks):
            number, confidence = ctc(seen, ["", *DIGITS])
            if possible(number, self._knows_prefix) and not self._is_longer(number):
                votes[number].append(confidence)
        if not votes:
            return None
        number, confidences = max(votes.items(), key=lambda item: sum(item[1]))
        trust = sum(confidences) / sum(map(sum, votes.values())) * max(confidences)
        enough = len(confidences) >= UNLISTED_VOTES and max(confidences) >= UNLISTED_SURE and trust >= ENOUGH
        return Found(number, trust, sights[-1].look, math.inf) if enough else None


def _said(looks: Sequence[Array], spellings: Sequence[str]) -> Array:
    """Log-likelihoods: looks × spellings."""
    return np.array([np.maximum(likelihoods(seen, spellings, DIGITS), LEAST_LIKELY) for seen in looks])


def _lead(words: Array, best: int) -> float:
    others = np.delete(words, best)
    return float(words[best] - others.max()) if others.size else math.inf
