"""Counting what readers get right, also in parts: a measurement of hours must not be lost to one interruption."""

from __future__ import annotations

from pathlib import Path

from measuring import keep, kept, merged, table, tallies


def test_two_kept_parts_make_the_table_of_the_whole(tmp_path: Path) -> None:
    whole = tallies()
    for place, told in enumerate(("6222", None, "6228", "6222")):
        part = tallies()
        for one in (whole, part):
            one["ours", "flat"].note(told, "6222", 0.1 * place)
        keep(tmp_path / f"{place}.json", {"Card numbers": part})
    joined = merged(kept(tmp_path / f"{place}.json")["Card numbers"] for place in range(4))
    assert table(["reader", "print"], joined) == table(["reader", "print"], whole)
    assert (joined["ours", "flat"].right, joined["ours", "flat"].wrong, joined["ours", "flat"].empty) == (2, 1, 1)


def test_where_there_is_nothing_to_be_read_an_empty_answer_is_right() -> None:
    found = tallies()
    found["ours", "no card"].note(None, None)
    found["ours", "no card"].note("6222", None)
    assert (found["ours", "no card"].right, found["ours", "no card"].wrong) == (1, 1)
