"""What a photo says against what was typed: only a plain contradiction, surely read, counts."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.identity.rules.contradictions import other_name_read, other_number_read
from webapp.identity.rules.documents import DocumentType
from webapp.payee.rules.cards import surely_read

ID, OTHER_ID = "440301198501010014", "44030119850101009X"


def read(*, mrz_valid: bool = False, **fields: str) -> dict[str, Any]:
    return {"fields": fields, "mrz_valid": mrz_valid}


@pytest.mark.parametrize(
    ("kind", "typed", "reading", "other"),
    [
        (DocumentType.RESIDENT_ID, ID, read(number=OTHER_ID), OTHER_ID),
        (DocumentType.RESIDENT_ID, ID, read(number=ID), ""),
        (DocumentType.RESIDENT_ID, "440301850101001", read(number=ID), ""),
        (DocumentType.PASSPORT, "C01X00T47", read(number="C01X00T48", mrz_valid=True), "C01X00T48"),
        (DocumentType.PASSPORT, "c01x00t47", read(number="C01X00T47", mrz_valid=True), ""),
        (DocumentType.PASSPORT, "C01X00T47", read(number="C01X00T48"), ""),
        (DocumentType.PASSPORT, "C01X00T47", read(mrz_valid=True), ""),
        (DocumentType.PASSPORT, "C01X00T47", {}, ""),
    ],
)
def test_a_number_contradicts_when_its_check_digits_are_right(
    kind: DocumentType, typed: str, reading: dict[str, Any], other: str
) -> None:
    assert other_number_read(kind, typed, reading) == other


@pytest.mark.parametrize(
    ("typed", "shown", "other"),
    [
        ("何志豪", "何志强", "何志强"),
        ("何志豪", "何志豪", ""),
        ("Anna Müller", "MUELLER ANNA", ""),
        ("MUELLER ANNA", "SCHMIDT ANNA", "SCHMIDT ANNA"),
        ("周海", "ZHOU HAI", ""),
        ("何志豪", "", ""),
    ],
)
def test_a_name_contradicts_when_it_is_quite_another(typed: str, shown: str, other: str) -> None:
    assert other_name_read(typed, read(name=shown)) == other


@pytest.mark.parametrize(
    ("reading", "number"),
    [
        (None, ""),
        ({"number": None, "fault": "blurred"}, ""),
        ({"number": "6299990000000000012", "kind": "debit", "bank_seen": "agrees"}, "6299990000000000012"),
        ({"number": "6299990000000000012", "kind": "unknown", "bank_seen": "unread"}, "6299990000000000012"),
        ({"number": "6299990000000000012", "kind": "debit", "bank_seen": "differs"}, ""),
        ({"number": "6299990000000000012", "kind": "credit"}, ""),
        ({"number": "6299990000000000012", "kind": "prepaid"}, ""),
    ],
)
def test_a_card_is_surely_read_when_its_number_can_be_filled_in(reading: dict[str, Any] | None, number: str) -> None:
    assert surely_read(reading) == number
