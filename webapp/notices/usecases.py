"""Telling a payee something: in the inbox always, by SMS to the primary phone, and in the browsers and the WeChat that asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.accounts.queries import languages_of, primary_numbers
from webapp.core.db import db
from webapp.notices.models import Message
from webapp.notices.words import URGENT, WORDS, Facts, Wording, headline_of, spoken_languages, template_of
from webapp.push.usecases import Ring, post_pushes
from webapp.sms.usecases import AccountSms, post_all_sms
from webapp.texts.models import message_kind
from webapp.texts.usecases import publish
from webapp.wechat.usecases import post_wechat


@dataclass(frozen=True, slots=True)
class News:
    """What one account is told."""

    account_id: str
    kind: str
    facts: Facts


def tell(account_id: str, kind: str, facts: Facts, *, now: datetime) -> None:
    """Writes the message, its SMS and its pushes inside the caller's unit of work: none is lost, none sent for nothing."""
    tell_all([News(account_id, kind, facts)], now=now)


def tell_all(news: Sequence[News], *, now: datetime) -> None:
    """`tell` for some hundreds at once, each in the language of their account: the same rows, asked for and written together."""
    accounts = {one.account_id for one in news}
    languages, numbers, words = languages_of(accounts), primary_numbers(accounts), Wording(now)
    db.session.add_all(
        Message(account_id=one.account_id, kind=one.kind, facts=dict(one.facts), created_at=now) for one in news
    )
    db.session.flush()
    sms, rings, headlines = [], [], []
    for one in news:
        language, urgent = languages[one.account_id], one.kind in URGENT
        if one.account_id in numbers:
            body = words.sms(one.kind, one.facts, language)
            sms.append(AccountSms(one.account_id, numbers[one.account_id], body, one.kind, urgent))
        headline = words.headline(one.kind, language)
        rings.append(Ring(one.account_id, words.names.platform, headline, "/messages", urgent))
        headlines.append((one.account_id, headline))
    post_all_sms(sms, now=now)
    post_pushes(rings, now=now)
    post_wechat(headlines, platform=words.names.platform, now=now)


def sms_text(kind: str, facts: Facts, language: str, *, at: datetime) -> str:
    """The text as an SMS carries it: a reason too long for one is cut, and stands whole in the inbox."""
    return Wording(at).sms(kind, facts, language)


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
