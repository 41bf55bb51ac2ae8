"""A few of the cards that `make eval` draws by the thousand: enough to see that neither drawing nor reading broke."""

from __future__ import annotations

import pytest
from evaluate_cards import drawn, reader, without_card

from tests.databases import ROOT
from webapp.adapters.vision.cards import OnnxCardReader

SEED, CARDS = 5, 12


@pytest.fixture(scope="module")
def ours() -> OnnxCardReader:
    return reader(str(ROOT / "models"))


def test_drawn_cards_are_read_and_never_wrongly(ours: OnnxCardReader) -> None:
    right = 0
    for place in range(CARDS):
        picture, number, _ = drawn(place, SEED)
        told = ours.read([picture]).number
        assert told in (number, None), f"card {place}"
        right += told == number
    assert right >= CARDS - 1


@pytest.mark.parametrize("place", [122, 668])
def test_a_last_digit_that_the_finder_overlooks_is_read(ours: OnnxCardReader, place: int) -> None:
    """Worn cards on which a pattern hides it, so that the box of the line ends before it."""
    picture, number, _ = drawn(place, seed=71)
    assert ours.read([picture]).number == number


@pytest.mark.parametrize("place", [308, 548, 1592])
def test_worn_digits_over_a_pattern_are_read_in_their_strongest_colour(ours: OnnxCardReader, place: int) -> None:
    """Grey hides their relief from one reader or the other."""
    picture, number, _ = drawn(place, seed=20261)
    assert ours.read([picture]).number == number


def test_pictures_without_a_card_give_no_number(ours: OnnxCardReader) -> None:
    for place in range(3):
        assert ours.read([without_card(place, SEED)]).number is None
