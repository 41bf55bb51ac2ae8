"""The queues of the desk, and what stands on each screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.accounts.models import Clerk
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.journey.engine import StepState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.review.models import ReviewClaim

PAGE = 25
UNDER_WAY = (SubmissionState.CHECKING, SubmissionState.CHECKED, SubmissionState.SIGNED)


def waiting_identities() -> Sequence[tuple[StepRecord, Verification]]:
    """Identity reviews that wait for a clerk, the oldest first."""
    query = select(StepRecord, Verification).join(Verification, Verification.id == StepRecord.verification_id)
    query = query.where(StepRecord.step == "court_review", StepRecord.state == StepState.ANSWERED)
    rows = db.session.execute(query.where(StepRecord.superseded_at.is_(None)).order_by(StepRecord.answered_at))
    return [(record, verification) for record, verification in rows]


def waiting_accounts() -> Sequence[Submission]:
    """Accounts that the bank couldn't judge and their payees have signed for, the oldest first.

    One that its payee is replacing isn't among them: it would be decided in vain.
    """
    return db.session.scalars(select(Submission).where(*_waits()).order_by(Submission.submitted_at)).all()


def _waits() -> tuple[ColumnElement[bool], ...]:
    newer = aliased(Submission)
    replacing = exists().where(
        newer.case_payee_id == Submission.case_payee_id,
        newer.version > Submission.version,
        newer.state.in_(UNDER_WAY),
    )
    return Submission.needs_review.is_(True), Submission.state == SubmissionState.SIGNED, ~replacing


def is_being_replaced(submission: Submission) -> bool:
    """True when the payee has handed in a newer account that may still become the one that stands."""
    newer = select(Submission.id).where(
        Submission.case_payee_id == submission.case_payee_id,
        Submission.version > submission.version,
        Submission.state.in_(UNDER_WAY),
    )
    return db.session.scalar(newer.limit(1)) is not None


def waits(submission: Submission) -> bool:
    """True while a clerk may decide on an account."""
    return submission.state == SubmissionState.SIGNED and not is_being_replaced(submission)


def count_waiting_identities() -> int:
    """How many identity reviews wait."""
    query = select(func.count()).select_from(StepRecord).where(StepRecord.step == "court_review")
    return (
        db.session.scalar(query.where(StepRecord.state == StepState.ANSWERED, StepRecord.superseded_at.is_(None))) or 0
    )


def count_waiting_accounts() -> int:
    """How many account reviews wait."""
    return db.session.scalar(select(func.count()).select_from(Submission).where(*_waits())) or 0


def holder_of(subject_id: str, *, now: datetime) -> Clerk | None:
    """Who has an item in hand right now."""
    claim = db.session.get(ReviewClaim, subject_id)
    return db.session.get(Clerk, claim.clerk_id) if claim is not None and claim.until > now else None


def photos_by_id(ids: list[str | None]) -> dict[str, Photo]:
    """Photos of these ids."""
    wanted = [photo_id for photo_id in ids if photo_id]
    return {photo.id: photo for photo in db.session.scalars(select(Photo).where(Photo.id.in_(wanted)))}


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How far a case has come, in people."""

    named: int
    verified: int
    submitted: int
    signed: int
    accepted: int


def counts_of(case_id: str) -> CaseCounts:
    """Counts each person once, whatever they did again."""
    named = db.session.scalar(select(func.count()).select_from(CasePayee).where(CasePayee.case_id == case_id)) or 0
    matched = or_(Identity.match_hash == CasePayee.number_hash, Identity.match_hash == CasePayee.other_hash)
    verified = select(func.count(CasePayee.id.distinct())).join(Identity, matched)
    verified = verified.where(CasePayee.case_id == case_id, Identity.superseded_at.is_(None))
    people = select(func.count(Submission.case_payee_id.distinct())).where(Submission.case_id == case_id)
    signed = (
        select(func.count()).select_from(Letter).where(Letter.case_id == case_id, Letter.state != LetterState.REPLACED)
    )
    accepted = people.where(Submission.state == SubmissionState.ACCEPTED)
    return CaseCounts(named, *(db.session.scalar(query) or 0 for query in (verified, people, signed, accepted)))


def all_cases() -> Sequence[Case]:
    """Every case, the newest first."""
    return db.session.scalars(select(Case).order_by(Case.opened_at.desc(), Case.number)).all()


def letters_of(case_id: str, *, page: int) -> tuple[Sequence[Letter], int]:
    """One page of a case's letters, the newest first, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(Letter).where(Letter.case_id == case_id)) or 0
    query = select(Letter).where(Letter.case_id == case_id).order_by(Letter.signed_at.desc(), Letter.id)
    return db.session.scalars(query.limit(PAGE).offset(PAGE * (page - 1))).all(), total


def letter_by_code(code: str) -> Letter | None:
    """The letter of a verification code or a number, as somebody reads it out at the counter."""
    wanted = code.strip().upper()
    return db.session.scalar(select(Letter).where(or_(Letter.verification_code == wanted, Letter.number == wanted)))
