"""Putting something before a clerk, taking it off, and flagging it: always inside the transaction of the deed itself.

The row of an item is changed before the audit chain is written to, as everywhere (docs/adr/0030).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from webapp.core.db import db, insert_once
from webapp.core.ids import new_id
from webapp.docket.models import WAS_SAME_FACE, DocketFlag, DocketItem, Flag, ItemKind, ItemState


@dataclass(frozen=True, slots=True)
class Entry:
    """What the queue shows and filters by. `facts` are sealed: a name, a masked number, what else its row says."""

    kind: ItemKind
    subject_id: str
    thread: str
    since: datetime
    facts: Mapping[str, Any]
    document_type: str = ""
    court: str = ""
    case_id: str | None = None
    language: str = ""
    flags: frozenset[Flag] = field(default_factory=frozenset)


def put_on(entry: Entry) -> None:
    """Puts an item on the docket, or back on it; one that is there stays as it is. Inside a unit of work."""
    known = select(DocketFlag.flag).where(DocketFlag.thread == entry.thread, DocketFlag.flag != WAS_SAME_FACE)
    flags = entry.flags | {Flag(name) for name in db.session.scalars(known)}
    values = {
        "id": new_id(), "kind": entry.kind, "subject_id": entry.subject_id, "thread": entry.thread, "since": entry.since,
        "state": ItemState.OPEN, "document_type": entry.document_type, "court": entry.court, "case_id": entry.case_id,
        "language": entry.language, "flags": _joined(flags), "facts": dict(entry.facts),
    }  # fmt: skip
    if not insert_once(DocketItem, values, key="subject_id"):
        back = update(DocketItem).where(DocketItem.subject_id == entry.subject_id, DocketItem.state == ItemState.CLOSED)
        db.session.execute(back.values(state=ItemState.OPEN, flags=_joined(flags)))


def take_off(thread: str, *, besides: str = "") -> None:
    """Closes what waits of a thread: it was decided, or its payee took it back. Inside a unit of work."""
    waiting = DocketItem.thread == thread, DocketItem.state != ItemState.CLOSED, DocketItem.subject_id != besides
    db.session.execute(update(DocketItem).where(*waiting).values(state=ItemState.CLOSED))


def hand_back(clerk_id: str, courts: Collection[str], *, now: datetime) -> None:
    """Gives back what was assigned to a clerk, or is in their hands, of other courts than these. Inside a unit of work."""
    open_ = DocketItem.state != ItemState.CLOSED, DocketItem.court.not_in(courts)
    theirs = or_(DocketItem.assigned_to == clerk_id, DocketItem.holder_id == clerk_id)
    for item in db.session.scalars(select(DocketItem).where(theirs, *open_).order_by(DocketItem.id).with_for_update()):
        if item.assigned_to == clerk_id:
            item.assigned_to = item.assigned_by = None
        if item.holder_id == clerk_id:
            item.holder_id, item.held_until, item.hold_token = None, now, None
    db.session.flush()


def raise_flag(thread: str, flag: Flag, *, other: str = "", score: float | None = None, now: datetime) -> None:
    """Notes something odd about a thread, once, for its item that waits and for every later one. Inside a unit of work."""
    if db.session.get(DocketFlag, (thread, flag, other)) is None:
        db.session.add(DocketFlag(thread=thread, flag=flag, other=other, score=score, found_at=now))
    items = select(DocketItem).where(DocketItem.thread == thread, DocketItem.state != ItemState.CLOSED)
    for item in db.session.scalars(items.with_for_update()):
        item.flags = _joined({*item.flag_list, flag})
    db.session.flush()


def outdate_face(thread: str, other: str) -> None:
    """The newest film shows another face than the one that was flagged: it is history, and marks no item. Inside a unit of work."""
    flag = db.session.get(DocketFlag, (thread, Flag.SAME_FACE, other))
    if flag is None:
        return
    db.session.merge(
        DocketFlag(thread=thread, flag=WAS_SAME_FACE, other=other, score=flag.score, found_at=flag.found_at)
    )
    db.session.delete(flag)
    db.session.flush()
    like = DocketFlag.thread == thread, DocketFlag.flag == Flag.SAME_FACE
    if db.session.scalar(select(DocketFlag.other).where(*like).limit(1)) is not None:
        return
    items = select(DocketItem).where(DocketItem.thread == thread, DocketItem.state != ItemState.CLOSED)
    for item in db.session.scalars(items.with_for_update()):
        item.flags = _joined({*item.flag_list} - {Flag.SAME_FACE})
    db.session.flush()


def _joined(flags: Iterable[Flag]) -> str:
    """As the column holds them: blanks around each, so that one can be looked for."""
    return "".join(f" {flag}" for flag in sorted(flags)) + " " if flags else ""
