"""SMS that were lost before a case named their reader: from then on its court sees them among its own."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.cases.bulk import known_entries
from webapp.core.db import db
from webapp.identity.models import Identity
from webapp.sms.models import LOST_SHOWN, LostSms, SmsDelivery


def take_lost(case_id: str, *, digest: bytes | None = None, now: datetime) -> None:
    """Notes for a case what its people, or whoever has this document number, were lost lately. Inside a unit of work.

    Each lost message of a month looks its reader up by the index of hashes, so a register of a million costs no more than one of
    ten. Triggers (migration 0087) note what is lost from now on.
    """
    lost = defaultdict(set)
    for match_hash, delivery_id, created_at in db.session.execute(_of_a_month(digest, now)):
        lost[bytes(match_hash)].add((delivery_id, created_at))
    named = {
        bytes(one) for _, *hashes in (row[:3] for row in known_entries(case_id, list(lost))) for one in hashes if one
    }
    theirs = {message for match_hash in named & set(lost) for message in lost[match_hash]}
    rows = [{"delivery_id": delivery, "place": case_id, "created_at": at} for delivery, at in sorted(theirs)]
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    for start in range(0, len(rows), 500):
        db.session.execute(insert(LostSms).values(rows[start : start + 500]).on_conflict_do_nothing())


def _of_a_month(digest: bytes | None, now: datetime) -> Select[bytes, str, datetime]:
    query = (
        select(Identity.match_hash, LostSms.delivery_id, LostSms.created_at)
        .join(SmsDelivery, SmsDelivery.id == LostSms.delivery_id)
        .join(Identity, Identity.account_id == SmsDelivery.account_id)
        .where(LostSms.created_at > now - LOST_SHOWN)
    )
    return query if digest is None else query.where(Identity.match_hash == digest)
