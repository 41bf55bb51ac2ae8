"""Versions and drafts of texts, and who agreed to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from webapp.core.db import db
from webapp.texts.models import Consent, TextVersion
from webapp.wording.models import DraftState, TextDraft


def versions_of(kind: str, language: str) -> Sequence[TextVersion]:
    """Every version of a text in a language, the newest first."""
    query = select(TextVersion).where(TextVersion.kind == kind, TextVersion.language == language)
    return db.session.scalars(query.order_by(TextVersion.version.desc())).all()


def latest_versions() -> Mapping[tuple[str, str], TextVersion]:
    """The newest version of each text in each language, in force or not yet, by (kind, language)."""
    newest = select(TextVersion.kind, TextVersion.language, func.max(TextVersion.version).label("version"))
    newest_of = newest.group_by(TextVersion.kind, TextVersion.language).subquery()
    query = select(TextVersion).join(
        newest_of,
        (TextVersion.kind == newest_of.c.kind)
        & (TextVersion.language == newest_of.c.language)
        & (TextVersion.version == newest_of.c.version),
    )
    return {(text.kind, text.language): text for text in db.session.scalars(query)}


def waiting_drafts() -> Sequence[TextDraft]:
    """Drafts that wait for a second person, the oldest first."""
    query = select(TextDraft).where(TextDraft.state == DraftState.WAITING)
    return db.session.scalars(query.order_by(TextDraft.made_at)).all()


def count_waiting() -> int:
    """How many drafts wait."""
    query = select(func.count()).select_from(TextDraft).where(TextDraft.state == DraftState.WAITING)
    return db.session.scalar(query) or 0


def drafts_of(kind: str, language: str) -> Sequence[TextDraft]:
    """The drafts of a text in a language, the newest first."""
    query = select(TextDraft).where(TextDraft.kind == kind, TextDraft.language == language)
    return db.session.scalars(query.order_by(TextDraft.made_at.desc()).limit(20)).all()


def version_before(text: TextVersion) -> TextVersion | None:
    """The version that this one followed."""
    earlier = versions_of(text.kind, text.language)
    return next((one for one in earlier if one.version < text.version), None)


def count_consents(text_id: str) -> int:
    """How many times somebody agreed to a version."""
    return db.session.scalar(select(func.count()).select_from(Consent).where(Consent.text_id == text_id)) or 0
