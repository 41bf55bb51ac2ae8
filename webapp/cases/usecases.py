"""Making cases, and importing registers: whole, or not at all."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, select, update

from webapp.cases.models import Case, CasePayee, RegisterImport
from webapp.cases.registers import RegisterRow, RowFault, UnreadableRegister, read_register
from webapp.cases.rules import parse_case_number
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_id
from webapp.identity.usecases import document_hash

BATCH = 5000
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class BadCaseNumber(Exception):
    """Not written like a case number (法〔2015〕137号)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would have done but for its faults."""

    rows: int
    added: int
    changed: int
    total_fen: int
    faults: tuple[RowFault, ...] = ()


def create_case(number: str, *, title: str, court: str, partner_bank: str, contact: str, now: datetime) -> Case:
    """A new case, inside the caller's unit of work. Raises BadCaseNumber."""
    parsed = parse_case_number(number)
    if parsed is None:
        raise BadCaseNumber(number)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    case = Case(
        number=parsed.canonical,
        code=code,
        title=title,
        court=court,
        partner_bank=partner_bank,
        contact=contact,
        opened_at=now,
    )
    db.session.add(case)
    db.session.flush()
    audit.record(audit.OPERATOR, "cases.created", ("case", case.id), now=now)
    return case


def import_register(case: Case, file_name: str, data: bytes, *, today: date, now: datetime) -> ImportReport:
    """Reads the whole file first; if any row is faulty nothing is written and every faulty row is told.

    Rows of one person are added up. A second import adds and changes, and removes nobody.
    """
    try:
        read = list(read_register(data, today=today))
    except UnreadableRegister as unreadable:
        return ImportReport(0, 0, 0, 0, (RowFault(1, "headings", str(unreadable)),))
    faults = tuple(row for row in read if isinstance(row, RowFault))
    rows = [row for row in read if isinstance(row, RegisterRow)]
    if faults or not rows:
        return ImportReport(len(rows), 0, 0, 0, faults or (RowFault(1, "rows", "the file holds no people"),))
    people = _added_up(rows)
    with unit_of_work():
        return _write(case.id, file_name, data, people, len(rows), now)


def _added_up(rows: Iterable[RegisterRow]) -> dict[bytes, RegisterRow]:
    people: dict[bytes, RegisterRow] = {}
    for row in rows:
        key = document_hash(row.document_type, row.number)
        known = people.get(key)
        people[key] = row if known is None else replace(known, amount=known.amount + row.amount)
    return people


def _write(
    case_id: str, file_name: str, data: bytes, people: dict[bytes, RegisterRow], rows: int, now: datetime
) -> ImportReport:
    stored = db.session.execute(select(CasePayee.number_hash, CasePayee.id).where(CasePayee.case_id == case_id))
    known = {bytes(key): payee_id for key, payee_id in stored}
    fresh = [_values(case_id, key, row) for key, row in people.items() if key not in known]
    changed = [{**_values(case_id, key, row), "id": known[key]} for key, row in people.items() if key in known]
    total = sum(row.amount for row in people.values())
    record = RegisterImport(
        case_id=case_id, file_name=file_name[:120], sha256=hashlib.sha256(data).hexdigest(), rows=rows, added=len(fresh), changed=len(changed),
        imported_at=now, totals={"fen": total},
    )  # fmt: skip
    db.session.add(record)
    db.session.flush()
    for start in range(0, len(fresh), BATCH):
        batch = [{**values, "public_id": new_id(), "import_id": record.id} for values in fresh[start : start + BATCH]]
        db.session.execute(insert(CasePayee), batch)
    for start in range(0, len(changed), BATCH):
        batch = [
            {"id": v["id"], "name": v["name"], "amount": v["amount"], "import_id": record.id}
            for v in changed[start : start + BATCH]
        ]
        db.session.execute(update(CasePayee), batch)
    audit.record(
        audit.OPERATOR,
        "cases.imported",
        ("case", case_id),
        now=now,
        rows=rows,
        added=len(fresh),
        changed=len(changed),
        fen=total,
        sha256=record.sha256,
    )
    return ImportReport(rows, len(fresh), len(changed), total)


def _values(case_id: str, key: bytes, row: RegisterRow) -> dict[str, object]:
    other = document_hash(row.other_type, row.number) if row.other_type else None
    return {
        "case_id": case_id, "number_hash": key, "other_hash": other if other != key else None, "name": row.name, "number": row.number,
        "document_type": row.document_type, "amount": row.amount,
    }  # fmt: skip
