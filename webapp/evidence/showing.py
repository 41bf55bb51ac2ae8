"""Which photos a browser shows its payee: their own; with a clerk beside, only what was taken since, or what that clerk may see anyway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webapp.accounts.queries import OfCourts
from webapp.core.db import db
from webapp.evidence.models import Photo


class Viewer(Protocol):
    """The signed-in payee of a request; `courts` and `helped_since` are those of the clerk beside, None for somebody alone."""

    @property
    def id(self) -> str:
        """The account's."""

    @property
    def courts(self) -> frozenset[str] | None:
        """Full names of the courts that the clerk works for."""

    @property
    def helped_since(self) -> datetime | None:
        """When the visit at the counter began."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """The clerk who sits there."""

    courts: frozenset[str]


class Desk:
    """Whom to ask what clerks see: rooms above this one know which photo was handed in to which court.

    Told when the application is put together. Before, whoever has a clerk beside sees nothing that was there already.
    """

    may_see: Callable[[OfCourts, Photo], bool] | None = None


def ask_desk(may_see: Callable[[OfCourts, Photo], bool]) -> None:
    """Says whom to ask whether a clerk of these courts may see a photo at the desk."""
    Desk.may_see = staticmethod(may_see)


def photo_for(viewer: Viewer, photo_id: str) -> Photo | None:
    """The photo of this id, if this payee may be shown it here; else None, as if it didn't exist."""
    found = db.session.get(Photo, photo_id)
    if found is None or found.account_id != viewer.id or found.deleted_at is not None:
        return None
    return found if viewer.courts is None or _may_show(found, viewer.courts, viewer.helped_since) else None


def _may_show(photo: Photo, courts: frozenset[str], since: datetime | None) -> bool:
    if since is not None and photo.taken_at >= since:
        return True
    return Desk.may_see is not None and Desk.may_see(_Beside(courts), photo)
