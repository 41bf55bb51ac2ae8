"""What the worker does for a verification: looks at pictures and videos, asks the authorities, tells the payee.

Every deed may run twice: it looks first whether its record still waits, and `settle` refuses a second decision.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale

from webapp.accounts.models import Account
from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import note_reading, open_photo, store_photo
from webapp.identity.models import StepRecord, Verification
from webapp.identity.queries import returned_count, standing_records
from webapp.identity.rules.documents import DocumentType, match_key
from webapp.identity.usecases import NothingToDecide, hand_to_court, hold, settle
from webapp.identity.words import reason_text
from webapp.journey.engine import StepState
from webapp.notices.usecases import tell
from webapp.ports.document_reader import DocumentSide
from webapp.ports.face_authority import FaceQuestion, FaceVerdict
from webapp.ports.face_checker import Likeness
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.seams import Seams

LONGEST_VIDEO = 7.0
PATIENCE = 2  # so often a picture is sent back for its quality; after that a person decides
POLL = timedelta(seconds=20)


def waiting_record(record_id: str) -> StepRecord | None:
    """The record if it still waits for a decision."""
    record = db.session.get(StepRecord, record_id)
    waits = record is not None and record.superseded_at is None and record.state == StepState.ANSWERED
    return record if waits else None


def check_face(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Judges a live face here, then asks the authority. Raises SeamUnavailable: the journey waits, the job retries."""
    record = waiting_record(record_id)
    if record is None or seams.face_authority is None:
        return
    records = standing_records(record.verification_id)
    document = records["document"].answer
    picture = open_photo(db.session.get_one(Photo, record.answer["photo"]), store=seams.store)
    end_reading()
    seen = seams.faces.inspect(picture)
    if seen.fault is not None:
        _decide(record_id, StepState.RETURNED, now=now, reason=f"face:{seen.fault}")
        return
    question = FaceQuestion(record_id, document["name"], document["number"], picture)
    answer = seams.face_authority.compare(question)
    agreed = answer.verdict is FaceVerdict.MATCH
    state, reason = (StepState.ACCEPTED, None) if agreed else (StepState.RETURNED, f"authority:{answer.verdict}")
    _decide(record_id, state, now=now, reason=reason, reference=answer.reference)


def check_evidence(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Reads the document's photos; a bad one goes back with its fault, twice at most. Then a clerk looks at it."""
    record = waiting_record(record_id)
    if record is None:
        return
    patience_left = returned_count(record.verification_id, record.step) < PATIENCE
    reason = None
    for field, photo_id in record.answer["photos"].items():
        fault = read_document(photo_id, seams=seams, now=now) or differing_number(record, photo_id)
        fault = fault or expired(photo_id, now=now)
        if fault and reason is None:
            reason = f"{field}/photo:{fault}"
    if reason and patience_left:
        _decide(record_id, StepState.RETURNED, now=now, reason=reason)
    else:
        _decide(record_id, StepState.ACCEPTED, now=now, doubt=reason)


def differing_number(record: StepRecord, photo_id: str) -> str | None:
    """A fault when the photo shows, with all its check digits right, another number than was typed."""
    document = standing_records(record.verification_id)["document"].answer
    reading = db.session.get_one(Photo, photo_id).reading or {}
    shown = reading.get("fields", {}).get("number", "")
    if not shown or not (reading.get("mrz_valid") or len(shown) == 18):
        return None
    kind = DocumentType(document["document_type"])
    return None if match_key(kind, shown) == match_key(kind, document["number"]) else "number_differs"


def expired(photo_id: str, *, now: datetime) -> str | None:
    """A fault when the photo says, as far as it was surely read, that the document's last day is over in China."""
    reading = db.session.get_one(Photo, photo_id).reading or {}
    last_day = reading.get("fields", {}).get("expiry_date", "")
    return "expired" if last_day and last_day < in_china(now).date().isoformat() else None


def read_document(photo_id: str, *, seams: Seams, now: datetime) -> str | None:
    """Reads one photo of a document once, writes down what was read, and returns its fault."""
    photo = db.session.get_one(Photo, photo_id)
    if photo.reading is not None:
        return photo.reading.get("fault")
    picture = open_photo(photo, store=seams.store)
    side = DocumentSide(photo.kind)
    end_reading()
    found = seams.documents.read(picture, side)
    reading = {
        "fault": found.fault,
        "fields": dict(found.fields),
        "mrz_valid": found.mrz_valid,
        "ms": found.milliseconds,
    }
    with unit_of_work():
        note_reading(photo_id, reading, now=now)
    return found.fault


def check_video(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Decodes the video, keeps a still of it, and compares the face with the document's portrait.

    Whatever isn't clearly the same face is for a clerk to see, also where an authority answers for the document.
    """
    record = waiting_record(record_id)
    if record is None:
        return
    evidence = standing_records(record.verification_id).get("evidence")
    account_id = db.session.get_one(Verification, record.verification_id).account_id
    video = open_photo(db.session.get_one(Photo, record.answer["video"]), store=seams.store)
    portrait = _portrait(evidence, seams)
    end_reading()
    seen = seams.videos.inspect(video, longest=LONGEST_VIDEO)
    if seen.fault is not None:
        _decide(record_id, StepState.RETURNED, now=now, reason=f"video:{seen.fault}")
        return
    middle = seen.stills[len(seen.stills) // 2]
    compared = seams.faces.compare(middle, portrait) if portrait else None
    likeness = (
        {"likeness": compared.likeness, "similarity": compared.similarity}
        if compared
        else {"likeness": Likeness.NO_FACE}
    )
    still = store_photo(
        account_id, PhotoKind.FACE, middle, "image/jpeg", size=(seen.width, seen.height), store=seams.store, now=now
    )
    doubt = None if likeness["likeness"] == Likeness.AGREE else f"likeness:{likeness['likeness']}"
    _decide(record_id, StepState.ACCEPTED, now=now, doubt=doubt, still=still, seconds=seen.seconds, likeness=likeness)


def ask_immigration(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Asks the immigration authority; pending or unreachable, it is asked again later and the journey says so."""
    record = waiting_record(record_id)
    if record is None or seams.immigration is None:
        return
    verification = db.session.get_one(Verification, record.verification_id)
    document = standing_records(verification.id)["document"].answer
    question = ImmigrationQuestion(
        record_id, str(verification.document_type), document["number"], document["name"], document["nationality"]
    )
    end_reading()
    answer = seams.immigration.ask(question)
    if answer.verdict is ImmigrationVerdict.PENDING:
        raise jobs.TryLater(POLL)
    _decide(record_id, now=now, **_decision(answer))


def hear_immigration(record_id: str, answer: ImmigrationAnswer, *, now: datetime) -> None:
    """Writes a decision that the authority told us by itself, if its record still waits. Inside a unit of work."""
    record = waiting_record(record_id)
    if record is not None and record.step == "immigration":
        with contextlib.suppress(NothingToDecide):  # the poll was faster
            _write(record_id, now=now, **_decision(answer))


def _decision(answer: ImmigrationAnswer) -> dict[str, Any]:
    if answer.verdict is ImmigrationVerdict.AGREED:
        return {"state": StepState.ACCEPTED, "reference": answer.reference, "message": "immigration_agreed"}
    return {
        "state": StepState.RETURNED,
        "reason": f"immigration:{answer.verdict}",
        "reference": answer.reference,
        "message": "immigration_refused",
    }


def _portrait(evidence: StepRecord | None, seams: Seams) -> bytes | None:
    if evidence is None:
        return None
    photos = evidence.answer["photos"]
    first = photos.get("data_page") or photos.get("front")
    return open_photo(db.session.get_one(Photo, first), store=seams.store) if first else None


def _decide(record_id: str, state: StepState, *, now: datetime, **rest: Any) -> None:
    """Writes the decision; if the payee has answered anew meanwhile, there is nothing to decide and nothing is written."""
    try:
        with unit_of_work():
            _write(record_id, state, now=now, **rest)
    except NothingToDecide:
        return


def _write(
    record_id: str,
    state: StepState,
    *,
    now: datetime,
    reason: str | None = None,
    reference: str | None = None,
    message: str | None = None,
    doubt: str | None = None,
    still: Photo | None = None,
    **seen: Any,
) -> None:
    """The decision and the message about it, inside the caller's unit of work. Raises NothingToDecide.

    A `doubt` lets the step pass and the whole verification go before a clerk.
    """
    record = db.session.get_one(StepRecord, record_id)
    if still is not None:
        db.session.add(still)
        db.session.flush()
        seen["still"] = still.id
    hold(record.verification_id)
    if doubt:
        seen["doubt"] = doubt
        hand_to_court(db.session.get_one(Verification, record.verification_id), doubt, now=now)
    if seen:
        record.answer = {**record.answer, **seen}
    document = dict(standing_records(record.verification_id)["document"].answer)
    settle(record_id, state, actor=audit.SYSTEM, now=now, reason=reason, reference=reference)
    if message:
        _tell(record, message, document, reason, now=now)


def _tell(record: StepRecord, message: str, document: dict[str, Any], reason: str | None, *, now: datetime) -> None:
    verification = db.session.get_one(Verification, record.verification_id)
    tell_decision(verification, message, name=document["name"], answered_at=record.answered_at, reason=reason, now=now)


def tell_decision(
    verification: Verification,
    kind: str,
    *,
    name: str,
    answered_at: datetime,
    reason: str | None,
    words: str | None = None,
    now: datetime,
) -> None:
    """The message about an authority's or a clerk's decision: `reason` is its code, `words` what a clerk added.

    Told in the language of the payee's account. Inside the caller's unit of work.
    """
    language = db.session.get_one(Account, verification.account_id).language
    with force_locale(language):
        told = reason_text(reason, words)
    facts = {"name": name, "time": f"{in_china(answered_at):%Y-%m-%d %H:%M:%S}", "reason": told}
    tell(verification.account_id, kind, facts, now=now)


def photo_kinds(document_type: str) -> dict[str, PhotoKind]:
    """Which photos a document needs: the form's field → the kind of photo."""
    if document_type in (DocumentType.PASSPORT, DocumentType.OVERSEAS_CHINESE_PASSPORT):
        return {"data_page": PhotoKind.DATA_PAGE}
    if document_type == DocumentType.RESIDENT_ID:
        return {"front": PhotoKind.RESIDENT_FRONT, "back": PhotoKind.RESIDENT_BACK}
    return {"front": PhotoKind.PERMIT_FRONT, "back": PhotoKind.PERMIT_BACK}
