"""Telling a payee something: in the inbox always, by SMS to the primary phone, and in the browsers and the WeChat that asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.accounts.models import Account
from webapp.accounts.queries import primary_phone
from webapp.core.db import db
from webapp.notices.models import Message
from webapp.notices.words import URGENT, WORDS, cut_words, headline_of, names, spoken_languages, template_of, text_of
from webapp.push.usecases import post_push
from webapp.sms.rules import LONGEST
from webapp.sms.usecases import post_sms
from webapp.texts.models import message_kind
from webapp.texts.usecases import publish
from webapp.wechat.usecases import post_wechat


def tell(account_id: str, kind: str, facts: Mapping[str, str], *, now: datetime) -> Message:
    """Writes the message, its SMS and its pushes inside the caller's unit of work: none is lost, none sent for nothing."""
    account = db.session.get_one(Account, account_id)
    message = Message(account_id=account_id, kind=kind, facts=dict(facts), created_at=now)
    db.session.add(message)
    db.session.flush()
    phone = primary_phone(account_id)
    if phone is not None:
        body = sms_text(kind, facts, account.language, at=now)
        post_sms(phone.number, body, now=now, urgent=kind in URGENT, account_id=account_id, kind=kind)
    headline = headline_of(kind, account.language)
    post_push(account_id, title=names().platform, body=headline, url="/messages", urgent=kind in URGENT, now=now)
    post_wechat(account_id, headline=headline, platform=names().platform, now=now)
    return message


def sms_text(kind: str, facts: Mapping[str, str], language: str, *, at: datetime) -> str:
    """The text as an SMS carries it: a reason too long for one is cut, and stands whole in the inbox."""
    text = text_of(kind, facts, language, at=at)
    over = len(text) + len(f"【{names().signature}】") - LONGEST
    if over <= 0 or "reason" not in facts:
        return text
    rest = cut_words(language)
    kept = facts["reason"][: max(0, len(facts["reason"]) - over - len(rest))]
    return text_of(kind, {**facts, "reason": kept + rest}, language, at=at)


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


def publish_messages(*, now: datetime) -> int:
    """Puts the product's words of every message into force in every language, inside a unit of work; how many there are."""
    languages = spoken_languages()
    for kind in WORDS:
        for language in languages:
            publish(
                message_kind(kind),
                language,
                title=headline_of(kind, language),
                body=template_of(kind, language),
                now=now,
            )
    return len(WORDS) * len(languages)
