"""Charts: round axes, bars within the drawing, quantiles, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.charts.rules import BELOW, HEIGHT, LEFT, WIDTH, as_csv, columns, grid, guarded, nice_top, quantile, shares


@given(st.integers(0, 10**9))
def test_an_axis_ends_at_a_round_number_not_far_above(most: int) -> None:
    top = nice_top(most)
    assert top >= most
    assert str(top).strip("0") in {"1", "2", "5"}
    assert top <= max(5, most * 5)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.integers(1, 4))
def test_bars_stay_inside_the_drawing_and_stand_on_its_ground(values: list[int], series: int) -> None:
    bars = columns([str(n) for n in range(len(values))], [values] * series)
    assert len(bars) == len(values) * series
    for bar in bars:
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH + 0.2
        assert bar.y >= 0 and abs(bar.y + bar.height - (HEIGHT - BELOW)) < 0.2
    assert any(bar.tick for bar in bars)


def test_grid_lines_begin_at_nothing_and_end_at_the_top() -> None:
    assert [line.value for line in grid(830)] == [0, 250, 500, 750, 1000]
    assert [line.value for line in grid(3)] == [0, 1, 2, 3, 4, 5]


@given(st.integers(0, 10**9))
def test_a_line_stands_where_its_number_says(most: int) -> None:
    lines = grid(most)
    steps = {round(b.value - a.value, 6) for a, b in pairwise(lines)}
    assert len(steps) == 1 and lines[-1].value == nice_top(most)


def test_shares_are_of_the_whole_and_lengths_of_the_largest() -> None:
    assert shares([("a", 10), ("b", 5)], of=20) == [("a", 10, 100.0, 50), ("b", 5, 50.0, 25)]
    assert shares([]) == []


def test_half_of_the_people_and_nine_in_ten() -> None:
    counts = [(5, 50), (10, 40), (600, 10)]
    assert (quantile(counts, 0.5), quantile(counts, 0.9), quantile(counts, 0.95)) == (5, 10, 600)
    assert quantile([], 0.5) is None


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["何志豪", "-12.50", "12", "", "a=b"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=5))
def test_a_csv_file_reads_back_and_starts_no_formula(rows: list[list[str]]) -> None:
    clean = [[cell.replace("\r", "").replace("\n", "").replace("\0", "") for cell in row] for row in rows]
    read = list(csv.reader(io.StringIO(as_csv(["a", "b"], clean).decode("utf-8-sig"))))
    assert read[0] == ["a", "b"]
    assert [[cell.removeprefix("'") for cell in row] for row in read[1:]] == [
        [c.removeprefix("'") for c in row] for row in clean
    ]
    assert not [cell for row in read for cell in row if cell[:1] in {"=", "@"}]
