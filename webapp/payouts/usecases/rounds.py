"""Opening a round: everybody's share is worked out once, to the fen, and stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, delete, func, insert, select

from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import named_in
from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.ledger.models import PayoutRound, PayoutShare
from webapp.ledger.rules import RoundKind, RoundState, divide, part_of

OPEN_ROUND = "open_round"
CHUNK = 5000


class RoundRefused(Exception):
    """No round can be opened now: another is being opened, or there is nothing left to give. The message is a code."""


class TwoWorkers(Exception):
    """Another worker wrote shares of the same round meanwhile; the job is tried again, and begins anew."""


@dataclass(frozen=True, slots=True)
class RoundAsked:
    """`part` in millionths for PERCENT, `pot` in fen for POT."""

    kind: RoundKind
    part: int | None = None
    pot: int | None = None


def open_round(case_id: str, asked: RoundAsked, *, clerk_id: str, now: datetime) -> PayoutRound:
    """Writes a round down and has its shares worked out. Inside a unit of work. Raises RoundRefused."""
    db.session.get_one(Case, case_id, with_for_update=True)
    known = db.session.scalars(select(PayoutRound).where(PayoutRound.case_id == case_id)).all()
    if any(earlier.state == RoundState.OPENING for earlier in known):
        raise RoundRefused("opening")
    rest = _rest(case_id)
    if rest <= 0:
        raise RoundRefused("nothing_left")
    if asked.pot is not None and asked.pot > rest:
        raise RoundRefused("pot_too_large")
    opened = PayoutRound(
        case_id=case_id,
        number=len(known) + 1,
        kind=asked.kind,
        part=asked.part,
        pot=asked.pot,
        state=RoundState.OPENING,
        opened_by=clerk_id,
        opened_at=now,
    )
    db.session.add(opened)
    db.session.flush()
    jobs.enqueue(OPEN_ROUND, {"round": opened.id}, now=now, key=f"{OPEN_ROUND}:{opened.id}")
    detail = {"number": opened.number, "kind": asked.kind, "part": asked.part, "pot": asked.pot}
    audit.record(audit.Actor("clerk", clerk_id), "payouts.round_opened", ("round", opened.id), now=now, **detail)
    return opened


def _rest(case_id: str) -> int:
    """What rounds have left of what each is owed, added up. Who was given more than a later register owes them has no rest,
    and takes nothing from that of others."""
    given = _given(case_id).subquery()
    rest = CasePayee.amount - func.coalesce(given.c.given, 0)
    query = select(func.coalesce(func.sum(case((rest > 0, rest), else_=0)), 0)).select_from(CasePayee)
    query = query.join(given, given.c.who == CasePayee.id, isouter=True).where(named_in(case_id))
    return int(db.session.scalar(query) or 0)


def _given(case_id: str) -> Select[int, int]:
    """What the rounds of a case have given to each person whom they gave anything."""
    shares = select(PayoutShare.case_payee_id.label("who"), func.sum(PayoutShare.amount).label("given"))
    shares = shares.join(PayoutRound, PayoutRound.id == PayoutShare.round_id).where(PayoutRound.case_id == case_id)
    return shares.group_by(PayoutShare.case_payee_id)


def work_out_shares(round_id: str, *, now: datetime) -> None:
    """Works out a round's shares from the register as it is now, and opens the round.

    Killed half-way it begins anew: what it had written is removed first, and nobody can have been paid by it. People who
    are named later get their part in the next round.
    """
    opened = db.session.get_one(PayoutRound, round_id)
    if opened.state != RoundState.OPENING:
        return
    people, rests, owed = _people(opened)
    end_reading()
    shares = _shares(opened, rests, owed)
    with unit_of_work():
        if not _still_opening(round_id):
            return
        db.session.execute(delete(PayoutShare).where(PayoutShare.round_id == round_id))
    given = [(who, share) for who, share in zip(people, shares, strict=True) if share]
    for start in range(0, len(given), CHUNK):
        rows = [
            {"round_id": round_id, "case_payee_id": who, "amount": share} for who, share in given[start : start + CHUNK]
        ]
        with unit_of_work():
            if not _still_opening(round_id):
                return
            db.session.execute(insert(PayoutShare), rows)
    with unit_of_work():
        opened = db.session.get_one(PayoutRound, round_id, with_for_update=True)
        if opened.state != RoundState.OPENING:
            return
        opened.people, opened.total = len(given), sum(share for _who, share in given)
        written = select(func.count(), func.coalesce(func.sum(PayoutShare.amount), 0))
        count, fen = db.session.execute(written.where(PayoutShare.round_id == round_id)).one()
        if (count, int(fen)) != (opened.people, opened.total):
            raise TwoWorkers(round_id)
        opened.state = RoundState.OPEN
        db.session.flush()
        audit.record(
            audit.SYSTEM, "payouts.round_ready", ("round", round_id), now=now, people=opened.people, fen=opened.total
        )


def _still_opening(round_id: str) -> bool:
    """False when another worker was quicker. Holds the round: what an open round gives is never touched."""
    return db.session.get_one(PayoutRound, round_id, with_for_update=True).state == RoundState.OPENING


def _people(opened: PayoutRound) -> tuple[list[int], list[int], list[int]]:
    """Ids, what earlier rounds have left of what each is owed, and what each is owed; in the order of ids."""
    earlier = _given(opened.case_id).where(PayoutRound.id != opened.id).subquery()
    query = (
        select(CasePayee.id, CasePayee.amount, func.coalesce(earlier.c.given, 0))
        .join(earlier, earlier.c.who == CasePayee.id, isouter=True)
        .where(named_in(opened.case_id))
        .order_by(CasePayee.id)
    )
    people, rests, owed = [], [], []
    for who, amount, given in db.session.execute(query.execution_options(yield_per=CHUNK)):
        people.append(who)
        rests.append(max(0, amount - int(given)))
        owed.append(amount)
    return people, rests, owed


def _shares(opened: PayoutRound, rests: list[int], owed: list[int]) -> list[int]:
    """Each one's share. A percentage is of what is owed, the pot of it divided to the fen; nobody gets more than their rest."""
    if opened.kind == RoundKind.FULL:
        return rests
    if opened.kind == RoundKind.PERCENT:
        parts = divide(part_of(sum(owed), opened.part or 0), owed)
        return [min(part, rest) for part, rest in zip(parts, rests, strict=True)]
    return divide(min(opened.pot or 0, sum(rests)), rests)
