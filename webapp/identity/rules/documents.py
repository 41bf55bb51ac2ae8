"""Documents that prove who a payee is, and what can be told from a number of each type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from webapp.identity.rules import dated_numbers, travel_numbers
from webapp.identity.rules.dated_numbers import upgrade
from webapp.identity.rules.verdicts import (
    CheckedNumber,
    NumberFault,
    NumberWarning,
    faulty,
    normalise,
)

__all__ = [
    "CheckedNumber",
    "DocumentType",
    "NumberFault",
    "NumberWarning",
    "check_number",
    "guess_types",
    "match_key",
    "normalise",
]


class DocumentType(StrEnum):
    """Each document that proves who a payee is."""

    RESIDENT_ID = "resident_id"
    OVERSEAS_CHINESE_PASSPORT = "overseas_chinese_passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"


_RULES: Mapping[DocumentType, Callable[[str, date], CheckedNumber]] = MappingProxyType(
    {
        DocumentType.RESIDENT_ID: dated_numbers.resident_id,
        DocumentType.RESIDENCE_PERMIT: dated_numbers.residence_permit,
        DocumentType.FOREIGN_PERMANENT_RESIDENT: dated_numbers.permanent_resident,
        DocumentType.HK_MACAO_PERMIT: travel_numbers.hk_macao_permit,
        DocumentType.OVERSEAS_CHINESE_PASSPORT: travel_numbers.chinese_passport,
        DocumentType.TAIWAN_PERMIT: travel_numbers.taiwan_permit,
        DocumentType.PASSPORT: travel_numbers.foreign_passport,
    }
)  # likeliest first, for guess_types

# Types whose form is so much their own that a number of it can hardly be a slip of another's.
_UNMISTAKABLE = tuple(_RULES)[:5]
_WRONG_FORM = frozenset(
    {
        NumberFault.TOO_SHORT,
        NumberFault.TOO_LONG,
        NumberFault.BAD_CHARACTER,
        NumberFault.BAD_FORM,
        NumberFault.NO_SUCH_PROVINCE,
    }
)


def check_number(document_type: DocumentType, typed: str, *, today: date) -> CheckedNumber:
    """Judges a number as typed. Never raises."""
    value = normalise(typed)
    if not value:
        return CheckedNumber(value, NumberFault.EMPTY)
    checked = _RULES[document_type](_as_asked(document_type, typed, value), today)
    if checked.fault not in _WRONG_FORM or document_type is DocumentType.PASSPORT:
        return checked
    if value.isdigit() and len(value) < 15:
        return checked  # half of a number that is still being typed
    other = _other_type(document_type, value, today)
    if other is None:
        return checked
    return faulty(value, NumberFault.OTHER_DOCUMENT, looks_like=other.value)


def _other_type(document_type: DocumentType, value: str, today: date) -> DocumentType | None:
    for kind in _UNMISTAKABLE:
        seen = _RULES[kind](value, today)
        if kind is not document_type and not seen.fault and not seen.warnings:
            return kind
    return None


def _as_asked(document_type: DocumentType, typed: str, value: str) -> str:
    """A foreign passport's number is judged as typed: only its holder knows what a hyphen is."""
    return typed if document_type is DocumentType.PASSPORT else value


def match_key(document_type: DocumentType, value: str) -> str:
    """Family and number by which a person is found in a register, whatever it calls the type.

    Old 15-digit numbers become 18; re-issue digits of permits are dropped; all passports are one
    family, since registers write 护照 for both kinds.
    """
    number = normalise(value)
    if document_type is DocumentType.HK_MACAO_PERMIT:
        return f"hkmo:{number[:9]}"
    if document_type is DocumentType.TAIWAN_PERMIT:
        return f"tw:{number[:8]}"
    if document_type in (DocumentType.PASSPORT, DocumentType.OVERSEAS_CHINESE_PASSPORT):
        return f"passport:{number}"
    return f"cn:{upgrade(number) if re.fullmatch(r'[0-9]{15}', number) else number}"


def guess_types(typed: str, *, today: date) -> tuple[DocumentType, ...]:
    """Every type whose rule accepts this number, likeliest first: for registers without types."""
    return tuple(kind for kind in _RULES if check_number(kind, typed, today=today).fault is None)
