"""Decoding a zone's line: what the format forbids isn't read, strange marks around it are left out, look-alikes are settled."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.adapters.vision.zones import MRZ_LETTERS, TD3, _decode, _settled
from webapp.core.mrz import check_digit, parse_mrz

TOP = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
LOW = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
MIXED_UP = {"O": "0", "I": "1", "Z": "2", "S": "5", "B": "8"}


def seen(text: str, rivals: dict[int, tuple[str, float]] | None = None, *, run_together: bool = False) -> np.ndarray:
    """A reader's probabilities for a text: three frames a letter; `rivals` are seen instead, with that probability."""
    rows = []
    end = len(text.rstrip("<"))
    for place, letter in enumerate(text):
        row = np.full(len(MRZ_LETTERS) + 1, 1e-4)
        row[MRZ_LETTERS.index(letter) + 1] = 0.97
        if rivals and place in rivals:
            rival, share = rivals[place]
            row[MRZ_LETTERS.index(letter) + 1] = 0.97 - share
            row[MRZ_LETTERS.index(rival) + 1] = share
        blank = np.full(len(MRZ_LETTERS) + 1, 1e-4)
        blank[0] = 0.97
        if run_together and place >= end:
            blank[0], blank[MRZ_LETTERS.index("<") + 1] = 1e-4, 0.97
        rows += [row, row, blank]
    return np.array(rows)


def decoded(line: np.ndarray, which: int) -> str:
    found = _decode(line, TD3[which].places)
    assert found is not None
    return _settled(found, TD3[which])


def test_letters_where_digits_must_stand_are_not_read() -> None:
    rivals = {place: ("O" if LOW[place] == "0" else "I", 0.8) for place in range(13, 28) if LOW[place] in "01"}
    assert decoded(seen(LOW, rivals), 1) == LOW


def test_marks_before_and_behind_the_line_are_left_out() -> None:
    assert decoded(seen("4" + LOW + "B7"), 1) == LOW


def test_fillers_that_run_together_are_counted_by_the_lines_length() -> None:
    assert decoded(seen(TOP, run_together=True), 0) == TOP


def test_a_line_that_is_too_short_is_none() -> None:
    assert _decode(seen(LOW)[:40], TD3[1].places) is None


@settings(max_examples=30)
@given(st.from_regex(r"[A-HJ-NP-Z][0-9]{8}", fullmatch=True), st.integers(1, 8))
def test_a_letter_that_looks_likelier_than_the_digit_is_put_right_by_the_check_digit(number: str, place: int) -> None:
    low = f"{number}{check_digit(number)}CHN8501019M3001019<<<<<<<<<<<<<<<"
    low += check_digit(low[0:10] + low[13:20] + low[21:43])
    wrong = next((letter for letter, digit in MIXED_UP.items() if digit == low[place]), "")
    rivals = {place: (wrong, 0.6)} if wrong else {}
    found = parse_mrz([TOP, decoded(seen(low, rivals), 1)])
    assert found is not None
    assert found.document_number == number


def test_what_two_ways_would_mend_equally_well_stays_wrong() -> None:
    """Nobody can know which of two letters is the wrong one: the zone stays invalid, and nothing of it is told."""
    broken = LOW[:9] + str((int(LOW[9]) + 1) % 10) + LOW[10:]
    line = seen(broken)
    line[:, 1:] = np.maximum(line[:, 1:], 0.02)
    found = parse_mrz([TOP, decoded(line, 1)])
    assert found is not None
    assert not found.valid
