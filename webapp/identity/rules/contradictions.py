"""What was typed against what a photo of the document says, as far as it was surely read: nothing unsure contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.identity.rules.documents import DocumentType, match_key
from webapp.identity.rules.names import NameLikeness, same_name, same_script


def other_number_read(kind: DocumentType, typed: str, reading: Mapping[str, Any]) -> str:
    """The number that a photo shows, with all its check digits right, where it isn't the one that was typed; else ""."""
    shown = str(reading.get("fields", {}).get("number", ""))
    if not shown or not (reading.get("mrz_valid") or len(shown) == 18):
        return ""
    return "" if match_key(kind, shown) == match_key(kind, typed) else shown


def other_name_read(typed: str, reading: Mapping[str, Any]) -> str:
    """The name that a photo shows, where it is quite another than the one that was typed; else "".

    The zone of a Chinese passport spells in Latin letters what its holder writes in characters: that says nothing.
    """
    shown = str(reading.get("fields", {}).get("name", ""))
    differs = shown and same_script(shown, typed) and same_name(shown, typed) is NameLikeness.DIFFERENT
    return shown if differs else ""
