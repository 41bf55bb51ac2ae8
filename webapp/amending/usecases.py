"""Correcting an entry of a register by hand: what the court wrote wrongly, with the reason, and with what stood there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import Clerk
from webapp.accounts.phones import number_hash
from webapp.cases.imports import pending_import
from webapp.cases.lost import take_lost
from webapp.cases.models import Case, CasePayee
from webapp.cases.name_index import index_by_hand
from webapp.cases.people import SETTLED, entry_by_hash, name_key_of, stage_of_number
from webapp.cases.people_models import PayeeCorrection
from webapp.cases.queries import payee_of
from webapp.core import audit
from webapp.core.db import db
from webapp.identity.models import Identity
from webapp.identity.usecases import document_hash
from webapp.ledger.queries import hold_people, lines_of, spent_of
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState

HANDED_IN = (SubmissionState.CHECKING, SubmissionState.CHECKED)
NUMBER = {"number", "document_type"}
"""What says whose entry it is."""
SIGNED_FOR = (SubmissionState.SIGNED, SubmissionState.ACCEPTED)


class WhyNot(StrEnum):
    """Why an entry can't be corrected as asked."""

    PENDING = "pending"
    MERGED = "merged"
    NAMED = "named"
    LETTER = "letter"
    HANDED_IN = "handed_in"
    PAID = "paid"
    SAME = "same"


class CannotCorrect(Exception):
    """`why` names what stands against it; `fen`: what has gone out already, for PAID."""

    def __init__(self, why: WhyNot, fen: int = 0) -> None:
        self.why, self.fen = why, fen
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Right:
    """An entry as it should stand. `phone` is E.164 or empty."""

    name: str
    document_type: str
    number: str
    fen: int
    phone: str = ""


def correct_entry(
    case: Case, payee_id: int, right: Right, reason: str, *, clerk_id: str, now: datetime
) -> PayeeCorrection:
    """Writes what is right over what was wrong, and keeps both. Inside a unit of work. Raises CannotCorrect.

    A letter is what its payee signed: its words are never touched, and while its account stands, name and number do too.
    """
    hold_people([payee_id])
    payee = payee_of(case.id, payee_id)
    if payee is None or payee.merged_into_id is not None:
        raise CannotCorrect(WhyNot.MERGED)
    db.session.refresh(payee)
    if pending_import(case.id) is not None:
        raise CannotCorrect(WhyNot.PENDING)
    before, after = _facts(payee), _facts_of(right)
    changed = sorted(key for key in before if before[key] != after[key])
    if not changed:
        raise CannotCorrect(WhyNot.SAME)
    _refuse_signed(payee, changed)
    _refuse_spent(payee, right.fen)
    letters = _renumber(case, payee, right, now=now) if NUMBER & set(changed) else ()
    db.session.execute(update(Case).where(Case.id == case.id).values(stamp=Case.stamp + 1))
    if "name" in changed:  # after the case, which whoever adds somebody takes first as well
        payee.name, payee.name_hash = right.name, name_key_of(right.name)
        index_by_hand(case.id, [(right.name, payee.id)])
    payee.amount, payee.phone = right.fen, right.phone or None
    payee.phone_hash = number_hash(right.phone) if right.phone else None
    made = PayeeCorrection(
        payee_id=payee.id, before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        reason=reason, made_by=clerk_id, made_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    detail: dict[str, Any] = {"case": case.id, "correction": made.id, "fields": changed}
    if letters:
        detail["letters"] = list(letters)
    if "amount" in changed:
        detail |= {"fen_before": int(before["amount"]), "fen_after": int(after["amount"])}
    audit.record(audit.Actor("clerk", clerk_id), "cases.corrected", ("case_payee", str(payee.id)), now=now, **detail)
    return made


def _facts(payee: CasePayee) -> dict[str, str]:
    return {
        "name": payee.name, "document_type": payee.document_type or "", "number": payee.number, "amount": str(payee.amount),
        "phone": payee.phone or "",
    }  # fmt: skip


def _facts_of(right: Right) -> dict[str, str]:
    return {
        "name": right.name, "document_type": right.document_type, "number": right.number, "amount": str(right.fen),
        "phone": right.phone,
    }  # fmt: skip


def _refuse_signed(payee: CasePayee, changed: Sequence[str]) -> None:
    """The letter names who signed, by name and number; who has an account open under a number can't lose it unheard."""
    if set(changed) <= {"phone", "amount"}:
        return
    if payee.stage in SETTLED or _has_account(payee.id, SIGNED_FOR):
        raise CannotCorrect(WhyNot.LETTER)
    if not NUMBER & set(changed):
        return
    if lines_of(payee.id):  # what was sent to one person is never told to another, nor taken off what they are owed
        raise CannotCorrect(WhyNot.LETTER)
    if _has_account(payee.id, HANDED_IN):
        raise CannotCorrect(WhyNot.HANDED_IN)


def _has_account(payee_id: int, states: Sequence[SubmissionState]) -> bool:
    query = select(Submission.id).where(Submission.case_payee_id == payee_id, Submission.state.in_(states))
    return db.session.scalar(query.limit(1)) is not None


def _refuse_spent(payee: CasePayee, fen: int) -> None:
    spent = spent_of(payee.id)
    if fen < spent:
        raise CannotCorrect(WhyNot.PAID, spent)


def _renumber(case: Case, payee: CasePayee, right: Right, *, now: datetime) -> Sequence[str]:
    """Returns the numbers of letters that are no longer in force."""
    digest = document_hash(right.document_type, right.number)
    named = entry_by_hash(case.id, digest)
    if named is not None and named.id != payee.id:
        raise CannotCorrect(WhyNot.NAMED)
    letters, stage = _part_from_others(payee.id, digest, now=now), stage_of_number(digest)
    payee.number, payee.document_type = right.number, right.document_type
    payee.number_hash, payee.other_hash, payee.stage = digest, None, stage
    try:
        db.session.flush()
    except IntegrityError:  # somebody else named the number at this very moment
        raise CannotCorrect(WhyNot.NAMED) from None
    take_lost(case.id, digest=digest, now=now)
    return letters


def _part_from_others(payee_id: int, digest: bytes, *, now: datetime) -> Sequence[str]:
    """What somebody of another number handed in and signed is kept, but stands for nothing: the entry is another person's now.

    Else that person would see it where the names are alike, and be sent to the court's phone where they aren't. Returns the
    numbers of letters that are no longer in force.
    """
    merged = select(CasePayee.number_hash, CasePayee.other_hash).where(CasePayee.merged_into_id == payee_id)
    leading_here = {digest, *(one for pair in db.session.execute(merged) for one in pair if one)}
    query = select(Submission).join(Identity, Identity.id == Submission.identity_id)
    query = query.where(Submission.case_payee_id == payee_id, Identity.match_hash.not_in(leading_here))
    theirs = db.session.scalars(query).all()
    for submission in theirs:
        submission.state = SubmissionState.WITHDRAWN
    letters = select(Letter).where(
        Letter.submission_id.in_([one.id for one in theirs]), Letter.state != LetterState.REPLACED
    )
    gone = db.session.scalars(letters).all()
    for letter in gone:
        letter.state, letter.replaced_at = LetterState.REPLACED, now
    return [letter.number for letter in gone]


def corrections_of(payee_id: int) -> Sequence[tuple[PayeeCorrection, str]]:
    """Every correction of an entry with the name of who made it, the newest first."""
    query = select(PayeeCorrection, Clerk.display_name).join(Clerk, Clerk.id == PayeeCorrection.made_by)
    query = query.where(PayeeCorrection.payee_id == payee_id)
    rows = db.session.execute(query.order_by(PayeeCorrection.made_at.desc(), PayeeCorrection.id))
    return [(made, name) for made, name in rows]
