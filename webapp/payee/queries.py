"""What a payee has handed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select

from webapp.core.db import db
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.ports.account_check import AccountVerdict

CHECKS_A_DAY = 5
DAY = timedelta(days=1)
STANDS = (
    AccountVerdict.AGREED,
    AccountVerdict.UNSUPPORTED_DOCUMENT,
    AccountVerdict.UNSUPPORTED_ISSUER,
    AccountVerdict.NAME_UNCLEAR,
)
"""Verdicts after which a payee may sign; asking again with the same facts would only use up a check."""


def latest_submission(case_payee_id: int) -> Submission | None:
    """What stands for an entry: the accepted account if there is one, else the newest that was handed in.

    The document number is the person, whatever the sign-in.
    """
    query = select(Submission).where(Submission.case_payee_id == case_payee_id)
    accepted_first = case((Submission.state == SubmissionState.ACCEPTED, 0), else_=1)
    return db.session.scalar(query.order_by(accepted_first, Submission.version.desc()).limit(1))


def standing_letter(case_payee_id: int) -> Letter | None:
    """The letter in force (or being made)."""
    query = select(Letter).where(Letter.case_payee_id == case_payee_id)
    return db.session.scalar(query.where(Letter.state != LetterState.REPLACED))


def next_version(case_payee_id: int) -> int:
    """The version that the next submission gets."""
    query = select(func.max(Submission.version)).where(Submission.case_payee_id == case_payee_id)
    return (db.session.scalar(query) or 0) + 1


def checks_left(account_id: str, card_hash: bytes | None, *, now: datetime) -> tuple[int, datetime | None]:
    """How many checks with the bank are left today for this person and card, and when the next becomes free."""
    mine = Submission.account_id == account_id
    who = or_(mine, Submission.card_hash == card_hash) if card_hash else mine
    query = select(Submission.checked_at, Submission.account_id, Submission.card_hash, Submission.reference)
    query = query.where(who, Submission.checked_at > now - DAY, Submission.reference.is_not(None)).order_by(
        Submission.checked_at
    )
    asked = {row.reference: row for row in reversed(db.session.execute(query).all())}  # a verdict used again is one
    rows = [(row.checked_at, row.account_id, row.card_hash) for row in reversed(asked.values())]
    by_person = [at for at, account, _ in rows if at and account == account_id]
    by_card = [at for at, _, card in rows if at and card_hash and card == card_hash]
    used = max((by_person, by_card), key=len)
    return max(0, CHECKS_A_DAY - len(used)), (used[-CHECKS_A_DAY] + DAY if len(used) >= CHECKS_A_DAY else None)


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


def suggested_branches(bank_code: str, *, most: int = 12) -> list[str]:
    """Branches that others of the same bank have written, the frequent ones first."""
    query = select(Submission.branch, func.count()).where(
        Submission.bank_code == bank_code, Submission.state.in_((SubmissionState.SIGNED, SubmissionState.ACCEPTED))
    )
    rows = db.session.execute(
        query.group_by(Submission.branch).having(func.count() >= 2).order_by(func.count().desc()).limit(most)
    )
    return [branch for branch, _ in rows]
