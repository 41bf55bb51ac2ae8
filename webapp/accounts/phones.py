"""Proving a phone number by an SMS code, with limits that say when to come back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update

from webapp.accounts.models import Phone, PhoneCode
from webapp.accounts.queries import codes_of_client_since, codes_since, latest_code, phones_of
from webapp.core import audit
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.sms.usecases import post_sms

CODE_LIFE = timedelta(minutes=5)
WRONG_TRIES = 5
PAUSE = timedelta(seconds=60)
DAY = timedelta(days=1)


class CodeOutcome(StrEnum):
    """What became of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    TOO_MANY_TRIES = "too_many_tries"
    NONE_SENT = "none_sent"


class MustWait(Exception):
    """Too many codes: `until` is when the next may be asked for."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` codes within `window`."""

    most: int
    window: timedelta


NUMBER_LIMITS = (Limit(1, PAUSE), Limit(5, timedelta(hours=1)), Limit(10, DAY))
CLIENT_LIMITS = (Limit(40, timedelta(hours=1)), Limit(200, DAY))  # a family, an office, a carrier's shared address


def number_hash(number: str) -> bytes:
    """The look-up hash of an E.164 number."""
    return keyed_hash("phone", number)


def next_code_at(number: str, client: str, *, now: datetime) -> datetime:
    """When the next code may be sent to `number` on behalf of `client`; not later than `now` when it may at once."""
    to_number = [code.sent_at for code in codes_since(number_hash(number), now - DAY)]
    by_client = [code.sent_at for code in codes_of_client_since(keyed_hash("client", client), now - DAY)]
    waits = [_free_at(to_number, limit, now) for limit in NUMBER_LIMITS]
    waits += [_free_at(by_client, limit, now) for limit in CLIENT_LIMITS]
    return max(waits)


def _free_at(sent: list[datetime], limit: Limit, now: datetime) -> datetime:
    recent = [moment for moment in sent if moment > now - limit.window]
    return now if len(recent) < limit.most else recent[-limit.most] + limit.window


def send_code(
    number: str, *, account_id: str | None, client: str, words: Callable[[str], str], now: datetime
) -> datetime:
    """Sends a new code inside the caller's unit of work and returns when the next may be asked for.

    `words` makes the SMS text of a code. Older codes of the number stop working. Raises MustWait.
    """
    free_at = next_code_at(number, client, now=now)
    if free_at > now:
        raise MustWait(free_at)
    code = f"{secrets.randbelow(1_000_000):06d}"
    hashed = number_hash(number)
    expires = now + CODE_LIFE
    sent = PhoneCode(
        account_id=account_id,
        number=number,
        number_hash=hashed,
        client_hash=keyed_hash("client", client),
        code_hash=_code_hash(number, code),
        sent_at=now,
        expires_at=expires,
        tries=0,
    )
    db.session.add(sent)
    post_sms(number, words(code), now=now, expires_at=expires)
    return now + PAUSE


def check_code(number: str, typed: str, *, now: datetime) -> CodeOutcome:
    """Judges a typed code inside the caller's unit of work; a right one is used up, a wrong one is counted."""
    sent = latest_code(number_hash(number))
    if sent is None or sent.used_at is not None:
        return CodeOutcome.NONE_SENT
    if sent.tries >= WRONG_TRIES:
        return CodeOutcome.TOO_MANY_TRIES
    if sent.expires_at <= now:
        return CodeOutcome.EXPIRED
    if not hmac.compare_digest(sent.code_hash, _code_hash(number, typed)):
        return _count_wrong(sent)
    return CodeOutcome.RIGHT if _use_up(sent, now) else CodeOutcome.NONE_SENT


def _count_wrong(sent: PhoneCode) -> CodeOutcome:
    db.session.execute(update(PhoneCode).where(PhoneCode.id == sent.id).values(tries=PhoneCode.tries + 1))
    return CodeOutcome.TOO_MANY_TRIES if sent.tries + 1 >= WRONG_TRIES else CodeOutcome.WRONG


def _use_up(sent: PhoneCode, now: datetime) -> bool:
    """True for one of any number of simultaneous right answers."""
    unused = update(PhoneCode).where(PhoneCode.id == sent.id, PhoneCode.used_at.is_(None))
    result = db.session.execute(unused.values(used_at=now))
    return bool(getattr(result, "rowcount", 0))


def _code_hash(number: str, code: str) -> bytes:
    return hashlib.sha256(keyed_hash("code", f"{number}:{code.strip()}")).digest()


def keep_phone(account_id: str, number: str, *, now: datetime) -> Phone:
    """Puts a proved number on the account (or back on it); the first one becomes primary. Inside a unit of work."""
    hashed = number_hash(number)
    known = db.session.query(Phone).filter_by(account_id=account_id, number_hash=hashed).one_or_none()
    phone = known or Phone(account_id=account_id, number=number, number_hash=hashed, primary=False)
    phone.proved_at, phone.removed_at = now, None
    phone.primary = not any(other.primary and other.id != phone.id for other in phones_of(account_id))
    db.session.add(phone)
    db.session.flush()
    audit.record(audit.Actor("payee", account_id), "accounts.phone_proved", ("phone", phone.id), now=now)
    return phone


def make_primary(account_id: str, phone_id: str, *, now: datetime) -> bool:
    """Chooses the number that messages go to; False when it isn't one of the account's. Inside a unit of work."""
    mine = phones_of(account_id)
    if phone_id not in {phone.id for phone in mine}:
        return False
    for phone in mine:
        phone.primary = phone.id == phone_id
    audit.record(audit.Actor("payee", account_id), "accounts.phone_chosen", ("phone", phone_id), now=now)
    return True


def remove_phone(account_id: str, phone_id: str, *, now: datetime) -> bool:
    """Takes a number off; the last one stays (False), or nobody could sign in any more. Inside a unit of work."""
    mine = phones_of(account_id)
    gone = next((phone for phone in mine if phone.id == phone_id), None)
    if gone is None or len(mine) == 1:
        return False
    gone.removed_at, gone.primary = now, False
    rest = [phone for phone in mine if phone is not gone]
    rest[0].primary = rest[0].primary or not any(phone.primary for phone in rest)
    audit.record(audit.Actor("payee", account_id), "accounts.phone_removed", ("phone", phone_id), now=now)
    return True
