"""Keeping photos and videos: sealed before they leave this process, described in the database."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from webapp.core.db import db
from webapp.core.ids import new_id
from webapp.core.sealing import key_ring
from webapp.evidence.models import Photo, PhotoKind
from webapp.ports.object_store import ObjectStore


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
