"""Dates as Chinese documents write them: 二〇二六年十一月二十三日 (GB/T 9704)."""

from __future__ import annotations

from datetime import date

DIGITS = "〇一二三四五六七八九"


def chinese_date(day: date) -> str:
    """The year digit by digit, month and day as numbers."""
    year = "".join(DIGITS[int(d)] for d in str(day.year))
    return f"{year}年{_number(day.month)}月{_number(day.day)}日"


def _number(value: int) -> str:
    """1 to 99; ten is 十, not 一十, and nothing follows a full ten."""
    tens, ones = divmod(value, 10)
    before = DIGITS[tens] if tens > 1 else ""
    return before + ("十" if tens else "") + (DIGITS[ones] if ones else "")
