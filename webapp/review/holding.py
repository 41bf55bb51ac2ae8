"""Who has which item in hand: taking, keeping, taking over, assigning.

A hold lapses by itself. Its token goes into the pages of whoever holds it and changes when the item changes hands, so that
a page which was opened before can't write any more, whoever sends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.accounts.models import Clerk
from webapp.accounts.queries import courts_of
from webapp.core import audit
from webapp.core.db import db
from webapp.core.ids import new_id
from webapp.docket.models import DocketItem, ItemState

HOLD = timedelta(minutes=15)
AHEAD = timedelta(minutes=3)
"""How long an item is kept for somebody whose browser loads it ahead: until it is shown, or for somebody else soon."""


class NotYours(Exception):
    """The item is in other hands, or was taken over since this page was opened. `holder_id`: who has it, if anybody."""

    def __init__(self, holder_id: str | None) -> None:
        self.holder_id = holder_id
        super().__init__(holder_id or "nobody")


class NotWaiting(Exception):
    """The item isn't open: it was decided, or its payee took it back."""


def take(item_id: str, clerk_id: str, *, now: datetime, take_over: bool = False, hold: timedelta = HOLD) -> str | None:
    """Takes an item in hand and returns the hold's token; None while it is somebody else's, or waits no more.

    `take_over` takes it all the same, from whoever has it or was to do it; the audit chain tells. Inside a unit of work.
    """
    item = locked(item_id)
    if item is None or item.state != ItemState.OPEN:
        return None
    held = item.holder_id not in (None, clerk_id) and item.held_until is not None and item.held_until > now
    somebodys = held or item.assigned_to not in (None, clerk_id)
    if somebodys and not take_over:
        return None
    previous = item.holder_id if held else item.assigned_to
    if item.holder_id != clerk_id or item.hold_token is None:
        item.holder_id, item.held_since, item.hold_token = clerk_id, now, new_id()
        item.held_until = now + hold
    item.held_until = max(item.held_until or now, now + hold)
    if somebodys:
        item.assigned_to, item.assigned_by = clerk_id, clerk_id
    db.session.flush()
    if somebodys:
        audit.record(actor(clerk_id), "desk.taken_over", ("item", item_id), now=now, previous=previous)
    return item.hold_token


def keep(item_id: str, clerk_id: str, token: str, *, now: datetime) -> bool:
    """Renews a hold while its page is looked at; False when it is lost. Inside a unit of work."""
    item = locked(item_id)
    if item is None or item.state != ItemState.OPEN or (item.holder_id, item.hold_token) != (clerk_id, token):
        return False
    item.held_until = now + HOLD
    db.session.flush()
    return True


def let_go(item_id: str, clerk_id: str, *, now: datetime) -> None:
    """Gives an item back to the queue before its hold lapses. Inside a unit of work."""
    item = locked(item_id)
    if item is not None and item.holder_id == clerk_id:
        item.holder_id, item.held_until, item.hold_token = None, now, None
        db.session.flush()


def assign(item_id: str, to: str | None, *, by: str, now: datetime) -> None:
    """Says who is to do an item; None: whoever comes. Whoever else has it in hand loses it. Inside a unit of work.

    Raises NotWaiting, and LookupError for somebody who may not decide on it.
    """
    item = locked(item_id)
    if item is None or item.state != ItemState.OPEN:
        raise NotWaiting(item_id)
    if to is not None and not may_decide(db.session.get(Clerk, to), item.court):
        raise LookupError(to)
    item.assigned_to, item.assigned_by = to, by if to else None
    if to is not None and item.holder_id not in (None, to):
        item.holder_id, item.held_until, item.hold_token = None, now, None
    db.session.flush()
    audit.record(actor(by), "desk.assigned", ("item", item_id), now=now, to=to)


def mine(item_id: str, clerk_id: str, token: str, *, now: datetime) -> DocketItem:
    """The item, locked, if it waits and this page still holds it. Inside a unit of work.

    Raises NotWaiting and NotYours. A hold that lapsed but that nobody else took since is still good.
    """
    item = locked(item_id)
    if item is None or item.state != ItemState.OPEN:
        raise NotWaiting(item_id)
    if (item.holder_id, item.hold_token) != (clerk_id, token):
        held = item.held_until is not None and item.held_until > now
        raise NotYours(item.holder_id if held else None)
    return item


def locked(item_id: str) -> DocketItem | None:
    """The item as it is now, kept for this transaction."""
    return db.session.get(DocketItem, item_id, with_for_update=True, populate_existing=True)


def may_decide(clerk: Clerk | None, court: str) -> bool:
    """Reviewers and managers decide, for their own courts; auditors look, administrators keep the house."""
    if clerk is None or clerk.disabled_at is not None or clerk.role not in ("reviewer", "manager"):
        return False
    return court in courts_of(clerk.id)


def actor(clerk_id: str) -> audit.Actor:
    """A clerk, as the audit chain names them."""
    return audit.Actor("clerk", clerk_id)
