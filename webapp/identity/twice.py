"""One person under two names: the same living face, or the same browser, in verifications of different documents.

Bounded, and honest about it: a face is compared with the LOOKED_AT newest verifications of other accounts, not with all of
them. What is found is a flag for a clerk to look at; it stops nobody by itself, since a family shares a phone and twins a face.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from webapp.accounts.models import DeviceUse
from webapp.core.db import db, end_reading, unit_of_work
from webapp.docket.models import Flag
from webapp.docket.queries import faces_like
from webapp.docket.usecases import outdate_face, raise_flag
from webapp.evidence.models import Photo
from webapp.evidence.usecases import open_photo
from webapp.identity.models import FacePrint, Verification
from webapp.identity.queries import live_photo
from webapp.ports.seams import Seams

LOOK_FOR_OTHERS = "look_for_others"
LOOKED_AT = 5000
MOST_FLAGS = 10


def look_for_others(verification_id: str, *, seams: Seams, now: datetime) -> None:
    """Keeps what the live face looks like, and flags both verifications where another document's has the same.

    Run twice it finds the same; run after another film, what only the earlier one showed becomes history.
    """
    verification = db.session.get_one(Verification, verification_id)
    account_id, match_hash, photo_id = verification.account_id, verification.match_hash, live_photo(verification_id)
    picture = open_photo(db.session.get_one(Photo, photo_id), store=seams.store) if photo_id else b""
    end_reading()
    description = seams.faces.describe(picture) if picture else None
    found: list[tuple[str, Flag, float | None]] = [
        (other, Flag.SAME_DEVICE, None) for other in _by_device(account_id, match_hash)
    ]
    if description is not None:
        others = _latest_prints(account_id, match_hash)
        end_reading()
        matches = seams.faces.alike(description, [print_.description for print_ in others])
        found += [(others[place].verification_id, Flag.SAME_FACE, score) for place, score in matches]
    with unit_of_work():
        if description is not None:
            _keep(verification_id, account_id, description, now=now)
            _outdate(verification_id, {other for other, flag, _score in found if flag is Flag.SAME_FACE})
        both = [(verification_id, *one) for one in found[:MOST_FLAGS]]
        both += [(other, verification_id, flag, score) for _, other, flag, score in both]
        for thread, other, flag, score in sorted(both, key=lambda one: one[:3]):  # or two could wait for each other
            raise_flag(thread, flag, other=other, score=score, now=now)


def _outdate(verification_id: str, still: set[str]) -> None:
    """Whom an earlier face of this verification was like, and its newest isn't: at both of them, in one order."""
    gone = set(faces_like(verification_id)) - still
    for thread, other in sorted({(verification_id, one) for one in gone} | {(one, verification_id) for one in gone}):
        outdate_face(thread, other)


def _keep(verification_id: str, account_id: str, description: tuple[int, ...], *, now: datetime) -> None:
    known = db.session.get(FacePrint, verification_id)
    if known is None:
        known = FacePrint(verification_id=verification_id, account_id=account_id)
        db.session.add(known)
    known.description, known.made_at = list(description), now


def _latest_prints(account_id: str, match_hash: bytes | None) -> list[FacePrint]:
    query = select(FacePrint).join(Verification, Verification.id == FacePrint.verification_id)
    query = query.where(FacePrint.account_id != account_id, _another_person(match_hash))
    return list(db.session.scalars(query.order_by(FacePrint.made_at.desc()).limit(LOOKED_AT)))


def _by_device(account_id: str, match_hash: bytes | None) -> list[str]:
    """Verifications of other documents whose accounts were used in a browser that this account was used in too."""
    mine = select(DeviceUse.device_hash).where(DeviceUse.account_id == account_id)
    others = select(DeviceUse.account_id).where(DeviceUse.device_hash.in_(mine), DeviceUse.account_id != account_id)
    query = select(Verification.id).where(Verification.account_id.in_(others), Verification.superseded_at.is_(None))
    query = query.where(Verification.match_hash.is_not(None), _another_person(match_hash))
    return list(db.session.scalars(query.order_by(Verification.started_at.desc()).limit(MOST_FLAGS)))


def _another_person(match_hash: bytes | None) -> ColumnElement[bool]:
    """The same number on two accounts is one person, who is told of it; that is another flag."""
    return or_(Verification.match_hash.is_(None), Verification.match_hash != match_hash)
