"""The file to the bank: written once as it was released, sealed in the store, handed out as it is and never made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.ids import new_id
from webapp.evidence.usecases import open_file, seal_file
from webapp.ledger.models import PayoutBatch
from webapp.ledger.rules import BatchState
from webapp.payouts.envelopes import for_certificate, new_password, pack, with_password
from webapp.payouts.queries import payments_in
from webapp.payouts.rules import Control, Controlling, Payment, control_of
from webapp.payouts.templates import Template, template_of, yuan
from webapp.payouts.usecases.batches import BatchRefused
from webapp.ports.object_store import ObjectStore


class NotAsReleased(Exception):
    """The lines aren't those that were released: nothing is written, and somebody must find out why."""


def write_batch(batch_id: str, *, certificate: Path | None, store: ObjectStore, now: datetime) -> None:
    """Writes the file of a released batch, once. Raises NotAsReleased.

    Each try has files of its own; those of a later one are removed. One part at a time is in memory.
    """
    batch = db.session.get_one(PayoutBatch, batch_id)
    if batch.state != BatchState.WRITING:
        return
    template, name = template_of(batch.template), f"{in_china(batch.released_at or now):%Y%m%d}-{batch.code}"
    files, total = _files(batch_id, template, name)
    if (total.count, total.total, total.sha256) != (batch.count, batch.total, batch.control):
        raise NotAsReleased(batch_id)
    end_reading()
    inner = pack(files)
    inner_key = f"payouts/{batch_id}/{new_id()}.zip"
    inner_sha = seal_file(inner_key, inner, store=store)
    outer_key, outer_sha, kind, password = _seal_envelope(batch_id, inner, certificate, store)
    with unit_of_work():
        batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
        kept = batch.state == BatchState.WRITING
        if kept:
            batch.state, batch.written_at = BatchState.RELEASED, now
            batch.inner_key, batch.inner_sha256 = inner_key, inner_sha
            batch.outer_key, batch.outer_sha256, batch.outer_kind, batch.password = outer_key, outer_sha, kind, password
            db.session.flush()
            audit.record(
                audit.SYSTEM, "payouts.file_written", ("batch", batch_id), now=now, inner=inner_sha, outer=outer_sha
            )
    if not kept:
        store.delete(inner_key)
        store.delete(outer_key)


def _files(batch_id: str, template: Template, name: str) -> tuple[dict[str, bytes], Control]:
    """The parts by name, with their cover, and the control sum of all lines."""
    whole, files, cover = Controlling(), {}, []
    for place, part in enumerate(_parts(batch_id, template.most, whole), start=1):
        control = control_of(part)
        part_name = f"{name}-{place:03d}.{template.suffix}"
        files[part_name] = template.write(part, control, name)
        cover.append(
            f"{part_name}\t{control.count}\t{yuan(control.total)}\t{control.sha256}\t{hashlib.sha256(files[part_name]).hexdigest()}"
        )
    total = whole.sum
    head = [f"batch\t{name}", f"count\t{total.count}", f"total\t{yuan(total.total)}", f"sha256\t{total.sha256}"]
    heading = "file\tcount\ttotal\tsha256 of lines\tsha256 of file"
    files[f"{name}-control.txt"] = "\r\n".join([*head, "", heading, *cover, ""]).encode()
    return files, total


def _parts(batch_id: str, most: int, whole: Controlling) -> Iterator[list[Payment]]:
    payments = payments_in(batch_id)
    while part := list(islice(payments, most)):
        for payment in part:
            whole.add(payment)
        yield part


def _seal_envelope(
    batch_id: str, inner: bytes, certificate: Path | None, store: ObjectStore
) -> tuple[str, str, str, str | None]:
    """Key, SHA-256, kind and password of a fresh envelope."""
    password = None if certificate else new_password()
    outer = for_certificate(inner, certificate) if certificate else with_password(inner, password or "")
    key = f"payouts/{batch_id}/{new_id()}.{'p7m' if certificate else 'zip'}"
    return key, seal_file(key, outer, store=store), "p7m" if certificate else "zip", password


def show_password(batch_id: str, *, clerk_id: str, now: datetime) -> str | None:
    """The envelope's password, to whoever released the batch, once; None when it was shown. Inside a unit of work."""
    batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
    if batch.released_by != clerk_id:
        raise BatchRefused("releaser_only")
    password, batch.password = batch.password, None
    if password is not None:
        db.session.flush()
        audit.record(_clerk(clerk_id), "payouts.password_shown", ("batch", batch_id), now=now, file=batch.outer_sha256)
    return password


def new_envelope(batch_id: str, *, certificate: Path | None, clerk_id: str, store: ObjectStore, now: datetime) -> None:
    """The same file in a fresh envelope, when a password was lost; what is inside is byte for byte what was released."""
    batch = db.session.get_one(PayoutBatch, batch_id)
    if batch.state != BatchState.RELEASED or batch.released_by != clerk_id or batch.inner_key is None:
        raise BatchRefused("releaser_only")
    inner_key, inner_sha = batch.inner_key, batch.inner_sha256
    end_reading()
    inner = open_file(inner_key, store=store)
    if hashlib.sha256(inner).hexdigest() != inner_sha:
        raise NotAsReleased(batch_id)
    key, digest, kind, password = _seal_envelope(batch_id, inner, certificate, store)
    with unit_of_work():
        batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
        former, batch.outer_key, batch.outer_sha256 = batch.outer_key, key, digest
        batch.outer_kind, batch.password = kind, password
        db.session.flush()
        audit.record(
            _clerk(clerk_id), "payouts.envelope_made", ("batch", batch_id), now=now, inner=inner_sha, outer=digest
        )
    if former:
        store.delete(former)


def fetch_file(batch_id: str, *, clerk_id: str, store: ObjectStore, now: datetime) -> tuple[bytes, str]:
    """The envelope and its file name; each time leaves a row in the audit trail. Raises BatchRefused, NotAsReleased."""
    batch = db.session.get_one(PayoutBatch, batch_id)
    if batch.state != BatchState.RELEASED or batch.outer_key is None:
        raise BatchRefused("not_released")
    key, digest = batch.outer_key, batch.outer_sha256
    name = f"{in_china(batch.released_at or now):%Y%m%d}-{batch.code}.{batch.outer_kind}"
    end_reading()
    data = open_file(key, store=store)
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotAsReleased(batch_id)
    with unit_of_work():
        audit.record(_clerk(clerk_id), "payouts.file_fetched", ("batch", batch_id), now=now, file=digest)
    return data, name


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
