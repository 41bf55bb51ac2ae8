"""Sealed files that nobody points to: found by the columns that hold their keys, removed after a grace time.

Only folders that stand in OWNERS are swept, each with every column that may hold a key of it: a folder which a new part
of the product fills stays untouched until it says here who points to its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.cases.people_models import PayeePaper
from webapp.core import audit
from webapp.core.db import db, end_reading, unit_of_work
from webapp.evidence.models import Photo
from webapp.identity.models import ReservedSignature
from webapp.ledger.models import PayoutBatch, PayoutResult
from webapp.payee.models import Letter
from webapp.ports.object_store import ObjectStore, StoredFile

OWNERS: Mapping[str, Sequence[InstrumentedAttribute[Any]]] = {
    "photos/": (Photo.object_key,),
    "signatures/": (ReservedSignature.strokes_key, ReservedSignature.picture_key),
    "letters/": (Letter.pdf_key,),
    "papers/": (PayeePaper.object_key,),
    "payouts/": (PayoutBatch.inner_key, PayoutBatch.outer_key, PayoutResult.object_key),
}
SHORTEST_GRACE = timedelta(hours=1)
BATCH = 400


def sweep_store(
    store: ObjectStore, *, grace: timedelta, now: datetime, dry_run: bool = False
) -> dict[str, tuple[int, int]]:
    """Of each folder: how many files it has, and how many of them nobody points to, which are removed.

    A removal is written into the audit chain before it is done, so that none goes unseen. Killed half-way, the rest goes
    the next time.
    """
    return {prefix: _sweep(store, prefix, now - grace, now, dry_run=dry_run) for prefix in OWNERS}


def _sweep(store: ObjectStore, prefix: str, before: datetime, now: datetime, *, dry_run: bool) -> tuple[int, int]:
    seen = orphans = 0
    for batch in _batches(store.listed(prefix)):
        seen += len(batch)
        old = [file.key for file in batch if file.changed_at < before]
        lost = sorted(set(old) - _pointed_to(prefix, old))
        orphans += len(lost)
        if lost and not dry_run:
            with unit_of_work():
                audit.record(audit.OPERATOR, "store.swept", ("folder", prefix), now=now, keys=lost)
            for key in lost:
                store.delete(key)
    return seen, orphans


def _pointed_to(prefix: str, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for column in OWNERS[prefix]:
        found.update(db.session.scalars(select(column).where(column.in_(keys))))
    end_reading()
    return found


def _batches(files: Iterator[StoredFile]) -> Iterator[list[StoredFile]]:
    while batch := list(islice(files, BATCH)):
        yield batch
