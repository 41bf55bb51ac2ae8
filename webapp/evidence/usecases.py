"""Keeping photos and videos: sealed before they leave this process, described in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_id
from webapp.core.sealing import key_ring
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.queries import count_drafts, overdue_drafts, sent_before
from webapp.ports.object_store import ObjectStore

DRAFT_LIFE = timedelta(days=1)
SWEEP_AFTER = timedelta(hours=1)
"""Past its day a draft can't be taken in any more; the file goes an hour later, when no form can be half-way with it."""
MOST_DRAFTS = 80  # of one account at a time: a payee needs three, and tries each a few times


class Picture(Protocol):
    """A clean file; sizes in pixels."""

    @property
    def data(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class TooManyDrafts(Exception):
    """This account sends pictures without end; it may go on when today's have been swept."""


def store_photo(
    account_id: str,
    kind: PhotoKind,
    data: bytes,
    media_type: str,
    *,
    size: tuple[int, int] = (0, 0),
    store: ObjectStore,
    now: datetime,
) -> Photo:
    """Seals `data` into the store and returns its description, to be added in the unit of work that follows.

    A crash in between leaves a sealed file that nothing points to, never a description without its file.
    """
    photo_id = new_id()
    key = f"photos/{now:%Y%m}/{photo_id}"
    store.put(key, key_ring().seal(data, key))
    return Photo(
        id=photo_id,
        account_id=account_id,
        kind=kind,
        object_key=key,
        media_type=media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        width=size[0],
        height=size[1],
        taken_at=now,
    )


def keep_draft(
    account_id: str,
    kind: PhotoKind,
    picture: Picture,
    frames: Sequence[Picture] = (),
    *,
    upload_key: str,
    store: ObjectStore,
    now: datetime,
) -> Photo:
    """Seals a picture that was just taken, with further looks at the same thing, and writes it down as a draft.

    The same `upload_key` again (the answer was lost on its way) gives the photo that is there. Raises TooManyDrafts.
    """
    if (known := sent_before(account_id, upload_key)) is not None:
        return known
    if count_drafts(account_id) >= MOST_DRAFTS:
        raise TooManyDrafts
    photos = [
        store_photo(account_id, kind, p.data, p.media_type, size=(p.width, p.height), store=store, now=now)
        for p in (picture, *frames)
    ]
    for photo in photos:
        photo.draft_until = now + DRAFT_LIFE
        photo.frame_of = None if photo is photos[0] else photos[0].id
    photos[0].upload_key = upload_key or None
    try:
        with unit_of_work():
            db.session.add_all(photos)
    except IntegrityError:  # the same picture, at this very moment, in another process
        for photo in photos:
            store.delete(photo.object_key)
        if (known := sent_before(account_id, upload_key)) is not None:
            return known
        raise
    return photos[0]


def take_in(photo_ids: Collection[str | None]) -> None:
    """These photos belong to a form that was handed in now, and are no drafts any more. Inside a unit of work."""
    wanted = [photo_id for photo_id in photo_ids if photo_id]
    db.session.execute(update(Photo).where(Photo.id.in_(wanted)).values(draft_until=None))


def sweep_drafts(*, store: ObjectStore, now: datetime, most: int = 500) -> int:
    """Removes the files of drafts whose day is over; returns how many. A crash half-way: the rest goes next time."""
    swept = [(photo.id, photo.object_key) for photo in overdue_drafts(before=now - SWEEP_AFTER, most=most)]
    db.session.rollback()
    for photo_id, key in swept:
        store.delete(key)
        with unit_of_work():
            db.session.execute(update(Photo).where(Photo.id == photo_id).values(deleted_at=now))
    return len(swept)


def open_photo(photo: Photo, *, store: ObjectStore) -> bytes:
    """The file itself. Raises KeyError when it was deleted, CannotOpen when it was changed."""
    return key_ring().open(store.get(photo.object_key), photo.object_key)


def note_reading(photo_id: str, reading: dict[str, Any], *, now: datetime) -> None:
    """Writes down what a machine saw, inside the caller's unit of work."""
    photo = db.session.get_one(Photo, photo_id)
    photo.reading, photo.read_at = reading, now


def seal_file(key: str, data: bytes, *, store: ObjectStore) -> str:
    """Seals any other file (strokes, a signature, a letter) under `key`; returns its SHA-256 in hex."""
    store.put(key, key_ring().seal(data, key))
    return hashlib.sha256(data).hexdigest()


def open_file(key: str, *, store: ObjectStore) -> bytes:
    """Opens what `seal_file` wrote."""
    return key_ring().open(store.get(key), key)
