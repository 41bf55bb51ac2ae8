"""Where a person's verification stands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select

from webapp.core.db import db
from webapp.identity.journeys import journey_of
from webapp.identity.models import Identity, ReservedSignature, StepRecord, Verification
from webapp.journey.engine import Journey, StepState


def verification_of(account_id: str) -> Verification | None:
    """The account's standing verification, finished or under way."""
    query = select(Verification).where(Verification.account_id == account_id, Verification.superseded_at.is_(None))
    return db.session.scalar(query)


def table_of(verification: Verification) -> Journey:
    """The table of steps that it follows."""
    return journey_of(verification.document_type, verification.means)


def standing_records(verification_id: str) -> dict[str, StepRecord]:
    """The record of each answered step, by the step's key."""
    query = select(StepRecord).where(StepRecord.verification_id == verification_id, StepRecord.superseded_at.is_(None))
    return {record.step: record for record in db.session.scalars(query)}


def states_of(verification_id: str) -> dict[str, StepState]:
    """The state of each answered step, as the engine wants it."""
    return {key: StepState(record.state) for key, record in standing_records(verification_id).items()}


def accepted_by(who: SQLColumnExpression[str | None] | str) -> tuple[ColumnElement[bool], ...]:
    """True of the record by which somebody ("clerk:id") took a person for who they say, where no authority did."""
    return StepRecord.step == "court_review", StepRecord.state == StepState.ACCEPTED, StepRecord.decided_by == who


def earlier_tries(verification_id: str, step: str) -> Sequence[StepRecord]:
    """All records a step ever had, newest first."""
    query = select(StepRecord).where(StepRecord.verification_id == verification_id, StepRecord.step == step)
    return db.session.scalars(query.order_by(StepRecord.answered_at.desc())).all()


def live_photo(verification_id: str) -> str | None:
    """The photo that shows the live face: the picture of the face step, or the still of the film."""
    records = standing_records(verification_id)
    for step, key in (("face", "still"), ("face", "photo"), ("video", "still")):
        if step in records and (photo := records[step].answer.get(key)):
            return str(photo)
    return None


def returned_count(verification_id: str, step: str) -> int:
    """How often a step was sent back already."""
    query = select(func.count()).select_from(StepRecord).where(StepRecord.verification_id == verification_id)
    return (
        db.session.scalar(
            query.where(StepRecord.step == step, StepRecord.decided_by.is_not(None), StepRecord.reason.is_not(None))
        )
        or 0
    )


def open_refusal(verification_id: str) -> StepRecord | None:
    """The latest refusal of a person or an authority, while nothing has been answered since."""
    refusal = latest_refusal(verification_id)
    if refusal is None:
        return None
    since = select(StepRecord.id).where(
        StepRecord.verification_id == verification_id, StepRecord.answered_at > refusal.decided_at
    )
    return refusal if db.session.scalar(since.limit(1)) is None else None


def latest_refusal(verification_id: str) -> StepRecord | None:
    """Why the journey was sent back last, while the step that mends it hasn't been answered since."""
    query = select(StepRecord).where(StepRecord.verification_id == verification_id, StepRecord.reason.is_not(None))
    return db.session.scalar(query.order_by(StepRecord.decided_at.desc()).limit(1))


def identity_of(account_id: str) -> Identity | None:
    """The proved person of an account, or None before the journey's end."""
    query = select(Identity).where(Identity.account_id == account_id, Identity.superseded_at.is_(None))
    return db.session.scalar(query)


def others_proved(identity: Identity) -> Sequence[Identity]:
    """The same document number, proved and standing on other accounts."""
    query = select(Identity).where(Identity.match_hash == identity.match_hash, Identity.superseded_at.is_(None))
    return db.session.scalars(query.where(Identity.account_id != identity.account_id)).all()


def signature_of(account_id: str) -> ReservedSignature | None:
    """The standing reserved signature."""
    query = select(ReservedSignature).where(
        ReservedSignature.account_id == account_id, ReservedSignature.superseded_at.is_(None)
    )
    return db.session.scalar(query)
