"""Reserving a signature: strokes and picture sealed into the store, the old one kept but no longer standing."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import update

from webapp.core import audit
from webapp.core.db import db
from webapp.core.ids import new_id
from webapp.evidence.usecases import seal_file
from webapp.identity.models import ReservedSignature
from webapp.ports.object_store import ObjectStore


def store_signature(
    account_id: str, strokes: bytes, picture: bytes, *, made_by: str, store: ObjectStore, now: datetime
) -> ReservedSignature:
    """Seals both files and returns the description, to be reserved in the unit of work that follows."""
    signature_id = new_id()
    key = f"signatures/{now:%Y%m}/{signature_id}"
    seal_file(f"{key}.json", strokes, store=store)
    seal_file(f"{key}.png", picture, store=store)
    return ReservedSignature(
        id=signature_id,
        account_id=account_id,
        strokes_key=f"{key}.json",
        picture_key=f"{key}.png",
        strokes_sha256=hashlib.sha256(strokes).hexdigest(),
        made_by=made_by,
        signed_at=now,
    )


def reserve_signature(signature: ReservedSignature, *, now: datetime) -> None:
    """Makes this the account's standing signature. Inside a unit of work."""
    old = update(ReservedSignature).where(
        ReservedSignature.account_id == signature.account_id, ReservedSignature.superseded_at.is_(None)
    )
    db.session.execute(old.values(superseded_at=now))
    db.session.add(signature)
    db.session.flush()
    actor = audit.Actor("payee", signature.account_id)
    audit.record(
        actor,
        "identity.signature_reserved",
        ("signature", signature.id),
        now=now,
        strokes=signature.strokes_sha256,
        made_by=signature.made_by,
    )
