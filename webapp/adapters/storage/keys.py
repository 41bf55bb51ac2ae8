"""Which keys a store takes: plain ASCII names with slashes between them, none of which begins with a dot."""

from __future__ import annotations

import re

_NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_KEY = re.compile(rf"{_NAME}(/{_NAME})*")


def checked_key(key: str) -> str:
    """The key itself; raises ValueError for one that could lead out of the store."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of ours")
    return key
