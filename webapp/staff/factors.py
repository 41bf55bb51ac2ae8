"""Second factors that are typed: the codes of an authenticator app, and recovery codes from paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from webapp.accounts.models import Authenticator, Clerk, Passkey, PasskeyChallenge, RecoveryCode, WebSession
from webapp.core import audit
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.staff.rules import fitting_step, new_code, plain_code

RECOVERY_CODES = 10


class LastFactor(Exception):
    """The only second factor of a clerk who must have one can't be removed; it can be replaced."""


def authenticator_of(clerk_id: str) -> Authenticator | None:
    """A clerk's authenticator app."""
    return db.session.get(Authenticator, clerk_id)


def add_authenticator(clerk_id: str, secret: str, code: str, *, now: datetime) -> bool:
    """Takes an app in, in place of the one before, if it shows the right code. Inside a unit of work."""
    step = fitting_step(secret, code, now=now, after=0)
    if step is None:
        return False
    db.session.execute(delete(Authenticator).where(Authenticator.clerk_id == clerk_id))
    db.session.add(Authenticator(clerk_id=clerk_id, secret=secret, added_at=now, last_step=step))
    db.session.flush()
    _record(clerk_id, "staff.authenticator_added", now)
    return True


def code_fits(clerk_id: str, code: str, *, now: datetime) -> bool:
    """True for the app's present code, once. Inside a unit of work."""
    held = select(Authenticator).where(Authenticator.clerk_id == clerk_id).with_for_update()
    app = db.session.scalar(held.execution_options(populate_existing=True))
    step = fitting_step(app.secret, code, now=now, after=app.last_step) if app is not None else None
    if app is None or step is None:
        return False
    app.last_step = step
    db.session.flush()
    return True


def remove_factor(clerk_id: str, factor: str, *, demanded: bool, now: datetime) -> None:
    """Removes the app (`factor` is "app") or the passkey of this id. Inside a unit of work. Raises LastFactor."""
    db.session.get_one(Clerk, clerk_id, with_for_update=True)
    if factor == "app":
        gone = delete(Authenticator).where(Authenticator.clerk_id == clerk_id)
    else:
        gone = delete(Passkey).where(Passkey.clerk_id == clerk_id, Passkey.id == factor)
    db.session.execute(gone)
    if demanded and count_factors(clerk_id) == 0:
        raise LastFactor
    _record(clerk_id, "staff.factor_removed", now)


def count_factors(clerk_id: str) -> int:
    """How many second factors a clerk has, recovery codes not counted."""
    apps = select(func.count()).select_from(Authenticator).where(Authenticator.clerk_id == clerk_id)
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.clerk_id == clerk_id)
    return (db.session.scalar(apps) or 0) + (db.session.scalar(passkeys) or 0)


def new_recovery_codes(clerk_id: str, *, now: datetime) -> Sequence[str]:
    """Ten fresh codes in place of all earlier ones. They can't be shown again. Inside a unit of work."""
    codes = [new_code(3, 5) for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.clerk_id == clerk_id))
    db.session.add_all(RecoveryCode(hash=_hash(clerk_id, code), clerk_id=clerk_id, made_at=now) for code in codes)
    db.session.flush()
    _record(clerk_id, "staff.recovery_codes_made", now)
    return codes


def recovery_codes_left(clerk_id: str) -> int:
    """How many recovery codes a clerk hasn't used."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.clerk_id == clerk_id)
    return db.session.scalar(left.where(RecoveryCode.used_at.is_(None))) or 0


def spend_recovery_code(clerk_id: str, code: str, *, now: datetime) -> bool:
    """True for a recovery code that wasn't used before, and uses it. Inside a unit of work."""
    unused = RecoveryCode.hash == _hash(clerk_id, code), RecoveryCode.used_at.is_(None)
    spent = db.session.scalar(update(RecoveryCode).where(*unused).values(used_at=now).returning(RecoveryCode.clerk_id))
    if spent is not None:
        _record(clerk_id, "staff.recovery_code_used", now)
    return spent is not None


def forget_factors(clerk_id: str) -> None:
    """Removes every second factor and recovery code of a clerk. Inside a unit of work."""
    theirs = select(WebSession.id).where(WebSession.clerk_id == clerk_id)
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.session_id.in_(theirs)))
    for model in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(delete(model).where(model.clerk_id == clerk_id))


def _hash(clerk_id: str, code: str) -> bytes:
    return keyed_hash("recovery", f"{clerk_id}:{plain_code(code)}")


def _record(clerk_id: str, action: str, now: datetime) -> None:
    audit.record(audit.Actor("clerk", clerk_id), action, ("clerk", clerk_id), now=now)
