"""The worker's handlers of this room, and the docket's own housekeeping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import current_app

from webapp.core.db import unit_of_work
from webapp.core.jobs import Handler
from webapp.identity.usecases import put_before_clerk as put_identity
from webapp.payee.docketing import put_before_clerk as put_account
from webapp.review.deciding import APPLY_DECISION, take_effect
from webapp.review.queries import forgotten_reviews


def handlers() -> Mapping[str, Handler]:
    """Kind of job → what does it."""

    def now() -> datetime:
        moment: datetime = current_app.extensions["clock"]()
        return moment

    return {APPLY_DECISION: lambda p: take_effect(p["decision"], now=now())}


def fill_docket() -> int:
    """Puts on the docket what waits for a clerk and isn't there: from before there was a docket. Returns how many."""
    with unit_of_work():
        records, entries = forgotten_reviews()
        for record in records:
            put_identity(record)
        for entry in entries:
            put_account(entry)
    return len(records) + len(entries)
