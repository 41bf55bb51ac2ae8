"""What is known of a letter, without a word of whom it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from webapp.cases.models import Case
from webapp.core.db import db
from webapp.payee.models import Letter, LetterState
from webapp.ports.letter_sealer import SealVerdict

LONGEST_CODE = 20


class Standing(StrEnum):
    """CURRENT and REPLACED are said of letters of ours; the rest is about a file, or a code that nobody gave."""

    CURRENT = "current"
    SIGNING = "signing"
    REPLACED = "replaced"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    FOREIGN = "foreign"
    NO_LETTER = "no_letter"


@dataclass(frozen=True, slots=True)
class Answer:
    """`whole`: a file was shown, and it is byte for byte the one that the court made."""

    standing: Standing
    number: str = ""
    version: int = 0
    court: str = ""
    signed_at: datetime | None = None
    replaced_at: datetime | None = None
    sha256: str = ""
    whole: bool = False


OF_A_FILE = {
    SealVerdict.INTACT: Standing.UNKNOWN,  # our seal, yet no letter that we know: an evidence sheet, or another court's
    SealVerdict.CHANGED: Standing.CHANGED,
    SealVerdict.FOREIGN: Standing.FOREIGN,
    SealVerdict.UNSEALED: Standing.NO_LETTER,
    SealVerdict.UNREADABLE: Standing.NO_LETTER,
}


def by_code(code: str) -> Answer:
    """The letter of a verification code, as it was typed: spaces, dashes and small letters don't matter."""
    plain = "".join(c for c in code.upper() if c.isalnum())[:LONGEST_CODE]
    dashed = "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))
    return _answer(db.session.scalar(select(Letter).where(Letter.verification_code == dashed)))


def by_sha256(digest: str) -> Answer | None:
    """The letter of which this is the whole file, or None."""
    found = db.session.scalar(select(Letter).where(Letter.pdf_sha256 == digest))
    return _answer(found, whole=True) if found is not None else None


def _answer(letter: Letter | None, *, whole: bool = False) -> Answer:
    if letter is None:
        return Answer(Standing.UNKNOWN)
    standing = {
        LetterState.CURRENT: Standing.CURRENT,
        LetterState.SIGNING: Standing.SIGNING,
        LetterState.REPLACED: Standing.REPLACED,
    }[LetterState(letter.state)]
    court = db.session.scalar(select(Case.court).where(Case.id == letter.case_id)) or ""
    return Answer(
        standing, letter.number, letter.version, court, letter.signed_at, letter.replaced_at, letter.pdf_sha256 or "", whole
    )  # fmt: skip
