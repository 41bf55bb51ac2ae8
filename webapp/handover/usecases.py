"""Handing the camera's part of a step to a phone, and taking the pictures back.

The link alone opens nothing: it lives five minutes, and whoever follows it must type the four digits that the desk shows,
three times at most. What the phone then gets is no session of the account: it may send the pictures that this step asks
for, until a quarter of an hour after the last one, and nothing else; see docs/adr/0009.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from webapp.accounts.models import WebSession
from webapp.core import audit
from webapp.core.db import db
from webapp.core.ids import new_token
from webapp.evidence.models import PhotoKind
from webapp.evidence.queries import own_photo
from webapp.handover.models import Handover

LINK_LIFE, PHONE_LIFE, LONGEST_VISIT = timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=3)
MOST_TRIES = 3


class HandoverEnd(StrEnum):
    """How a hand-over ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    GUESSED = "guessed"  # the code was wrong too often


class CodeVerdict(StrEnum):
    """What became of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a desk's page wants from a phone. `wanted`: field → kind; `whose`: a masked name; `back`: the page's path."""

    wanted: Mapping[str, PhotoKind]
    whose: str
    back: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A hand-over as the desk shows it. `token` goes into the link and is kept nowhere."""

    id: str
    token: str
    code: str


def offer(account_id: str, session_id: str, wish: Offer, *, now: datetime) -> Offered:
    """Makes a link for a phone; an earlier one of the same browser is worth nothing from now on. Inside a unit of work."""
    standing = select(Handover).where(Handover.session_id == session_id, Handover.ended_at.is_(None))
    for earlier in db.session.scalars(standing):
        _end(earlier, HandoverEnd.REPLACED, now=now)
    token, code = new_token(), f"{secrets.randbelow(10_000):04d}"
    made = Handover(
        account_id=account_id,
        session_id=session_id,
        link_hash=_hash(token),
        code=code,
        whose=wish.whose,
        wanted={name: kind.value for name, kind in wish.wanted.items()},
        photos={},
        back=wish.back,
        offered_at=now,
        expires_at=now + LINK_LIFE,
    )
    db.session.add(made)
    db.session.flush()
    _audit(made, "handover.offered", now=now)
    return Offered(made.id, token, code)


def by_link(token: str, *, now: datetime) -> Handover | None:
    """The hand-over of a link that nobody has used yet, while it lives."""
    found = db.session.scalar(select(Handover).where(Handover.link_hash == _hash(token)))
    return found if found is not None and found.confirmed_at is None and is_open(found, now=now) else None


def by_phone(token: str, *, now: datetime) -> Handover | None:
    """The hand-over whose code this phone has typed, while it lives."""
    if not token:
        return None
    found = db.session.scalar(select(Handover).where(Handover.phone_hash == _hash(token)))
    return found if found is not None and is_open(found, now=now) else None


def is_open(handover: Handover, *, now: datetime) -> bool:
    """False once it ended, is too old, or the desk has signed out."""
    session = db.session.get_one(WebSession, handover.session_id)
    return handover.ended_at is None and now < handover.expires_at and session.revoked_at is None


def confirm(token: str, code: str, *, now: datetime) -> tuple[CodeVerdict, str]:
    """Checks the code that the desk shows; RIGHT comes with the token of the phone's cookie. Inside a unit of work.

    The link is worth nothing after a right code, and after the third wrong one.
    """
    locked = select(Handover).where(Handover.link_hash == _hash(token)).with_for_update()
    found = db.session.scalar(locked.execution_options(populate_existing=True))
    if found is None or found.confirmed_at is not None or not is_open(found, now=now):
        return CodeVerdict.GONE, ""
    if not hmac.compare_digest(found.code.encode(), code.encode()):
        found.tries += 1
        if found.tries < MOST_TRIES:
            return CodeVerdict.WRONG, ""
        _end(found, HandoverEnd.GUESSED, now=now)
        return CodeVerdict.GONE, ""
    phone_token = new_token()
    found.phone_hash, found.confirmed_at, found.expires_at = _hash(phone_token), now, now + PHONE_LIFE
    db.session.flush()
    _audit(found, "handover.confirmed", now=now)
    return CodeVerdict.RIGHT, phone_token


def note_photo(handover_id: str, field: str, photo_id: str, *, now: datetime) -> None:
    """The phone has sent the picture of a field; the desk's page takes it from here. Inside a unit of work."""
    locked = select(Handover).where(Handover.id == handover_id).with_for_update()
    found = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if field in found.wanted and is_open(found, now=now):
        found.photos = {**found.photos, field: photo_id}
        latest = (found.confirmed_at or now) + LONGEST_VISIT
        found.expires_at = min(now + PHONE_LIFE, latest)  # who is slow with one picture has as long for the next
        _audit(found, "handover.photo", now=now, photo=photo_id)


def finish(handover_id: str, how: HandoverEnd, *, now: datetime) -> None:
    """Ends it: the phone is done, or the desk has thought better of it. Inside a unit of work; twice does nothing."""
    locked = select(Handover).where(Handover.id == handover_id).with_for_update()
    found = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if found.ended_at is None:
        _end(found, how, now=now)


def of_desk(handover_id: str | None, session_id: str) -> Handover | None:
    """A hand-over of this very browser, ended or not."""
    found = db.session.get(Handover, handover_id) if handover_id else None
    return found if found is not None and found.session_id == session_id else None


def landed(handover: Handover, *, now: datetime) -> dict[str, str]:
    """Field → photo, of what the phone has taken and is still kept."""
    own = {name: own_photo(photo, handover.account_id, now=now) for name, photo in handover.photos.items()}
    return {name: photo for name, photo in own.items() if photo}


def handed(handover_id: str | None, session_id: str, *, now: datetime) -> dict[str, str]:
    """The same for a page of the desk that names a hand-over of its own browser; else nothing."""
    found = of_desk(handover_id, session_id)
    return landed(found, now=now) if found is not None else {}


def _end(handover: Handover, how: HandoverEnd, *, now: datetime) -> None:
    handover.ended_at, handover.end = now, how
    db.session.flush()
    _audit(handover, f"handover.{how}", now=now)


def _audit(handover: Handover, action: str, *, now: datetime, **detail: str) -> None:
    actor = audit.Actor("payee", handover.account_id)
    audit.record(actor, action, ("handover", handover.id), now=now, **detail)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
