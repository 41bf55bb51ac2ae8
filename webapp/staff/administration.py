"""What an administrator does to others: giving rights, taking them, and ways back in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from webapp.accounts import sessions
from webapp.accounts.models import Authenticator, Clerk, ClerkCourt, Passkey, Role, WebSession
from webapp.accounts.queries import courts_of
from webapp.core import audit
from webapp.core.db import db
from webapp.staff.factors import forget_factors
from webapp.staff.rules import new_code

TEMPORARY = timedelta(days=7)
DECIDES = (Role.REVIEWER, Role.MANAGER)

_HandBack = Callable[[str, Collection[str], datetime], None]
_to_hand_back: dict[str, _HandBack] = {}
"""What other rooms do when a clerk is left with these courts to decide for: nothing may wait for who can't come to it."""


def when_rights_shrink(name: str, hand_back: _HandBack) -> None:
    """Has `hand_back` called, in the deed's own unit of work, whenever a clerk's rights change."""
    _to_hand_back[name] = hand_back


class OwnRights(Exception):
    """Nobody changes their own rights: so there is always an administrator left, and nobody promotes themselves."""


def temporary_password() -> str:
    """A password that is given by hand and must be changed at the first sign-in; 80 random bits."""
    return new_code(4, 4)


def staff() -> Sequence[Clerk]:
    """Everybody who ever worked at the desk."""
    return db.session.scalars(select(Clerk).order_by(Clerk.disabled_at.is_not(None), Clerk.username)).all()


def all_courts() -> Mapping[str, list[str]]:
    """The courts of each clerk, by the clerk's id."""
    found: dict[str, list[str]] = {}
    for clerk_id, court in db.session.execute(select(ClerkCourt.clerk_id, ClerkCourt.court)):
        found.setdefault(clerk_id, []).append(court)
    return found


def with_second_factor() -> frozenset[str]:
    """The ids of the clerks who have a second factor."""
    both = select(Authenticator.clerk_id).union(select(Passkey.clerk_id))
    return frozenset(db.session.scalars(both))


def last_seen() -> Mapping[str, datetime]:
    """When each clerk did something last, by the clerk's id."""
    query = select(WebSession.clerk_id, func.max(WebSession.seen_at)).where(WebSession.clerk_id.is_not(None))
    return {str(clerk_id): moment for clerk_id, moment in db.session.execute(query.group_by(WebSession.clerk_id))}


def rename(clerk_id: str, display_name: str, *, by: str, now: datetime) -> None:
    """Sets how a clerk is called. Inside a unit of work."""
    clerk = db.session.get_one(Clerk, clerk_id)
    if clerk.display_name != display_name:
        clerk.display_name = display_name
        _record(by, "staff.renamed", clerk_id, now)


def give_rights(clerk_id: str, role: Role, courts: Collection[str], *, by: str, now: datetime) -> None:
    """Sets a clerk's role and courts; what was and what is stands in the audit trail. In a unit of work. Raises OwnRights."""
    clerk = _other(clerk_id, by)
    before = {"role": clerk.role, "courts": sorted(courts_of(clerk_id))}
    after = {"role": role.value, "courts": sorted(set(courts))}
    if before == after:
        return
    clerk.role = role
    db.session.execute(delete(ClerkCourt).where(ClerkCourt.clerk_id == clerk_id))
    db.session.add_all(ClerkCourt(clerk_id=clerk_id, court=court) for court in after["courts"])
    db.session.flush()
    _hand_back(clerk, now)
    _record(by, "staff.rights_changed", clerk_id, now, before=before, after=after)


def reset_sign_in(clerk_id: str, password_hash: str, *, by: str, now: datetime) -> None:
    """A temporary password, no second factor, no browser signed in. Inside a unit of work. Raises OwnRights."""
    clerk = _other(clerk_id, by)
    clerk.password_hash, clerk.temporary_until = password_hash, now + TEMPORARY
    forget_factors(clerk_id)
    sessions.end_sessions_of_clerk(clerk_id, now=now)
    _record(by, "staff.reset", clerk_id, now)


def switch(clerk_id: str, *, on: bool, by: str, now: datetime) -> None:
    """Lets a clerk in again, or shuts the door at once. Inside a unit of work. Raises OwnRights."""
    clerk = _other(clerk_id, by)
    if on == (clerk.disabled_at is None):
        return
    clerk.disabled_at = None if on else now
    sessions.end_sessions_of_clerk(clerk_id, now=now)
    _hand_back(clerk, now)
    _record(by, "staff.enabled" if on else "staff.disabled", clerk_id, now)


def end_session_of(clerk_id: str, session_id: str, *, by: str, now: datetime) -> None:
    """Signs one of a clerk's browsers out. Inside a unit of work."""
    sessions.end_session(session_id, now=now)
    _record(by, "staff.sessions_ended", clerk_id, now)


def _hand_back(clerk: Clerk, now: datetime) -> None:
    decides = clerk.disabled_at is None and clerk.role in DECIDES
    for hand_back in _to_hand_back.values():
        hand_back(clerk.id, courts_of(clerk.id) if decides else (), now)


def _other(clerk_id: str, by: str) -> Clerk:
    if clerk_id == by:
        raise OwnRights
    return db.session.get_one(Clerk, clerk_id, with_for_update=True)


def _record(by: str, action: str, clerk_id: str, now: datetime, **detail: object) -> None:
    audit.record(audit.Actor("clerk", by), action, ("clerk", clerk_id), now=now, **detail)
