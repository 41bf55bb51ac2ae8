"""How names are sorted for a reader of a language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable


def script_of(locale: str) -> str:
    """Hans, Hant, or nothing for a language that isn't Chinese."""
    if not locale.startswith("zh"):
        return ""
    traditional = {"Hant", "TW", "HK", "MO"} & set(locale.replace("-", "_").split("_"))
    return "Hant" if traditional else "Hans"


def order_of(locale: str) -> Callable[[str], bytes]:
    """How names are sorted there: by pinyin, by strokes, by letters without their accents."""
    encoding = {"Hans": "gb18030", "Hant": "big5hkscs"}.get(script_of(locale))
    if encoding:  # common characters stand in these orders in these character sets
        return lambda name: name.encode(encoding, errors="replace")
    return lambda name: "".join(
        letter for letter in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(letter)
    ).encode()
