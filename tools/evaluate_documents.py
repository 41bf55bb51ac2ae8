"""How well documents are read: drawn resident cards, passports and permits, field by field, peers beside."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from drawing import documents
from drawing.documents import DrawnDocument
from drawing.lens import photograph
from measuring import RapidOcr, Tallies, merged, on_disk, tallies, tesseract
from stdnum.iso7064 import mod_11_2

from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.core.mrz import parse_mrz
from webapp.ports.document_reader import DocumentSide

CLEAR = 0.35
OURS, RAPID, TESSERACT = "ours", "RapidOCR, free", "tesseract"
KINDS: Mapping[DocumentSide, tuple[Callable[[np.random.Generator], DrawnDocument], tuple[int, int]]] = {
    DocumentSide.RESIDENT_FRONT: (documents.resident_front, (1600, 1067)),
    DocumentSide.RESIDENT_BACK: (documents.resident_back, (1600, 1067)),
    DocumentSide.DATA_PAGE: (documents.passport, (1600, 1150)),
    DocumentSide.PERMIT_BACK: (documents.permit_back, (1600, 1067)),
}


def drawn(side: DocumentSide, place: int, seed: int) -> tuple[bytes, dict[str, str], str]:
    """The picture of one document as JPEG, its fields, and whether it's a clear or a hard one."""
    rng = np.random.default_rng([seed, list(DocumentSide).index(side), place])
    clear = place % 2 == 0
    draw, size = KINDS[side]
    made = draw(rng)
    hardness = float(rng.uniform(0, CLEAR) if clear else rng.uniform(CLEAR, 1))
    picture = photograph(made.sheet, rng, hardness, corner=0.03, size=size)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue(), made.fields, "clear" if clear else "hard"


def evaluate(
    counts: Mapping[DocumentSide, int], *, first: int, seed: int, jobs: int, models: str, peers_every: int
) -> Tallies:
    """Tallies by reader, side, field and hardness; a field that isn't read is empty, one read otherwise wrong."""
    work = [(part, jobs, dict(counts), first, seed, models, peers_every) for part in range(jobs)]
    if jobs == 1:
        return _part(*work[0])
    with get_context("spawn").Pool(jobs) as pool:
        return merged(pool.starmap(_part, work))


def _part(
    part: int, jobs: int, counts: Mapping[DocumentSide, int], first: int, seed: int, models: str, peers_every: int
) -> Tallies:
    found, ours = tallies(), OnnxDocumentReader(Path(models))
    with ExitStack() as stack:
        rapid = stack.enter_context(RapidOcr()) if peers_every else None
        for side, count in counts.items():
            ours.read(drawn(side, 0, seed)[0], side)
            for seen, place in enumerate(range(first + part, first + count, jobs)):
                picture, fields, group = drawn(side, place, seed)
                started = time.process_time()
                read = ours.read(picture, side).fields
                seconds = time.process_time() - started
                for name, true in fields.items():
                    told = read.get(name)
                    found[OURS, side, name, group].note(told, true, seconds)
                    if told not in (None, true):
                        print(f"told wrongly: {side} {place} of seed {seed}: {name} {told} for {true}", flush=True)
                if rapid and seen % peers_every == 0:
                    _ask_peers(found, rapid, picture, side, fields.get("number"), group)
    return found


def _ask_peers(
    found: Tallies, rapid: RapidOcr, picture: bytes, side: DocumentSide, number: str | None, group: str
) -> None:
    """The number alone: what a free reader's lines hold of it, its check digit right."""
    if number is None:
        return
    path = on_disk(picture)
    texts, seconds = rapid.read(path)
    found[RAPID, side, "number", group].note(number_in(texts, side), number, seconds)
    lines, seconds = tesseract(path, languages="chi_sim+eng", mode=11)
    found[TESSERACT, side, "number", group].note(number_in(lines, side), number, seconds)
    path.unlink()


def number_in(texts: list[str], side: DocumentSide) -> str | None:
    """The ID number or the zone's document number in a reader's lines, where its check digits are right."""
    plain = [re.sub(r"\s", "", text).replace("«", "<<").upper() for text in texts]
    if side is DocumentSide.RESIDENT_FRONT:
        runs = (run.group() for text in plain for run in re.finditer(r"[1-9]\d{16}[\dX]", text))
        return next((run for run in runs if mod_11_2.is_valid(run)), None)
    width, lines = (44, 2) if side is DocumentSide.DATA_PAGE else (30, 3)
    for start in range(len(plain) - lines + 1):
        zone = parse_mrz([text.ljust(width, "<")[:width] for text in plain[start : start + lines]])
        if zone and zone.valid:
            return zone.document_number
    return None
