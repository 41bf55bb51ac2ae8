"""How well card numbers are read: drawn cards of all banks and prints, pictures without a card, peers beside."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from drawing.cards import Print, bank_card
from drawing.lens import SIZE, photograph
from drawing.tables import printed_page, table
from measuring import RapidOcr, Tallies, merged, on_disk, tallies, tesseract
from PIL import Image
from stdnum import luhn

from webapp.adapters.vision.cards import OnnxCardReader
from webapp.payee.rules.banks import CardType, Prefix, all_prefixes, banks_named, find_prefix
from webapp.ports.card_reader import CardIssuer, CardKind

CLEAR = 0.35  # hardness
OURS, RAPID, TESSERACT = "ours", "RapidOCR + Luhn", "tesseract + Luhn"
KINDS = {CardType.DEBIT: CardKind.DEBIT, CardType.PREPAID: CardKind.PREPAID}


def drawn(place: int, seed: int) -> tuple[bytes, str, tuple[str, str]]:
    """The picture of one card as JPEG, its number, and its group: print and how hard it is."""
    rng = np.random.default_rng([seed, place])
    how = list(Print)[place % 3]
    clear = place // 3 % 2 == 0
    hardness = float(rng.uniform(0, CLEAR) if clear else rng.uniform(CLEAR, 1))
    card = bank_card(prefix_of(place), how, rng)
    picture = photograph(card.sheet, rng, hardness)
    return packed(picture), card.number, (str(how), "clear" if clear else "hard")


def prefix_of(place: int) -> Prefix:
    """The prefixes in turn, so that every bank of the table has its cards."""
    known = all_prefixes()
    return known[place * 7919 % len(known)]


def without_card(place: int, seed: int) -> bytes:
    """A picture in which no bank card is: papers full of numbers, bare tables."""
    rng = np.random.default_rng([seed, 1_000_000 + place])
    if place % 4 == 0:
        bare = np.clip(table(SIZE, rng), 0, 255).astype(np.uint8)
        return packed(Image.fromarray(bare))
    sheet = printed_page((1100, 720), rng)
    return packed(photograph(sheet, rng, float(rng.uniform(0, 1)), corner=0.002))


def packed(picture: Image.Image) -> bytes:
    """As the page sends it."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def reader(models: str) -> OnnxCardReader:
    """Ours, with the table of prefixes that the product has."""

    def issuer(number: str) -> CardIssuer | None:
        prefix = find_prefix(number)
        return CardIssuer(prefix.bank_code, KINDS.get(prefix.card_type, CardKind.CREDIT)) if prefix else None

    return OnnxCardReader(Path(models), issuer_of=issuer, banks_named=banks_named)


def number_in(texts: list[str]) -> str | None:
    """What a free reader's lines give: the first run of 13 to 19 digits that passes Luhn."""
    for text in texts:
        for run in re.findall(r"\d{13,19}", re.sub(r"[\s·.\-]", "", text)):
            if luhn.is_valid(run):
                return str(run)
    return None


@dataclass(frozen=True, slots=True)
class Work:
    """What one process does: every `jobs`-th picture from its `part` on; peers see every `peers_every`-th of these."""

    cards: int
    without: int
    first: int
    seed: int
    jobs: int
    models: str
    peers_every: int

    def cases(self, part: int) -> Iterator[tuple[int, bytes, str | None, tuple[str, str]]]:
        """Each picture's place, the picture, its number (None: no card) and its group."""
        last = self.first + self.cards
        for place in range(self.first + part, last, self.jobs):
            yield place, *drawn(place, self.seed)
        for place in range(self.first + part, self.first + self.without, self.jobs):
            yield place, without_card(place, self.seed), None, ("no card", "")


def evaluate(cards: int, without: int, *, first: int, seed: int, jobs: int, models: str, peers_every: int) -> Tallies:
    """Tallies by reader, print and hardness; in ("…", "no card", "") an empty answer is the right one.

    The peers see every `peers_every`-th of the pictures, none for 0.
    """
    work = Work(cards, without, first, seed, jobs, models, peers_every)
    if jobs == 1:
        return _part(work, 0)
    with get_context("spawn").Pool(jobs) as pool:
        return merged(pool.starmap(_part, [(work, part) for part in range(jobs)]))


def _part(work: Work, part: int) -> Tallies:
    found, ours = tallies(), reader(work.models)
    ours.read([drawn(0, work.seed)[0]])  # the networks are loaded once, before the clock runs
    with ExitStack() as stack:
        rapid = stack.enter_context(RapidOcr()) if work.peers_every else None
        for count, (place, picture, number, group) in enumerate(work.cases(part)):
            started = time.process_time()
            told = ours.read([picture]).number
            found[OURS, *group].note(told, number, time.process_time() - started)
            if told not in (None, number):
                print(f"told wrongly: {' '.join(group)} picture {place} of seed {work.seed}", flush=True)
            if rapid and count % work.peers_every == 0:
                _ask_peers(found, rapid, picture, number, group)
    return found


def _ask_peers(found: Tallies, rapid: RapidOcr, picture: bytes, number: str | None, group: tuple[str, str]) -> None:
    path = on_disk(picture)
    texts, seconds = rapid.read(path)
    found[RAPID, *group].note(number_in(texts), number, seconds)
    lines, seconds = tesseract(path)
    found[TESSERACT, *group].note(number_in(lines), number, seconds)
    path.unlink()
