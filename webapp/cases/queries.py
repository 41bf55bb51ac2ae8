"""Which cases name a person, and who is named in a case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from webapp.cases.models import Case, CasePayee
from webapp.core.db import db


def entries_of(match_hash: bytes) -> Sequence[tuple[CasePayee, Case]]:
    """Every entry that names this document number, with its case, newest case first. Nothing else is ever matched."""
    named = or_(CasePayee.number_hash == match_hash, CasePayee.other_hash == match_hash)
    query = select(CasePayee, Case).join(Case, Case.id == CasePayee.case_id).where(named)
    return [(entry, case) for entry, case in db.session.execute(query.order_by(Case.opened_at.desc(), Case.id))]


def entry_of(public_id: str, match_hash: bytes) -> tuple[CasePayee, Case] | None:
    """One entry by its public name, if it names this person; else None, as if it didn't exist."""
    return next(((entry, case) for entry, case in entries_of(match_hash) if entry.public_id == public_id), None)


def case_by_code(code: str) -> Case | None:
    """The case whose poster carries this code."""
    return db.session.scalar(select(Case).where(func.upper(Case.code) == code.upper()))


def case_by_number(number: str) -> Case | None:
    """The case of a canonical number."""
    return db.session.scalar(select(Case).where(Case.number == number))
