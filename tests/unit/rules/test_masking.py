"""Personal data shown without showing it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.masking import mask_card, mask_name, mask_number, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("何志豪", "何**"),
        ("阿卜来提·如则托合提", "阿****"),
        ("王𬎆", "王*"),
        ("MARY JANE", "M*** J***"),
        ("Müller", "M****"),
        ("", ""),
    ],
)
def test_a_name_shows_its_beginning_only(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613812345678", "138****5678"),
        ("+85291234567", "+852****567"),
        ("+4712345", "********"),
    ],
)
def test_a_phone_number_shows_enough_for_its_owner(number, shown):
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("440301198501010014", "4403**********0014"),
        ("H12345678", "H1*****78"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_a_document_number_hides_the_birth_date(number, shown):
    assert mask_number(number) == shown


def test_a_card_shows_its_first_and_last_four():
    assert mask_card("6222020000000000422") == "6222 **** **** 0422"
    assert mask_card("62220200") == "********"


@given(st.text("0123456789", min_size=1, max_size=30))
def test_no_mask_ever_shows_a_whole_number(number):
    assert number not in {mask_number(number), mask_card(number), mask_phone(number)}
