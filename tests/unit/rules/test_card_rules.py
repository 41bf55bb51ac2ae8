"""Card numbers as typed, their banks, and the table behind them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from webapp.payee.rules.banks import (
    SPECIMEN_BANK,
    SPECIMEN_PREFIXES,
    CardType,
    bank_by_code,
    banks,
    find_prefix,
    search_banks,
)
from webapp.payee.rules.cards import CardFault, check_card_number, in_groups

bodies = st.integers(10**17, 10**18 - 1).map(lambda n: "62" + str(n)[2:])


@given(bodies, st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_in_a_card_number_is_always_found(body, at, step):
    number = body + luhn.calc_check_digit(body)
    wrong = number[:at] + str((int(number[at]) + step) % 10) + number[at + 1 :]
    assert check_card_number(number).fault is None
    assert check_card_number(wrong).fault is CardFault.LUHN


@given(st.text(max_size=30))
def test_whatever_is_typed_as_a_card_gets_a_verdict_and_normalises_once(typed):
    checked = check_card_number(typed)
    assert check_card_number(checked.value) == checked


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", CardFault.EMPTY),
        ("6222 0200 0000 0000 422", None),
        ("６２２２０２００００００００００４２２", None),
        ("62220200000O0000422", CardFault.NOT_DIGITS),
        ("622202000000", CardFault.TOO_SHORT),
        ("62220200000000004220", CardFault.TOO_LONG),
        ("440301198501010014", CardFault.ID_NUMBER),
        ("11010519491231002x", CardFault.ID_NUMBER),
        ("810000199003070015", CardFault.ID_NUMBER),
        ("911124198108030024", CardFault.ID_NUMBER),
        ("440301850101001", CardFault.ID_NUMBER),
    ],
)
def test_a_card_number_is_accepted_or_refused_for_a_plain_reason(typed, fault):
    assert check_card_number(typed).fault is fault


def test_only_a_failed_luhn_digit_may_be_insisted_on():
    assert check_card_number("6222020000000000423").may_insist
    assert not check_card_number("62220200").may_insist
    assert not check_card_number("440301198501010014").may_insist


def test_a_card_number_is_shown_in_groups_of_four():
    assert in_groups("6222020000000000422") == "6222 0200 0000 0000 422"


@pytest.mark.parametrize(
    ("number", "bank", "card_type"),
    [
        ("6222020000000000422", "ICBC", CardType.DEBIT),
        ("6217000000000000426", "CCB", CardType.DEBIT),
        ("6214830000000421", "CMB", CardType.DEBIT),
        ("9558800000000000422", "ICBC", CardType.DEBIT),
    ],
)
def test_a_card_tells_its_bank(number, bank, card_type):
    prefix = find_prefix(number)
    assert prefix is not None
    assert (prefix.bank_code, prefix.card_type) == (bank, card_type)


def test_the_length_decides_between_two_banks_with_one_prefix():
    of_sixteen, of_eighteen = find_prefix("622303" + "0" * 10), find_prefix("622303" + "0" * 12)
    assert of_sixteen is not None
    assert of_eighteen is not None
    assert (of_sixteen.bank_code, of_eighteen.bank_code) == ("NJCB", "ICBC")


def test_the_longest_prefix_decides_between_nested_ones():
    inner, outer = find_prefix("6212600010000000000"), find_prefix("6212609990000000000")
    assert inner is not None
    assert outer is not None
    assert (inner.digits, inner.bank_code) == ("621260001", "XFRCB")
    assert (outer.digits, outer.bank_code) == ("621260", "CSRCB")


def test_an_unknown_card_is_unknown_and_not_wrong():
    assert find_prefix("4111111111111111") is None
    assert find_prefix("") is None


def test_the_specimen_bank_exists_in_a_demo_only_and_takes_nobodys_prefix():
    for specimen in SPECIMEN_PREFIXES:
        number = specimen.digits.ljust(specimen.length, "0")
        assert find_prefix(number) is None
        assert find_prefix(number, include_specimen=True) == specimen
    assert SPECIMEN_BANK not in banks()
    assert banks(include_specimen=True)[0] == SPECIMEN_BANK
    assert bank_by_code("SPECIMEN") is None
    assert bank_by_code("SPECIMEN", include_specimen=True) == SPECIMEN_BANK


def test_specimen_numbers_leave_the_real_table_as_it_is():
    real = "6222020000000000422"
    assert find_prefix(real, include_specimen=True) == find_prefix(real)


@pytest.mark.parametrize(
    "query", ["工商", "icbc", "zggs", "zhongguogongshang", "Industrial and", " Commercial bank of"]
)
def test_the_industrial_and_commercial_bank_is_found_in_every_way_of_writing(query):
    assert "ICBC" in [bank.code for bank in search_banks(query)]


def test_a_bank_that_begins_with_the_words_comes_before_one_that_holds_them():
    assert search_banks("jsyh")[0].initials.startswith("jsyh")
    assert search_banks("广发")[0].code == "GDB"


def test_nothing_typed_lists_all_banks_and_nonsense_lists_none():
    assert search_banks(" ") == banks()
    assert search_banks("没有这家银行") == ()


def test_main_banks_come_first_and_no_code_comes_twice():
    listed = banks()
    mains = [bank.main for bank in listed]
    assert mains == sorted(mains, reverse=True)
    assert mains.count(True) > 50
    assert max(Counter(bank.code for bank in listed).values()) == 1
    assert [bank.code for bank in listed[:4]] == ["ICBC", "ABC", "BOC", "CCB"]


def test_every_bank_can_be_named_and_searched_by_letters():
    for bank in banks():
        assert bank.title("zh_Hans") == bank.name
        assert bank.title("en")
        assert bank.pinyin.isalnum()
        assert bank.initials.isalnum()
        if bank.hq_number:
            assert bank.hq_number.startswith(bank.cnaps_class)


def test_a_bank_is_named_in_english_where_it_has_an_english_name():
    bank = bank_by_code("ICBC")
    assert bank is not None
    assert bank.title("en") == "Industrial and Commercial Bank of China"
    assert bank.title("zh_Hant") == "中国工商银行"
