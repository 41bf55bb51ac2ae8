"""The queues of the desk, and what stands on each screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from webapp.accounts.models import Clerk
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.evidence.models import Photo
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.rules.documents import normalise
from webapp.identity.rules.names import NameLikeness, same_name
from webapp.journey.engine import StepState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.ports.face_checker import Likeness
from webapp.review.models import ReviewClaim
from webapp.review.words import LIKENESS

PAGE = 25
SHORT_CODES = {"D": "DEU", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR"}
"""Nationalities as an MRZ writes them, where that isn't ISO 3166 (ICAO Doc 9303 part 3, section 5)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of the evidence table: what was typed, what was read, and whether they agree."""

    name: str
    typed: str
    read: str
    verdict: str
    words: str


def waiting_identities() -> Sequence[tuple[StepRecord, Verification]]:
    """Identity reviews that wait for a clerk, the oldest first."""
    query = select(StepRecord, Verification).join(Verification, Verification.id == StepRecord.verification_id)
    query = query.where(StepRecord.step == "court_review", StepRecord.state == StepState.ANSWERED)
    rows = db.session.execute(query.where(StepRecord.superseded_at.is_(None)).order_by(StepRecord.answered_at))
    return [(record, verification) for record, verification in rows]


def waiting_accounts() -> Sequence[Submission]:
    """Accounts that the bank couldn't judge and their payees have signed for, the oldest first."""
    query = select(Submission).where(Submission.needs_review.is_(True), Submission.state == SubmissionState.SIGNED)
    return db.session.scalars(query.order_by(Submission.submitted_at)).all()


def count_waiting_identities() -> int:
    """How many identity reviews wait."""
    query = select(func.count()).select_from(StepRecord).where(StepRecord.step == "court_review")
    return db.session.scalar(query.where(StepRecord.state == StepState.ANSWERED, StepRecord.superseded_at.is_(None))) or 0


def count_waiting_accounts() -> int:
    """How many account reviews wait."""
    query = select(func.count()).select_from(Submission).where(Submission.needs_review.is_(True))
    return db.session.scalar(query.where(Submission.state == SubmissionState.SIGNED)) or 0


def holder_of(subject_id: str, *, now: datetime) -> Clerk | None:
    """Who has an item in hand right now."""
    claim = db.session.get(ReviewClaim, subject_id)
    return db.session.get(Clerk, claim.clerk_id) if claim is not None and claim.until > now else None


def photos_by_id(ids: list[str | None]) -> dict[str, Photo]:
    """Photos of these ids."""
    wanted = [photo_id for photo_id in ids if photo_id]
    return {photo.id: photo for photo in db.session.scalars(select(Photo).where(Photo.id.in_(wanted)))}


def read_fields(photos: Sequence[Photo]) -> dict[str, str]:
    """What machines read off the document's photos, all sides together."""
    found: dict[str, str] = {}
    for photo in photos:
        found.update((photo.reading or {}).get("fields", {}))
    return found


def compared_document(typed: dict[str, Any], read: dict[str, str], *, today: date) -> list[Compared]:
    """Typed beside read: name, number, nationality, and the expiry date that only the photo has."""
    rows = [_name(typed["name"], read.get("name", "")), _number(typed["number"], read.get("number", ""))]
    rows.append(_nationality(typed["nationality"], read.get("nationality", "")))
    expiry = read.get("expiry_date", "")
    if expiry:
        gone = expiry < today.isoformat()
        rows.append(Compared(_("有效期"), "", _("长期") if expiry == "9999-12-31" else expiry, "no" if gone else "yes", _("已过期") if gone else _("有效")))
    else:
        rows.append(Compared(_("有效期"), "", "", "unread", _("没有读出")))
    return rows


def _name(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("姓名"), typed, "", "unread", _("没有读出"))
    likeness = same_name(typed, read)
    words = {NameLikeness.EXACT: _("一致"), NameLikeness.CLOSE: _("写法不同，基本一致"), NameLikeness.DIFFERENT: _("不一致")}
    return Compared(_("姓名"), typed, read, "no" if likeness is NameLikeness.DIFFERENT else "yes", words[likeness])


def _number(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("证件号码"), typed, "", "unread", _("没有读出"))
    same = normalise(typed) == normalise(read)
    return Compared(_("证件号码"), typed, read, "yes" if same else "no", _("一致") if same else _("不一致"))


def _nationality(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("国籍"), typed, "", "unread", _("没有读出"))
    same = typed == SHORT_CODES.get(read, read)
    return Compared(_("国籍"), typed, read, "yes" if same else "no", _("一致") if same else _("不一致"))


def compared_face(likeness: dict[str, Any] | None) -> Compared:
    """The live face beside the document's portrait, as the machine sees it."""
    if not likeness:
        return Compared(_("人脸"), "", "", "unread", _("没有比对"))
    words, verdict = LIKENESS[Likeness(likeness["likeness"])]
    similarity = likeness.get("similarity")
    return Compared(_("人脸"), _("视频或自拍"), _("证件照片"), verdict, f"{words}" + (f" · {similarity:.2f}" if similarity is not None else ""))


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
    signed = select(func.count()).select_from(Letter).where(Letter.case_id == case_id, Letter.state != LetterState.REPLACED)
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


def name_hash(username: str) -> bytes:
    """How failed sign-ins are counted without keeping the name."""
    return keyed_hash("clerk", username.strip().lower())
