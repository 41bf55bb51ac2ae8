"""Phone numbers: E.164, checked against the numbering plans of the phonenumbers library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from webapp.core.folding import folded

DEMO_NUMBER = re.compile(r"\+86100[0-9]{8}")
_NO_SMS = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
    }
)


REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""All regions with a numbering plan, by ISO 3166 alpha-2 (and the library's own few: AC, TA, XK)."""
_ONE_SHORT = re.compile(r"(?:\+?86)?1[3-9][0-9]{8}")
_DEMO_ONE_SHORT = re.compile(r"(?:\+?86)?100[0-9]{7}")


class PhoneFault(StrEnum):
    """Why a number can't be used; each has its own words."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    ONE_SHORT = "one_short"
    NOT_ASSIGNED = "not_assigned"
    CANNOT_TAKE_SMS = "cannot_take_sms"


@dataclass(frozen=True, slots=True)
class CheckedPhone:
    """`value` is E.164, or empty when there is a fault."""

    value: str
    fault: PhoneFault | None = None


def check_phone(typed: str, *, region: str = "CN", allow_test_numbers: bool = False) -> CheckedPhone:
    """Judges a number as typed: national to `region`, or with 00 or +. Never raises.

    A country code without 00 or + is understood where the number is none of `region`.
    """
    text = re.sub(r"[\s\-‐‑–—().]", "", folded(typed))
    if not text:
        return CheckedPhone("", PhoneFault.EMPTY)
    text = "+" + text[2:] if text.startswith("00") else text
    if allow_test_numbers and (demo := _demo_number(text)):
        return CheckedPhone(demo)
    if _is_one_short(text, region, demo=allow_test_numbers):
        return CheckedPhone("", PhoneFault.ONE_SHORT)
    number = _parsed(text, region)
    fault = PhoneFault.NOT_A_NUMBER if number is None else _fault(number)
    if fault is PhoneFault.NOT_ASSIGNED and not text.startswith(
        ("+", "1")
    ):  # with 1, a mistyped Chinese number would be an American one
        abroad = _parsed("+" + text, region)
        if abroad is not None and _fault(abroad) is None:
            return CheckedPhone(phonenumbers.format_number(abroad, PhoneNumberFormat.E164))
    if number is None or fault:
        return CheckedPhone("", fault)
    return CheckedPhone(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def calling_code(region: str) -> str:
    """+86 for CN."""
    return f"+{phonenumbers.country_code_for_region(region)}"


def _is_one_short(text: str, region: str, *, demo: bool) -> bool:
    """True for a Chinese mobile number without one of its 11 digits; some of them would pass for a fixed line."""
    if region != "CN" and not text.startswith("+86"):
        return False
    return bool(_ONE_SHORT.fullmatch(text) or (demo and _DEMO_ONE_SHORT.fullmatch(text)))


def as_typed(number: str) -> tuple[str, str]:
    """The region and the national digits of an E.164 number, as its form takes them; twice "" where there is none."""
    if DEMO_NUMBER.fullmatch(number):
        return "CN", number.removeprefix("+86")
    parsed = _parsed(number, "CN")
    if parsed is None:
        return "", ""
    return phonenumbers.region_code_for_number(parsed) or "", phonenumbers.national_significant_number(parsed)


def _parsed(text: str, region: str) -> PhoneNumber | None:
    if not re.fullmatch(r"\+?[0-9]+", text):
        return None  # the library would read letters as a telephone's keys
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _fault(number: PhoneNumber) -> PhoneFault | None:
    if not phonenumbers.is_valid_number(number):
        return PhoneFault.NOT_ASSIGNED
    return PhoneFault.CANNOT_TAKE_SMS if phonenumbers.number_type(number) in _NO_SMS else None


def _demo_number(text: str) -> str | None:
    """+86 100… is a range that no operator issues: a demo sends nothing to real people."""
    whole = text if text.startswith("+") else "+86" + text
    return whole if DEMO_NUMBER.fullmatch(whole) else None
