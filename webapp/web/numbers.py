"""Whole numbers that come with an address or a form: where a page begins, which page it is, which record is meant."""

from __future__ import annotations

from collections.abc import Mapping

BEYOND_IDS = 2**62
"""More than any record's number, with room to add to within what databases count with."""
BEYOND_COUNTS = 2**31 - 1
"""More than any count, page or place in a list; the largest that a column of four bytes holds."""


def typed_number(values: Mapping[str, str], name: str, *, least: int = 0, most: int = BEYOND_IDS) -> int:
    """The number of that name between `least` and `most`; what is beyond is cut, what is no number is `least`."""
    try:
        number = int(values.get(name, ""))
    except ValueError:
        return least
    return min(max(number, least), most)
