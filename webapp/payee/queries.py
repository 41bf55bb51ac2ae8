"""What a payee has handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, or_, select

from webapp.cases.models import CasePayee
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.models import Identity
from webapp.identity.rules.documents import DocumentType, match_key
from webapp.identity.rules.names import NameLikeness, same_name
from webapp.ledger.models import PayoutLine
from webapp.ledger.queries import is_on_its_way, last_into, lines_of
from webapp.ledger.rules import ON_ITS_WAY, LineState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.rules.branches import city_key
from webapp.ports.account_check import AccountVerdict

UNDER_WAY = (SubmissionState.CHECKING, SubmissionState.CHECKED, SubmissionState.SIGNED)
CHECKS_A_DAY = 5
DAY = timedelta(days=1)
MOST_COUNTED = 2000
STANDS = (
    AccountVerdict.AGREED,
    AccountVerdict.UNSUPPORTED_DOCUMENT,
    AccountVerdict.UNSUPPORTED_ISSUER,
    AccountVerdict.NAME_UNCLEAR,
)
"""Verdicts after which a payee may sign; asking again with the same facts would only use up a check."""


def latest_submission(case_payee_id: int) -> Submission | None:
    """What stands for an entry: the accepted account if there is one, else the newest that was handed in.

    The document number is the person, whatever the sign-in. What its payee has withdrawn stands for nothing.
    """
    query = select(Submission).where(Submission.case_payee_id == case_payee_id)
    query = query.where(Submission.state != SubmissionState.WITHDRAWN)
    accepted_first = case((Submission.state == SubmissionState.ACCEPTED, 0), else_=1)
    return db.session.scalar(query.order_by(accepted_first, Submission.version.desc()).limit(1))


def is_anothers(submission: Submission | None, identity: Identity) -> bool:
    """True when somebody of quite another name handed this in under the same number: two countries' passports may share one."""
    if submission is None or submission.account_id == identity.account_id:
        return False
    theirs = db.session.get_one(Identity, submission.identity_id)
    return (theirs.nationality, theirs.document_type) != (identity.nationality, identity.document_type) or (
        same_name(theirs.name, identity.name) is NameLikeness.DIFFERENT
    )


def waiting_for_clerk(case_payee_id: int) -> Submission | None:
    """The account of an entry that only a clerk can judge, signed by its payee, and not being replaced just now.

    One that its payee is replacing would be decided in vain.
    """
    query = select(Submission).where(Submission.case_payee_id == case_payee_id, Submission.state.in_(UNDER_WAY))
    newest = db.session.scalar(query.order_by(Submission.version.desc()).limit(1))
    waits = newest is not None and newest.needs_review and newest.state == SubmissionState.SIGNED
    return newest if waits else None


def others_with_card(submission: Submission) -> Sequence[Submission]:
    """Accounts that stand with the same card number for people of other documents."""
    mine = select(Identity.match_hash).where(Identity.id == submission.identity_id).scalar_subquery()
    query = select(Submission).join(Identity, Identity.id == Submission.identity_id)
    query = query.where(Submission.card_hash == submission.card_hash, Identity.match_hash != mine)
    return db.session.scalars(query.where(Submission.state.in_((*UNDER_WAY, SubmissionState.ACCEPTED))).limit(10)).all()


def corrects_signed(submission: Submission) -> bool:
    """True for an account that takes the place of another one, for which a letter was signed and is or was in force."""
    query = select(Submission.id).join(Letter, Letter.submission_id == Submission.id)
    query = query.where(Submission.case_payee_id == submission.case_payee_id, Submission.version < submission.version)
    replaced = Submission.state.in_((SubmissionState.SIGNED, SubmissionState.REPLACED))
    return db.session.scalar(query.where(replaced, Submission.card_hash != submission.card_hash).limit(1)) is not None


def money_back(case_payee_id: int, card_hash: bytes) -> PayoutLine | None:
    """The payment that the bank gave back last from this very account of an entry; None where a later one arrived, or none went."""
    last = last_into(case_payee_id, card_hash)
    return last if last is not None and last.state == LineState.RETURNED else None


def shows_other_number(submission: Submission, identity: Identity) -> bool:
    """True when the photo of the document that came with an account shows another number than the verified one.

    The same comparison as beside the portrait of a verification (identity/portraits.py), by the key that a register is
    searched by: a permit's re-issue digits and an old card's fifteen digits are no other number.
    """
    photo = db.session.get(Photo, submission.front_photo_id) if submission.front_photo_id else None
    shown = ((photo.reading or {}).get("fields") or {}).get("number", "") if photo is not None else ""
    kind = DocumentType(identity.document_type)
    return bool(shown) and match_key(kind, shown) != match_key(kind, identity.number)


def standing_letter(case_payee_id: int) -> Letter | None:
    """The letter in force (or being made)."""
    query = select(Letter).where(Letter.case_payee_id == case_payee_id)
    return db.session.scalar(query.where(Letter.state != LetterState.REPLACED))


def unmade_letters(case_id: str) -> Sequence[str]:
    """Ids of a case's letters that are signed and have no file yet, the oldest first."""
    query = select(Letter.id).where(Letter.case_id == case_id, Letter.pdf_key.is_(None))
    return db.session.scalars(query.order_by(Letter.signed_at, Letter.id)).all()


def next_version(case_payee_id: int) -> int:
    """The version that the next submission gets."""
    query = select(func.max(Submission.version)).where(Submission.case_payee_id == case_payee_id)
    return (db.session.scalar(query) or 0) + 1


def next_letter_version(case_payee_id: int) -> int:
    """Which of its entry's letters the next one is; accounts that were never signed aren't counted."""
    query = select(func.max(Letter.version)).where(Letter.case_payee_id == case_payee_id)
    return (db.session.scalar(query) or 0) + 1


def checks_left(person: bytes, card_hash: bytes | None, *, now: datetime) -> tuple[int, datetime | None]:
    """How many checks with the bank are left today for this person and card, and when the next used one is free again.

    `person` is the identity's `match_hash`: whoever has two sign-ins is one person still. None while all are free.
    """
    mine = Identity.match_hash == person
    who = or_(mine, Submission.card_hash == card_hash) if card_hash else mine
    query = select(Submission.checked_at, Identity.match_hash, Submission.card_hash, Submission.reference)
    query = query.join(Identity, Identity.id == Submission.identity_id)
    query = query.where(who, Submission.checked_at > now - DAY, Submission.reference.is_not(None)).order_by(
        Submission.checked_at
    )
    asked = {row.reference: row for row in reversed(db.session.execute(query).all())}  # a verdict used again is one
    rows = [(row.checked_at, row.match_hash, row.card_hash) for row in reversed(asked.values())]
    by_person = [at for at, whose, _ in rows if at and whose == person]
    by_card = [at for at, _, card in rows if at and card_hash and card == card_hash]
    used = max((by_person, by_card), key=len)
    free_at = used[max(0, len(used) - CHECKS_A_DAY)] + DAY if used else None
    return max(0, CHECKS_A_DAY - len(used)), free_at


def verdict_known(
    case_payee_id: int, identity_id: str, *, card_hash: bytes, bank_code: str, phone: str, now: datetime
) -> Submission | None:
    """An account of this entry whose verdict still holds: same person, card, bank and phone, asked within a day."""
    query = select(Submission).where(
        Submission.case_payee_id == case_payee_id,
        Submission.identity_id == identity_id,
        Submission.card_hash == card_hash,
        Submission.bank_code == bank_code,
        Submission.reference.is_not(None),
        Submission.checked_at > now - DAY,
        Submission.verdict.in_(STANDS),
    )
    found = db.session.scalars(query.order_by(Submission.version.desc()))
    return next((earlier for earlier in found if earlier.phone == phone), None)


def suggested_branches(bank_code: str, typed: str = "", *, most: int = 12) -> list[str]:
    """Branches of a bank that others have chosen, the frequent ones first; of the typed one's city, once that is known.

    Only what two people wrote alike, or a clerk has accepted: what one person wrote may tell of that person. The newest
    few thousand are counted.
    """
    seen = select(Submission.branch, Submission.state, Submission.identity_id).where(
        Submission.bank_code == bank_code, Submission.state.in_((SubmissionState.SIGNED, SubmissionState.ACCEPTED))
    )
    if city := city_key(typed):
        seen = seen.where(Submission.branch_city == city)
    newest = seen.order_by(Submission.submitted_at.desc()).limit(MOST_COUNTED).subquery()
    people = func.count(Identity.match_hash.distinct())
    accepted = func.max(case((newest.c.state == SubmissionState.ACCEPTED, 1), else_=0))
    query = select(newest.c.branch).join(Identity, Identity.id == newest.c.identity_id).group_by(newest.c.branch)
    query = query.having(or_(people >= 2, accepted == 1)).order_by(people.desc(), newest.c.branch)
    return list(db.session.scalars(query.limit(most)))


def sharers(submission: Submission) -> Sequence[Submission]:
    """The accounts of other people in the same case that are the same account: for a clerk, never for a payee."""
    query = select(Submission).where(*same_account(submission)).order_by(Submission.submitted_at, Submission.id)
    return db.session.scalars(query).all()


def same_account(submission: Submission) -> tuple[ColumnElement[bool], ...]:
    """What tells another payee's standing submission of the same account in the same case."""
    return (
        Submission.case_id == submission.case_id,
        Submission.card_hash == submission.card_hash,
        Submission.case_payee_id != submission.case_payee_id,
        Submission.state.in_((SubmissionState.CHECKED, SubmissionState.SIGNED, SubmissionState.ACCEPTED)),
    )


def given_back(entries: Sequence[CasePayee], identity: Identity) -> list[tuple[CasePayee, bool]]:
    """The entries whose account its payee has to mend now, each with whether the bank gave money back."""
    found = []
    for entry in entries:
        submission = latest_submission(entry.id)
        if (
            submission is not None
            and submission.state == SubmissionState.RETURNED
            and not is_anothers(submission, identity)
        ):
            progress = progress_of(entry, submission)
            found.append((entry, progress is not None and progress.stage is Stage.RETURNED))
    return found


class Stage(StrEnum):
    """How far an entry has come once its letter is signed."""

    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    BATCHED = "batched"
    PART_PAID = "part_paid"
    PAID = "paid"
    RETURNED = "returned"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an entry's money is: the stage, what was paid in fen, every payment.

    `reason`: why the last payment came back, while the account that it went to is the one that stands.
    """

    stage: Stage
    paid: int
    reason: str | None
    payments: tuple[PayoutLine, ...]


def progress_of(entry: CasePayee, submission: Submission | None) -> Progress | None:
    """How far the money of an entry is; None before its letter is signed (the steps tell then)."""
    payments = tuple(lines_of(entry.id))
    paid = sum(line.amount for line in payments if line.state == LineState.PAID)
    last = payments[0] if payments else None
    stage = _stage(entry, submission, paid, last)
    reason = last.reason if last is not None and stage in (Stage.RETURNED, Stage.AGAIN) else None
    return Progress(stage, paid, reason, payments) if stage else None


def _stage(entry: CasePayee, submission: Submission | None, paid: int, last: PayoutLine | None) -> Stage | None:
    if submission is None:
        return None
    if last is not None and last.state in ON_ITS_WAY:
        return Stage.BATCHED
    mine = last is not None and last.submission_id == submission.id and last.state == LineState.RETURNED
    if submission.state == SubmissionState.RETURNED:
        return Stage.RETURNED if mine else None
    if submission.state not in (SubmissionState.SIGNED, SubmissionState.ACCEPTED):
        return None
    if mine:
        return Stage.AGAIN
    if paid:
        return Stage.PAID if paid >= entry.amount else Stage.PART_PAID
    if submission.state == SubmissionState.ACCEPTED:
        return Stage.ACCEPTED
    waits = submission.needs_review
    return Stage.REVIEWED if waits else Stage.SUBMITTED


def account_is_fixed(entry: CasePayee) -> bool:
    """True while the account can't be changed: a payment is on its way into it, or everything has been paid."""
    if is_on_its_way(entry.id):
        return True
    paid = sum(line.amount for line in lines_of(entry.id) if line.state == LineState.PAID)
    return bool(paid) and paid >= entry.amount
