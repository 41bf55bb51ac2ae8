"""Which number is told, of what the readers' looks say: likely in all of them, and no other one nearly so."""

from __future__ import annotations

import numpy as np
from stdnum import luhn

from webapp.adapters.vision.boxes import Box
from webapp.adapters.vision.card_lines import Look, NumberLine
from webapp.adapters.vision.card_numbers import DIGITS
from webapp.adapters.vision.card_votes import AT_LAST, Scales, Sight
from webapp.adapters.vision.pictures import Array

NOWHERE = np.zeros((10, 10, 3), np.uint8)


def with_digit(body: str) -> str:
    return body + luhn.calc_check_digit(body)


OURS, OTHER = with_digit("629999123456789"), with_digit("629999123456787")


def says(number: str, sure: float = 0.99) -> Array:
    """A look that spells the number, each digit with this probability; the rest goes to all digits evenly."""
    rows = np.full((2 * len(number), len(DIGITS) + 1), (1 - sure) / len(DIGITS))
    for place, digit in enumerate(number):
        rows[2 * place, DIGITS.index(digit) + 1] = sure
        rows[2 * place + 1, 0] = sure
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def sight(*looks: Array) -> Sight:
    line = NumberLine(NOWHERE, (Box((5, 5), 8, 1, 0),), list(looks))
    return Sight(Look(NOWHERE, []), [line])


def sixteen_of_629999(number: str) -> bool:
    return number.startswith("629999") and len(number) == 16


def told(*looks: Array) -> str | None:
    found = Scales(sixteen_of_629999).likeliest([sight(*looks)], AT_LAST)
    return found.number if found else None


def test_a_number_that_all_looks_spell_is_told() -> None:
    assert told(*[says(OURS)] * 10) == OURS


def test_a_few_looks_that_see_nothing_dont_outweigh_the_others() -> None:
    assert told(*[says(OURS)] * 8, says(OURS, 0.5), says(OURS, 0.5)) == OURS


def test_the_second_reader_can_object() -> None:
    assert told(*[says(OURS), says(OTHER, 0.9)] * 5) is None


def test_the_first_reader_can_object() -> None:
    assert told(*[says(OTHER, 0.9), says(OURS)] * 5) is None


def test_looks_that_are_all_unsure_tell_nothing() -> None:
    assert told(*[says(OURS, 0.55)] * 10) is None


def test_a_number_of_an_unusual_length_must_be_likelier_for_it_may_be_a_part_of_a_longer_one() -> None:
    thirteen = with_digit("629999345678")
    scales = Scales(lambda number: number.startswith("629999"))
    looks = [says(thirteen, 0.86)] * 10
    assert scales.likeliest([sight(*looks)], AT_LAST) is None
    assert scales.likeliest([sight(*[says(OURS, 0.86)] * 10)], AT_LAST) is not None


def test_an_unlisted_number_needs_looks_that_agree() -> None:
    scales = Scales(sixteen_of_629999)
    unlisted = with_digit("400000123456789")
    found = scales.elect([sight(*[says(unlisted)] * 10)])
    assert found is not None
    assert found.number == unlisted
    assert scales.elect([sight(*[says(unlisted)] * 5)]) is None


def test_what_a_finger_leaves_of_a_longer_number_is_not_told() -> None:
    seen = with_digit("621467019410068")
    scales = Scales(lambda number: number.startswith("621467") and len(number) == 19)
    assert scales.elect([sight(*[says(seen)] * 10)]) is None
