"""A payee at the counter: a clerk opens the payee's surface on a tablet, the payee acts there, and each deed says who stood by."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.accounts.models import Account, Clerk, WebSession
from webapp.accounts.sessions import Lifetime, find_by_token, open_session
from webapp.cases.models import CasePayee
from webapp.cases.people import account_of
from webapp.cases.people_models import CounterVisit
from webapp.cases.reading import changed_rows
from webapp.core import audit
from webapp.core.db import db
from webapp.notices.usecases import tell

CODE_LIFE = timedelta(minutes=10)
VISIT = Lifetime(idle=timedelta(hours=1), longest=timedelta(hours=1))
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class CodeSpent(Exception):
    """No such code, or it was used, or its ten minutes are over."""


def offer_visit(payee: CasePayee, *, clerk_id: str, now: datetime) -> str:
    """Makes a code for a tablet, good once; an earlier one that wasn't used ends. Inside a unit of work."""
    unused = CounterVisit.payee_id == payee.id, CounterVisit.used_at.is_(None), CounterVisit.expires_at > now
    changed_rows(update(CounterVisit).where(*unused).values(expires_at=now))
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    made = CounterVisit(
        payee_id=payee.id, clerk_id=clerk_id, code_hash=_hash(code), made_at=now, expires_at=now + CODE_LIFE
    )
    db.session.add(made)
    db.session.flush()
    about = ("case_payee", str(payee.id))
    audit.record(audit.Actor("clerk", clerk_id), "counter.offered", about, now=now, visit=made.id)
    return code


def visit_of_code(code: str, *, now: datetime) -> CounterVisit | None:
    """The visit that a code opens, while it may."""
    visit = db.session.scalar(select(CounterVisit).where(CounterVisit.code_hash == _hash(code.strip().upper())))
    return visit if visit is not None and visit.used_at is None and visit.expires_at > now else None


def start_visit(code: str, *, language: str, browser: str, now: datetime) -> str:
    """Uses a code up and opens a session of one hour at most, whose every deed names the clerk; returns its token.

    It is the account of whoever has proved to be this person, who is told; else a new one. Inside a unit of work. Raises
    CodeSpent.
    """
    visit = visit_of_code(code, now=now)
    if visit is None:
        raise CodeSpent
    taken = update(CounterVisit).where(CounterVisit.id == visit.id, CounterVisit.used_at.is_(None))
    if not changed_rows(taken.values(used_at=now)):
        raise CodeSpent
    payee = db.session.get_one(CasePayee, visit.payee_id)
    account_id = account_of(payee)
    if account_id is None:
        account = Account(created_at=now, language=language, large_text=True)
        db.session.add(account)
        db.session.flush()
        account_id = account.id
    else:
        tell(account_id, "counter_opened", {"name": payee.name}, now=now)
    token = open_session(
        "payee", lifetime=VISIT, browser=browser, now=now, account_id=account_id, clerk_id=visit.clerk_id
    )
    visit.session_id = find_by_token(token).id
    detail = {"visit": visit.id, "account": account_id}
    about = ("case_payee", str(payee.id))
    audit.record(audit.Actor("clerk", visit.clerk_id), "counter.opened", about, now=now, **detail)
    return token


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
