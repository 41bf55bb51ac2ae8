"""Keeping what is typed as it is typed, giving it back, and forgetting it: handed in, signed out, or a day old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from webapp.core.db import db, insert_once, unit_of_work
from webapp.typed.models import TypedForm
from webapp.typed.rules import typed_in

LIFE = timedelta(days=1)
MOST_FORMS = 20  # of one account at a time: a payee types into one, and few are named in more cases


def keep_typed(account_id: str, place: str, given: Mapping[str, str], *, drawn: datetime, now: datetime) -> bool:
    """Keeps the form as it stands now. `drawn`: when its page was made.

    False, and nothing is kept, where a page of before that form was handed in comes late, or an account has too many.
    """
    with unit_of_work():
        row = db.session.get(TypedForm, _key(account_id, place), with_for_update=True)
        if row is None:
            count = select(func.count()).select_from(TypedForm).where(TypedForm.account_id == account_id)
            if db.session.scalar(count) >= MOST_FORMS:  # type: ignore[operator]  # a count is never None
                return False
            row = _row(account_id, place, now)
        if row.closed_at is not None and drawn < row.closed_at:
            return False
        row.fields, row.changed_at, row.closed_at = typed_in(place, given), now, None
    return True


def typed_before(account_id: str, place: str, *, now: datetime) -> dict[str, str]:
    """What was typed at `place` within the last day and not handed in; the fields that were left empty are not in it."""
    row = db.session.get(TypedForm, _key(account_id, place))
    if row is None or row.fields is None or now - row.changed_at >= LIFE:
        return {}
    return {name: value for name, value in row.fields.items() if value}


def close_typed(account_id: str, place: str, *, now: datetime) -> None:
    """The form was handed in: what was typed goes, and what is still on its way is not kept. Inside a unit of work."""
    row = _row(account_id, place, now)
    row.fields, row.changed_at, row.closed_at = None, now, now


def forget_typed(account_id: str) -> None:
    """Whoever sat there has signed out. Inside a unit of work."""
    db.session.execute(delete(TypedForm).where(TypedForm.account_id == account_id))


def forget_old_typed(*, now: datetime) -> None:
    """Removes what nobody came back for within a day. Inside a unit of work."""
    db.session.execute(delete(TypedForm).where(TypedForm.changed_at < now - LIFE))


def _row(account_id: str, place: str, now: datetime) -> TypedForm:
    key = _key(account_id, place)
    insert_once(TypedForm, {"key": key, "account_id": account_id, "changed_at": now}, key="key")
    return db.session.get_one(TypedForm, key, with_for_update=True)


def _key(account_id: str, place: str) -> str:
    return f"{account_id}/{place}"
