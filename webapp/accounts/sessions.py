"""Signed-in browsers: random tokens in cookies, hashes of them in the database, ended by time or by revoking."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from webapp.accounts.models import DeviceUse, WebSession
from webapp.accounts.queries import session_by_hash
from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_token
from webapp.core.sealing import keyed_hash

TOUCH_EVERY = timedelta(minutes=5)
FRESH = timedelta(minutes=10)
PROVED = timedelta(minutes=5)
"""For how long a clerk's proof of who they are is fresh."""
FOREVER = timedelta(days=365)
OPEN, SECOND = "open", "second"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after `idle` without a visit, and after `longest` in any case."""

    idle: timedelta
    longest: timedelta = FOREVER


def open_session(
    surface: str,
    *,
    lifetime: Lifetime,
    browser: str,
    now: datetime,
    account_id: str | None = None,
    clerk_id: str | None = None,
    stage: str = OPEN,
) -> str:
    """Makes a session inside the caller's unit of work and returns the cookie's token, which is kept nowhere."""
    token = new_token()
    db.session.add(
        WebSession(
            token_hash=_hash(token),
            surface=surface,
            account_id=account_id,
            clerk_id=clerk_id,
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime.longest,
            browser=browser[:160],
            stage=stage,
        )
    )
    db.session.flush()
    return token


def find_session(
    token: str, surface: str, *, lifetime: Lifetime, now: datetime, visit: bool = True
) -> WebSession | None:
    """The living session of a cookie's token, or None; a visit now and then keeps it alive."""
    session = session_by_hash(_hash(token), surface)
    if session is None or session.revoked_at is not None or now >= ends_at(session, lifetime):
        return None
    if visit and now - session.seen_at > min(TOUCH_EVERY, lifetime.idle / 4):
        touched = update(WebSession).where(WebSession.id == session.id).values(seen_at=now)
        with unit_of_work():
            db.session.execute(touched)
    return session


def ends_at(session: WebSession, lifetime: Lifetime) -> datetime:
    """When a session ends without a further visit."""
    return min(session.expires_at, session.seen_at + lifetime.idle)


def clerk_of_token(token: str) -> str:
    """The clerk whose session this is, or was until it ended by time; "" where it was revoked, or never opened pages."""
    session = session_by_hash(_hash(token), "clerk")
    stood = session is not None and session.stage == OPEN and session.revoked_at is None
    return session.clerk_id or "" if session is not None and stood else ""


def find_by_token(token: str) -> WebSession:
    """The row of a session that was just opened."""
    return db.session.query(WebSession).filter_by(token_hash=_hash(token)).one()


def move_session(session_id: str, account_id: str) -> str:
    """Gives a browser another account after a proof, with a fresh token (no fixation). Inside a unit of work."""
    session = db.session.get_one(WebSession, session_id)
    token = new_token()
    session.account_id, session.token_hash, session.proved_hash = account_id, _hash(token), None
    return token


def renew_token(session_id: str) -> str:
    """A fresh token for the same session, after its rights grew. Inside a unit of work."""
    session = db.session.get_one(WebSession, session_id)
    token = new_token()
    session.token_hash = _hash(token)
    return token


def note_code(session_id: str, *, now: datetime) -> None:
    """A code to one of the account's phones was just typed here. Inside a unit of work."""
    db.session.get_one(WebSession, session_id).code_proved_at = now


def code_is_fresh(session_id: str, *, now: datetime) -> bool:
    """True for ten minutes after a code: long enough to put one's numbers in order."""
    proved = db.session.get_one(WebSession, session_id).code_proved_at
    return proved is not None and now - proved < FRESH


def spend_proof(session_id: str, *, now: datetime) -> bool:
    """Takes the fresh proof that a clerk gave of who they are: it is good for one deed. False when there is none.

    Inside the deed's unit of work, so that a deed that is refused costs no proof, and two at once need two.
    """
    fresh = WebSession.id == session_id, WebSession.fresh_at > now - PROVED
    taken = update(WebSession).where(*fresh).values(fresh_at=None).returning(WebSession.id)
    return db.session.scalar(taken) is not None


def end_session(session_id: str, *, now: datetime) -> None:
    """Signs one browser out, inside the caller's unit of work."""
    db.session.execute(update(WebSession).where(WebSession.id == session_id).values(revoked_at=now))


def end_other_sessions(account_id: str, *, besides: str, now: datetime) -> None:
    """Signs every other browser of a payee's account out, inside the caller's unit of work."""
    others = WebSession.account_id == account_id, WebSession.id != besides, WebSession.revoked_at.is_(None)
    db.session.execute(update(WebSession).where(*others).values(revoked_at=now))


def end_sessions_of_clerk(clerk_id: str, *, besides: str = "", now: datetime) -> None:
    """Signs a clerk out of every browser, or of every other one, inside the caller's unit of work."""
    theirs = WebSession.clerk_id == clerk_id, WebSession.id != besides, WebSession.revoked_at.is_(None)
    db.session.execute(update(WebSession).where(*theirs).values(revoked_at=now))


def note_device(account_id: str, device: str, *, now: datetime) -> None:
    """This account was used in the browser of this cookie; of that only a keyed hash is kept. Inside a unit of work."""
    if not device:
        return
    digest = keyed_hash("device", device)
    known = db.session.get(DeviceUse, (digest, account_id))
    if known is None:
        db.session.add(DeviceUse(device_hash=digest, account_id=account_id, seen_at=now))
    else:
        known.seen_at = now
    db.session.flush()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
