"""The SMS that a refusal would send, before it is sent: in the payee's language, as long as it will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.cases.models import Case
from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.docket.models import DocketItem, ItemKind
from webapp.identity.words import with_words
from webapp.notices.usecases import sms_text
from webapp.notices.words import names
from webapp.review.reasons import words_of
from webapp.sms.rules import measure_sms


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` with the court's signature; a carrier counts it as `segments`, of `units` characters or code units."""

    text: str
    units: int
    segments: int


def preview_refusal(item: DocketItem, reason: str, words: str, language: str, *, now: datetime) -> Preview:
    """What the payee of this item would be told for this reason."""
    kind = ItemKind(item.kind)
    told = with_words(words_of(reason, kind, language) if reason else "", words) or "……"
    return preview_reason(
        kind, told, language, name=item.facts["name"], since=item.since, case_id=item.case_id, now=now
    )


def preview_reason(
    kind: ItemKind, told: str, language: str, *, name: str, since: datetime, case_id: str | None, now: datetime
) -> Preview:
    """The whole SMS around a reason."""
    case = db.session.get(Case, case_id) if case_id else None
    facts = {
        "name": name,
        "time": f"{in_china(since):%Y-%m-%d %H:%M:%S}",
        "reason": told,
        "case": case.number if case else "……",
    }
    message = "review_refused" if kind is ItemKind.IDENTITY else "account_returned"
    text = f"【{names().signature}】{sms_text(message, facts, language, at=now)}"
    length = measure_sms(text)
    return Preview(text, length.units, length.segments)
