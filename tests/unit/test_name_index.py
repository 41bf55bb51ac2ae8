"""The index of names: how names are folded, and how lists of ids are joined."""

from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from webapp.cases.name_index import _in_both, _merged, folded, packed, unpacked
from webapp.identity.rules.characters import plain_character

IDS = st.lists(st.integers(1, 300), max_size=60)


def ids_of(numbers: list[int]) -> np.ndarray:
    return np.asarray(sorted(set(numbers)), np.int64)


def test_common_characters_are_written_in_one_way_only_so_the_short_way_folds_as_the_long_one() -> None:
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        assert unicodedata.normalize("NFKD", character) == unicodedata.normalize("NFC", character) == character
        assert not unicodedata.combining(character)
        assert plain_character(character).casefold() == plain_character(character)
        assert folded(character + "·a")[:1] == folded(character) == plain_character(character)


@given(st.lists(st.integers(1, 2**31), min_size=1, max_size=60))
def test_what_is_packed_comes_out_ascending_and_once(numbers: list[int]) -> None:
    assert unpacked(*packed(np.asarray(numbers, np.int64))).tolist() == sorted(set(numbers))


@given(IDS, IDS)
def test_who_is_in_both_lists_and_in_either(some: list[int], others: list[int]) -> None:
    first, second = ids_of(some), ids_of(others)
    assert _in_both(first, second).tolist() == sorted({*some} & {*others})
    assert _merged([first, second]).tolist() == sorted({*some} | {*others})
    assert _merged([first]).tolist() == first.tolist()
    assert _merged([]).tolist() == []
