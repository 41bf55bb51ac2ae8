"""Compiles the catalogues (.po → .mo), each only when its source is newer.

Where a language has no words of its own (the desk, the sandbox page), its readers get English rather than Chinese.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "translations"


def main() -> None:
    """Writes messages.mo beside every messages.po."""
    english = _path("en")
    for source in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= max(source.stat().st_mtime, english.stat().st_mtime):
            continue
        language = source.parts[-3]
        catalog = _read(language)
        if not language.startswith("zh"):
            _lend(_read("en"), catalog)
        with target.open("wb") as out:
            write_mo(out, catalog)


def _lend(english: Catalog, catalog: Catalog) -> None:
    for message in english:
        own = catalog.get(message.id)
        if message.id and not message.pluralizable and (own is None or not own.string):
            catalog.add(message.id, message.string)


def _read(language: str) -> Catalog:
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def _path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    main()
