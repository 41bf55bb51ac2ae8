"""Reasons for a refusal: the product's own, in the court's words where it has written some, and further ones of the court's.

Words are texts (`reason.<code>`) in versions: a payee sees the newest, and the message that went out keeps what it said.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from webapp.core import audit
from webapp.core.db import db
from webapp.docket.models import ItemKind
from webapp.identity.words import REASONS
from webapp.notices.words import spoken_languages
from webapp.payee.words import RETURNS
from webapp.review.holding import actor
from webapp.review.models import Reason
from webapp.texts.models import Origin, reason_kind
from webapp.texts.queries import current_text, reason_words, reason_words_near
from webapp.texts.usecases import publish

LONGEST = 60
PRODUCT: Mapping[ItemKind, Mapping[str, Any]] = {
    ItemKind.IDENTITY: {code: words for code, words in REASONS.items() if code.startswith("court:")},
    ItemKind.ACCOUNT: RETURNS,
}
NEEDS_WORDS = frozenset({"court:other", "account:other"})
"""Reasons that say nothing by themselves: the clerk must write what is to be mended."""
MUST_HAVE = ("zh_Hans", "en")
"""A court writes a reason in these; who reads another language gets its words there, or the nearest of these."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """A reason on the list, in the reader's language."""

    code: str
    kind: ItemKind
    words: str
    own: bool
    retired: bool


def reasons_for(kind: ItemKind, language: str, *, all_of_them: bool = False) -> list[Choosable]:
    """The list that a clerk chooses from (or with those no longer offered), the one that says nothing by itself last."""
    rows = {row.code: row for row in db.session.scalars(select(Reason).where(Reason.kind == kind))}
    codes = [*PRODUCT[kind], *sorted(set(rows) - set(PRODUCT[kind]))]
    found = [
        Choosable(code, kind, words_of(code, kind, language), code not in PRODUCT[kind], _retired(rows.get(code)))
        for code in codes
    ]
    shown = [reason for reason in found if all_of_them or not reason.retired]
    return sorted(shown, key=lambda reason: reason.code in NEEDS_WORDS)


def words_of(code: str, kind: ItemKind, language: str) -> str:
    """The court's words of a reason in a language, else the product's, else the court's in the nearest."""
    return _written(code, kind, language) or reason_words_near(code, language)


def all_words(code: str, kind: ItemKind) -> dict[str, str]:
    """A reason as it was written for every language; empty where a reader gets the nearest."""
    return {language: _written(code, kind, language) for language in spoken_languages()}


def _written(code: str, kind: ItemKind, language: str) -> str:
    with force_locale(language):
        return reason_words(code, language) or str(PRODUCT[kind].get(code, ""))


def version_of(code: str, language: str, *, now: datetime) -> int:
    """How often a court has written this reason anew in a language; 0: the product's words."""
    found = current_text(reason_kind(code), language, now=now, exact=True)
    return found.version if found else 0


def write_reason(code: str, kind: ItemKind, words: Mapping[str, str], *, clerk_id: str, now: datetime) -> str:
    """Puts a reason's words into force in every language, as versions; an empty `code` makes a new one. Inside a unit of work.

    Returns the code. Raises LookupError for a code that isn't on the list.
    """
    known = code in PRODUCT[kind] or db.session.get(Reason, code) is not None
    if code and not known:
        raise LookupError(code)
    if not code:
        code = f"{'court' if kind is ItemKind.IDENTITY else 'account'}:{secrets.token_hex(4)}"
        db.session.add(Reason(code=code, kind=kind, made_by=clerk_id, made_at=now))
        db.session.flush()
    before = all_words(code, kind)
    for language, said in words.items():
        if said != before.get(language):
            publish(reason_kind(code), language, title=code, body=said, now=now, origin=Origin.COURT)
    audit.record(actor(clerk_id), "desk.reason_written", ("reason", code), now=now)
    return code


def retire_reason(code: str, kind: ItemKind, *, retired: bool, clerk_id: str, now: datetime) -> None:
    """Takes a reason off the list, or puts it back; what was refused for it keeps its words. Inside a unit of work."""
    if code in NEEDS_WORDS:
        raise LookupError(code)
    row = db.session.get(Reason, code)
    if row is None:
        if code not in PRODUCT[kind]:
            raise LookupError(code)
        row = Reason(code=code, kind=kind, made_by=clerk_id, made_at=now)
        db.session.add(row)
    row.retired_at = now if retired else None
    db.session.flush()
    audit.record(actor(clerk_id), "desk.reason_retired", ("reason", code), now=now, retired=retired)


def _retired(row: Reason | None) -> bool:
    return row is not None and row.retired_at is not None
