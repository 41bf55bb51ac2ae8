"""Making cases, and importing registers: whole, or not at all."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from webapp.cases import people_models  # noqa: F401
from webapp.cases.imports import (
    CannotApply,
    ImportPending,
    apply_import,
    begin_import,
    clear_rows,
    discard_import,
    pending_import,
    read_rows,
)
from webapp.cases.models import Case
from webapp.cases.queries import case_by_number, faults_of_import
from webapp.cases.reading import SupersededRun
from webapp.cases.register_models import ImportState, RegisterImport
from webapp.cases.register_rows import RowFault
from webapp.cases.rules import parse_case_number
from webapp.core import audit
from webapp.core.db import db, unit_of_work

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class BadCaseNumber(Exception):
    """Not written like a case number (法〔2015〕137号)."""


class CaseExists(Exception):
    """A case of this number is there already."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would have done but for its faults."""

    rows: int
    added: int
    changed: int
    total_fen: int
    faults: tuple[RowFault, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a clerk says of a case. The two moments frame the collection; None: from the start, without an end."""

    title: str
    court: str
    partner_bank: str
    contact: str
    collects_from: datetime | None = None
    collects_until: datetime | None = None


def create_case(
    number: str,
    *,
    title: str,
    court: str,
    partner_bank: str,
    contact: str,
    now: datetime,
    actor: audit.Actor = audit.OPERATOR,
) -> Case:
    """A new case, inside the caller's unit of work. Raises BadCaseNumber, CaseExists."""
    parsed = parse_case_number(number)
    if parsed is None:
        raise BadCaseNumber(number)
    if case_by_number(parsed.canonical) is not None:
        raise CaseExists(parsed.canonical)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    case = Case(
        number=parsed.canonical,
        code=code,
        title=title,
        court=court,
        partner_bank=partner_bank,
        contact=contact,
        opened_at=now,
        closed_why="",
        people=0,
        stamp=0,
        columns={},
        texts={},
    )
    db.session.add(case)
    db.session.flush()
    audit.record(actor, "cases.created", ("case", case.id), now=now)
    return case


def edit_case(case: Case, facts: CaseFacts, texts: Mapping[str, int], *, clerk_id: str, now: datetime) -> None:
    """Changes what a case says of itself; the audit names the fields. Inside a unit of work."""
    values = {**{name: getattr(facts, name) for name in CaseFacts.__slots__}, "texts": dict(texts)}
    changed = sorted(name for name, value in values.items() if getattr(case, name) != value)
    for name in changed:
        setattr(case, name, values[name])
    if changed:
        audit.record(audit.Actor("clerk", clerk_id), "cases.edited", ("case", case.id), now=now, fields=changed)


def close_collection(case: Case, why: str, *, clerk_id: str, now: datetime) -> None:
    """No accounts are taken in from now on; payees read why. Inside a unit of work."""
    case.closed_at, case.closed_why = now, why
    audit.record(audit.Actor("clerk", clerk_id), "cases.closed", ("case", case.id), now=now)


def open_collection(case: Case, *, clerk_id: str, now: datetime) -> None:
    """Accounts are taken in again; an end that has passed is no end any more. Inside a unit of work."""
    case.closed_at, case.closed_why = None, ""
    if case.collects_until is not None and case.collects_until <= now:
        case.collects_until = None
    if case.collects_from is not None and case.collects_from > now:
        case.collects_from = None
    audit.record(audit.Actor("clerk", clerk_id), "cases.reopened", ("case", case.id), now=now)


def import_register(
    case: Case,
    file_name: str,
    data: bytes,
    *,
    today: date,
    now: datetime,
    test_phones: bool = False,
    doubled_meant: bool = False,
) -> ImportReport:
    """Imports a register that nobody has to look at first: whole, or not at all with every faulty row told.

    Rows of one person are added up; of rows that are wholly the same somebody must say that they are meant, or nothing is done.
    A second import adds and changes, and removes nobody. Raises ImportPending, and CannotApply when
    somebody changed or paid these people meanwhile, or put this import away.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if pending_import(case.id) is not None:
        raise ImportPending
    try:
        with unit_of_work():
            import_id = begin_import(case.id, file_name, sha256, clerk_id=None, now=now).id
    except IntegrityError:  # somebody else's, at this very moment
        raise ImportPending from None
    try:
        read_rows(import_id, lambda: iter([data]), today=today, test_phones=test_phones, now=lambda: now, ask=False)
    except SupersededRun:
        raise CannotApply("gone") from None
    db.session.expire_all()
    done = db.session.get_one(RegisterImport, import_id)
    if done.state in (ImportState.FAULTY, ImportState.UNREADABLE):
        return ImportReport(done.rows, 0, 0, 0, faults_of(import_id))
    if done.totals.get("doubled") and not doubled_meant:
        doubled = tuple(each_fault(import_id, doubled=True))
        with unit_of_work():
            discard_import(import_id, clerk_id=None, now=now)
        clear_rows(import_id)
        return ImportReport(done.rows, 0, 0, 0, doubled)
    try:
        with unit_of_work():
            done = apply_import(import_id, actor=audit.OPERATOR, doubled_meant=doubled_meant, now=now)
            return ImportReport(done.rows, done.added, done.changed, done.totals["fen"])
    except CannotApply:  # somebody was quicker: a person, or a payment
        with unit_of_work():
            discard_import(import_id, clerk_id=None, now=now)
        raise


def faults_of(import_id: str) -> tuple[RowFault, ...]:
    """Everything that is wrong with a file, in its order."""
    return tuple(each_fault(import_id))


def each_fault(import_id: str, *, doubled: bool = False) -> Iterator[RowFault]:
    """The same, or the rows that are wholly the same as an earlier one, one by one, however many there are."""
    query = faults_of_import(import_id, doubled=doubled)
    for row in db.session.execute(query.execution_options(yield_per=2000)).scalars():
        yield RowFault(row.row_number, row.field, row.code, row.hint)
