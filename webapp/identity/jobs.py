"""What the worker does for a verification: looks at pictures and videos, asks the authorities, tells the payee.

Every deed may run twice: it looks first whether its record still waits, and `settle` refuses a second decision.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale

from webapp.accounts.models import Account
from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import note_reading, open_photo, store_photo
from webapp.identity.challenges import handed_in_before, keep_prints
from webapp.identity.models import StepRecord, Verification
from webapp.identity.portraits import (
    asked_about_name,
    blank_portrait,
    differing_number,
    expired,
    insisted_on,
    other_name,
    portrait_of,
    unread_portrait,
)
from webapp.identity.queries import returned_count, standing_records
from webapp.identity.rules.documents import DocumentType
from webapp.identity.twice import LOOK_FOR_OTHERS
from webapp.identity.usecases import NothingToDecide, hand_to_court, hold, settle
from webapp.identity.words import reason_text
from webapp.journey.engine import StepState
from webapp.notices.usecases import tell
from webapp.ports.document_reader import DocumentSide
from webapp.ports.face_authority import FaceQuestion, FaceVerdict
from webapp.ports.face_checker import FaceComparison, Likeness
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.liveness import Gesture, Liveness, LivenessFault
from webapp.ports.seams import Seams

READ_DOCUMENT = "read_document"
LONGEST_VIDEO = 7.0
ABOUT_NUMBER = ("photo:number_differs", "photo:number_unread")
PATIENCE = 2  # so often a picture is sent back for its quality; after that a person decides
POLL = timedelta(seconds=20)


def waiting_record(record_id: str) -> StepRecord | None:
    """The record if it still waits for a decision."""
    record = db.session.get(StepRecord, record_id)
    waits = record is not None and record.superseded_at is None and record.state == StepState.ANSWERED
    return record if waits else None


def check_face(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Judges the film here, then asks the authority about its best still. Raises SeamUnavailable: the journey waits."""
    record = waiting_record(record_id)
    if record is None or seams.face_authority is None:
        return
    verification = db.session.get_one(Verification, record.verification_id)
    document = standing_records(verification.id)["document"].answer
    account_id = verification.account_id
    if "video" not in record.answer:  # a photo, from the days before films were asked for
        _decide(record_id, StepState.RETURNED, now=now, reason="face:no_film")
        return
    film = watch_film(record, seams)
    if film.fault is not None:
        _decide(record_id, StepState.RETURNED, now=now, reason=film.fault, film=film, **film.told)
        return
    gestures = tuple(Gesture(name) for name in record.answer.get("gestures", ()))
    question = FaceQuestion(record_id, document["name"], document["number"], film.still, film.video, gestures)
    answer = seams.face_authority.compare(question)
    agreed = answer.verdict is FaceVerdict.MATCH
    state, reason = (StepState.ACCEPTED, None) if agreed else (StepState.RETURNED, f"authority:{answer.verdict}")
    still = _keep_still(account_id, film, seams, now=now)
    _decide(
        record_id, state, now=now, reason=reason, reference=answer.reference, film=film, still=still, photo=still.id,
        **film.told,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Film:
    """What was seen in a film. `fault`: the reason for sending it back; `told`: what is kept of it with the answer."""

    photo_id: str
    fault: str | None
    still: bytes = b""
    video: bytes = b""
    size: tuple[int, int] = (0, 0)
    prints: tuple[str, ...] = ()
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def watch_film(record: StepRecord, seams: Seams) -> Film:
    """Decodes a waiting record's film, holds it against its challenge and all films before it, and judges its best still."""
    photo = db.session.get_one(Photo, record.answer["video"])
    challenge = tuple(Gesture(name) for name in record.answer.get("gestures", ()))
    video, photo_id, sha256 = open_photo(photo, store=seams.store), photo.id, photo.sha256
    end_reading()
    seen = seams.videos.inspect(video, longest=LONGEST_VIDEO, challenge=challenge)
    if seen.fault is not None:
        return Film(photo_id, f"video:{seen.fault}")
    live = seen.liveness
    prints = live.prints if live else ()
    again = handed_in_before(photo_id, sha256, prints)
    end_reading()
    still = live.best if live and live.best else seen.stills[len(seen.stills) // 2]
    fault = "live:replayed" if again else live_fault(live)
    if fault is None and (unfit := seams.faces.inspect(still).fault) is not None:
        fault = f"face:{unfit}"
    told: dict[str, Any] = {"seconds": seen.seconds}
    if live:
        told["liveness"] = {
            "fault": live.fault, "confidence": live.confidence, "rate": live.rate, "similarity": live.similarity,
            "seen": {one.gesture: one.at for one in live.seen},
        }  # fmt: skip
    return Film(photo_id, fault, still, video, (seen.width, seen.height), prints, told)


def live_fault(live: Liveness | None) -> str | None:
    """The reason for which a film doesn't show what was asked; the first gesture that is missing is named."""
    if live is None or live.fault is None:
        return None
    if live.fault is LivenessFault.UNSEEN:
        return f"live:{next(one.gesture for one in live.seen if one.at is None)}"
    return f"live:{live.fault}"


def check_evidence(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Reads the document's photos; a bad one goes back with its fault, twice at most. Then a clerk looks at it.

    One that is sharp, but on which nothing could be read, goes back once: it may be another document, or one that we can't read.
    A photo that shows quite another name goes back as well, once. What the payee has confirmed against a photo isn't asked about
    again: a clerk looks at once.
    """
    record = waiting_record(record_id)
    if record is None:
        return
    returned = returned_count(record.verification_id, record.step)
    patience_left = returned < PATIENCE
    reason = None
    for field, photo_id in record.answer["photos"].items():
        fault = read_document(photo_id, seams=seams, now=now) or differing_number(record, photo_id)
        fault = fault or expired(photo_id, now=now)
        if fault and reason is None:
            reason = f"{field}/photo:{fault}"
    reason, insisted = reason or unread_portrait(record), insisted_on(record)
    confirmed = reason is not None and reason.endswith(ABOUT_NUMBER) and "number" in insisted
    if reason is None and "name" not in insisted and not asked_about_name(record) and (name := other_name(record)):
        reason = f"{portrait_of(record)[0]}/{name}"
    if reason is None and (reason := blank_portrait(record)):
        patience_left = returned == 0
    if reason and patience_left and not confirmed:
        _decide(record_id, StepState.RETURNED, now=now, reason=reason)
        return
    seen = _compare_again(record, seams)
    doubt = reason or other_name(record) or _doubt_about(seen.get("likeness"))
    _decide(record_id, StepState.ACCEPTED, now=now, doubt=doubt, **seen)


def _compare_again(record: StepRecord, seams: Seams) -> dict[str, Any]:
    """New photos beside a film that still stands, because a clerk asked for photos alone: are they the same face?"""
    video = standing_records(record.verification_id).get("video")
    portrait = _portrait(record, seams)
    if video is None or not video.answer.get("still") or portrait is None:
        return {}
    still = open_photo(db.session.get_one(Photo, video.answer["still"]), store=seams.store)
    end_reading()
    return {"likeness": _told(seams.faces.compare(still, portrait))}


def _told(compared: FaceComparison | None) -> dict[str, Any]:
    if compared is None:
        return {"likeness": Likeness.NO_FACE}
    return {"likeness": compared.likeness, "similarity": compared.similarity}


def _doubt_about(likeness: Mapping[str, Any] | None) -> str | None:
    """A reason for a person to look: the face isn't clearly the portrait's."""
    differs = likeness is not None and likeness["likeness"] != Likeness.AGREE
    return f"likeness:{likeness['likeness']}" if likeness is not None and differs else None


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


def read_first(photo_id: str, *, seams: Seams, now: datetime) -> None:
    """Reads a photo that was taken before any step asked for it, once."""
    read_document(photo_id, seams=seams, now=now)


def check_video(record_id: str, *, seams: Seams, now: datetime) -> None:
    """Watches the film, keeps a still of it, and compares the face with the document's portrait.

    Whatever isn't clearly the same living face is for a clerk to see, also where an authority answers for the document:
    at once when the faces differ or nothing could be asked for, after two tries when the film doesn't show it.
    """
    record = waiting_record(record_id)
    if record is None:
        return
    patience_left = returned_count(record.verification_id, record.step) < PATIENCE
    evidence = standing_records(record.verification_id).get("evidence")
    account_id = db.session.get_one(Verification, record.verification_id).account_id
    portrait = _portrait(evidence, seams)
    plain = not record.answer.get("gestures")
    film = watch_film(record, seams)
    if film.fault is not None and (patience_left or not film.still):
        _decide(record_id, StepState.RETURNED, now=now, reason=film.fault, film=film, **film.told)
        return
    likeness = _told(seams.faces.compare(film.still, portrait) if portrait else None)
    still = _keep_still(account_id, film, seams, now=now)
    doubt = _doubt_about(likeness) or film.fault or ("live:none" if plain else None)
    _decide(record_id, StepState.ACCEPTED, now=now, doubt=doubt, film=film, still=still, likeness=likeness, **film.told)


def _keep_still(account_id: str, film: Film, seams: Seams, *, now: datetime) -> Photo:
    return store_photo(account_id, PhotoKind.FACE, film.still, "image/jpeg", size=film.size, store=seams.store, now=now)


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
    return open_photo(db.session.get_one(Photo, portrait_of(evidence)[1]), store=seams.store)


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
    film: Film | None = None,
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
    if film is not None:
        keep_prints(film.photo_id, film.prints)
    if doubt:
        seen["doubt"] = doubt
        hand_to_court(db.session.get_one(Verification, record.verification_id), doubt, now=now)
    if seen:
        record.answer = {**record.answer, **seen}
    document = dict(standing_records(record.verification_id)["document"].answer)
    if still is not None and state is StepState.ACCEPTED:
        jobs.enqueue(
            LOOK_FOR_OTHERS, {"verification": record.verification_id}, now=now, key=f"{LOOK_FOR_OTHERS}:{record_id}"
        )
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
