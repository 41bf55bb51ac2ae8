"""Notes for colleagues, and second opinions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.accounts.models import Clerk
from webapp.core import audit
from webapp.core.db import db
from webapp.docket.models import DocketItem, ItemState
from webapp.review.holding import NotWaiting, actor, locked, may_decide
from webapp.review.models import Note, Opinion, Verdict


class SamePerson(Exception):
    """A second opinion comes from somebody else."""


def write_note(item_id: str, clerk_id: str, words: str, *, now: datetime) -> None:
    """Writes a note down; it stays with the payee's later tries too. Inside a unit of work."""
    item = db.session.get_one(DocketItem, item_id)
    note = Note(thread=item.thread, clerk_id=clerk_id, words=words, written_at=now)
    db.session.add(note)
    db.session.flush()
    audit.record(actor(clerk_id), "desk.noted", ("item", item_id), now=now, note=note.id)


def notes_of(thread: str) -> Sequence[tuple[Note, str]]:
    """Notes with who wrote them, the oldest first."""
    query = select(Note, Clerk.display_name).join(Clerk, Clerk.id == Note.clerk_id).where(Note.thread == thread)
    return [(note, name) for note, name in db.session.execute(query.order_by(Note.written_at, Note.id))]


def ask(item_id: str, asked_of: str, question: str, *, by: str, now: datetime) -> None:
    """Asks a colleague what they think; the item is the asker's to decide. Inside a unit of work.

    Raises SamePerson, LookupError for somebody who may not decide on it, NotWaiting for what waits no more.
    """
    if asked_of == by:
        raise SamePerson
    item = locked(item_id)
    if item is None or item.state != ItemState.OPEN:
        raise NotWaiting(item_id)
    if not may_decide(db.session.get(Clerk, asked_of), item.court):
        raise LookupError(asked_of)
    if item.assigned_to is None:
        item.assigned_to = item.assigned_by = by  # it stays with the one who asks, while others look at it
    opinion = Opinion(item_id=item_id, asked_by=by, asked_of=asked_of, question=question, asked_at=now)
    db.session.add(opinion)
    db.session.flush()
    audit.record(actor(by), "desk.opinion_asked", ("item", item_id), now=now, of=asked_of, opinion=opinion.id)


def answer(opinion_id: str, clerk_id: str, verdict: Verdict, words: str, *, now: datetime) -> Opinion | None:
    """Says what one thinks, once; None when there is nothing (more) to answer. Inside a unit of work."""
    opinion = db.session.get(Opinion, opinion_id, with_for_update=True)
    if opinion is None or opinion.asked_of != clerk_id or opinion.answered_at or opinion.withdrawn_at:
        return None
    opinion.verdict, opinion.words, opinion.answered_at = verdict, words, now
    db.session.flush()
    audit.record(actor(clerk_id), "desk.opinion_given", ("item", opinion.item_id), now=now, verdict=verdict)
    return opinion


def withdraw(opinion_id: str, clerk_id: str, *, now: datetime) -> Opinion | None:
    """The one who asked goes on without an answer. Inside a unit of work."""
    opinion = db.session.get(Opinion, opinion_id, with_for_update=True)
    if opinion is None or opinion.asked_by != clerk_id or opinion.answered_at:
        return None
    opinion.withdrawn_at = opinion.withdrawn_at or now
    db.session.flush()
    return opinion


def opinions_of(item_id: str) -> Sequence[Opinion]:
    """Every opinion that was asked about an item and not withdrawn, the oldest first."""
    query = select(Opinion).where(Opinion.item_id == item_id, Opinion.withdrawn_at.is_(None))
    return db.session.scalars(query.order_by(Opinion.asked_at, Opinion.id)).all()


def awaited(item_id: str) -> Opinion | None:
    """An opinion that hasn't come yet."""
    return next((opinion for opinion in opinions_of(item_id) if opinion.answered_at is None), None)


def items_asked_of(clerk_id: str) -> tuple[str, ...]:
    """Items about which this clerk still owes an opinion."""
    query = select(Opinion.item_id).where(Opinion.asked_of == clerk_id, Opinion.answered_at.is_(None))
    return tuple(db.session.scalars(query.where(Opinion.withdrawn_at.is_(None)).limit(200)))
