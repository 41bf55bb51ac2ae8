"""Searching the audit trail: by person, actor, action and time, the newest row first, paged by the last row's id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from webapp.accounts.models import Clerk, Phone
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import in_force
from webapp.cases.register_models import RegisterImport
from webapp.core.audit import AuditEntry
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.models import Identity, ReservedSignature, StepRecord, Verification
from webapp.identity.rules.documents import DocumentType
from webapp.identity.usecases import document_hash, name_hash
from webapp.payee.models import Letter, Submission
from webapp.texts.models import Consent
from webapp.trail.models import ChainProof

PAGE = 50
SLACK = 1000
"""Rows may stand in the chain a little out of the order of their times, as two machines' clocks differ."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an auditor asks for; empty fields ask for nothing. `person` is an account's id."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def page_of(wanted: Wanted) -> tuple[Sequence[AuditEntry], bool]:
    """One page, and whether there is more."""
    rows = db.session.scalars(_query(wanted).order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    return rows[:PAGE], len(rows) > PAGE


def every(wanted: Wanted) -> Iterator[AuditEntry]:
    """All rows of a search in the chain's order, read some hundreds at a time."""
    after, query = 0, _query(replace(wanted, before=None)).order_by(AuditEntry.id)
    while batch := db.session.scalars(query.where(AuditEntry.id > after).limit(500)).all():
        yield from batch
        after = batch[-1].id
        db.session.expunge_all()


def _query(wanted: Wanted) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if wanted.actor:
        query = query.where(AuditEntry.actor_id == wanted.actor)
    if wanted.action.endswith("."):
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    elif wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditEntry.subject_id == wanted.subject)
    if wanted.person:
        ids = records_of(wanted.person)
        query = query.where(or_(AuditEntry.actor_id.in_(ids), AuditEntry.subject_id.in_(ids)))
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    return _within(query, wanted.since, wanted.until)


def _within(query: Select[AuditEntry], since: datetime | None, until: datetime | None) -> Select[AuditEntry]:
    """By time; the ids that belong to it are looked up first, so that no row far away is walked over."""
    if since is not None:
        first = select(AuditEntry.id).where(AuditEntry.at >= since).order_by(AuditEntry.at).limit(1)
        query = query.where(AuditEntry.at >= since, AuditEntry.id > (db.session.scalar(first) or 0) - SLACK)
    if until is not None:
        last = select(AuditEntry.id).where(AuditEntry.at < until).order_by(AuditEntry.at.desc()).limit(1)
        query = query.where(AuditEntry.at < until, AuditEntry.id < (db.session.scalar(last) or 0) + SLACK)
    return query


def records_of(account_id: str) -> Sequence[str]:
    """The ids of everything that belongs to a person, on all accounts where the same document was proved."""
    accounts = {account_id, *_same_person(account_id)}
    found = set(accounts)
    for model in (Verification, Identity, ReservedSignature, Submission, Letter, Photo, Phone, Consent):
        found |= set(db.session.scalars(select(model.id).where(model.account_id.in_(accounts))))
    steps = select(StepRecord.id).join(Verification, Verification.id == StepRecord.verification_id)
    found |= set(db.session.scalars(steps.where(Verification.account_id.in_(accounts))))
    hashes = select(Identity.match_hash).where(Identity.account_id.in_(accounts))
    named = or_(CasePayee.number_hash.in_(hashes), CasePayee.other_hash.in_(hashes))
    found |= set(db.session.scalars(select(CasePayee.public_id).where(named)))
    return sorted(found)


def _same_person(account_id: str) -> Sequence[str]:
    hashes = select(Identity.match_hash).where(Identity.account_id == account_id)
    return db.session.scalars(select(Identity.account_id).where(Identity.match_hash.in_(hashes))).all()


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom a search found: a proved person, or an entry of a register whom nobody has proved to be."""

    key: str
    name: str
    number: str
    case: str
    proved_at: datetime | None


def people(*, number: str, name: str) -> Sequence[Found]:
    """Whoever has this document number, in whatever type of document, or bears this name (as proved). 50 at most."""
    query = select(Identity).order_by(Identity.proved_at.desc()).limit(50)
    hashes = [document_hash(kind, number) for kind in DocumentType] if number else []
    if number:
        query = query.where(Identity.match_hash.in_(hashes))
    if name:
        query = query.where(Identity.name_hash == name_hash(name))
    proved = {one.account_id: one for one in reversed(db.session.scalars(query).all())}
    found = [Found(one.account_id, one.name, one.number, "", one.proved_at) for one in proved.values()]
    return found or (_registered(hashes) if number else [])


def _registered(hashes: Sequence[bytes]) -> Sequence[Found]:
    query = select(CasePayee, Case.number).join(Case, Case.id == CasePayee.case_id)
    query = query.outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id).where(in_force())
    query = query.where(or_(CasePayee.number_hash.in_(hashes), CasePayee.other_hash.in_(hashes))).limit(50)
    return [Found(e.public_id, e.name, e.number, case, None) for e, case in db.session.execute(query)]


def clerks() -> Sequence[Clerk]:
    """Everybody who ever worked at the desk, by name."""
    return db.session.scalars(select(Clerk).order_by(Clerk.username)).all()


def actions() -> Sequence[str]:
    """Every action that the trail holds. One index look-up for each, however long the trail is."""
    found: list[str] = []
    following = db.session.scalar(select(func.min(AuditEntry.action)))
    while following is not None:
        found.append(following)
        following = db.session.scalar(select(func.min(AuditEntry.action)).where(AuditEntry.action > following))
    return found


def latest_proofs() -> Sequence[ChainProof]:
    """The proofs that were asked for last."""
    return db.session.scalars(select(ChainProof).order_by(ChainProof.asked_at.desc()).limit(5)).all()
