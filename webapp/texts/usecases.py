"""Putting texts into force, and keeping who agreed to them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from webapp.core import audit
from webapp.core.db import db
from webapp.texts.models import Consent, Origin, TextKind, TextVersion
from webapp.texts.queries import consent_to, latest_text


def publish(
    kind: str,
    language: str,
    *,
    title: str,
    body: str,
    now: datetime,
    origin: Origin = Origin.PRODUCT,
    effective_at: datetime | None = None,
    actor: audit.Actor = audit.OPERATOR,
) -> TextVersion:
    """Makes a text the next version, in force from `effective_at` (now) on; or returns the newest when nothing changed.

    The product's own words never replace a court's. A version never takes effect before the one it follows. In a unit of work.
    """
    digest = hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
    newest = latest_text(kind, language)
    kept = newest is not None and newest.origin == Origin.COURT and origin is Origin.PRODUCT
    if newest is not None and (kept or newest.sha256 == digest):
        return newest
    since = effective_at or now
    version = TextVersion(
        kind=kind,
        language=language,
        version=newest.version + 1 if newest else 1,
        origin=origin,
        title=title,
        body=body,
        sha256=digest,
        effective_at=max(since, newest.effective_at) if newest else since,
    )
    db.session.add(version)
    db.session.flush()
    detail = {"kind": kind, "language": language, "sha256": digest}
    audit.record(actor, "texts.published", ("text", version.id), now=now, **detail)
    return version


def give_consent(account_id: str, text: TextVersion, *, client: str, now: datetime, about: str = "") -> Consent:
    """Records that somebody agreed to this very version; agreeing twice is agreeing once. Inside a unit of work."""
    known = consent_to(account_id, TextKind(text.kind), about=about)
    if known is not None and known.text_id == text.id:
        return known
    consent = Consent(
        account_id=account_id, text_id=text.id, kind=text.kind, about=about, given_at=now, client=client[:160]
    )
    db.session.add(consent)
    db.session.flush()
    audit.record(
        audit.Actor("payee", account_id),
        "texts.consented",
        ("consent", consent.id),
        now=now,
        kind=text.kind,
        language=text.language,
        version=text.version,
        sha256=text.sha256,
    )
    return consent
