"""Where people stand with their money: what is owed, given by rounds, on its way and paid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Select, and_, case, func, select

from webapp.cases.models import CasePayee
from webapp.cases.register_models import RegisterChange, RegisterImport
from webapp.cases.spent import Overspent
from webapp.core.db import db
from webapp.ledger.models import PayoutLine, PayoutShare
from webapp.ledger.rules import COUNTS, ON_ITS_WAY, LineState, Standing


def standings(case_payee_ids: Iterable[int]) -> dict[int, Standing]:
    """Where each of these people stands now; who isn't in any register isn't in the answer."""
    wanted = list(case_payee_ids)
    owed = db.session.execute(select(CasePayee.id, CasePayee.amount).where(CasePayee.id.in_(wanted)))
    given = _sums(select(PayoutShare.case_payee_id, func.sum(PayoutShare.amount)), PayoutShare.case_payee_id, wanted)
    lines = select(
        PayoutLine.case_payee_id,
        func.sum(case((PayoutLine.state.in_(ON_ITS_WAY), PayoutLine.amount), else_=0)),
        func.sum(case((PayoutLine.state == LineState.PAID, PayoutLine.amount), else_=0)),
    ).where(PayoutLine.case_payee_id.in_(wanted), PayoutLine.state.in_(COUNTS))
    sent = {
        who: (int(way), int(paid)) for who, way, paid in db.session.execute(lines.group_by(PayoutLine.case_payee_id))
    }
    return {who: Standing(amount, given.get(who, 0), *sent.get(who, (0, 0))) for who, amount in owed}


def _sums(query: object, column: object, wanted: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(query.where(column.in_(wanted)).group_by(column))  # type: ignore[attr-defined]  # any select
    return {who: int(amount) for who, amount in rows}


def standing_of(case_payee_id: int) -> Standing:
    """Where one person stands."""
    return standings([case_payee_id])[case_payee_id]


def spent_of(case_payee_id: int) -> int:
    """What one person was paid, or will be by a batch under way, in fen."""
    standing = standing_of(case_payee_id)
    return standing.batched + standing.paid


def overspent_by(import_id: str) -> Sequence[Overspent]:
    """Everybody whom an import would leave with less than what they were paid or will be by a batch under way."""
    return [Overspent(who, amount, int(out)) for who, amount, out in db.session.execute(overspent_rows(import_id))]


def overspent_rows(import_id: str) -> Select[int, int, int]:
    """The one query behind it: who, the new amount, and what has gone out.

    Driven by the lines of the import's case, each of which finds its change by the change's key: a register of a million
    people of whom nobody was paid costs next to nothing.
    """
    case_id = select(RegisterImport.case_id).where(RegisterImport.id == import_id).scalar_subquery()
    spent = func.sum(PayoutLine.amount)
    change = and_(RegisterChange.import_id == import_id, RegisterChange.payee_id == PayoutLine.case_payee_id)
    query = select(RegisterChange.payee_id, RegisterChange.amount, spent).select_from(PayoutLine)
    query = query.join(RegisterChange, change).where(PayoutLine.case_id == case_id, PayoutLine.state.in_(COUNTS))
    query = query.group_by(RegisterChange.payee_id, RegisterChange.amount).having(spent > RegisterChange.amount)
    return query.order_by(RegisterChange.payee_id)


def lines_of(case_payee_id: int) -> Sequence[PayoutLine]:
    """Every payment to a person that went, or is going, to the bank; the newest first."""
    query = select(PayoutLine).where(PayoutLine.case_payee_id == case_payee_id)
    return db.session.scalars(query.where(PayoutLine.state != LineState.CANCELLED).order_by(PayoutLine.id.desc())).all()


def last_into(case_payee_id: int, card_hash: bytes) -> PayoutLine | None:
    """The newest payment to a person into one account, however it stands."""
    return next((line for line in lines_of(case_payee_id) if line.card_hash == card_hash), None)


def returned_to(submission_ids: Collection[str]) -> dict[str, PayoutLine]:
    """Of accounts as they were handed in: the newest payment that came back from each, where one did."""
    query = select(PayoutLine).where(PayoutLine.submission_id.in_(submission_ids))
    came_back = query.where(PayoutLine.state == LineState.RETURNED).order_by(PayoutLine.id)
    return {line.submission_id: line for line in db.session.scalars(came_back)}


def is_on_its_way(case_payee_id: int) -> bool:
    """True while a payment to this person isn't settled: the account it goes to can't be changed meanwhile."""
    query = select(PayoutLine.id).where(PayoutLine.case_payee_id == case_payee_id, PayoutLine.state.in_(ON_ITS_WAY))
    return db.session.scalar(query.limit(1)) is not None


def hold_people(case_payee_ids: Iterable[int]) -> None:
    """Lets one deed at a time decide on these people's money, inside the caller's unit of work.

    Always in the order of their ids, so that two deeds with people in common queue up instead of stopping each other.
    """
    people = select(CasePayee.id).where(CasePayee.id.in_(sorted(case_payee_ids))).order_by(CasePayee.id)
    db.session.execute(people.with_for_update()).all()
