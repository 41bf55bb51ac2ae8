"""Case numbers in order, and amounts of money to the fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.cases.rules import MOST_FEN, format_amount, parse_amount, parse_case_number


def test_cases_are_listed_by_year_court_type_and_number_not_as_text():
    written = [
        "（2024）粤03执2号",
        "（2023）粤03执100号",
        "（2023）粤03执99号之十二",
        "（2023）粤03执99号之三",
        "（2023）粤03执99号之二",
        "（2023）粤03执99号",
        "（2023）粤03执99号之二十一",
        "（2023）粤03执99号之十",
    ]
    cases = [case for case in map(parse_case_number, written) if case]
    assert [case.canonical for case in sorted(cases)] == [
        "（2023）粤03执99号",
        "（2023）粤03执99号之二",
        "（2023）粤03执99号之三",
        "（2023）粤03执99号之十",
        "（2023）粤03执99号之十二",
        "（2023）粤03执99号之二十一",
        "（2023）粤03执100号",
        "（2024）粤03执2号",
    ]


@given(st.from_regex(r"（20[0-2][0-9]）粤0[1-9]执恢?[1-9][0-9]{0,5}号", fullmatch=True))
def test_a_case_number_in_its_canonical_form_reads_back_as_itself(written):
    case = parse_case_number(written)
    assert case is not None
    assert case.canonical == written
    assert parse_case_number(case.canonical) == case


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("￥1，234元", 123400),
        ("１２３４．５０", 123450),
        (" 0.01 ", 1),
        ("0", 0),
        ("13,612,463.49", 1361246349),
    ],
)
def test_an_amount_is_read_to_the_fen(typed, fen):
    assert parse_amount(typed) == fen


@pytest.mark.parametrize(
    "typed",
    ["", "-1", "1.234", "1.2.3", ".", "1,23", "12,34.50", "1e5", "一百", "1234.", "99999999999999"],
)
def test_what_is_not_an_amount_is_refused_and_never_guessed(typed):
    assert parse_amount(typed) is None


@given(st.integers(0, MOST_FEN - 1))
def test_an_amount_shown_reads_back_as_the_same_fen(fen):
    assert parse_amount(format_amount(fen)) == fen
