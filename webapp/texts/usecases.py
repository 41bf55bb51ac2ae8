"""Putting texts into force, and keeping who agreed to them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from webapp.core import audit
from webapp.core.db import db
from webapp.texts.models import Consent, Origin, TextKind, TextVersion
from webapp.texts.queries import consent_to, current_text


def publish(
    kind: str, language: str, *, title: str, body: str, now: datetime, origin: Origin = Origin.PRODUCT
) -> TextVersion:
    """Puts a text into force as the next version, or returns the current one when nothing changed. In a unit of work.

    The product's own words never replace a court's.
    """
    digest = hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
    current = current_text(kind, language, now=now, exact=True)
    kept = current is not None and current.origin == Origin.COURT and origin is Origin.PRODUCT
    if current is not None and (kept or current.sha256 == digest):
        return current
    version = TextVersion(
        kind=kind,
        language=language,
        version=current.version + 1 if current else 1,
        origin=origin,
        title=title,
        body=body,
        sha256=digest,
        effective_at=now,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(
        audit.OPERATOR, "texts.published", ("text", version.id), now=now, kind=kind, language=language, sha256=digest
    )
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
