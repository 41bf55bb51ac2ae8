"""The geometry of a chart, and cells that no spreadsheet takes for a formula. Plain numbers in, plain numbers out."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 480, 200, 44, 26, 10
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place in the drawing, and what it says. `tick`: the label below it is shown."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    series: int = 0
    tick: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the chart, with its number."""

    y: float
    value: int


def nice_top(most: int) -> int:
    """A round number at or above `most`: 1, 2 or 5 times a power of ten."""
    if most <= 5:
        return 5
    power: int = 10 ** int(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most)


def grid(most: int) -> list[Line]:
    """Lines at quarters of the round number above, or at fifths where quarters aren't whole."""
    top = nice_top(most)
    parts = 5 if top % 4 else 4
    return [Line(_y(top * n / parts, top), top * n // parts) for n in range(parts + 1)]


def columns(labels: Sequence[str], series: Sequence[Sequence[int]]) -> list[Bar]:
    """Groups of columns side by side, one group a label; where labels would touch, only some are shown."""
    top = nice_top(max((value for values in series for value in values), default=0))
    room = (WIDTH - LEFT) / max(1, len(labels))
    wide = min(44.0, room * 0.8 / max(1, len(series)))
    every = max(1, math.ceil(len(labels) * 44 / (WIDTH - LEFT)))
    bars = []
    for place, label in enumerate(labels):
        start = LEFT + place * room + (room - wide * len(series)) / 2
        for number, values in enumerate(series):
            y = _y(values[place], top)
            bars.append(
                Bar(
                    round(start + number * wide, 1), y, round(max(1.0, wide - 1), 1), round(HEIGHT - BELOW - y, 1), label,
                    values[place], number, tick=number == 0 and (len(labels) - 1 - place) % every == 0,
                )
            )  # fmt: skip
    return bars


def shares(pairs: Sequence[tuple[str, int]], *, of: int | None = None) -> list[tuple[str, int, float, int]]:
    """(label, value, length of its bar of 0 … 100, whole percent) of the largest, or of `of`."""
    most = max((value for _, value in pairs), default=0)
    whole = of if of is not None else sum(value for _, value in pairs)
    return [
        (label, value, round(100 * value / most, 2) if most else 0.0, round(100 * value / whole) if whole else 0)
        for label, value in pairs
    ]


def quantile(counts: Sequence[tuple[int, int]], share: float) -> int | None:
    """The value below which this share of all lies; `counts` are (value, how many). None where there are none."""
    total, seen = sum(n for _, n in counts), 0
    for value, n in sorted(counts):
        seen += n
        if seen >= share * total:
            return value
    return None


def guarded(cell: object) -> str:
    """A cell as a spreadsheet may open it: what would be a formula gets an apostrophe before it (OWASP, CSV injection)."""
    text = str(cell)
    number = text.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not number else text


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file with a byte order mark, so that Excel reads it as UTF-8; every cell guarded."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(head) for head in heads])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _y(value: float, top: int) -> float:
    return round(HEIGHT - BELOW - (HEIGHT - BELOW - ABOVE) * value / top, 1)
