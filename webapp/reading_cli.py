"""`flask read …`: what the readers see in files, one JSON object a line; nothing is kept and nothing is sent."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pillow_heif
from flask import current_app
from flask.cli import AppGroup
from PIL import Image, ImageOps

from webapp.core.db import end_reading
from webapp.ports.seams import Seams

LONGEST_SIDE, QUALITY = 1600, 88  # as a payee's upload is kept

read = AppGroup("read", help="What the readers see in pictures, as JSON lines.")
pillow_heif.register_heif_opener()


@read.command("card")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read_card(files: Sequence[Path]) -> None:
    """Bank cards: number (null when unsure), bank, kind, whether the printed name agrees, fault, milliseconds."""
    each(files, _card)


def each(files: Sequence[Path], look: Callable[[Seams, bytes], Mapping[str, Any]]) -> None:
    """Prints what `look` says of each picture; a file that can't be read gets a line with `error`.

    Exits with 1 when none of them could be read.
    """
    seams, readable = current_app.extensions["seams"], 0
    end_reading()
    for file in files:
        try:
            answer: Mapping[str, Any] = look(seams, upright_jpeg(file.read_bytes()))
            readable += 1
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
            answer = {"error": type(fault).__name__}
        click.echo(json.dumps({"file": str(file), **answer}, ensure_ascii=False))
    if not readable:
        raise click.exceptions.Exit(1)


def upright_jpeg(raw: bytes) -> bytes:
    """A picture of any format that can be opened (HEIC too) as an upright JPEG of at most 1,600 px.

    Raises OSError, ValueError, SyntaxError or DecompressionBombError for what is no sound picture.
    """
    with Image.open(io.BytesIO(raw)) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def _card(seams: Seams, picture: bytes) -> Mapping[str, Any]:
    found = seams.cards.read([picture])
    return {
        "number": found.number,
        "bank": found.bank_code,
        "kind": found.kind,
        "bank_seen": found.bank_seen,
        "confidence": found.confidence,
        "fault": found.fault,
        "milliseconds": found.milliseconds,
    }
