"""Comparing wordings, and what may stand in a message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.wording.rules import GONE, NEW, SAME, Piece, differences, tidy, unknown_placeholders

WORDS = st.text(alphabet="法院款项 abcD1，。", min_size=1, max_size=30).map(str.strip).filter(bool)
BODIES = st.lists(WORDS, max_size=6).map("\n\n".join)


def kept(old: str, new: str, *kinds: str) -> list[str]:
    paragraphs = ["".join(p.text for p in pieces if p.kind in kinds) for pieces in differences(old, new)]
    return [paragraph for paragraph in paragraphs if paragraph]


@given(BODIES, BODIES)
def test_what_stayed_and_came_is_the_new_text_and_what_stayed_and_went_the_old_one(old: str, new: str) -> None:
    assert kept(old, new, SAME, NEW) == [p for p in new.split("\n\n") if p]
    assert kept(old, new, SAME, GONE) == [p for p in old.split("\n\n") if p]


def test_a_changed_word_is_marked_within_its_paragraph() -> None:
    found = differences("第一条\n\n请在 30 日内提交。", "第一条\n\n请在 15 日内提交。")
    assert list(found[0]) == [Piece(SAME, "第一条")]
    assert list(found[1]) == [Piece(SAME, "请在 "), Piece(GONE, "30"), Piece(NEW, "15"), Piece(SAME, " 日内提交。")]


def test_a_body_is_kept_tidy() -> None:
    assert tidy("  第一条 \r\n\r\n\r\n\r\n第二条\n") == "第一条\n\n第二条"


def test_what_can_t_be_filled_in_is_named() -> None:
    assert unknown_placeholders("%(name)s，%(reason)s 100%%", ["name", "reason"]) == []
    assert unknown_placeholders("%(name)s，%(card)s", ["name"]) == ["card"]
    for bad in ("50%", "%s", "%(name)d", "%(name", "100%%%"):
        assert unknown_placeholders(bad, ["name"]), bad
