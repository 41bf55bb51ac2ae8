"""The trace of every look, and of every sheet that was taken out."""

from __future__ import annotations

import hashlib
from datetime import datetime

from webapp.core import audit


def looked(clerk_id: str, subject: tuple[str, str], *, now: datetime) -> None:
    """Each look at a person's record leaves a row. Inside a unit of work."""
    audit.record(_clerk(clerk_id), "desk.looked", subject, now=now)


def note_sheet(letter_id: str, number: str, pdf: bytes, *, actor: audit.Actor, now: datetime) -> None:
    """An evidence sheet was made for somebody. Inside a unit of work."""
    digest = hashlib.sha256(pdf).hexdigest()
    audit.record(actor, "desk.evidence_sheet", ("letter", letter_id), now=now, number=number, sha256=digest)


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
