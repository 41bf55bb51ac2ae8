"""Bringing a text into force: one person writes it, another approves it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webapp.core import audit
from webapp.core.db import db
from webapp.texts.models import Origin, TextVersion
from webapp.texts.queries import latest_text
from webapp.texts.usecases import publish
from webapp.wording.models import DraftState, TextDraft


class SamePerson(Exception):
    """Who wrote a text can't approve it."""


class Outdated(Exception):
    """The draft is decided, or another version came into being after it was written."""


def propose(
    kind: str, language: str, *, title: str, body: str, effective_at: datetime | None, clerk_id: str, now: datetime
) -> TextDraft:
    """A draft that waits for a second person. Inside a unit of work.

    The same words handed in again by the same clerk (the way back, and the button once more) are the draft that waits already.
    """
    base = latest_text(kind, language)
    same = select(TextDraft).where(TextDraft.state == DraftState.WAITING, TextDraft.kind == kind)
    same = same.where(TextDraft.language == language, TextDraft.made_by == clerk_id, TextDraft.title == title)
    same = same.where(TextDraft.base_version == (base.version if base else 0), TextDraft.body == body)
    same = same.where(TextDraft.effective_at.is_not_distinct_from(effective_at))
    if (waits := db.session.scalar(same.limit(1))) is not None:
        return waits
    draft = TextDraft(
        kind=kind,
        language=language,
        base_version=base.version if base else 0,
        title=title,
        body=body,
        effective_at=effective_at,
        made_by=clerk_id,
        made_at=now,
        state=DraftState.WAITING,
    )
    db.session.add(draft)
    db.session.flush()
    _record(clerk_id, "texts.proposed", draft, now)
    return draft


def approve(draft_id: str, *, clerk_id: str, now: datetime) -> TextVersion:
    """Makes the draft the next version, from its date on, or from now on if that has passed. Inside a unit of work.

    Raises SamePerson, and Outdated when it was written over a version that is the newest no more.
    """
    draft = _held(draft_id)
    if draft.made_by == clerk_id:
        raise SamePerson
    newest = latest_text(draft.kind, draft.language, held=True)
    if (newest.version if newest else 0) != draft.base_version:
        raise Outdated
    actor = audit.Actor("clerk", clerk_id)
    since = max(draft.effective_at or now, now)
    version = publish(
        draft.kind,
        draft.language,
        title=draft.title,
        body=draft.body,
        origin=Origin.COURT,
        effective_at=since,
        actor=actor,
        now=now,
    )
    draft.text_id = version.id
    _decide(draft, DraftState.APPROVED, clerk_id, now)
    return version


def refuse(draft_id: str, *, clerk_id: str, reason: str, now: datetime) -> None:
    """Gives a draft back with words. Inside a unit of work. Raises SamePerson and Outdated."""
    draft = _held(draft_id)
    if draft.made_by == clerk_id:
        raise SamePerson
    draft.reason = reason
    _decide(draft, DraftState.REFUSED, clerk_id, now)


def withdraw(draft_id: str, *, clerk_id: str, now: datetime) -> None:
    """Its writer takes a draft back. Inside a unit of work. Raises SamePerson (of another's) and Outdated."""
    draft = _held(draft_id)
    if draft.made_by != clerk_id:
        raise SamePerson
    _decide(draft, DraftState.WITHDRAWN, clerk_id, now)


def _held(draft_id: str) -> TextDraft:
    query = select(TextDraft).where(TextDraft.id == draft_id).with_for_update()
    draft = db.session.scalar(query.execution_options(populate_existing=True))
    if draft is None or draft.state != DraftState.WAITING:
        raise Outdated
    return draft


def _decide(draft: TextDraft, state: DraftState, clerk_id: str, now: datetime) -> None:
    draft.state, draft.decided_by, draft.decided_at = state, clerk_id, now
    db.session.flush()
    _record(clerk_id, f"texts.{state}", draft, now)


def _record(clerk_id: str, action: str, draft: TextDraft, now: datetime) -> None:
    detail = {"kind": draft.kind, "language": draft.language}
    audit.record(audit.Actor("clerk", clerk_id), action, ("draft", draft.id), now=now, **detail)
