"""Showing personal data without showing it."""

from __future__ import annotations

import re

_LATIN = re.compile(r"[\u0000-\u024f\u1e00-\u1eff]+")
MOST_STARS = 4


def mask_name(name: str) -> str:
    """何志豪 → 何**; a Latin name keeps the first letter of each part."""
    parts = name.split() if _LATIN.fullmatch(name) else [name.strip()]
    return " ".join(part[:1] + "*" * min(len(part) - 1, MOST_STARS) for part in parts)


def mask_phone(number: str) -> str:
    """+8613812345678 → 138****5678; abroad the first four characters and the last three stay."""
    if number.startswith("+86") and len(number) == 14:
        return f"{number[3:6]}****{number[-4:]}"
    return f"{number[:4]}****{number[-3:]}" if len(number) > 9 else "*" * len(number)


def mask_number(number: str) -> str:
    """440301198501010014 → 4403**********0014; a shorter number keeps two at each end."""
    kept = 4 if len(number) >= 15 else 2
    hidden = len(number) - 2 * kept
    return number[:kept] + "*" * hidden + number[-kept:] if hidden > 0 else "*" * len(number)


def mask_card(number: str) -> str:
    """6222020000000000422 → 6222 **** **** 0422; too short for a card: stars alone."""
    return f"{number[:4]} **** **** {number[-4:]}" if len(number) >= 13 else "*" * len(number)
