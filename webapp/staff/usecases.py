"""Passwords of the staff: letting in who knows theirs, and slowing down who guesses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, delete, func, select

from webapp.accounts import sessions
from webapp.accounts.models import Clerk, ClerkCourt, Role, SignInTry, WebSession
from webapp.accounts.queries import clerk_by_name, has_second_factor
from webapp.accounts.sessions import Lifetime, open_session
from webapp.core import audit
from webapp.core.db import db, end_reading, one_at_a_time
from webapp.core.sealing import keyed_hash
from webapp.staff import tour

WINDOW = timedelta(minutes=15)
FREE_TRIES = 5
FREE_TRIES_OF_CLIENT = 20
FREE_CODES = 10
SHORTEST_PASSWORD = 12
FEWEST_CHARACTERS = 5
HALF_SIGNED_IN = Lifetime(timedelta(minutes=10), timedelta(minutes=10))
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody's password, so that an unknown name takes as long as a wrong password")


class TooManyTries(Exception):
    """This client has guessed too often at this name; `until` is when it may try again."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


class WeakPassword(Exception):
    """Shorter than 12 characters, of fewer than 5 different ones, or the user name with little beside it."""


def create_clerk(
    username: str,
    *,
    display_name: str,
    password_hash: str,
    role: Role,
    courts: Collection[str],
    now: datetime,
    actor: audit.Actor = audit.OPERATOR,
    temporary_until: datetime | None = None,
) -> Clerk:
    """A new member of the staff, inside the caller's unit of work.

    The hash is made before (`hash_password`): it takes its time, and nobody should wait for the lock meanwhile.
    """
    name = username.strip().lower()
    clerk = Clerk(
        username=name,
        display_name=display_name,
        password_hash=password_hash,
        role=role,
        language="zh_Hans",
        created_at=now,
        temporary_until=temporary_until,
    )
    db.session.add(clerk)
    db.session.flush()
    db.session.add_all(ClerkCourt(clerk_id=clerk.id, court=court) for court in sorted(set(courts)))
    db.session.flush()
    detail = {"role": role, "courts": sorted(set(courts))}
    audit.record(actor, "staff.created", ("clerk", clerk.id), now=now, **detail)
    return clerk


def hash_password(password: str, *, username: str) -> str:
    """What is kept of a password. Takes some 50 ms, so it is made outside any unit of work. Raises WeakPassword."""
    without_name = password.lower().replace(username.strip().lower(), "")
    if min(len(password) - SHORTEST_PASSWORD, len(set(password)) - FEWEST_CHARACTERS, len(without_name) - 8) < 0:
        raise WeakPassword
    return _hasher.hash(password)


def begin_try(username: str, *, client: str, known: str = "", now: datetime) -> int:
    """Counts a sign-in as failed before its password is looked at, and returns its id for `let_in`. Raises TooManyTries.

    So guesses sent all at once are counted too. Tries are counted for a client address, and for a name from that address;
    never for a name alone, so that nobody can lock somebody else out. `known`: the mark by which this browser is known to have
    let this very clerk in before; its tries are counted for itself, whatever strangers do at the same address. Inside a unit
    of work of its own.
    """
    where = keyed_hash("known browser", known) if known else keyed_hash("client", client)
    tried = SignInTry(name_hash=_name_hash(username), client_hash=where, at=now)
    one_at_a_time(tried.client_hash)
    from_client = SignInTry.client_hash == tried.client_hash
    _refuse_guessing(FREE_TRIES, now, from_client, SignInTry.name_hash == tried.name_hash)
    _refuse_guessing(FREE_TRIES_OF_CLIENT, now, from_client)
    return _count(tried)


def begin_proof(clerk_id: str, session_id: str, *, now: datetime) -> int:
    """The same for the password of somebody who is signed in, counted for this browser and for the clerk in all of theirs.

    Never for an address: a stranger beside them there keeps nobody from a deed. Raises TooManyTries.
    """
    name, browser = keyed_hash("proof", clerk_id), keyed_hash("proof browser", session_id)
    tried = SignInTry(name_hash=name, client_hash=browser, at=now)
    one_at_a_time(tried.name_hash)
    _refuse_guessing(FREE_TRIES, now, SignInTry.client_hash == tried.client_hash)
    _refuse_guessing(FREE_TRIES_OF_CLIENT, now, SignInTry.name_hash == tried.name_hash)
    return _count(tried)


def begin_code_try(clerk_id: str, kind: str, *, client: str, now: datetime) -> int:
    """The same for a code after the password, counted for the clerk wherever it comes from. Raises TooManyTries.

    Only who knows the password gets here, so nobody is locked out by a stranger; and a passkey isn't counted at all.
    """
    tried = SignInTry(name_hash=keyed_hash(kind, clerk_id), client_hash=keyed_hash("code client", client), at=now)
    one_at_a_time(tried.name_hash)
    _refuse_guessing(FREE_CODES, now, SignInTry.name_hash == tried.name_hash)
    return _count(tried)


def forgive_try(try_id: int) -> None:
    """A try that turned out right counts no more. Inside a unit of work."""
    db.session.execute(delete(SignInTry).where(SignInTry.id == try_id))


def check_password(username: str, password: str, *, now: datetime) -> str | None:
    """The id of the clerk whose name and password these are. An unknown name takes as long as a wrong password.

    Argon2 takes its time (some 50 ms), so this is asked outside any unit of work, with no transaction open.
    """
    clerk = clerk_by_name(username)
    found = (clerk.id, clerk.password_hash) if clerk is not None and _may_enter(clerk, now) else None
    end_reading()
    fits = _fits(found[1] if found else _NOBODY, password)
    return found[0] if found and fits else None


def is_password_of(clerk_id: str, password: str) -> bool:
    """True for the clerk's present password. Outside any unit of work, as it takes its time."""
    stored = db.session.get_one(Clerk, clerk_id).password_hash
    end_reading()
    return _fits(stored, password)


def _may_enter(clerk: Clerk, now: datetime) -> bool:
    too_late = clerk.temporary_until is not None and now >= clerk.temporary_until
    return clerk.disabled_at is None and not too_late


def let_in(clerk_id: str, try_id: int, *, lifetime: Lifetime, browser: str, now: datetime) -> tuple[str, bool] | None:
    """After the password: a session's token, and whether the second factor is still due. Inside a unit of work.

    The try no longer counts as failed. None for a clerk who was disabled while the password was looked at.
    """
    clerk = db.session.get_one(Clerk, clerk_id)
    if clerk.disabled_at is not None:
        return None
    forgive_try(try_id)
    if has_second_factor(clerk_id):
        half = HALF_SIGNED_IN
        stage = sessions.SECOND
        return open_session("clerk", lifetime=half, browser=browser, now=now, clerk_id=clerk_id, stage=stage), True
    token = open_session("clerk", lifetime=lifetime, browser=browser, now=now, clerk_id=clerk_id)
    note_proof(sessions.find_by_token(token).id, now=now)
    audit.record(_clerk(clerk_id), "desk.signed_in", ("clerk", clerk_id), now=now, by="password")
    return token, False


def complete_sign_in(session_id: str, *, by: str, lifetime: Lifetime, now: datetime) -> str:
    """After the second factor: the session opens all pages, under a fresh token, which is returned. In a unit of work."""
    session = db.session.get_one(WebSession, session_id)
    session.stage, session.seen_at, session.expires_at = sessions.OPEN, now, now + lifetime.longest
    note_proof(session_id, now=now)
    audit.record(_clerk(str(session.clerk_id)), "desk.signed_in", ("clerk", str(session.clerk_id)), now=now, by=by)
    return sessions.renew_token(session_id)


def note_proof(session_id: str, *, now: datetime) -> None:
    """Whoever sits at this browser has just proved who they are. Inside a unit of work."""
    db.session.get_one(WebSession, session_id).fresh_at = now


def change_password(clerk_id: str, password_hash: str, *, session_id: str, now: datetime) -> None:
    """A password of one's own takes the place of the one before; all other browsers are signed out. In a unit of work."""
    clerk = db.session.get_one(Clerk, clerk_id)
    if clerk.temporary_until is not None:
        tour.offer(clerk)
    clerk.password_hash, clerk.temporary_until = password_hash, None
    sessions.end_sessions_of_clerk(clerk_id, besides=session_id, now=now)
    audit.record(_clerk(clerk_id), "staff.password_changed", ("clerk", clerk_id), now=now)


def forget_old_tries(*, now: datetime) -> None:
    """Removes tries that count no more. Inside a unit of work."""
    db.session.execute(delete(SignInTry).where(SignInTry.at < now - WINDOW))


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _count(tried: SignInTry) -> int:
    db.session.add(tried)
    db.session.flush()
    return tried.id


def _refuse_guessing(free: int, now: datetime, *which: ColumnElement[bool]) -> None:
    tries = select(func.count(), func.max(SignInTry.at)).where(*which, SignInTry.at > now - WINDOW)
    count, latest = db.session.execute(tries).one()
    if count >= free and now < latest + (pause := timedelta(seconds=min(30 * 2 ** min(count - free, 5), 900))):
        raise TooManyTries(latest + pause)


def _name_hash(username: str) -> bytes:
    return keyed_hash("clerk", username.strip().lower())


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
