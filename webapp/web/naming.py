"""Names that are Chinese by law, as people need them who read another language: with the English one beside them."""

from __future__ import annotations

from webapp.web.locale import current_language
from webapp.web.present import settings


def with_english(name: str, english: str) -> str:
    """A Chinese name, with the English one in brackets for whoever reads neither form of Chinese, where there is one."""
    language = current_language()
    if not english or language.code.startswith("zh"):
        return name
    both = f"{name} ({english})"
    return f"\u2066{both}\u2069" if language.direction == "rtl" else both  # one run from left to right


def court_title(name: str) -> str:
    """A court so; English names are a setting."""
    return with_english(name, settings().english_of_courts.get(name, ""))
