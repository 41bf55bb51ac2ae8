"""Names of all kinds: how they are kept, and how two writings are compared for staff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.identity.rules.names import NameFault, NameLikeness, check_name, same_name


@pytest.mark.parametrize("dot", [*"·•・‧．.", " · "])
def test_the_dot_in_a_uyghur_name_is_always_the_same_dot(dot):
    assert check_name(f"阿卜来提{dot}如则托合提").value == "阿卜来提\u00b7如则托合提"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("　何 志 豪 ", "何志豪"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"),
        ("Martin Luther King, Jr.", "Martin Luther King, Jr."),
        ("O’Connor  Mary-Jane", "O’Connor Mary-Jane"),
        ("Mu\u0308ller", "Müller"),
        ("李\uf9e8", "李\uf9e8"),
        ("张〇", "张〇"),
        ("约翰.F.肯尼迪", "约翰·F·肯尼迪"),
    ],
)
def test_a_name_is_tidied_but_its_letters_stay_its_owners(typed, kept):
    checked = check_name(typed)
    assert (checked.value, checked.fault) == (kept, None)


@pytest.mark.parametrize(
    ("typed", "fault", "character"),
    [
        ("", NameFault.EMPTY, ""),
        ("　", NameFault.EMPTY, ""),
        ("李", NameFault.TOO_SHORT, ""),
        ("张三1", NameFault.DIGIT, "1"),
        ("张三２", NameFault.DIGIT, "2"),
        ("张三(已故)", NameFault.BAD_CHARACTER, "("),
        ("<b>张三", NameFault.BAD_CHARACTER, "<"),
        ("A" * 101, NameFault.TOO_LONG, ""),
    ],
)
def test_what_cannot_be_a_whole_name_is_asked_for_again(typed, fault, character):
    checked = check_name(typed)
    assert (checked.fault, checked.character) == (fault, character)


def test_a_glyph_of_a_private_font_is_kept_and_marked_for_staff():
    checked = check_name("张\ue000")
    assert (checked.value, checked.fault, checked.private_use) == ("张\ue000", None, True)
    assert not check_name("张三").private_use


@given(st.text(max_size=40))
def test_tidying_a_name_twice_changes_nothing_more(typed):
    once = check_name(typed).value
    assert check_name(once).value == once


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_the_same_from_both_sides(one, other):
    assert same_name(one, other) is same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("阿卜来提·如则托合提", "阿卜来提如则托合提"),
        ("MÜLLER HANS", "MUELLER HANS"),
        ("Müller Hans", "MULLER HANS"),
        ("Hans Müller", "MÜLLER HANS"),
        ("O'Connor Mary-Jane", "OCONNOR MARY JANE"),
        ("Łukasz Żak", "LUKASZ ZAK"),
        ("Đặng Thị Hồng", "DANG THI HONG"),
        ("李䶮", "李龑"),
        ("張麗華", "张丽华"),
        ("鍾志強", "钟志强"),
        (
            "VENKATANARASIMHARAJUVARIPETA RAMALAKSHMI",
            "VENKATANARASIMHARAJUVARIPETA RAMALAKS",
        ),
    ],
)
def test_the_same_name_written_in_another_way_is_close(one, other):
    assert same_name(one, other) is NameLikeness.CLOSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("何志豪", "何志浩"),
        ("何志豪", "何志"),
        ("何志豪", "豪志何"),
        ("John Smith", "John Smythe"),
        ("Anna Li", "Ann Li"),
        ("", "何志豪"),
    ],
)
def test_different_names_stay_different(one, other):
    assert same_name(one, other) is NameLikeness.DIFFERENT


def test_the_same_name_is_exact_whatever_the_spaces_and_widths():
    assert same_name("何 志豪", "何志豪") is NameLikeness.EXACT
    assert same_name("ＬＩ　ＬＥＩ", "LI LEI") is NameLikeness.EXACT
