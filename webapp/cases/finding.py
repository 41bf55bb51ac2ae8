"""Finding people of a case: by stage, by document number, by name; a page at a time by key, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import ColumnElement, or_, select

from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.name_index import MOST_OPENED, candidates, fitting
from webapp.cases.queries import hidden_imports
from webapp.cases.register_models import PENDING, RegisterImport
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.identity.rules.documents import DocumentType, guess_types, match_key, normalise

PAGE = 25


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `following` is where the next one begins (None: this was the last); `cut`: there may be more than were looked at."""

    rows: Sequence[CasePayee]
    following: int | None = None
    cut: bool = False


def people_page(case: Case, *, stage: Stage | None, typed: str, after: int, today: date, size: int = PAGE) -> Found:
    """People of a case in the order in which they were named, those beyond the entry `after`."""
    if not typed:
        return _by_key(case.id, stage, after, size)
    if any(character.isdigit() for character in normalise(typed)):
        return Found(_by_number(case.id, stage, typed, today))
    return _by_name(case.id, stage, typed, after, size)


def _by_key(case_id: str, stage: Stage | None, after: int, size: int) -> Found:
    query = select(CasePayee).where(*_seen(case_id, stage), CasePayee.id > after)
    rows = db.session.scalars(query.order_by(CasePayee.id).limit(size + 1)).all()
    return Found(rows[:size], rows[size - 1].id if len(rows) > size else None)


def _by_number(case_id: str, stage: Stage | None, typed: str, today: date) -> Sequence[CasePayee]:
    kinds = guess_types(typed, today=today) or tuple(DocumentType)
    digests = {keyed_hash("document", match_key(kind, typed)) for kind in kinds}
    named = or_(CasePayee.number_hash.in_(digests), CasePayee.other_hash.in_(digests))
    rows = sorted(db.session.scalars(select(CasePayee).where(named)), key=lambda row: row.id)
    hidden = set(
        hidden_imports(case_id)
    )  # the case is looked at here: SQLite would walk all of it instead of the hashes' index
    mine = [row for row in rows if row.case_id == case_id and row.import_id not in hidden]
    return [row for row in mine if stage is None or row.stage == stage]


def _by_name(case_id: str, stage: Stage | None, typed: str, after: int, size: int) -> Found:
    ids = candidates(case_id, typed)
    if ids is None:
        return Found(())
    beyond = ids[ids > after]
    found = [row.id for row in islice(fitting(beyond[:MOST_OPENED], typed, *_seen(case_id, stage)), size + 1)]
    rows = db.session.scalars(select(CasePayee).where(CasePayee.id.in_(found[:size])).order_by(CasePayee.id)).all()
    if len(found) > size:
        return Found(rows, found[size - 1])
    cut = len(beyond) > MOST_OPENED
    return Found(rows, int(beyond[MOST_OPENED - 1]) if cut else None, cut)


def _seen(case_id: str, stage: Stage | None) -> Sequence[ColumnElement[bool]]:
    """Who of a case may be seen, and is at a stage."""
    where = [CasePayee.case_id == case_id]
    if stage is not None:
        where.append(CasePayee.stage == stage)
    if hidden := hidden_imports(case_id):
        where.append(or_(CasePayee.import_id.is_(None), CasePayee.import_id.not_in(hidden)))
    return where


def is_pending(case_id: str) -> bool:
    """True while an import of the case waits: people can't be changed by hand meanwhile."""
    waiting = select(RegisterImport.id).where(RegisterImport.case_id == case_id, RegisterImport.state.in_(PENDING))
    return db.session.scalar(waiting) is not None
