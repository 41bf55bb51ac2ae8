"""What may be said of a document number: faults, warnings and what the number itself tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from webapp.core.folding import folded

_NOISE = re.compile(r"[\s()\[\]［］【】〔〕\-‐‑–—_.·]")
_NOTHING: Mapping[str, int | str] = MappingProxyType({})


class NumberFault(StrEnum):
    """Why a number can't be one of this type; each has its own words.

    The comment names what `CheckedNumber.details` holds for the words.
    """

    EMPTY = "empty"
    TOO_SHORT = "too_short"  # missing, length
    TOO_LONG = "too_long"  # extra, length
    BAD_CHARACTER = "bad_character"  # position (from 1), character
    BAD_FORM = "bad_form"
    CHECK_DIGIT = "check_digit"
    NO_SUCH_DATE = "no_such_date"  # date (as written, YYYYMMDD)
    FUTURE_DATE = "future_date"  # date
    TOO_OLD = "too_old"  # date
    NO_SUCH_PROVINCE = "no_such_province"  # province
    OTHER_DOCUMENT = "other_document"  # looks_like (a DocumentType's value)
    HK_ID_CARD = "hk_id_card"
    TW_ID_CARD = "tw_id_card"
    SAR_PASSPORT = "sar_passport"
    OUTBOUND_PERMIT = "outbound_permit"


class NumberWarning(StrEnum):
    """What is odd about a number that may be right all the same."""

    CHECK_DIGIT = "check_digit"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_IS_CHINA = "country_is_china"
    UPGRADED = "upgraded"


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """A number and what is known of it.

    `value` is the normalised number, also when there is a fault. `birth_date` and `nationality`
    (ISO 3166 alpha-3) are there only when the number itself tells them.
    """

    value: str
    fault: NumberFault | None = None
    details: Mapping[str, int | str] = field(default_factory=lambda: _NOTHING)
    warnings: tuple[NumberWarning, ...] = ()
    birth_date: date | None = None
    nationality: str | None = None


def normalise(typed: str) -> str:
    """One way of writing (full-width and other scripts' digits, Ⅹ), no spaces, brackets or hyphens, capitals."""
    capitals = folded(typed).upper().replace("×", "X")
    return folded(_NOISE.sub("", capitals))  # once more, for what only now stands side by side


def faulty(value: str, fault: NumberFault, **details: int | str) -> CheckedNumber:
    """A refused number with what the words of the refusal need."""
    return CheckedNumber(value, fault, MappingProxyType(details))


def wrong_length(value: str, shortest: int, longest: int | None = None) -> CheckedNumber | None:
    """TOO_SHORT or TOO_LONG with the count of what is missing or too much, or None."""
    longest = longest or shortest
    if len(value) < shortest:
        missing = shortest - len(value)
        return faulty(value, NumberFault.TOO_SHORT, missing=missing, length=shortest)
    if len(value) > longest:
        extra = len(value) - longest
        return faulty(value, NumberFault.TOO_LONG, extra=extra, length=longest)
    return None


def bad_character(value: str, pattern: str) -> CheckedNumber | None:
    """BAD_CHARACTER for the first match of `pattern` in `value`, or None."""
    bad = re.search(pattern, value)
    if bad is None:
        return None
    position = bad.start() + 1
    return faulty(value, NumberFault.BAD_CHARACTER, position=position, character=bad.group())
