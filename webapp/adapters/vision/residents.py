"""What the printed lines of a resident's card say: name and number on the front, the last day of validity on the back.

A number counts only with its own check digit right (GB 11643, ISO 7064 MOD 11-2), a name only behind its label.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from stdnum.iso7064 import mod_11_2

from webapp.adapters.vision.text import Line

SURE_NAME, SURE_NUMBER = 0.85, 0.95
WIDEST_GAP = 3  # heights of a line, between a label and its value
LONG_TERM = "9999-12-31"  # 长期: such a card doesn't expire
_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9Xx])")
_NAME = re.compile(r"姓名[::]?([\u3400-\u9fff\U00020000-\U0003ffff·]{2,20})$")
_LATIN_NAME = re.compile(r"姓名 ?[::]? ?([A-Z][A-Z '’.,-]{1,78}[A-Z])")
_PERMIT = re.compile(r"[HM]A?[0-9]{8}(?:[0-9]{2})?|[0-9]{8}(?:[0-9]{2})?")  # re-issue digits may follow
_DAY = r"([12][0-9]{3})[.,·]?([01][0-9])[.,·]?([0-3][0-9])"
_SPAN = re.compile(rf"{_DAY}[-—–~至一]+(?:{_DAY}|(长期))")


def front_fields(lines: list[Line]) -> dict[str, str]:
    """`name` and `number`, each if surely read."""
    fields: dict[str, str] = {}
    for text, confidence in _row_texts(lines):
        number = _NUMBER.search(text)
        if number and mod_11_2.is_valid(number.group().upper()):
            fields.setdefault("number", number.group().upper())
        name = _NAME.search(text)
        if name and confidence >= SURE_NAME:
            fields.setdefault("name", name.group(1).strip("·"))
    return fields


def permit_fields(lines: list[Line]) -> dict[str, str]:
    """`number` of a travel permit and a name in Latin letters, each if surely read; such a number has no check digit."""
    fields: dict[str, str] = {}
    for text, confidence in _row_texts(lines, between=" "):
        number = _PERMIT.fullmatch(text.replace(" ", "").removeprefix("证件号码"))
        if number and confidence >= SURE_NUMBER:
            fields.setdefault("number", number.group())
        name = _LATIN_NAME.fullmatch(text)
        if name and confidence >= SURE_NAME:
            fields.setdefault("name", " ".join(name.group(1).split()))
    return fields


def back_fields(lines: list[Line]) -> dict[str, str]:
    """`expiry_date`, ISO, if the span of validity is read whole and makes sense."""
    for text, _ in _row_texts(lines):
        span = _SPAN.search(text)
        if span and span.group(7):
            return {"expiry_date": LONG_TERM} if _day(span.groups()[:3]) else {}
        if span and (end := _day(span.groups()[3:6])) and (_day(span.groups()[:3]) or end) < end:
            return {"expiry_date": end.isoformat()}
    return {}


def _row_texts(lines: list[Line], *, between: str = "") -> list[tuple[str, float]]:
    """Each row of print from left to right, with its least confidence: a label and its value are one.

    Spaces become `between`.
    """
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.box.centre[1]):
        row = next((row for row in found if _beside(row[0], line)), None)
        if row is None:
            found.append([line])
        else:
            row.append(line)
    parts = [part for row in found for part in _parts(sorted(row, key=lambda one: one.box.centre[0]))]
    return [(between.join(word for one in part for word in one.text.split()), _least(part)) for part in parts]


def _least(part: list[Line]) -> float:
    return min(one.confidence for one in part)


def _parts(row: list[Line]) -> list[list[Line]]:
    """A row cut where there is a wide gap: beyond it lies the portrait, in which letters are seen at times."""
    parts = [[row[0]]]
    for left, right in pairwise(row):
        gap = right.box.centre[0] - left.box.centre[0] - (left.box.width + right.box.width) / 2
        if gap > WIDEST_GAP * max(left.box.height, right.box.height):
            parts.append([])
        parts[-1].append(right)
    return parts


def _beside(one: Line, other: Line) -> bool:
    """Whether the other's centre lies on the one's line, along its own slope."""
    gap_x, gap_y = other.box.centre[0] - one.box.centre[0], other.box.centre[1] - one.box.centre[1]
    offset = abs(gap_x * float(one.box.across[0]) + gap_y * float(one.box.across[1]))
    return offset < 0.4 * max(one.box.height, other.box.height)


def _day(parts: tuple[str | None, ...]) -> date | None:
    try:
        return date(*(int(part or 0) for part in parts))
    except ValueError:
        return None
