"""Asking whether a letter is genuine: counted, so that it can't be asked without end."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from webapp.core.audit import AuditEntry
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.genuine.models import LetterLook
from webapp.genuine.queries import OF_A_FILE, Answer, by_sha256
from webapp.payee.models import Letter
from webapp.ports.letter_sealer import LetterSealer, SealVerdict

WINDOW = timedelta(minutes=10)
MADE, SHEET = "payee.letter_made", "desk.evidence_sheet"
MOST_LOOKS = 30  # a counter that checks a pile of letters needs some; a machine that guesses needs billions
KEPT = timedelta(hours=1)


class TooManyLooks(Exception):
    """This client asks without end; `wait` is how long it should pause."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(str(wait))


def count_look(client: str, *, now: datetime) -> None:
    """Counts one question inside the caller's unit of work. Raises TooManyLooks."""
    digest = keyed_hash("client", client)
    db.session.execute(delete(LetterLook).where(LetterLook.at < now - KEPT))
    looks = select(func.count(), func.min(LetterLook.at)).where(
        LetterLook.client_hash == digest, LetterLook.at > now - WINDOW
    )
    count, first = db.session.execute(looks).one()
    if count >= MOST_LOOKS:
        raise TooManyLooks(first + WINDOW - now)
    db.session.add(LetterLook(client_hash=digest, at=now))


def check_file(pdf: bytes, *, sealer: LetterSealer) -> Answer:
    """What a file is: one of our letters, byte for byte; or what its seal tells of it."""
    known = by_sha256(hashlib.sha256(pdf).hexdigest())
    return known if known is not None else Answer(OF_A_FILE[sealer.check(pdf).verdict])


@dataclass(frozen=True, slots=True)
class FileReport:
    """What is known of one file. `kind` is letter or evidence_sheet, empty when none of ours has this hash."""

    seal: SealVerdict
    sha256: str
    kind: str = ""
    number: str = ""
    state: str = ""
    sealed_at: str = ""
    stamped_at: str = ""
    audit_row: int | None = None

    @property
    def genuine(self) -> bool:
        """Sealed by us, unchanged, and vouched for by a row of the audit chain; whether it is current is another question."""
        return self.seal is SealVerdict.INTACT and bool(self.kind) and self.audit_row is not None

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "seal": self.seal.value}


def inspect_file(pdf: bytes, *, sealer: LetterSealer) -> FileReport:
    """Seal, hash and audit row of a file. Whether the chain itself holds is asked once for all files, elsewhere."""
    seal, digest = sealer.check(pdf), hashlib.sha256(pdf).hexdigest()
    letter = db.session.scalar(select(Letter).where(Letter.pdf_sha256 == digest))
    rows = select(AuditEntry).where(AuditEntry.detail["sha256"].as_string() == digest)
    if letter is not None:
        row = db.session.scalar(rows.where(AuditEntry.action == MADE, AuditEntry.subject_id == letter.id))
        kind, number, state = "letter", letter.number, letter.state
    else:
        row = db.session.scalar(rows.where(AuditEntry.action == SHEET))
        kind, number, state = ("evidence_sheet", row.detail["number"], "made") if row is not None else ("", "", "")
    return FileReport(
        seal.verdict, digest, kind, number, state,
        seal.sealed_at.isoformat() if seal.sealed_at else "", seal.stamped_at.isoformat() if seal.stamped_at else "",
        row.id if row is not None else None,
    )  # fmt: skip
