"""What people type, made one way of writing."""

from __future__ import annotations

import unicodedata


def folded(typed: str) -> str:
    """NFKC, with every script's digits as 0–9: a phone set to Arabic, Hindi or Thai types its own, and means the same."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in plain)
