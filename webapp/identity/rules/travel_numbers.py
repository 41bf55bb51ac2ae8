"""Numbers of permits and passports: they have a form, but no check digit outside an MRZ."""

from __future__ import annotations

import re
from datetime import date

from webapp.core.folding import folded
from webapp.identity.rules.verdicts import (
    CheckedNumber,
    NumberFault,
    bad_character,
    faulty,
    normalise,
    wrong_length,
)

SHORTEST_PASSPORT, LONGEST_PASSPORT = 5, 15
_SAR_PASSPORT = re.compile(r"K[A-Z]?[0-9]{7,8}")
_OUTBOUND = re.compile(r"[CW][A-Z]?[0-9]{7,8}|[TL][0-9]{8}")


def hk_macao_permit(value: str, _today: date) -> CheckedNumber:
    """港澳居民来往内地通行证: H or M and 8 digits (and 2 of re-issue on cards of 1999).

    Since July 2024 HA or MA and 7 digits, for residents who aren't Chinese.
    """
    if re.fullmatch(r"[HM][0-9]{8}([0-9]{2})?", value):
        return CheckedNumber(value, nationality="CHN")
    if re.fullmatch(r"[HM]A[0-9]{7}", value):
        return CheckedNumber(value)
    if wrong := _wrong_card(value):
        return faulty(value, wrong)
    if not re.match(r"[HM]", value):
        return faulty(value, NumberFault.BAD_FORM)
    return (
        bad_character(value, r"(?<=^.)[^0-9A]|(?<=..)[^0-9]")
        or wrong_length(value, 9)
        or faulty(value, NumberFault.BAD_FORM)
    )


def _wrong_card(value: str) -> NumberFault | None:
    if is_hk_id_card(value):
        return NumberFault.HK_ID_CARD
    if _SAR_PASSPORT.fullmatch(value):
        return NumberFault.SAR_PASSPORT
    return NumberFault.OUTBOUND_PERMIT if _OUTBOUND.fullmatch(value) else None


def is_hk_id_card(value: str) -> bool:
    """True for a Hong Kong identity card's number, brackets dropped: weights 9 to 1, modulo 11."""
    if not re.fullmatch(r"[A-Z]{1,2}[0-9]{6}[0-9A]", value):
        return False
    padded = value.rjust(9)
    values = [36 if c == " " else int(c, 36) for c in padded]
    return sum(weight * v for weight, v in zip(range(9, 0, -1), values, strict=True)) % 11 == 0


def taiwan_permit(value: str, _today: date) -> CheckedNumber:
    """台湾居民来往大陆通行证: 8 digits; an old booklet has 10 and perhaps a letter."""
    if re.fullmatch(r"[0-9]{8}|[0-9]{10}[A-Z]?", value):
        return CheckedNumber(value, nationality="CHN")
    if re.fullmatch(r"[A-Z][12][0-9]{8}", value):
        return faulty(value, NumberFault.TW_ID_CARD)
    if _OUTBOUND.fullmatch(value):
        return faulty(value, NumberFault.OUTBOUND_PERMIT)
    short = wrong_length(value, 8, len(value)) if value.isdigit() else None
    return short or faulty(value, NumberFault.BAD_FORM)


def chinese_passport(value: str, _today: date) -> CheckedNumber:
    """A passport of the People's Republic: E, G, 14 or 15; E and a letter (no I, O); PE, SE, DE."""
    if re.fullmatch(r"[EG][0-9]{8}|1[45][0-9]{7}|E[A-HJ-NP-Z][0-9]{7}|[PSD]E[0-9]{7}", value):
        return CheckedNumber(value, nationality="CHN")
    if _SAR_PASSPORT.fullmatch(value) or re.fullmatch(r"H[0-9]{8}|MA[0-9]{7}", value):
        return faulty(value, NumberFault.SAR_PASSPORT)
    return wrong_length(value, 9) or faulty(value, NumberFault.BAD_FORM)


def foreign_passport(typed: str, _today: date) -> CheckedNumber:
    """5 to 15 letters and digits, and nothing else: a hyphen isn't dropped but asked about."""
    plain = re.sub(r"\s", "", folded(typed)).upper()
    return (
        bad_character(plain, r"[^A-Z0-9]")
        or wrong_length(plain, SHORTEST_PASSPORT, LONGEST_PASSPORT)
        or CheckedNumber(normalise(plain))
    )
