"""18-digit numbers with a birth date: resident IDs, residence permits, permanent residents' IDs.

Sources: GB 11643 (ISO 7064 MOD 11-2); 国办发〔2018〕81号 article 3 (810000, 820000, 830000); the
2023 design of the permanent resident's card, whose digits 4 to 6 are read as ISO 3166 numeric.
There is no table of counties: codes come and go, and a table would refuse whoever was born
before theirs came.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pycountry
from stdnum.iso7064 import mod_11_2

from webapp.core.mrz import check_digit as icao_check_digit
from webapp.identity.rules.verdicts import (
    CheckedNumber,
    NumberFault,
    NumberWarning,
    bad_character,
    faulty,
    wrong_length,
)

EARLIEST = date(1900, 1, 1)
OLDEST = 130
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71")
_RESIDENCE = re.compile(r"8[123]0000")
_PERMANENT = re.compile(r"9")
_CHINA = frozenset({"CHN", "HKG", "MAC", "TWN"})


def upgrade(number: str) -> str:
    """The 18-digit form of an old 15-digit number: century 19, check digit computed (GB 11643)."""
    body = number[:6] + "19" + number[6:]
    return body + str(mod_11_2.calc_check_digit(body))


def resident_id(value: str, today: date) -> CheckedNumber:
    """居民身份证: 18 characters, or 15 of before 1999, which are upgraded with a warning."""
    old = re.fullmatch(r"[0-9]{15}", value) is not None
    checked = _eighteen(upgrade(value) if old else value, today)
    if not old:
        return checked
    if checked.fault:
        return replace(checked, value=value)
    return replace(checked, warnings=(NumberWarning.UPGRADED,))


def residence_permit(value: str, today: date) -> CheckedNumber:
    """港澳台居民居住证: as a resident ID, from 810000, 820000 or 830000."""
    return _eighteen(value, today, _RESIDENCE, NumberFault.BAD_FORM)


def permanent_resident(value: str, today: date) -> CheckedNumber:
    """外国人永久居留身份证: 18 digits from 9; before December 2023 3 letters, 12 digits."""
    if re.match(r"[A-Z]", value):
        return _permanent_of_before_2023(value)
    checked = _eighteen(value, today, _PERMANENT, NumberFault.BAD_FORM)
    if checked.fault:
        return checked
    country = pycountry.countries.get(numeric=value[3:6])
    return _with_country(checked, country.alpha_3 if country else None)


def _permanent_of_before_2023(value: str) -> CheckedNumber:
    if fault := wrong_length(value, 15):
        return fault
    if not re.fullmatch(r"[A-Z]{3}[0-9]{12}", value):
        return faulty(value, NumberFault.BAD_FORM)
    known = pycountry.countries.get(alpha_3=value[:3]) is not None
    checked = _with_country(CheckedNumber(value), value[:3] if known else None)
    if icao_check_digit(value[:14]) == value[14]:
        return checked
    # only a warning: that this digit is ICAO's was inferred from a specimen
    return replace(checked, warnings=(*checked.warnings, NumberWarning.CHECK_DIGIT))


def _with_country(checked: CheckedNumber, alpha3: str | None) -> CheckedNumber:
    if alpha3 is None:
        odd = NumberWarning.COUNTRY_UNKNOWN
        return replace(checked, warnings=(odd,), nationality=None)
    if alpha3 in _CHINA:
        odd = NumberWarning.COUNTRY_IS_CHINA
        return replace(checked, warnings=(odd,), nationality=None)
    return replace(checked, nationality=alpha3)


def _eighteen(
    value: str,
    today: date,
    start: re.Pattern[str] = _PROVINCE,
    wrong_start: NumberFault = NumberFault.NO_SUCH_PROVINCE,
) -> CheckedNumber:
    fault = wrong_length(value, 18) or bad_character(value, r"[^0-9](?!$)|[^0-9X]$")
    if fault:
        return fault
    if not start.match(value):
        return faulty(value, wrong_start, province=value[:2])
    if born_wrong := _birth_fault(value[6:14], today):
        return faulty(value, born_wrong, date=value[6:14])
    if not mod_11_2.is_valid(value):
        return faulty(value, NumberFault.CHECK_DIGIT)
    return CheckedNumber(value, birth_date=_date(value[6:14]), nationality="CHN")


def _birth_fault(digits: str, today: date) -> NumberFault | None:
    birth = _date(digits)
    if birth is None:
        return NumberFault.NO_SUCH_DATE
    if birth > today:
        return NumberFault.FUTURE_DATE
    aged_out = (today.year - OLDEST, today.month, today.day) > (birth.year, birth.month, birth.day)
    return NumberFault.TOO_OLD if birth < EARLIEST or aged_out else None


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
