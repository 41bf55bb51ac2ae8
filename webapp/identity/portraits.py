"""What the photos of a document prove, as far as they were surely read: whose number, whose name, until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.journeys import Means
from webapp.identity.models import StepRecord, Verification
from webapp.identity.queries import standing_records
from webapp.identity.rules.documents import DocumentType, match_key
from webapp.identity.rules.names import NameLikeness, same_name, same_script


def differing_number(record: StepRecord, photo_id: str) -> str | None:
    """A fault when the photo shows, with all its check digits right, another number than was typed."""
    document = standing_records(record.verification_id)["document"].answer
    reading = db.session.get_one(Photo, photo_id).reading or {}
    shown = reading.get("fields", {}).get("number", "")
    if not shown or not (reading.get("mrz_valid") or len(shown) == 18):
        return None
    kind = DocumentType(document["document_type"])
    return None if match_key(kind, shown) == match_key(kind, document["number"]) else "number_differs"


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
    """A doubt when the photo with the portrait shows quite another name than was typed.

    The zone of a Chinese passport spells in Latin letters what its holder writes in characters: that says nothing.
    """
    shown = _read_on(portrait_of(record)[1]).get("name", "")
    typed = standing_records(record.verification_id)["document"].answer["name"]
    differs = shown and same_script(shown, typed) and same_name(shown, typed) is NameLikeness.DIFFERENT
    return "photo:name_differs" if differs else None


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
