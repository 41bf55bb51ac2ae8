"""Brings the catalogues up to date with the source strings: adds new ones (empty), drops what is no longer said.

Usage: python tools/update_translations.py     Then translate what is empty; tests/guards/test_translations.py is the judge.
The source language is Simplified Chinese. Catalogues hold no line numbers, so that their differences are translations.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "zh_Hant", "ja", "ko", "fr", "de", "es", "pt", "ru", "ar", "it", "vi", "th", "id", "hi")
WHOLE = ("en",)
"""The languages that the desk speaks beside the source; the others hold what payees see."""
DESK = (
    "templates/desk/*", "templates/staff/*", "templates/trail/*", "templates/wording/*", "templates/payouts/*",
    "templates/demo/*", "templates/ui/desk.html", "templates/layouts/desk*",
    "webapp/demo/*", "webapp/review/*", "webapp/staff/*", "webapp/wording/*", "webapp/trail/*", "webapp/payouts/*",
    "webapp/search/*", "webapp/amending/*",
    "webapp/charts/*", "webapp/handbook/*", "webapp/cases/forms.py", "webapp/cases/words.py", "webapp/cases/import_views.py",
    "webapp/cases/people_views.py", "webapp/*/desk_*.py", "webapp/web/desk_nav.py",
)  # fmt: skip
"""Where nobody but the staff reads."""
METHODS = [("webapp/**.py", "python"), ("templates/letters/**", "ignore"), ("templates/**", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@cache
def _said() -> tuple[tuple[str, str | tuple[str, ...]], ...]:
    """(file, string) of every string; one that counts is a pair."""
    options = {"templates/**": {"encoding": "utf-8", "trimmed": "false"}}
    found = extract_from_dir(ROOT, METHODS, options, keywords=KEYWORDS)
    return tuple((file, message) for file, _line, message, _comments, _context in found if message)


def source_strings(language: str = "en") -> Catalog:
    """Every string that pages and messages say in a language: for most of them what payees see."""
    catalog = Catalog(charset="utf-8")
    for file, message in _said():
        if language in WHOLE or not any(fnmatch(file, place) for place in DESK):
            catalog.add(message)
    return catalog


def updated(language: str) -> bytes:
    """The catalogue of a language with exactly today's strings."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    known = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(
        locale=language,
        charset="utf-8",
        project="Lingkuan",
        header_comment=f"# {language}: the source is Simplified Chinese.",
    )
    fresh.creation_date = fresh.revision_date = datetime(
        2026, 11, 23, tzinfo=UTC
    )  # fixed: no difference without a difference
    for message in source_strings(language):
        if message.id:
            old = known.get(message.id)
            empty = ("",) * fresh.num_plurals if message.pluralizable else ""
            fresh.add(message.id, old.string if old is not None else empty, flags=message.flags - {"fuzzy"})
    out = io.BytesIO()
    write_po(out, fresh, no_location=True, sort_output=True, omit_header=False, ignore_obsolete=True, width=0)
    return out.getvalue()


def main() -> None:
    """Writes all catalogues."""
    for language in LANGUAGES:
        path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(language))


if __name__ == "__main__":
    main()
