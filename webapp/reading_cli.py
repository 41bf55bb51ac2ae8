"""`flask read …`: what the readers see in files, one JSON object a line; nothing is kept and nothing is sent."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pillow_heif
from flask import current_app
from flask.cli import AppGroup
from PIL import Image, ImageOps

from webapp.core.db import end_reading
from webapp.identity.jobs import LONGEST_VIDEO, photo_kinds
from webapp.identity.rules.documents import DocumentType
from webapp.ports.document_reader import DocumentSide
from webapp.ports.liveness import Gesture, Liveness
from webapp.ports.seams import Seams
from webapp.ports.video_inspector import VideoFault

FIELDS = ("name", "number", "nationality", "birth_date", "expiry_date", "sex", "nation", "address", "authority")
CARD = ("number", "bank", "kind", "bank_seen", "confidence", "fault", "milliseconds")
FACES = ("likeness", "similarity", "fault", "milliseconds")
LONGEST_SIDE, QUALITY = 1600, 88  # as a payee's upload is kept

read = AppGroup("read", help="What the readers see in pictures, as JSON lines.")
pillow_heif.register_heif_opener()


class NoVideo(ValueError):
    """None of its frames can be decoded."""


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


@read.command("card")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read_card(files: Sequence[Path]) -> None:
    """Bank cards: number (null when unsure), bank, kind, whether the printed name agrees, fault, milliseconds."""
    each(files, _card, dict.fromkeys(CARD))


@read.command("document")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in DocumentType]), required=True)
@click.option("--side", type=click.Choice(["front", "back"]), help="Guessed by what is read, where it isn't given.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read_document(kind: str, side: str | None, files: Sequence[Path]) -> None:
    """Identity documents: side, what is surely read of it, whether its zone's check digits are right, fault, milliseconds."""
    sides = [photo for field, photo in photo_kinds(kind).items() if side is None or field in (side, "data_page")]
    nothing: dict[str, Any] = {"side": None, "fields": dict.fromkeys(FIELDS), "confidence": dict.fromkeys(FIELDS)}
    nothing |= dict.fromkeys(("mrz_valid", "fault", "milliseconds"))
    each(files, lambda seams, picture: _document(seams, picture, [DocumentSide(photo) for photo in sides]), nothing)


@read.command("face")
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def read_face(one: Path, other: Path) -> None:
    """Two faces: likeness (agree, unsure, differ, no_face), cosine (null without two faces), faults of both, milliseconds."""
    live: dict[str, bytes] = {}

    def look(seams: Seams, picture: bytes) -> Mapping[str, Any]:
        started = time.perf_counter()
        if not live:
            live["picture"] = picture
            return {"fault": seams.faces.inspect(picture).fault, "milliseconds": _since(started)}
        found = seams.faces.compare(live["picture"], picture)
        return {
            "likeness": found.likeness,
            "similarity": found.similarity,
            "fault": seams.faces.inspect(picture).fault,
            "milliseconds": _since(started),
        }

    each((one, other), look, dict.fromkeys(FACES))


@read.command("liveness")
@click.option("--challenge", required=True, help="What was asked, in order: turn_left,nod")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read_liveness(challenge: str, files: Sequence[Path]) -> None:
    """Face videos: when each gesture was seen (null: not seen), same_face, frozen (null: can't be told), confidence, fault."""
    try:
        asked = [Gesture(name.strip()) for name in challenge.split(",")]
    except ValueError as unknown:
        raise click.BadParameter(f"only {', '.join(Gesture)}") from unknown
    nothing: dict[str, Any] = {"gestures": dict.fromkeys(asked)}
    nothing |= dict.fromkeys(("same_face", "frozen", "confidence", "fault", "seconds", "rate", "milliseconds"))
    each(files, lambda seams, video: _liveness(seams, video, asked), nothing, prepare=bytes)


def each(
    files: Sequence[Path],
    look: Callable[[Seams, bytes], Mapping[str, Any]],
    nothing: Mapping[str, Any],
    prepare: Callable[[bytes], bytes] = upright_jpeg,
) -> None:
    """Prints what `look` says of each file, after `prepare`; of one that can't be read it prints `nothing` with an `error`.

    What is the matter with that one is said on stderr.

    Exits with 1 when none of them could be read.
    """
    seams, readable = current_app.extensions["seams"], 0
    end_reading()
    for file in files:
        try:
            answer: Mapping[str, Any] = look(seams, prepare(file.read_bytes()))
            readable += 1
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
            answer = {**nothing, "error": type(fault).__name__}
            click.echo(f"{file}: {fault}", err=True)
        click.echo(json.dumps({"file": str(file), **answer}, ensure_ascii=False))
    if not readable:
        raise click.exceptions.Exit(1)


def _since(started: float) -> int:
    return round(1000 * (time.perf_counter() - started))


def _document(seams: Seams, picture: bytes, sides: Sequence[DocumentSide]) -> Mapping[str, Any]:
    """The side of which the most is read; the first that was asked for where nothing is."""
    seen = [(side, seams.documents.read(picture, side)) for side in sides]
    side, found = max(seen, key=lambda pair: len(pair[1].fields))
    fields = {name: found.fields.get(name) for name in FIELDS}
    return {
        "side": side if found.fields else None,
        "fields": fields,
        "confidence": {name: found.confidences.get(name) for name in FIELDS},
        "mrz_valid": found.mrz_valid,
        "fault": found.fault,
        "milliseconds": sum(reading.milliseconds for _, reading in seen),
    }


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


def _liveness(seams: Seams, video: bytes, asked: Sequence[Gesture]) -> Mapping[str, Any]:
    started = time.perf_counter()
    found = seams.videos.inspect(video, longest=LONGEST_VIDEO, challenge=asked)
    if found.fault is VideoFault.NOT_A_VIDEO:
        raise NoVideo("no video that can be decoded")
    live = found.liveness or Liveness(None)
    seen = {one.gesture: one.at for one in live.seen}
    return {
        "gestures": {gesture: seen.get(gesture) for gesture in asked},
        "same_face": live.same_face,
        "frozen": live.frozen,
        "confidence": live.confidence if found.liveness else None,
        "fault": found.fault or live.fault,
        "seconds": found.seconds,
        "rate": live.rate or None,
        "milliseconds": _since(started),
    }
