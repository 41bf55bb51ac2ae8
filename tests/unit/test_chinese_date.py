"""Dates as a letter of the court writes them."""

from __future__ import annotations

from datetime import date

import pytest

from webapp.core.chinese_date import chinese_date


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 23), "二〇二六年十一月二十三日"),
        (date(2026, 1, 1), "二〇二六年一月一日"),
        (date(2030, 10, 10), "二〇三〇年十月十日"),
        (date(2027, 12, 20), "二〇二七年十二月二十日"),
        (date(2028, 2, 29), "二〇二八年二月二十九日"),
        (date(2100, 3, 31), "二一〇〇年三月三十一日"),
    ],
)
def test_a_letter_is_dated_as_the_court_dates_its_documents(day: date, written: str) -> None:
    assert chinese_date(day) == written


def test_no_two_days_of_a_year_are_written_alike() -> None:
    days = [date.fromordinal(date(2028, 1, 1).toordinal() + n) for n in range(366)]
    assert len({chinese_date(day) for day in days}) == 366
