"""Looking up accounts, phones, codes and sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, select

from webapp.accounts.models import Account, Authenticator, Clerk, ClerkCourt, Passkey, Phone, PhoneCode, WebSession
from webapp.core.db import db

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


class OfCourts(Protocol):
    """Whoever works for courts: the signed-in clerk of a request (`current_user`), or a test's."""

    @property
    def courts(self) -> frozenset[str]:
        """Full names of the courts."""


def phones_of(account_id: str) -> Sequence[Phone]:
    """The account's proved numbers, the primary one first."""
    standing = select(Phone).where(Phone.account_id == account_id, Phone.removed_at.is_(None))
    return db.session.scalars(standing.order_by(Phone.primary.desc(), Phone.proved_at)).all()


def primary_phone(account_id: str) -> Phone | None:
    """The number that messages go to."""
    return next(iter(phones_of(account_id)), None)


def primary_numbers(account_ids: Collection[str]) -> dict[str, str]:
    """The numbers (E.164) of `primary_phone` for many accounts; who has none isn't in the answer."""
    standing = select(Phone.account_id, Phone.number).where(
        Phone.account_id.in_(account_ids), Phone.removed_at.is_(None)
    )
    found: dict[str, str] = {}
    for account_id, number in db.session.execute(standing.order_by(Phone.primary.desc(), Phone.proved_at)):
        found.setdefault(account_id, number)
    return found


def languages_of(account_ids: Collection[str]) -> dict[str, str]:
    """In which language each of these accounts reads."""
    query = select(Account.id, Account.language).where(Account.id.in_(account_ids))
    return dict(db.session.execute(query).all())


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


def has_proved(number_hash: bytes, device_hash: bytes) -> bool:
    """True when a code to this number was once typed rightly in this browser."""
    query = select(PhoneCode.id).where(
        PhoneCode.number_hash == number_hash, PhoneCode.device_hash == device_hash, PhoneCode.used_at.is_not(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def latest_code(number_hash: bytes, device_hash: bytes) -> PhoneCode | None:
    """The newest code of a number that a browser asked for, used or not: only this one can still be right there.

    Held, so that tries are counted.
    """
    query = select(PhoneCode).where(PhoneCode.number_hash == number_hash, PhoneCode.device_hash == device_hash)
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


def has_second_factor(clerk_id: str) -> bool:
    """True when a clerk has an authenticator app or a passkey."""
    app = select(Authenticator.clerk_id).where(Authenticator.clerk_id == clerk_id)
    passkey = select(Passkey.clerk_id).where(Passkey.clerk_id == clerk_id)
    return db.session.scalar(app.union_all(passkey).limit(1)) is not None


def sessions_of(clerk_id: str, *, now: datetime) -> Sequence[WebSession]:
    """Where a clerk is signed in, the latest visit first. Those that ended by idleness are still among them."""
    living = select(WebSession).where(WebSession.clerk_id == clerk_id, WebSession.revoked_at.is_(None))
    return db.session.scalars(living.where(WebSession.expires_at > now).order_by(WebSession.seen_at.desc())).all()


def courts_of(clerk_id: str) -> frozenset[str]:
    """The courts that a clerk works for."""
    return frozenset(db.session.scalars(select(ClerkCourt.court).where(ClerkCourt.clerk_id == clerk_id)))


def may_see_court(clerk: OfCourts, court: str | None) -> bool:
    """True when a record of this court is the clerk's to see. A view answers 404 to whoever may not."""
    return court in clerk.courts


def scoped(query: Rows, column: Any, clerk: OfCourts) -> Rows:
    """Narrows a query to the records of the clerk's courts; `column` holds the court's full name."""
    return query.where(column.in_(clerk.courts))
