"""Which text is in force, and who agreed to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.core.db import db
from webapp.texts.models import Consent, TextKind, TextVersion, message_kind, reason_kind


def current_text(kind: str, language: str, *, now: datetime, exact: bool = False) -> TextVersion | None:
    """The version in force in this language, else (unless `exact`) in Simplified Chinese, which prevails anyway."""
    query = select(TextVersion).where(TextVersion.kind == kind, TextVersion.language == language)
    query = query.where(TextVersion.effective_at <= now).order_by(TextVersion.version.desc()).limit(1)
    found = db.session.scalar(query)
    if found is None and not exact and language != "zh_Hans":
        return current_text(kind, "zh_Hans", now=now)
    return found


def latest_text(kind: str, language: str, *, held: bool = False) -> TextVersion | None:
    """The newest version in this language, in force or not yet. `held`: nobody else makes the next one meanwhile."""
    query = select(TextVersion).where(TextVersion.kind == kind, TextVersion.language == language)
    newest = query.order_by(TextVersion.version.desc()).limit(1)
    if held:
        db.session.scalar(newest.with_for_update())  # waits for who makes the next version; then that one is found
    return db.session.scalar(newest)


def message_template(kind: str, language: str, *, at: datetime) -> str | None:
    """The words of a message that were in force at a moment, or None where none was published in this language."""
    found = current_text(message_kind(kind), language, now=at, exact=True)
    return found.body if found else None


def reason_words(code: str, language: str) -> str:
    """A court's own words of a reason in a language; empty where it has none."""
    query = select(TextVersion.body).where(TextVersion.kind == reason_kind(code), TextVersion.language == language)
    return db.session.scalar(query.order_by(TextVersion.version.desc()).limit(1)) or ""


def nearest_languages(language: str) -> tuple[str, str]:
    """In which languages somebody reads what isn't written in their own: Chinese for Chinese first, English for all others."""
    return ("zh_Hans", "en") if language.startswith("zh") else ("en", "zh_Hans")


def reason_words_near(code: str, language: str) -> str:
    """A court's own words of a reason in the nearest language that it wrote."""
    return next((words for one in nearest_languages(language) if (words := reason_words(code, one))), "")


class TextMissing(Exception):
    """A text that somebody must read was never published: run `flask texts publish`."""


def text_in_force(kind: TextKind, language: str, *, now: datetime) -> TextVersion:
    """The text that a page shows, in this language or in Simplified Chinese. Raises TextMissing."""
    found = current_text(kind, language, now=now)
    if found is None:
        raise TextMissing(kind)
    return found


def consent_to(account_id: str, kind: TextKind, *, about: str = "") -> Consent | None:
    """The latest standing consent of an account to a kind of text (about one case, where `about` is given)."""
    query = select(Consent).where(Consent.account_id == account_id, Consent.kind == kind, Consent.about == about)
    return db.session.scalar(query.where(Consent.withdrawn_at.is_(None)).order_by(Consent.given_at.desc()).limit(1))


def consents_of(account_id: str) -> Sequence[tuple[Consent, TextVersion]]:
    """What somebody agreed to, each with the very text, the newest first."""
    query = select(Consent, TextVersion).join(TextVersion, TextVersion.id == Consent.text_id)
    query = query.where(Consent.account_id == account_id).order_by(Consent.given_at.desc(), Consent.id)
    return [(consent, text) for consent, text in db.session.execute(query)]
