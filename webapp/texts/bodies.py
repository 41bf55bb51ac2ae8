"""The texts that a new deployment starts with: files of this folder, first line the title, then paragraphs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from webapp.texts.models import TextKind
from webapp.texts.usecases import publish

FOLDER = Path(__file__).parent / "bodies"


def publish_bodies(*, court: str, platform: str, now: datetime) -> int:
    """Publishes every file that differs from the version in force, inside a unit of work; returns how many there are."""
    files = sorted(FOLDER.glob("*.txt"))
    for file in files:
        kind, language = file.stem.split(".")
        filled = file.read_text(encoding="utf-8").replace("{court}", court).replace("{platform}", platform)
        title, _, body = filled.partition("\n")
        publish(TextKind(kind), language, title=title.strip(), body=body.strip(), now=now)
    return len(files)
