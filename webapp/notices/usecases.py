"""Telling a payee something: in the inbox always, by SMS to the primary phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.accounts.models import Account
from webapp.accounts.queries import primary_phone
from webapp.core.db import db
from webapp.notices.models import Message
from webapp.notices.words import text_of
from webapp.sms.usecases import post_sms


def tell(account_id: str, kind: str, facts: Mapping[str, str], *, now: datetime) -> Message:
    """Writes the message and its SMS inside the caller's unit of work, so that neither is ever lost or sent for nothing."""
    account = db.session.get_one(Account, account_id)
    message = Message(account_id=account_id, kind=kind, facts=dict(facts), created_at=now)
    db.session.add(message)
    db.session.flush()
    phone = primary_phone(account_id)
    if phone is not None:
        post_sms(phone.number, text_of(kind, facts, account.language), now=now)
    return message


def inbox(account_id: str) -> Sequence[Message]:
    """An account's messages, newest first."""
    query = select(Message).where(Message.account_id == account_id).order_by(Message.created_at.desc())
    return db.session.scalars(query.limit(200)).all()


def unread_count(account_id: str) -> int:
    """How many messages were never shown."""
    query = select(func.count()).select_from(Message).where(Message.account_id == account_id, Message.read_at.is_(None))
    return db.session.scalar(query) or 0


def mark_read(account_id: str, *, now: datetime) -> None:
    """All messages have been shown. Inside a unit of work."""
    db.session.execute(
        update(Message).where(Message.account_id == account_id, Message.read_at.is_(None)).values(read_at=now)
    )
