"""Phone numbers as people type them."""

from __future__ import annotations

import pytest

from webapp.accounts.rules import REGIONS, PhoneFault, calling_code, check_phone


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+86 13800138000",
     "0086 13800138000"],
)  # fmt: skip
def test_one_number_has_one_form_however_it_is_typed(typed):
    assert check_phone(typed).value == "+8613800138000"


def test_a_number_of_another_region_needs_no_country_code_there():
    assert check_phone("91234567", region="HK").value == "+85291234567"
    assert check_phone("+886 0912 345 678").value == "+886912345678"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (" ", PhoneFault.EMPTY),
        ("没有", PhoneFault.NOT_A_NUMBER),
        ("1-800-FLOWERS", PhoneFault.NOT_A_NUMBER),
        ("+", PhoneFault.NOT_A_NUMBER),
        ("14812345678", PhoneFault.NOT_ASSIGNED),
        ("1380013800", PhoneFault.ONE_SHORT),
        ("1591234567", PhoneFault.ONE_SHORT),
        ("+86 138 0013 800", PhoneFault.ONE_SHORT),
        ("1061234567", PhoneFault.CANNOT_TAKE_SMS),
        ("+85221234567", PhoneFault.CANNOT_TAKE_SMS),
        ("075512345678", PhoneFault.CANNOT_TAKE_SMS),
    ],
)
def test_a_number_that_cannot_be_used_says_why(typed, fault):
    checked = check_phone(typed)
    assert (checked.fault, checked.value) == (fault, "")


@pytest.mark.parametrize("typed", ["10012345678", "+86 100 1234 5678", "008610012345678"])
def test_numbers_that_no_operator_issues_work_in_a_demo_only(typed):
    assert check_phone(typed, allow_test_numbers=True).value == "+8610012345678"
    assert check_phone(typed).fault is PhoneFault.NOT_ASSIGNED


@pytest.mark.parametrize("typed", ["1001234567", "100123456789", "+85210012345678"])
def test_a_demo_takes_no_other_invented_number(typed):
    assert check_phone(typed, allow_test_numbers=True).fault is not None


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("966501234567", "CN", "+966501234567"),
        ("00966501234567", "CN", "+966501234567"),
        ("966501234567", "US", "+966501234567"),
        ("8613800138000", "CN", "+8613800138000"),
        ("6591234567", "CN", "+6591234567"),
        ("501234567", "SA", "+966501234567"),
    ],
)
def test_a_country_code_is_understood_without_its_plus(typed, region, number):
    assert check_phone(typed, region=region).value == number


@pytest.mark.parametrize("typed", ["138001380001", "13800138", "966501234", "12025550"])
def test_what_is_no_number_anywhere_stays_refused(typed):
    assert check_phone(typed).fault is not None


def test_a_demo_number_one_digit_short_is_told_so():
    assert check_phone("1000000001", allow_test_numbers=True).fault is PhoneFault.ONE_SHORT


def test_every_region_with_a_numbering_plan_has_its_code():
    assert len(REGIONS) > 240
    assert {calling_code(region) for region in ("SA", "EG", "AE", "MA")} == {"+966", "+20", "+971", "+212"}


def test_the_american_range_that_is_both_fixed_and_mobile_is_accepted():
    assert check_phone("+12025550123").value == "+12025550123"
