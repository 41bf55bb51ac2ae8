"""How likely a spelling is under a reader's probabilities: the sum over all of CTC's paths, no path forgotten."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest

from webapp.adapters.vision.text import likelihoods

LETTERS = "0123"


def by_counting(probabilities: np.ndarray, text: str) -> float:
    """Every path written out, repeats merged and blanks dropped."""
    total = 0.0
    for path in product(range(probabilities.shape[1]), repeat=len(probabilities)):
        spelled = "".join(LETTERS[place - 1] for place, _ in groupby(path) if place)
        if spelled == text:
            total += float(np.prod([row[place] for row, place in zip(probabilities, path, strict=True)]))
    return float(np.log(max(total, 1e-300)))


@pytest.mark.parametrize("seed", range(4))
def test_all_paths_of_a_spelling_are_added_up(seed: int) -> None:
    seen = np.random.default_rng(seed).dirichlet(np.ones(len(LETTERS) + 1), size=6)
    spellings = ["0", "12", "11", "1213", "33"]
    expected = [by_counting(seen, text) for text in spellings]
    assert likelihoods(seen, spellings, LETTERS) == pytest.approx(expected, abs=1e-6)


def test_what_has_no_room_is_as_good_as_impossible() -> None:
    seen = np.full((2, len(LETTERS) + 1), 0.2)
    assert likelihoods(seen, ["0123", "0"], LETTERS)[0] == -np.inf
