"""Which forms are kept while they are typed, and which of their fields."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS: Mapping[str, tuple[str, ...]] = {
    "document": ("document_type", "name", "number", "nationality"),
    "account": ("card_number", "card_photo", "bank", "branch", "phone"),
}
"""By kind of form. A tick is not among them: whoever comes back says again that they agree, or have compared."""
LONGEST = 200  # characters of a field; the forms take fewer
_PLACE = re.compile(r"(document|account)(?:/[A-Za-z0-9_-]{1,30})?")


def fields_of(place: str) -> tuple[str, ...]:
    """The fields that are kept of the form at `place` ("document", or "account/" and its case), or none."""
    found = _PLACE.fullmatch(place)
    return FIELDS[found[1]] if found else ()


def typed_in(place: str, given: Mapping[str, str]) -> dict[str, str]:
    """What is kept of a form's values: its own fields, cut where they are longer than any answer."""
    return {name: given[name][:LONGEST] for name in fields_of(place) if name in given}
