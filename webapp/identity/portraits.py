"""What the photos of a document prove, as far as they were surely read: whose number, whose name, until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.journeys import Means
from webapp.identity.models import StepRecord, Verification
from webapp.identity.queries import earlier_tries, standing_records
from webapp.identity.rules.contradictions import other_name_read, other_number_read
from webapp.identity.rules.documents import DocumentType, match_key


def differing_number(record: StepRecord, photo_id: str) -> str | None:
    """A fault when the photo shows, with all its check digits right, another number than was typed."""
    document = standing_records(record.verification_id)["document"].answer
    kind, reading = DocumentType(document["document_type"]), db.session.get_one(Photo, photo_id).reading or {}
    return "number_differs" if other_number_read(kind, document["number"], reading) else None


def unread_portrait(record: StepRecord) -> str | None:
    """A fault unless the photo with the portrait shows, surely read, the number that was typed.

    An authority that confirms a name and a number says nothing about the face: only this photo joins the two. Where a
    clerk looks anyway, the clerk joins them.
    """
    verification = db.session.get_one(Verification, record.verification_id)
    if verification.means != Means.ONLINE:
        return None
    field, photo_id = portrait_of(record)
    document = standing_records(record.verification_id)["document"].answer
    kind, shown = DocumentType(document["document_type"]), _read_on(photo_id).get("number", "")
    proved = shown and match_key(kind, shown) == match_key(kind, document["number"])
    return None if proved else f"{field}/photo:number_unread"


def blank_portrait(record: StepRecord) -> str | None:
    """A fault when nothing at all was surely read on the photo with the portrait: a bank card, say, in a passport's place."""
    field, photo_id = portrait_of(record)
    return None if _read_on(photo_id) else f"{field}/photo:nothing_read"


def other_name(record: StepRecord) -> str | None:
    """A doubt when the photo with the portrait shows quite another name than was typed."""
    typed = standing_records(record.verification_id)["document"].answer["name"]
    return "photo:name_differs" if other_name_read(typed, {"fields": _read_on(portrait_of(record)[1])}) else None


def contradictions(record: StepRecord) -> Mapping[str, str]:
    """What the photo with the portrait surely says otherwise than was typed: a name, a number, by the names of their fields."""
    document = standing_records(record.verification_id)["document"].answer
    kind, reading = DocumentType(document["document_type"]), reading_of_portrait(record)
    read = {
        "name": other_name_read(document["name"], reading),
        "number": other_number_read(kind, document["number"], reading),
    }
    return {name: shown for name, shown in read.items() if shown}


def reading_of_portrait(evidence: StepRecord) -> Mapping[str, Any]:
    """What was read of the photo with the portrait; nothing while it is being read."""
    return db.session.get_one(Photo, portrait_of(evidence)[1]).reading or {}


def insisted_on(record: StepRecord) -> Collection[str]:
    """Of which fields the payee has said, here or when they were typed: what I typed is right, whatever a photo says."""
    document = standing_records(record.verification_id)["document"].answer
    return {*document.get("insisted", {}), *record.answer.get("insisted", {})}


def asked_about_name(record: StepRecord) -> bool:
    """True once the payee was told that a photo of this verification shows another name."""
    told = (one.reason or "" for one in earlier_tries(record.verification_id, record.step))
    return any(reason.endswith("photo:name_differs") for reason in told)


def _read_on(photo_id: str) -> Mapping[str, str]:
    reading = db.session.get_one(Photo, photo_id).reading or {}
    fields: Mapping[str, str] = reading.get("fields", {})
    return fields


def expired(photo_id: str, *, now: datetime) -> str | None:
    """A fault when the photo says, as far as it was surely read, that the document's last day is over in China."""
    last_day = _read_on(photo_id).get("expiry_date", "")
    return "expired" if last_day and last_day < in_china(now).date().isoformat() else None


def portrait_of(evidence: StepRecord) -> tuple[str, str]:
    """The field and the id of the photo that the document's portrait is on."""
    photos = evidence.answer["photos"]
    field = "data_page" if "data_page" in photos else "front"
    return field, photos[field]
