"""What people type as their document's number, and what they are told."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from webapp.identity.rules.documents import (
    DocumentType,
    NumberFault,
    NumberWarning,
    check_number,
    guess_types,
    match_key,
    normalise,
)

TODAY = date(2026, 11, 23)
RESIDENT, PERMANENT = DocumentType.RESIDENT_ID, DocumentType.FOREIGN_PERMANENT_RESIDENT
HK_MACAO, TAIWAN = DocumentType.HK_MACAO_PERMIT, DocumentType.TAIWAN_PERMIT
OVERSEAS, PASSPORT = DocumentType.OVERSEAS_CHINESE_PASSPORT, DocumentType.PASSPORT
RESIDENCE = DocumentType.RESIDENCE_PERMIT


def told(kind: DocumentType, typed: str) -> tuple[NumberFault | None, dict[str, int | str]]:
    checked = check_number(kind, typed, today=TODAY)
    return checked.fault, dict(checked.details)


@st.composite
def resident_ids(draw):
    born = draw(st.dates(date(1900, 1, 1), date(2026, 11, 1)))
    province = draw(st.sampled_from(["11", "23", "44", "51", "65"]))
    county, serial = draw(st.integers(0, 9999)), draw(st.integers(0, 999))
    body = f"{province}{county:04d}{born:%Y%m%d}{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


@given(resident_ids())
def test_every_rightly_made_resident_number_is_accepted_with_its_birth_date(number):
    checked = check_number(RESIDENT, number, today=TODAY)
    assert checked.fault is None
    assert f"{checked.birth_date:%Y%m%d}" == number[6:14]
    assert checked.nationality == "CHN"


@given(resident_ids(), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_in_a_resident_number_is_always_found(number, at, step):
    old = 10 if number[at] == "X" else int(number[at])
    wrong = number[:at] + str((old + step) % 10) + number[at + 1 :]
    if wrong != number:
        assert check_number(RESIDENT, wrong, today=TODAY).fault is not None


@given(resident_ids(), st.integers(0, 16))
def test_two_neighbouring_digits_the_wrong_way_round_are_always_found(number, at):
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        assert check_number(RESIDENT, swapped, today=TODAY).fault is not None


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing_more(typed):
    assert normalise(normalise(typed)) == normalise(typed)


@given(st.text(max_size=25), st.sampled_from(DocumentType))
def test_whatever_is_typed_gets_a_verdict_and_never_an_exception(typed, kind):
    checked = check_number(kind, typed, today=TODAY)
    assert checked.fault is None or isinstance(checked.fault, NumberFault)
    if checked.fault is None:
        assert check_number(kind, checked.value, today=TODAY).fault is None
        assert kind in guess_types(checked.value, today=TODAY)


@pytest.mark.parametrize(
    ("kind", "typed", "fault", "details"),
    [
        (RESIDENT, " - ", NumberFault.EMPTY, {}),
        (RESIDENT, "44030119850101001", NumberFault.TOO_SHORT, {"missing": 1, "length": 18}),
        (RESIDENT, "4403011985010100140", NumberFault.TOO_LONG, {"extra": 1, "length": 18}),
        (
            RESIDENT,
            "44030119850101O010",
            NumberFault.BAD_CHARACTER,
            {"position": 15, "character": "O"},
        ),
        (RESIDENT, "440301199002300011", NumberFault.NO_SUCH_DATE, {"date": "19900230"}),
        (RESIDENT, "440301198501010015", NumberFault.CHECK_DIGIT, {}),
        (RESIDENT, "990000199003070013", NumberFault.NO_SUCH_PROVINCE, {"province": "99"}),
        (HK_MACAO, "H1234567", NumberFault.TOO_SHORT, {"missing": 1, "length": 9}),
        (HK_MACAO, "H123456789", NumberFault.TOO_LONG, {"extra": 1, "length": 9}),
        (HK_MACAO, "H12345O78", NumberFault.BAD_CHARACTER, {"position": 7, "character": "O"}),
        (TAIWAN, "1234567", NumberFault.TOO_SHORT, {"missing": 1, "length": 8}),
        (PASSPORT, "ABC-12345", NumberFault.BAD_CHARACTER, {"position": 4, "character": "-"}),
        (PASSPORT, "AB", NumberFault.TOO_SHORT, {"missing": 3, "length": 5}),
    ],
)
def test_a_refused_number_says_what_is_wrong_and_where(kind, typed, fault, details):
    assert told(kind, typed) == (fault, details)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("440301209903070010", NumberFault.FUTURE_DATE),
        ("440524188001010014", NumberFault.TOO_OLD),
    ],
)
def test_a_birth_date_that_no_living_person_has_is_refused(typed, fault):
    assert told(RESIDENT, typed)[0] is fault


def test_somebody_born_today_exists_and_somebody_born_tomorrow_does_not():
    body = "44030120261123001"
    number = body + mod_11_2.calc_check_digit(body)
    assert check_number(RESIDENT, number, today=date(2026, 11, 23)).fault is None
    early = check_number(RESIDENT, number, today=date(2026, 11, 22))
    assert early.fault is NumberFault.FUTURE_DATE


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        (HK_MACAO, "A123456(3)", NumberFault.HK_ID_CARD),
        (HK_MACAO, "K12345678", NumberFault.SAR_PASSPORT),
        (HK_MACAO, "C12345678", NumberFault.OUTBOUND_PERMIT),
        (TAIWAN, "A123456789", NumberFault.TW_ID_CARD),
        (TAIWAN, "T12345678", NumberFault.OUTBOUND_PERMIT),
        (OVERSEAS, "K12345678", NumberFault.SAR_PASSPORT),
    ],
)
def test_somebody_with_the_wrong_document_is_told_which_one_it_is(kind, typed, fault):
    assert told(kind, typed)[0] is fault


@pytest.mark.parametrize(
    ("kind", "typed", "really"),
    [
        (RESIDENT, "810000199003070015", RESIDENCE),
        (RESIDENT, "911124198108030024", PERMANENT),
        (RESIDENT, "H12345678", HK_MACAO),
        (HK_MACAO, "440301198501010014", RESIDENT),
        (HK_MACAO, "EA1234567", OVERSEAS),
        (RESIDENCE, "440301198501010014", RESIDENT),
        (PERMANENT, "440301198501010014", RESIDENT),
    ],
)
def test_a_number_of_another_type_is_recognised_as_that_type(kind, typed, really):
    assert told(kind, typed) == (NumberFault.OTHER_DOCUMENT, {"looks_like": really.value})


def test_half_a_resident_number_is_called_too_short_and_nothing_else():
    assert told(RESIDENT, "141234567")[0] is NumberFault.TOO_SHORT


def test_an_old_fifteen_digit_number_is_shown_and_kept_with_eighteen():
    checked = check_number(RESIDENT, "440301850101001", today=TODAY)
    assert checked.value == "440301198501010014"
    assert checked.warnings == (NumberWarning.UPGRADED,)
    assert checked.birth_date == date(1985, 1, 1)


@pytest.mark.parametrize(
    ("typed", "country", "warning"),
    [
        ("911124198108030024", "CAN", ()),
        ("CAN110081080310", "CAN", ()),
        ("CAN110081080311", "CAN", (NumberWarning.CHECK_DIGIT,)),
        ("911999198108030029", None, (NumberWarning.COUNTRY_UNKNOWN,)),
        ("911156198108030025", None, (NumberWarning.COUNTRY_IS_CHINA,)),
    ],
)
def test_a_permanent_residents_number_tells_the_country_or_warns(typed, country, warning):
    checked = check_number(PERMANENT, typed, today=TODAY)
    assert (checked.nationality, checked.warnings) == (country, warning)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (RESIDENT, "440301850101001", "440301198501010014"),
        (RESIDENT, "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ"),
        (HK_MACAO, "h1234567801", "H12345678"),
        (TAIWAN, "1234567801(B)", "12345678"),
        (PASSPORT, "c01x00t47", "C01X 00T47"),
    ],
)
def test_a_person_is_found_however_the_register_writes_the_number(kind, one, other):
    assert match_key(kind, one) == match_key(kind, other)


def test_numbers_of_different_families_never_meet():
    assert match_key(TAIWAN, "12345678") != match_key(PASSPORT, "12345678")
    assert match_key(HK_MACAO, "MA1234567") != match_key(PASSPORT, "MA1234567")


def test_a_register_without_types_is_read_by_form_and_the_likeliest_comes_first():
    assert guess_types("440301198501010014", today=TODAY) == (RESIDENT,)
    assert guess_types("H12345678", today=TODAY) == (HK_MACAO, PASSPORT)
    assert guess_types("12345678", today=TODAY) == (TAIWAN, PASSPORT)
    assert guess_types("E12345678", today=TODAY) == (OVERSEAS, PASSPORT)
    assert guess_types("不详", today=TODAY) == ()
