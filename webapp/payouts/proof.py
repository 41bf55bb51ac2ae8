"""Whoever sits at the desk proves anew that it is they, before money moves.

The one place where payments ask for it: what the court trusts as proof can be changed here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from webapp.accounts.models import Clerk, SignInTry
from webapp.core.db import db, end_reading, one_at_a_time, unit_of_work
from webapp.core.sealing import keyed_hash

WINDOW = timedelta(minutes=15)
FREE_TRIES = 5
_hasher = PasswordHasher()


def proved_again(clerk_id: str, password: str, *, client: str, now: datetime) -> bool:
    """True when this is the clerk's password; outside any unit of work, as argon2 takes its time.

    After five wrong ones in a quarter of an hour none is right, from this address: who found a desk unlocked can't guess.
    """
    name = keyed_hash("clerk", f"again:{clerk_id}")
    tries = select(func.count()).select_from(SignInTry).where(SignInTry.name_hash == name, SignInTry.at > now - WINDOW)
    with unit_of_work():
        one_at_a_time(name)
        if (db.session.scalar(tries) or 0) >= FREE_TRIES:
            return False
        tried = SignInTry(name_hash=name, client_hash=keyed_hash("client", client), at=now)
        db.session.add(tried)
    stored = db.session.get_one(Clerk, clerk_id).password_hash
    end_reading()
    if not _fits(stored, password):
        return False
    with unit_of_work():
        db.session.delete(db.session.get_one(SignInTry, tried.id))
    return True


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
