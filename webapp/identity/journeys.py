"""One table of steps per document type and means: the manual's chapter 2, as data.

`online`: an authority answers. `court`: a clerk reviews instead, because the document can't be asked about (ordinary
passports), the court has no link to the authority, or the person chose not to use face recognition.
"""

from __future__ import annotations

from enum import StrEnum

from webapp.identity.rules.documents import DocumentType
from webapp.journey.engine import Journey, Step

PHONE = Step("phone")
DOCUMENT = Step("document")
FACE = Step("face")
EVIDENCE = Step("evidence")
VIDEO = Step("video")
IMMIGRATION = Step("immigration", mends_at="document")
COURT_REVIEW = Step("court_review", mends_at="document")
SIGNATURE = Step("signature")


class Means(StrEnum):
    """Who decides whether the person is who they say."""

    ONLINE = "online"
    COURT = "court"


_BY_FACE = (PHONE, DOCUMENT, FACE, SIGNATURE)
_BY_IMMIGRATION = (PHONE, DOCUMENT, EVIDENCE, VIDEO, IMMIGRATION, SIGNATURE)
_BY_COURT = (PHONE, DOCUMENT, EVIDENCE, VIDEO, COURT_REVIEW, SIGNATURE)

ASKED_ONLINE = {
    DocumentType.RESIDENT_ID: _BY_FACE,
    DocumentType.OVERSEAS_CHINESE_PASSPORT: _BY_IMMIGRATION,
    DocumentType.HK_MACAO_PERMIT: _BY_IMMIGRATION,
    DocumentType.TAIWAN_PERMIT: _BY_IMMIGRATION,
    DocumentType.FOREIGN_PERMANENT_RESIDENT: _BY_IMMIGRATION,
}

JOURNEYS = {
    (document_type, means): Journey(
        f"{document_type}.{means}", ASKED_ONLINE.get(document_type, _BY_COURT) if means is Means.ONLINE else _BY_COURT
    )
    for document_type in DocumentType
    for means in Means
}

BEGINNING = Journey("beginning", (PHONE, DOCUMENT, FACE, SIGNATURE), most=6)
"""What is shown before a document type is chosen; its first two steps are everybody's."""


def journey_of(document_type: str | None, means: str) -> Journey:
    """The table that a verification follows."""
    return JOURNEYS[DocumentType(document_type), Means(means)] if document_type else BEGINNING


def means_for(document_type: DocumentType, *, face: bool, immigration: bool) -> Means:
    """`court` where the authority of this type isn't linked (`face`, `immigration` tell which are)."""
    steps = ASKED_ONLINE.get(document_type, _BY_COURT)
    linked = (face or FACE not in steps) and (immigration or IMMIGRATION not in steps) and steps is not _BY_COURT
    return Means.ONLINE if linked else Means.COURT
