"""Looking up accounts, phones, codes and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.accounts.models import Account, Clerk, Phone, PhoneCode, WebSession
from webapp.core.db import db


def phones_of(account_id: str) -> Sequence[Phone]:
    """The account's proved numbers, the primary one first."""
    standing = select(Phone).where(Phone.account_id == account_id, Phone.removed_at.is_(None))
    return db.session.scalars(standing.order_by(Phone.primary.desc(), Phone.proved_at)).all()


def primary_phone(account_id: str) -> Phone | None:
    """The number that messages go to."""
    return next(iter(phones_of(account_id)), None)


def accounts_with_phone(number_hash: bytes, *, besides: str = "") -> Sequence[Account]:
    """Every account that has proved this number, oldest first."""
    query = select(Account).join(Phone, Phone.account_id == Account.id)
    query = query.where(Phone.number_hash == number_hash, Phone.removed_at.is_(None), Account.id != besides)
    return db.session.scalars(query.order_by(Account.created_at)).all()


def codes_since(number_hash: bytes, since: datetime) -> Sequence[PhoneCode]:
    """Codes sent to a number, oldest first."""
    query = select(PhoneCode).where(PhoneCode.number_hash == number_hash, PhoneCode.sent_at > since)
    return db.session.scalars(query.order_by(PhoneCode.sent_at)).all()


def codes_of_client_since(client_hash: bytes, since: datetime) -> Sequence[PhoneCode]:
    """Codes asked for by one client address, oldest first."""
    query = select(PhoneCode).where(PhoneCode.client_hash == client_hash, PhoneCode.sent_at > since)
    return db.session.scalars(query.order_by(PhoneCode.sent_at)).all()


def latest_code(number_hash: bytes) -> PhoneCode | None:
    """The newest code of a number, used or not: only this one can still be right. Held, so that tries are counted."""
    query = select(PhoneCode).where(PhoneCode.number_hash == number_hash)
    newest = query.order_by(PhoneCode.sent_at.desc(), PhoneCode.id).limit(1)
    return db.session.scalar(newest.with_for_update().execution_options(populate_existing=True))


def session_by_hash(token_hash: bytes, surface: str) -> WebSession | None:
    """The session a cookie's hash belongs to, ended or not."""
    return db.session.scalar(
        select(WebSession).where(WebSession.token_hash == token_hash, WebSession.surface == surface)
    )


def clerk_by_name(username: str) -> Clerk | None:
    """The clerk of this user name."""
    return db.session.scalar(select(Clerk).where(Clerk.username == username.strip().lower()))
