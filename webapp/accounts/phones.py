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
from webapp.accounts.queries import codes_of_client_since, codes_since, has_proved, latest_code, phones_of
from webapp.core import audit
from webapp.core.db import db, one_at_a_time
from webapp.core.sealing import keyed_hash
from webapp.sms.usecases import post_sms

CODE_LIFE = timedelta(minutes=5)
MOST_EXTENSIONS = 10
LONGEST_CODE = CODE_LIFE * (1 + MOST_EXTENSIONS)
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
"""Of one number: once for all strangers together, and once more for the browsers of those who hold it."""
ONE_STRANGER_LIMITS = (Limit(4, timedelta(hours=1)), Limit(6, DAY))
"""Of one number at one address that never proved it: less than all strangers have, so that one can't use the day up."""
CLIENT_LIMITS = (Limit(40, timedelta(hours=1)), Limit(200, DAY))  # a family, an office, a carrier's shared address


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a code: a network address, a browser by the random token that it keeps, an account if signed in."""

    client: str
    device: str = ""
    account_id: str | None = None


def number_hash(number: str) -> bytes:
    """The look-up hash of an E.164 number."""
    return keyed_hash("phone", number)


def _device_hash(device: str) -> bytes:
    return keyed_hash("device", device)


def is_known(number: str, asker: Asker) -> bool:
    """True when the asker has shown before that they hold the number: in this browser, or as this account."""
    mine = asker.account_id is not None and any(phone.number == number for phone in phones_of(asker.account_id))
    return mine or (bool(asker.device) and has_proved(number_hash(number), _device_hash(asker.device)))


def next_code_at(number: str, asker: Asker, *, now: datetime) -> datetime:
    """When the next code may be sent to `number` for `asker`; not later than `now` when it may at once.

    Anybody may type anybody's number. What strangers ask for never counts against the browsers of its holder.
    """
    known, client_hash = is_known(number, asker), keyed_hash("client", asker.client)
    codes = [code for code in codes_since(number_hash(number), now - DAY) if code.known == known]
    waits = [_free_at([code.sent_at for code in codes], limit, now) for limit in NUMBER_LIMITS]
    if not known:
        here = [code.sent_at for code in codes if code.client_hash == client_hash]
        by_client = [code.sent_at for code in codes_of_client_since(client_hash, now - DAY)]
        waits += [_free_at(here, limit, now) for limit in ONE_STRANGER_LIMITS]
        waits += [_free_at(by_client, limit, now) for limit in CLIENT_LIMITS]
    return max(waits)


def _free_at(sent: list[datetime], limit: Limit, now: datetime) -> datetime:
    recent = [moment for moment in sent if moment > now - limit.window]
    return now if len(recent) < limit.most else recent[-limit.most] + limit.window


def send_code(number: str, asker: Asker, *, words: Callable[[str], str], now: datetime) -> datetime:
    """Sends a new code inside the caller's unit of work and returns when the next may be asked for.

    `words` makes the SMS text of a code. Older codes that this browser asked for stop working. Raises MustWait.
    """
    one_at_a_time(number_hash(number), keyed_hash("client", asker.client))
    free_at = next_code_at(number, asker, now=now)
    if free_at > now:
        raise MustWait(free_at)
    code = f"{secrets.randbelow(1_000_000):06d}"
    expires = now + CODE_LIFE
    sent = PhoneCode(
        account_id=asker.account_id,
        number=number,
        number_hash=number_hash(number),
        client_hash=keyed_hash("client", asker.client),
        device_hash=_device_hash(asker.device),
        known=is_known(number, asker),
        code_hash=_code_hash(number, code),
        sent_at=now,
        expires_at=expires,
        tries=0,
    )
    db.session.add(sent)
    post_sms(number, words(code), now=now, expires_at=expires)
    return now + PAUSE


def check_code(number: str, typed: str, *, device: str = "", now: datetime) -> CodeOutcome:
    """Judges a typed code inside the caller's unit of work; a right one is used up, a wrong one is counted.

    Only the newest one that this very browser asked for can be right: whoever asks elsewhere can neither guess at it nor
    make it worthless.
    """
    sent = latest_code(number_hash(number), _device_hash(device))
    if sent is None or sent.used_at is not None:
        return CodeOutcome.NONE_SENT
    if sent.tries >= WRONG_TRIES:
        return CodeOutcome.TOO_MANY_TRIES
    if sent.expires_at <= now:
        return CodeOutcome.EXPIRED
    if not hmac.compare_digest(sent.code_hash, _code_hash(number, typed)):
        return _count_wrong(sent)
    return CodeOutcome.RIGHT if _use_up(sent, now) else CodeOutcome.NONE_SENT


def code_stands(number: str, *, device: str, now: datetime) -> bool:
    """True while a code that this very browser asked for can still be typed."""
    return _standing(number, device, now) is not None


def _standing(number: str, device: str, now: datetime) -> PhoneCode | None:
    sent = latest_code(number_hash(number), _device_hash(device))
    stands = sent is not None and sent.used_at is None and sent.tries < WRONG_TRIES and sent.expires_at > now
    return sent if stands else None


def extend_code(number: str, *, device: str, now: datetime) -> bool:
    """Gives the code that stands in this browser its five minutes anew, for whoever reads or types slowly.

    Guesses are counted on; False when the code is spent, too old, or was given all its time. Inside a unit of work.
    """
    sent = _standing(number, device, now)
    if sent is None:
        return False
    until = min(now + CODE_LIFE, sent.sent_at + LONGEST_CODE)
    longer = update(PhoneCode).where(PhoneCode.id == sent.id, PhoneCode.expires_at < until)
    result = db.session.execute(longer.values(expires_at=until))
    return bool(getattr(result, "rowcount", 0))


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
