"""The queues of the desk, and what stands on each screen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, union

from webapp.accounts.models import Clerk, ClerkCourt, Role
from webapp.accounts.queries import OfCourts, scoped
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import in_force
from webapp.cases.register_models import RegisterImport
from webapp.core.db import db
from webapp.docket.models import DocketItem, ItemKind
from webapp.docket.queries import count_open
from webapp.evidence.models import Photo, PhotoKind
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import accepted_by
from webapp.journey.engine import StepState
from webapp.payee.models import Letter, Submission, SubmissionState
from webapp.payee.queries import UNDER_WAY
from webapp.sms.models import LostSms, SmsDelivery

PAGE = 25


def waits(submission: Submission) -> bool:
    """True while a clerk may decide on an account; not one that its payee is just replacing."""
    return submission.state == SubmissionState.SIGNED and not is_being_replaced(submission)


def is_being_replaced(submission: Submission) -> bool:
    """True when the payee has handed in a newer account that may still become the one that stands."""
    newer = select(Submission.id).where(
        Submission.case_payee_id == submission.case_payee_id,
        Submission.version > submission.version,
        Submission.state.in_(UNDER_WAY),
    )
    return db.session.scalar(newer.limit(1)) is not None


def count_waiting_identities(clerk: OfCourts) -> int:
    """How many identity reviews wait for a clerk of these courts, as far as anybody counts."""
    return count_open(ItemKind.IDENTITY, clerk.courts)


def count_waiting_accounts(clerk: OfCourts) -> int:
    """How many account reviews wait for a clerk of these courts, as far as anybody counts."""
    return count_open(ItemKind.ACCOUNT, clerk.courts)


def case_numbers(ids: Iterable[str | None]) -> dict[str, str]:
    """The numbers of these cases."""
    wanted = {case_id for case_id in ids if case_id}
    found = db.session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted)))
    return {row.id: row.number for row in found}


def deciders(courts: Collection[str] | None = None, *, besides: str = "") -> Sequence[Clerk]:
    """Who may decide, by name: on something of any of these courts (None: of whichever)."""
    query = select(Clerk).where(Clerk.role.in_((Role.REVIEWER, Role.MANAGER)), Clerk.disabled_at.is_(None))
    if courts is not None:
        query = query.where(Clerk.id.in_(select(ClerkCourt.clerk_id).where(ClerkCourt.court.in_(courts))))
    return db.session.scalars(query.where(Clerk.id != besides).order_by(Clerk.display_name)).all()


def identity_passed_by(clerk_id: str) -> ColumnElement[bool]:
    """True of the item of an account whose holder this clerk took for who they say, where another clerk can decide on it.

    A person's word on both would be the only word; in a court with one reviewer it has to be, and the release tells.
    """
    passed = select(Submission.id).join(Identity, Identity.id == Submission.identity_id)
    passed = passed.join(StepRecord, StepRecord.verification_id == Identity.verification_id)
    passed = passed.where(Submission.id == DocketItem.subject_id, *accepted_by(f"clerk:{clerk_id}"))
    another = select(Clerk.id).join(ClerkCourt, ClerkCourt.clerk_id == Clerk.id)
    another = another.where(ClerkCourt.court == DocketItem.court, Clerk.id != clerk_id, Clerk.disabled_at.is_(None))
    another = another.where(Clerk.role.in_((Role.REVIEWER, Role.MANAGER)))
    return and_(DocketItem.kind == ItemKind.ACCOUNT, passed.exists(), another.exists())


def passed_identity(item_id: str, clerk_id: str) -> bool:
    """True when an item is the account of somebody whose identity this clerk passed, and another clerk can decide on it."""
    query = select(DocketItem.id).where(DocketItem.id == item_id, identity_passed_by(clerk_id))
    return db.session.scalar(query) is not None


def names_of_clerks(ids: Iterable[str | None]) -> dict[str, str]:
    """What these clerks are called."""
    wanted = {clerk_id for clerk_id in ids if clerk_id}
    found = db.session.execute(select(Clerk.id, Clerk.display_name).where(Clerk.id.in_(wanted)))
    return {row.id: row.display_name for row in found}


def forgotten_reviews() -> tuple[Sequence[StepRecord], Sequence[int]]:
    """Reviews, and entries with accounts, that wait for a clerk but aren't on the docket: from before there was one."""
    noted = exists().where(DocketItem.subject_id == StepRecord.id)
    records = select(StepRecord).where(StepRecord.step == "court_review", StepRecord.state == StepState.ANSWERED)
    accounts = select(Submission.case_payee_id).where(
        Submission.needs_review.is_(True), Submission.state == SubmissionState.SIGNED
    )
    accounts = accounts.where(~exists().where(DocketItem.subject_id == Submission.id))
    waiting = db.session.scalars(records.where(StepRecord.superseded_at.is_(None), ~noted).limit(500)).all()
    return waiting, db.session.scalars(accounts.limit(500)).all()


def photos_by_id(ids: list[str | None]) -> dict[str, Photo]:
    """Photos of these ids."""
    wanted = [photo_id for photo_id in ids if photo_id]
    return {photo.id: photo for photo in db.session.scalars(select(Photo).where(Photo.id.in_(wanted)))}


def may_see_photo(clerk: OfCourts, photo: Photo) -> bool:
    """True for a photo that was handed in to one of the clerk's courts: with an account, or for a review of who it is.

    A bank card is shown to the court of its case alone.
    """
    with_account = or_(
        Submission.front_photo_id == photo.id,
        Submission.back_photo_id == photo.id,
        Submission.card_photo_id == photo.id,
        Identity.face_photo_id == photo.id,
    )
    query = select(Submission.id).join(Case, Case.id == Submission.case_id)
    query = query.join(Identity, Identity.id == Submission.identity_id).where(with_account)
    if db.session.scalar(scoped(query, Case.court, clerk).limit(1)) is not None:
        return True
    reviews = select(StepRecord.id).join(Verification, Verification.id == StepRecord.verification_id)
    reviews = reviews.where(Verification.account_id == photo.account_id, StepRecord.step == "court_review")
    for_review = db.session.scalar(scoped(reviews, StepRecord.court, clerk).limit(1)) is not None
    return for_review and photo.kind != PhotoKind.BANK_CARD


def letters_of(case_id: str, *, page: int) -> tuple[Sequence[Letter], int]:
    """One page of a case's letters, the newest first, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(Letter).where(Letter.case_id == case_id)) or 0
    query = select(Letter).where(Letter.case_id == case_id).order_by(Letter.signed_at.desc(), Letter.number.desc())
    return db.session.scalars(query.limit(PAGE).offset(PAGE * (page - 1))).all(), total


def lost_of(courts: frozenset[str], *, others: bool, since: datetime, most: int) -> Sequence[SmsDelivery]:
    """SMS that didn't arrive at people of these courts, newest first; `others`: also those about nobody's case.

    Each place has an index of its own. Only of accounts that nobody knew when it was lost is it asked who knows them by now.
    """
    young = select(LostSms.delivery_id).where(LostSms.created_at > since)
    later = young.join(SmsDelivery, SmsDelivery.id == LostSms.delivery_id).where(LostSms.place == "later")
    known = _sms_of(Case.court.in_(courts), StepRecord.court.in_(courts))
    places = [
        young.where(LostSms.place.in_(select(Case.id).where(Case.court.in_(courts)))),
        young.where(LostSms.place.in_(courts)),
        later.where(or_(known, ~_sms_of(true(), StepRecord.court.is_not(None))) if others else known),
    ]
    if others:
        places.append(young.where(LostSms.place == "nobody"))
    lost = select(SmsDelivery).where(SmsDelivery.id.in_(union(*places)))
    return db.session.scalars(lost.order_by(SmsDelivery.created_at.desc(), SmsDelivery.id).limit(most)).all()


def _sms_of(case_of: ColumnElement[bool], review_at: ColumnElement[bool]) -> ColumnElement[bool]:
    """True of an SMS to somebody whom such a case names, or who asked such a court to look at who they are.

    Each of the ways goes by an index from the message on.
    """
    told = select(Case.id).where(Case.id == SmsDelivery.case_id, case_of).exists()
    proved = select(Identity.id).where(Identity.account_id == SmsDelivery.account_id)
    named = [
        proved.join(CasePayee, column == Identity.match_hash)
        .join(Case, Case.id == CasePayee.case_id)
        .outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id)
        .where(case_of, in_force())
        .exists()
        for column in (CasePayee.number_hash, CasePayee.other_hash)
    ]
    asked = select(StepRecord.id).join(Verification, Verification.id == StepRecord.verification_id)
    asked_them = asked.where(
        Verification.account_id == SmsDelivery.account_id, StepRecord.step == "court_review", review_at
    )
    return or_(told, *named, asked_them.exists())


def letter_by_code(code: str, clerk: OfCourts) -> Letter | None:
    """The letter of a verification code or a number, as somebody reads it out at the counter."""
    wanted = code.strip().upper()
    query = select(Letter).join(Case, Case.id == Letter.case_id)
    query = query.where(or_(Letter.verification_code == wanted, Letter.number == wanted))
    return db.session.scalar(scoped(query, Case.court, clerk))
