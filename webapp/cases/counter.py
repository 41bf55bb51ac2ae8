"""A payee at the counter: a clerk opens the payee's surface on a tablet, the payee acts there, and each deed says who stood by.

Whoever has an account with a proved phone shows by an SMS code that they are there: a clerk alone opens nobody's account. Who
can't receive one is let in for a reason that the clerk gives; whatever is handed in then says so to those who decide.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.accounts.models import Account, Clerk, WebSession
from webapp.accounts.phones import CODE_LIFE as SMS_LIFE
from webapp.accounts.phones import LONGEST_CODE, CodeOutcome, check_code
from webapp.accounts.queries import primary_phone
from webapp.accounts.sessions import Lifetime, find_by_token, open_session
from webapp.cases.models import CasePayee
from webapp.cases.people import account_of
from webapp.cases.people_models import CounterVisit
from webapp.cases.reading import changed_rows
from webapp.core import audit
from webapp.core.db import db
from webapp.docket.models import Flag
from webapp.docket.usecases import raise_flag
from webapp.identity.queries import verification_of
from webapp.notices.usecases import tell

CODE_LIFE = timedelta(minutes=10)
VISIT = Lifetime(idle=timedelta(hours=1), longest=timedelta(hours=1))
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class CodeSpent(Exception):
    """No such code, or it was used, or its time is over."""


@dataclass(frozen=True, slots=True)
class Tablet:
    """What is asked there: the language, what the browser says it is, and the random token by which it is known."""

    language: str
    browser: str
    device: str = ""


def offer_visit(payee: CasePayee, *, clerk_id: str, reason: str = "", now: datetime) -> str:
    """Makes a code for a tablet, good once; an earlier one that wasn't used ends. Inside a unit of work.

    `reason`: why the payee can't show a code that comes to their phone; it is kept with the visit, which the audit row names.
    """
    unused = CounterVisit.payee_id == payee.id, CounterVisit.used_at.is_(None), CounterVisit.expires_at > now
    changed_rows(update(CounterVisit).where(*unused).values(expires_at=now))
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    made = CounterVisit(
        payee_id=payee.id, clerk_id=clerk_id, code_hash=_hash(code), made_at=now, expires_at=now + CODE_LIFE,
        reason=reason or None, unproved=False,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    about, without = ("case_payee", str(payee.id)), {"without_phone": True} if reason else {}
    audit.record(audit.Actor("clerk", clerk_id), "counter.offered", about, now=now, visit=made.id, **without)
    return code


def visit_by_code(code: str) -> CounterVisit | None:
    """The visit that was offered with a code, also when it is over."""
    return db.session.scalar(select(CounterVisit).where(CounterVisit.code_hash == _hash(code.strip().upper())))


def is_open(visit: CounterVisit, *, now: datetime) -> bool:
    """True while its code may still open it."""
    return visit.used_at is None and visit.expires_at > now


def phone_of(payee: CasePayee) -> str:
    """The number (E.164) of the account of whoever has proved to be this person; "" where there is none."""
    account_id = account_of(payee)
    phone = primary_phone(account_id) if account_id else None
    return phone.number if phone is not None else ""


def phone_to_prove(visit: CounterVisit) -> str:
    """The number to which a code goes before this visit opens; "" where it opens without."""
    return "" if visit.reason else phone_of(db.session.get_one(CasePayee, visit.payee_id))


def keep_open(visit_id: str, *, now: datetime) -> None:
    """An SMS code is on its way, or was given more time: the visit ends no sooner than that. Inside a unit of work."""
    visit = db.session.get_one(CounterVisit, visit_id, with_for_update=True)
    if is_open(visit, now=now):
        visit.expires_at = max(visit.expires_at, min(now + SMS_LIFE, visit.made_at + LONGEST_CODE))


def start_visit(
    code: str, *, tablet: Tablet, typed: str = "", court_phone: str = "", now: datetime
) -> tuple[CodeOutcome, str]:
    """Uses a code up and opens a session of one hour at most, whose every deed names the clerk; returns its token.

    It is the account of whoever has proved to be this person, who is told; else a new one. Where that account has a phone,
    `typed` must be the code that went there from this tablet: the token is "" while it isn't. Inside a unit of work, which
    is kept also then, as wrong codes are counted. Raises CodeSpent.
    """
    visit = visit_by_code(code)
    if visit is None or not is_open(visit, now=now):
        raise CodeSpent
    payee, number = db.session.get_one(CasePayee, visit.payee_id), phone_to_prove(visit)
    if number and (outcome := check_code(number, typed, device=tablet.device, now=now)) is not CodeOutcome.RIGHT:
        return outcome, ""
    taken = update(CounterVisit).where(CounterVisit.id == visit.id, CounterVisit.used_at.is_(None))
    if not changed_rows(taken.values(used_at=now)):
        raise CodeSpent
    visit.unproved = bool(visit.reason) and bool(phone_of(payee))
    account_id = account_of(payee) or _new_account(tablet, now)
    token = open_session(
        "payee", lifetime=VISIT, browser=tablet.browser, now=now, account_id=account_id, clerk_id=visit.clerk_id
    )
    visit.session_id = find_by_token(token).id
    _tell_owner(visit, payee, account_id, court_phone, now=now)
    detail = {"visit": visit.id, "account": account_id, "code": bool(number), "unproved": visit.unproved}
    about = ("case_payee", str(payee.id))
    audit.record(audit.Actor("clerk", visit.clerk_id), "counter.opened", about, now=now, **detail)
    return CodeOutcome.RIGHT, token


def _new_account(tablet: Tablet, now: datetime) -> str:
    account = Account(created_at=now, language=tablet.language, large_text=True)
    db.session.add(account)
    db.session.flush()
    return account.id


def _tell_owner(visit: CounterVisit, payee: CasePayee, account_id: str, court_phone: str, *, now: datetime) -> None:
    """Whoever owns an account that was opened is told at once; and whoever looks at their identity reads it, where no code proved it."""
    if visit.unproved:
        tell(account_id, "counter_unproved", {"name": payee.name, "phone": court_phone}, now=now)
        verification = verification_of(account_id)
        if verification is not None:
            raise_flag(verification.id, Flag.WITHOUT_PHONE, other=f"visit:{visit.id}", now=now)
    elif account_of(payee) is not None:
        tell(account_id, "counter_opened", {"name": payee.name}, now=now)


def unproved_visit(session_id: str) -> str | None:
    """The visit of this session, where it was opened without a code to its payee's phone; else None."""
    unproved = CounterVisit.session_id == session_id, CounterVisit.unproved.is_(True)
    return db.session.scalar(select(CounterVisit.id).where(*unproved))


def reasons_of(visit_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Which clerk opened these visits without a code, and the reason that was given, by the visit's id."""
    query = select(CounterVisit, Clerk.display_name).join(Clerk, Clerk.id == CounterVisit.clerk_id)
    rows = db.session.execute(query.where(CounterVisit.id.in_(visit_ids)))
    return {visit.id: (clerk, visit.reason or "") for visit, clerk in rows}


def end_visit(session_id: str, *, now: datetime) -> None:
    """The payee leaves the tablet. Inside a unit of work."""
    session = db.session.get_one(WebSession, session_id)
    session.revoked_at = now
    visit = db.session.scalar(select(CounterVisit).where(CounterVisit.session_id == session_id))
    if visit is not None:
        audit.record(
            audit.Actor("payee", str(session.account_id)),
            "counter.ended",
            ("case_payee", str(visit.payee_id)),
            now=now,
            visit=visit.id,
        )


def helper_of(session_id: str) -> Clerk | None:
    """The clerk who stands beside a session, or None for a session of somebody alone."""
    session = db.session.get(WebSession, session_id)
    return db.session.get(Clerk, session.clerk_id) if session is not None and session.clerk_id else None


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
