"""Made-up people who wait for a clerk, in a demo's database: what the desk's benchmarks and pictures begin with."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from webapp.accounts.models import Account, Phone
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db, unit_of_work
from webapp.core.sealing import keyed_hash
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.usecases import document_hash, put_before_clerk
from webapp.payee.docketing import put_before_clerk as put_account
from webapp.payee.models import Submission, SubmissionState
from webapp.payee.usecases import is_odd

SPECIMENS = Path(__file__).parents[1] / "static" / "specimens"
NAMES = ("ANNA", "BORIS", "CLARA", "DMITRI", "ELENA", "FELIX", "GRETA", "HUGO", "INGRID", "JONAS", "KLARA", "LUIGI")
FAMILIES = ("MUELLER", "SCHMIDT", "ROSSI", "DUBOIS", "IVANOVA", "NGUYEN", "SANTOS", "TANAKA", "KIM", "SILVA", "NOVAK")
COUNTRIES = ("DEU", "ITA", "FRA", "RUS", "VNM", "BRA", "JPN", "KOR", "CZE")
LANGUAGES = ("zh_Hans", "en", "zh_Hant")


def add_passports(count: int, *, now: datetime, seed: int = 1) -> list[str]:
    """`count` passports that wait for a review, handed in over the last ten days; returns their step records."""
    luck = random.Random(seed)  # noqa: S311 (made-up people)
    return [_passport(luck, number, now=now) for number in range(count)]


def _passport(luck: random.Random, number: int, *, now: datetime) -> str:
    at = now - timedelta(minutes=luck.randrange(2, 60 * 24 * 10))
    name = f"{luck.choice(FAMILIES)} {luck.choice(NAMES)} {luck.choice(NAMES)}"
    passport = f"C{luck.randrange(10**7):07d}{number % 10}"
    country, courts = luck.choice(COUNTRIES), current_app.extensions["settings"].court_list
    with unit_of_work():
        account = Account(created_at=at, language=luck.choice(LANGUAGES))
        db.session.add(account)
        db.session.flush()
    photo = _photo(account.id, PhotoKind.DATA_PAGE, "passport-mueller.jpg", at)
    still = _photo(account.id, PhotoKind.FACE, "face.jpg", at)
    photo.read_at = at
    photo.reading = {"fault": None, "mrz_valid": True, "ms": 300, "fields": {
        "name": name if luck.random() > 0.15 else name.replace("E", "F", 1), "number": passport,
        "nationality": country if country != "DEU" else "D", "expiry_date": luck.choice(("2031-05-01", "2026-10-31", "2029-01-15")),
    }}  # fmt: skip
    likeness = luck.choice(({"likeness": "agree", "similarity": 0.72}, {"likeness": "unsure", "similarity": 0.41}))
    answers = {
        "phone": {"phone": ""},
        "document": {"name": name, "number": passport, "nationality": country, "document_type": "passport"},
        "evidence": {"court": luck.choice(courts), "photos": {"data_page": photo.id}},
        "video": {"video": still.id, "still": still.id, "likeness": likeness},
    }
    with unit_of_work():
        db.session.add_all([photo, still])
        phone = _phone(account.id, luck, at)
        answers["phone"] = {"phone": phone.id}
        verification = Verification(
            account_id=account.id, document_type="passport", means="online", table_version=1, started_at=at,
            match_hash=document_hash("passport", passport),
        )  # fmt: skip
        db.session.add(verification)
        db.session.flush()
        for step, answer in answers.items():
            db.session.add(_record(verification.id, step, "accepted", answer, at))
        review = _record(verification.id, "court_review", "answered", {}, at)
        review.court = str(answers["evidence"]["court"])  # whose clerks see the photos
        db.session.add(review)
        db.session.flush()
        put_before_clerk(review)
    return review.id


def add_accounts(case: Case, count: int, *, now: datetime, seed: int = 2) -> None:
    """`count` signed accounts of this case that the bank couldn't judge; every tenth shares its card with another."""
    luck = random.Random(seed)  # noqa: S311 (made-up people)
    for number in range(count):
        _account(luck, case, number, now=now)


def _account(luck: random.Random, case: Case, number: int, *, now: datetime) -> None:
    at = now - timedelta(minutes=luck.randrange(2, 60 * 24 * 6))
    name, permit = luck.choice("陈林黄张李王吴刘") + luck.choice("志美大文海玲芳敏"), f"H{luck.randrange(10**8):08d}"
    card = "6299990000000000012" if number % 10 == 9 else f"629999{luck.randrange(10**13):013d}"
    with unit_of_work():
        account = Account(created_at=at, language=luck.choice(LANGUAGES))
        db.session.add(account)
        db.session.flush()
    front = _photo(account.id, PhotoKind.PERMIT_FRONT, "hk-permit-front.jpg", at)
    back = _photo(account.id, PhotoKind.PERMIT_BACK, "hk-permit-back.jpg", at)
    face = _photo(account.id, PhotoKind.FACE, "face.jpg", at)
    shown = _photo(account.id, PhotoKind.BANK_CARD, "bank-card-flat-19.jpg", at)
    front.reading = {"fault": None, "fields": {"name": name, "number": permit, "expiry_date": "2031-05-01"}}
    shown.reading = {"number": card, "confidence": 0.98, "ms": 900, "bank": "SPECIMEN", "kind": "debit", "fault": None}
    with unit_of_work():
        db.session.add_all([front, back, face, shown])
        phone = _phone(account.id, luck, at)
        verification = Verification(
            account_id=account.id, document_type="hk_macao_permit", means="online", table_version=1, started_at=at,
            finished_at=at, match_hash=document_hash("hk_macao_permit", permit),
        )  # fmt: skip
        db.session.add(verification)
        db.session.flush()
        identity = Identity(
            account_id=account.id, verification_id=verification.id, document_type="hk_macao_permit", name=name, number=permit,
            match_hash=document_hash("hk_macao_permit", permit), nationality="CHN", phone_id=phone.id, face_photo_id=face.id,
            proved_at=at,
        )  # fmt: skip
        entry = CasePayee(
            case_id=case.id, number_hash=document_hash("hk_macao_permit", permit), name=name, number=permit,
            document_type="hk_macao_permit", amount=luck.randrange(100000, 9000000),
        )  # fmt: skip
        db.session.add_all([identity, entry])
        db.session.flush()
        submission = Submission(
            case_payee_id=entry.id, case_id=case.id, account_id=account.id, identity_id=identity.id, version=1,
            state=SubmissionState.SIGNED, needs_review=True, card_number=card, card_hash=keyed_hash("card", card),
            bank_code="SPECIMEN", branch="深圳福田支行", phone=phone.number, front_photo_id=front.id, back_photo_id=back.id,
            card_photo_id=shown.id, verdict=luck.choice(("unsupported_document", "name_unclear", "agreed")), submitted_at=at,
            checked_at=at, likeness={"likeness": "agree", "similarity": 0.69},
        )  # fmt: skip
        db.session.add(submission)
        db.session.flush()
        is_odd(submission, submission.likeness, now=now)
        put_account(entry.id)


def _photo(account_id: str, kind: PhotoKind, name: str, at: datetime) -> Photo:
    data, store = (SPECIMENS / name).read_bytes(), current_app.extensions["seams"].store
    return store_photo(account_id, kind, data, "image/jpeg", store=store, now=at)


def _phone(account_id: str, luck: random.Random, at: datetime) -> Phone:
    number = f"+86100{luck.randrange(10**8):08d}"
    phone = Phone(
        account_id=account_id, number=number, number_hash=keyed_hash("phone", number), proved_at=at, primary=True
    )
    db.session.add(phone)
    db.session.flush()
    return phone


def _record(verification_id: str, step: str, state: str, answer: dict[str, object], at: datetime) -> StepRecord:
    decided = at if state == "accepted" else None
    return StepRecord(
        verification_id=verification_id, step=step, state=state, answer=answer, answered_at=at, decided_at=decided
    )
