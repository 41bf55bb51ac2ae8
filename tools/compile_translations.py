"""Compiles the catalogues (.po → .mo), each only when its source is newer."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "translations"


def main() -> None:
    """Writes messages.mo beside every messages.po."""
    for source in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        with target.open("wb") as out:
            write_mo(out, catalog)


if __name__ == "__main__":
    main()
