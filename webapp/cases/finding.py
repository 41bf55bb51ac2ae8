"""Finding people of a case: by stage, by document number, by name; a page at a time by key, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.name_index import candidates, folded
from webapp.cases.register_models import PENDING, RegisterImport
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.identity.rules.documents import DocumentType, guess_types, match_key, normalise

PAGE = 25
OPENED_AT_ONCE = 200
MOST_OPENED = 2000
"""How many names one search opens at most; whoever looks for so common a name is asked for more of it."""


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
    query = select(CasePayee).where(CasePayee.case_id == case_id, CasePayee.id > after)
    if stage is not None:
        query = query.where(CasePayee.stage == stage)
    hidden = _hidden(case_id)
    if hidden:
        query = query.where(or_(CasePayee.import_id.is_(None), CasePayee.import_id.not_in(hidden)))
    rows = db.session.scalars(query.order_by(CasePayee.id).limit(size + 1)).all()
    return Found(rows[:size], rows[size - 1].id if len(rows) > size else None)


def _hidden(case_id: str) -> Sequence[str]:
    """Imports of a case whose people nobody may see yet, or that are being removed."""
    mine = RegisterImport.case_id == case_id, RegisterImport.applied_at.is_(None)
    return db.session.scalars(select(RegisterImport.id).where(*mine)).all()


def _by_number(case_id: str, stage: Stage | None, typed: str, today: date) -> Sequence[CasePayee]:
    kinds = guess_types(typed, today=today) or tuple(DocumentType)
    digests = {keyed_hash("document", match_key(kind, typed)) for kind in kinds}
    named = or_(CasePayee.number_hash.in_(digests), CasePayee.other_hash.in_(digests))
    rows = sorted(db.session.scalars(select(CasePayee).where(named)), key=lambda row: row.id)
    hidden = set(
        _hidden(case_id)
    )  # the case is looked at here: SQLite would walk all of it instead of the hashes' index
    mine = [row for row in rows if row.case_id == case_id and row.import_id not in hidden]
    return [row for row in mine if stage is None or row.stage == stage]


def _by_name(case_id: str, stage: Stage | None, typed: str, after: int, size: int) -> Found:
    ids = candidates(case_id, typed)
    if ids is None:
        return Found(())
    wanted, rows, looked = folded(typed), [], 0
    beyond = ids[ids > after]
    for row in _opened(case_id, stage, [int(i) for i in beyond[:MOST_OPENED]]):
        looked = row.id
        if wanted in folded(row.name):
            rows.append(row)
            if len(rows) > size:
                return Found(rows[:size], rows[size - 1].id)
    cut = len(beyond) > MOST_OPENED
    return Found(rows, int(beyond[MOST_OPENED - 1]) if cut and looked else None, cut)


def _opened(case_id: str, stage: Stage | None, ids: Sequence[int]) -> Iterator[CasePayee]:
    hidden = set(_hidden(case_id))
    for start in range(0, len(ids), OPENED_AT_ONCE):
        query = select(CasePayee).where(
            CasePayee.id.in_(ids[start : start + OPENED_AT_ONCE]), CasePayee.case_id == case_id
        )
        if stage is not None:
            query = query.where(CasePayee.stage == stage)
        for row in db.session.scalars(query.order_by(CasePayee.id)):
            if row.import_id not in hidden:
                yield row


def is_pending(case_id: str) -> bool:
    """True while an import of the case waits: people can't be changed by hand meanwhile."""
    waiting = select(RegisterImport.id).where(RegisterImport.case_id == case_id, RegisterImport.state.in_(PENDING))
    return db.session.scalar(waiting) is not None
