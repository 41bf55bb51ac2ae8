"""Finding photos: one's own, by the key they were sent with, and what belongs to a photo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from webapp.core.db import db
from webapp.evidence.models import Photo, PhotoKind


def own_photo(photo_id: str | None, account_id: str, kind: PhotoKind | None = None, *, now: datetime) -> str | None:
    """`photo_id` if it is a photo of this account (and of this kind) that is still there, else None."""
    if not photo_id:
        return None
    own = Photo.id == photo_id, Photo.account_id == account_id, Photo.deleted_at.is_(None), Photo.frame_of.is_(None)
    lasting = or_(Photo.draft_until.is_(None), Photo.draft_until > now)
    query = select(Photo.id).where(*own, lasting)
    return db.session.scalar(query if kind is None else query.where(Photo.kind == kind))


def latest_draft(account_id: str, kind: PhotoKind, *, since: datetime | None = None, now: datetime) -> str | None:
    """The newest photo of this kind that no form has taken in yet, and is still there; taken after `since`, if given.

    A page shows it that was opened anew, or drawn before the photo had arrived: nothing that was taken is asked for twice.
    """
    drafts = select(Photo.id).where(Photo.account_id == account_id, Photo.kind == kind, Photo.frame_of.is_(None))
    standing = drafts.where(Photo.deleted_at.is_(None), Photo.draft_until > now)
    if since is not None:
        standing = standing.where(Photo.taken_at > since)
    return db.session.scalar(standing.order_by(Photo.taken_at.desc(), Photo.id).limit(1))


def sent_before(account_id: str, upload_key: str) -> Photo | None:
    """The photo that this page has sent already."""
    if not upload_key:
        return None
    return db.session.scalar(select(Photo).where(Photo.account_id == account_id, Photo.upload_key == upload_key))


def frames_of(photo_id: str) -> Sequence[str]:
    """Ids of the further looks at the same card that are still there."""
    frames = select(Photo.id).where(Photo.frame_of == photo_id, Photo.deleted_at.is_(None))
    return db.session.scalars(frames.order_by(Photo.id)).all()


def count_drafts(account_id: str) -> int:
    """How many drafts of this account are kept now, frames left out."""
    drafts = select(func.count()).select_from(Photo).where(Photo.account_id == account_id, Photo.frame_of.is_(None))
    return db.session.scalar(drafts.where(Photo.draft_until.is_not(None), Photo.deleted_at.is_(None))) or 0


def overdue_drafts(*, before: datetime, most: int) -> Sequence[Photo]:
    """Drafts that no form took in before this moment, at most so many."""
    overdue = select(Photo).where(Photo.draft_until < before, Photo.deleted_at.is_(None))
    return db.session.scalars(overdue.order_by(Photo.draft_until).limit(most)).all()
