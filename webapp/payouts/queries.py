"""What the pages of payments show, and what making a batch asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from webapp.accounts.models import Clerk, ClerkCourt, Role
from webapp.cases.counter import reasons_of
from webapp.cases.models import Case, CasePayee
from webapp.cases.people_models import PayeeCorrection, PayeeTransfer
from webapp.cases.queries import Courts, first_import, named_in, of_courts
from webapp.cases.register_models import RegisterAmount, RegisterImport
from webapp.cases.spent import Money
from webapp.core.db import db
from webapp.core.masking import mask_card
from webapp.identity.models import Identity, StepRecord
from webapp.identity.queries import accepted_by
from webapp.ledger.models import PayoutBatch, PayoutDoubt, PayoutLine, PayoutResult, PayoutRound, PayoutShare
from webapp.ledger.queries import standing_of
from webapp.ledger.rules import COUNTS, ON_ITS_WAY, Answer, BatchState, LineState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.queries import latest_submission
from webapp.payee.rules.banks import bank_by_code
from webapp.payouts.rules import AGAIN, BACK, Flag, Payment

PAGE = 50
CHUNK = 2000
UNDER_WAY = (SubmissionState.CHECKING, SubmissionState.CHECKED, SubmissionState.SIGNED)


def money_of(case_payee_id: int) -> Money:
    """Where one person stands with their money, and the account that stands for them."""
    standing, account = standing_of(case_payee_id), latest_submission(case_payee_id)
    if account is None:
        return Money(standing.paid, standing.batched, "")
    bank = bank_by_code(account.bank_code, include_specimen=True)
    masked = f"{bank.name if bank else account.bank_code} {mask_card(account.card_number)}"
    return Money(standing.paid, standing.batched, masked)


def held_people(case_payee_ids: Iterable[int]) -> set[int]:
    """Those among these people about whom an answer of the bank must be looked at first."""
    held = select(PayoutLine.case_payee_id).where(PayoutLine.held.is_not(None))
    return set(db.session.scalars(held.where(PayoutLine.case_payee_id.in_(list(case_payee_ids)))))


def ways_in(case_payee_ids: Iterable[int]) -> dict[int, set[str]]:
    """By which transfers that stand these people came to their money (TransferKind); who has none isn't in the answer."""
    query = select(PayeeTransfer.to_id, PayeeTransfer.kind).where(PayeeTransfer.to_id.in_(list(case_payee_ids)))
    found: dict[int, set[str]] = {}
    for who, kind in db.session.execute(query.where(PayeeTransfer.undone_at.is_(None)).distinct()):
        found.setdefault(who, set()).add(kind)
    return found


def corrected_in(case_payee_ids: Iterable[int]) -> set[int]:
    """Those among these people whose name, number or amount a clerk has written over."""
    query = select(PayeeCorrection.payee_id, PayeeCorrection.before)
    rows = db.session.execute(query.where(PayeeCorrection.payee_id.in_(list(case_payee_ids))))
    return {who for who, before in rows if set(before) - {"phone"}}


def later_in(case_id: str, case_payee_ids: Iterable[int]) -> set[int]:
    """Those among these people of a case who came, or are owed another sum, by a later register than the first in force."""
    wanted, first = list(case_payee_ids), first_import(case_id)
    came = select(CasePayee.id).where(CasePayee.id.in_(wanted), CasePayee.import_id != first)
    changed = select(RegisterAmount.payee_id).where(
        RegisterAmount.payee_id.in_(wanted), RegisterAmount.import_id != first
    )
    return set(db.session.scalars(came.union(changed)))


def passed_alone(case_payee_ids: Iterable[int]) -> set[str]:
    """The accounts of these people on which the very clerk decided who had passed their holder's identity."""
    query = select(Submission.id).join(Identity, Identity.id == Submission.identity_id)
    query = query.join(StepRecord, StepRecord.verification_id == Identity.verification_id)
    query = query.where(Submission.case_payee_id.in_(list(case_payee_ids)), *accepted_by(Submission.decided_by))
    return set(db.session.scalars(query))


def latest_cards(case_payee_ids: Iterable[int]) -> dict[int, bytes]:
    """Into which account (its keyed hash) the newest payment to each of these people went, or is to go."""
    query = select(PayoutLine.case_payee_id, PayoutLine.card_hash).where(PayoutLine.state != LineState.CANCELLED)
    query = query.where(PayoutLine.case_payee_id.in_(list(case_payee_ids))).order_by(PayoutLine.id)
    return {who: bytes(card) for who, card in db.session.execute(query)}


def line_by_number(export_no: str) -> PayoutLine | None:
    """The payment of an export number."""
    return db.session.scalar(select(PayoutLine).where(PayoutLine.export_no == export_no))


def being_replaced(case_payee_ids: Iterable[int]) -> set[int]:
    """Those who have handed in a newer account than the one that their letter names."""
    named = select(Letter.case_payee_id, Submission.version).join(Submission, Submission.id == Letter.submission_id)
    named = named.where(Letter.case_payee_id.in_(list(case_payee_ids)), Letter.state != LetterState.REPLACED)
    signed = dict(db.session.execute(named).all())
    handed_in = select(Submission.case_payee_id, Submission.version, Submission.state)
    handed_in = handed_in.where(Submission.case_payee_id.in_(signed))
    rows = db.session.execute(
        handed_in
    )  # states are looked at here: SQLite would go through everybody's by their index
    return {who for who, version, state in rows if version > signed[who] and state in UNDER_WAY}


def payments_in(batch_id: str) -> Iterator[Payment]:
    """The lines of a batch as its file holds them, in their order, read in pieces."""
    remark = db.session.scalar(
        select(Case.number).join(PayoutBatch, PayoutBatch.case_id == Case.id).where(PayoutBatch.id == batch_id)
    )
    after = 0
    columns = (
        PayoutLine.number,
        PayoutLine.export_no,
        PayoutLine.name,
        PayoutLine.card_number,
        PayoutLine.amount,
        PayoutLine.bank_code,
        PayoutLine.branch,
    )
    lines = select(*columns).where(PayoutLine.batch_id == batch_id, PayoutLine.state != LineState.CANCELLED)
    while rows := db.session.execute(
        lines.where(PayoutLine.number > after).order_by(PayoutLine.number).limit(CHUNK)
    ).all():
        after = rows[-1].number
        for row in rows:
            yield _payment(row, remark or "")


def _payment(row: Any, remark: str) -> Payment:
    bank = bank_by_code(row.bank_code, include_specimen=True)
    return Payment(
        number=row.number,
        export_no=row.export_no,
        name=row.name,
        account=row.card_number,
        amount=row.amount,
        bank=bank.name if bank else row.bank_code,
        bank_number=bank.hq_number if bank else "",
        branch=row.branch,
        remark=remark,
    )


@dataclass(frozen=True, slots=True)
class Balance:
    """A case's money in fen: what is owed, what rounds gave, what is on its way, paid, and has come back."""

    people: int
    entitled: int
    allotted: int
    batched: int
    paid: int
    returned: int
    paid_people: int

    @property
    def open(self) -> int:
        """Owed, and neither on its way nor paid."""
        return self.entitled - self.batched - self.paid


def balance_of(case_id: str) -> Balance:
    """The balance of one case."""
    owed = select(func.count(), func.coalesce(func.sum(CasePayee.amount), 0)).where(named_in(case_id))
    people, entitled = db.session.execute(owed).one()
    given = select(func.coalesce(func.sum(PayoutRound.total), 0)).where(PayoutRound.case_id == case_id)
    sums = select(PayoutLine.state, func.count(PayoutLine.case_payee_id.distinct()), func.sum(PayoutLine.amount))
    rows = db.session.execute(sums.where(PayoutLine.case_id == case_id).group_by(PayoutLine.state))
    by_state = {state: (count, int(amount)) for state, count, amount in rows}
    way = sum(by_state.get(state, (0, 0))[1] for state in ON_ITS_WAY)
    paid_people, paid = by_state.get(LineState.PAID, (0, 0))
    returned = by_state.get(LineState.RETURNED, (0, 0))[1]
    return Balance(people, int(entitled), int(db.session.scalar(given) or 0), way, paid, returned, paid_people)


def rounds_of(case_id: str) -> Sequence[PayoutRound]:
    """A case's rounds, the first first."""
    return db.session.scalars(
        select(PayoutRound).where(PayoutRound.case_id == case_id).order_by(PayoutRound.number)
    ).all()


def batches_of(case_id: str) -> Sequence[PayoutBatch]:
    """A case's batches, the newest first."""
    query = select(PayoutBatch).where(PayoutBatch.case_id == case_id)
    return db.session.scalars(query.order_by(PayoutBatch.number.desc())).all()


def results_of(case_id: str) -> Sequence[PayoutResult]:
    """The result files of a case, the newest first."""
    query = select(PayoutResult).where(PayoutResult.case_id == case_id)
    return db.session.scalars(query.order_by(PayoutResult.imported_at.desc(), PayoutResult.id)).all()


def waiting_batches(courts: Courts) -> int:
    """How many batches of these courts wait for somebody to release them."""
    ready = select(func.count()).select_from(PayoutBatch).join(Case, Case.id == PayoutBatch.case_id)
    return db.session.scalar(of_courts(ready.where(PayoutBatch.state == BatchState.READY), courts)) or 0


def states_in(batch_id: str) -> dict[str, tuple[int, int]]:
    """How many lines of a batch are in which state, and their sum in fen."""
    query = select(PayoutLine.state, func.count(), func.sum(PayoutLine.amount)).where(PayoutLine.batch_id == batch_id)
    return {
        state: (count, int(amount)) for state, count, amount in db.session.execute(query.group_by(PayoutLine.state))
    }


def flags_in(batch_id: str) -> dict[Flag, int]:
    """How many lines of a batch carry each flag."""
    counts = [func.sum(case((PayoutLine.flags.contains(flag.value), 1), else_=0)) for flag in Flag]
    query = select(*counts).where(PayoutLine.batch_id == batch_id, PayoutLine.state != LineState.CANCELLED)
    return {flag: int(count) for flag, count in zip(Flag, db.session.execute(query).one(), strict=True) if count}


def helpers_of(submission_ids: Collection[str]) -> dict[str, str]:
    """Which clerk sat beside whoever handed these accounts in or signed for them, by the account's id."""
    query = select(Submission.id, Clerk.display_name).join(Clerk, Clerk.id == Submission.helped_by)
    return {row.id: row.display_name for row in db.session.execute(query.where(Submission.id.in_(submission_ids)))}


def unproved_of(submission_ids: Collection[str]) -> dict[str, str]:
    """Why the visit in which these accounts were handed in or signed for began without a code, by the account's id."""
    query = select(Submission.id, Submission.unproved_visit).where(Submission.id.in_(submission_ids))
    visits = {row.id: row.unproved_visit for row in db.session.execute(query) if row.unproved_visit}
    reasons = reasons_of(list(visits.values()))
    return {submission: reasons[visit][1] for submission, visit in visits.items()}


def page_of_lines(batch_id: str, *, flag: str, state: str, after: int) -> Sequence[PayoutLine]:
    """One page of a batch's lines in their order, after a number; one more than a page when there is another."""
    query = select(PayoutLine).where(PayoutLine.batch_id == batch_id, PayoutLine.number > after)
    if flag in AGAINS:
        query = query.where(PayoutLine.id.in_(AGAINS[flag](batch_id).with_only_columns(PayoutLine.id)))
    if flag in set(Flag):
        query = query.where(PayoutLine.flags.contains(flag))
    if state in set(LineState):
        query = query.where(PayoutLine.state == state)
    return db.session.scalars(query.order_by(PayoutLine.number).limit(PAGE + 1)).all()


BOOKED = (LineState.PAID, LineState.RETURNED)
"""How a payment stood of which the bank had spoken already when it said something else."""


def _again(batch_id: str, known: Collection[LineState] = tuple(LineState)) -> Select[int, int]:
    """Lines of a batch that pay what an earlier line was sent for, each with that earlier line.

    The earlier one counts as not paid now, by an answer that found it `known`; its claim may have gone on to somebody else
    since. What a line in between has paid once more isn't paid again by this one.
    """
    earlier, between = aliased(PayoutLine), aliased(PayoutLine)
    case_id = select(PayoutBatch.case_id).where(PayoutBatch.id == batch_id).scalar_subquery()
    doubted = select(earlier.id.label("earlier_id"), earlier.case_payee_id.label("who"))
    doubted = doubted.join(PayoutDoubt, PayoutDoubt.line_id == earlier.id)
    doubted = doubted.where(PayoutDoubt.case_id == case_id, earlier.state == LineState.RETURNED)
    doubted = doubted.where(PayoutDoubt.known.in_(known))
    claims = doubted.cte("booked" if known == BOOKED else "claims", recursive=True)
    passed_on = select(claims.c.earlier_id, PayeeTransfer.to_id)
    passed_on = passed_on.join(PayeeTransfer, PayeeTransfer.from_id == claims.c.who)
    claims = claims.union(passed_on.where(PayeeTransfer.undone_at.is_(None)))
    settled = select(between.id).where(
        between.case_payee_id == PayoutLine.case_payee_id,
        between.id > claims.c.earlier_id,
        between.id < PayoutLine.id,
        between.state.in_(COUNTS),
    )
    query = select(PayoutLine.id, claims.c.earlier_id).join(claims, claims.c.who == PayoutLine.case_payee_id)
    query = query.where(PayoutLine.batch_id == batch_id, PayoutLine.state != LineState.CANCELLED)
    return query.where(claims.c.earlier_id < PayoutLine.id, ~settled.exists())


def _paid_again(batch_id: str) -> Select[int, int]:
    """Those of them whose earlier payment the bank once called paid, alone or among other things."""
    return _again(batch_id, BOOKED)


def _came_back(batch_id: str) -> Select[int, int]:
    """The others: the earlier payment came back by the first that was heard of it."""
    return _again(batch_id).where(PayoutLine.id.not_in(_paid_again(batch_id).with_only_columns(PayoutLine.id)))


AGAINS = {AGAIN: _paid_again, BACK: _came_back}


def count_paid_again(batch_id: str, flag: str = AGAIN) -> int:
    """How many lines of a batch pay again: what was once booked as paid or contradicted (AGAIN), or what came back (BACK)."""
    pairs = AGAINS[flag](batch_id).subquery()
    return db.session.scalar(select(func.count(pairs.c.id.distinct()))) or 0


def count_again_by_maker(batch_id: str) -> int:
    """How many lines of a batch pay again by an answer that the batch's own maker imported."""
    pairs = _again(batch_id).subquery()
    query = select(func.count(pairs.c.id.distinct())).join(PayoutDoubt, PayoutDoubt.line_id == pairs.c.earlier_id)
    query = query.join(PayoutResult, PayoutResult.id == PayoutDoubt.result_id)
    query = query.join(PayoutBatch, PayoutBatch.made_by == PayoutResult.imported_by)
    return db.session.scalar(query.where(PayoutBatch.id == batch_id)) or 0


def decided_to_pay_again(batch_id: str, clerk_id: str) -> bool:
    """True when one of the lines of a batch pays again what this clerk has decided to be not paid."""
    pairs = _again(batch_id).subquery()
    query = select(PayoutDoubt.id).join(pairs, pairs.c.earlier_id == PayoutDoubt.line_id)
    return db.session.scalar(query.where(PayoutDoubt.decided_by == clerk_id).limit(1)) is not None


def brought_back(batch_id: str, clerk_id: str) -> bool:
    """True when a line of a batch pays again by an answer that this clerk imported, and on which nobody else has decided."""
    pairs = _again(batch_id).subquery()
    query = select(PayoutDoubt.id).join(pairs, pairs.c.earlier_id == PayoutDoubt.line_id)
    query = query.join(PayoutResult, PayoutResult.id == PayoutDoubt.result_id)
    query = query.where(PayoutResult.imported_by == clerk_id, PayoutDoubt.decided_by.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def deciders_of(line: PayoutLine) -> dict[str, str]:
    """Who may decide what is unclear about a payment, each with their name: managers of its court.

    Not who imported an answer about it; nor who made its batch, while there is anybody else.
    """
    answers = select(PayoutDoubt.result_id).where(PayoutDoubt.line_id == line.id)
    brought = select(PayoutResult.imported_by)
    brought = brought.where(or_(PayoutResult.id == line.result_id, PayoutResult.id.in_(answers)))
    query = select(Clerk.id, Clerk.display_name).join(ClerkCourt, ClerkCourt.clerk_id == Clerk.id)
    query = query.join(Case, Case.court == ClerkCourt.court).where(Case.id == line.case_id)
    query = query.where(Clerk.role == Role.MANAGER, Clerk.disabled_at.is_(None), Clerk.id.not_in(brought))
    found = dict(db.session.execute(query.order_by(Clerk.display_name, Clerk.id)).all())
    maker = db.session.get_one(PayoutBatch, line.batch_id).made_by
    return {who: name for who, name in found.items() if who != maker} or found


def has_held_people(batch_id: str) -> bool:
    """True when somebody in a batch must be looked at first: the bank has contradicted itself since the batch was filled."""
    earlier = aliased(PayoutLine)
    query = select(PayoutLine.id).join(earlier, earlier.case_payee_id == PayoutLine.case_payee_id)
    query = query.join(PayoutBatch, PayoutBatch.id == PayoutLine.batch_id)
    query = query.where(PayoutLine.batch_id == batch_id, PayoutLine.state == LineState.LIVE)
    query = query.where(earlier.case_id == PayoutBatch.case_id, earlier.held.is_not(None))
    return db.session.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Doubt:
    """An earlier payment to the same person, what was known of it, what the bank said then, and who made what of it.

    `by_maker`: who imported that answer also made the batch that pays again.
    """

    export_no: str
    known: LineState
    known_words: str
    says: Answer
    words: str
    decision: str | None
    decided_by: str
    brought_by: str
    file: str
    by_maker: bool

    @property
    def booked(self) -> bool:
        """True when the payment had been heard of before: as paid, or as come back."""
        return self.known in BOOKED


def doubts_of(batch_id: str, line_ids: Iterable[int]) -> dict[int, list[Doubt]]:
    """For each of these lines of a batch that pays again: why the earlier payment counts as not paid, the first first."""
    pairs = _again(batch_id).where(PayoutLine.id.in_(list(line_ids))).subquery()
    maker = select(PayoutBatch.made_by).where(PayoutBatch.id == batch_id).scalar_subquery()
    return _doubts(select(pairs.c.id, maker).join(PayoutDoubt, PayoutDoubt.line_id == pairs.c.earlier_id))


def answers_about(line_ids: Iterable[int]) -> dict[int, list[Doubt]]:
    """For each of these payments: the answers by which it came back or that contradicted what was known, the first first."""
    return _doubts(select(PayoutDoubt.line_id, literal(None)).where(PayoutDoubt.line_id.in_(list(line_ids))))


def _doubts(asked: Select[Any, Any]) -> dict[int, list[Doubt]]:
    """What is told of doubts, by the line for which they are asked about; with each, who made the batch that pays again."""
    decider, bringer = aliased(Clerk), aliased(Clerk)
    query = (
        asked.add_columns(PayoutLine.export_no, PayoutDoubt, PayoutResult, decider.display_name, bringer.display_name)
        .join(PayoutLine, PayoutLine.id == PayoutDoubt.line_id)
        .join(PayoutResult, PayoutResult.id == PayoutDoubt.result_id)
        .join(bringer, bringer.id == PayoutResult.imported_by)
        .outerjoin(decider, decider.id == PayoutDoubt.decided_by)
        .order_by(PayoutDoubt.id)
    )
    found: dict[int, list[Doubt]] = {}
    for line_id, maker, export_no, doubt, result, decided_by, brought_by in db.session.execute(query):
        known, said = (LineState(doubt.known), doubt.known_words or ""), (Answer(doubt.says), doubt.words or "")
        by_maker = result.imported_by == maker
        story = Doubt(
            export_no, *known, *said, doubt.decision, decided_by or "", brought_by, result.file_name, by_maker
        )
        found.setdefault(line_id, []).append(story)
    return found


@dataclass(frozen=True, slots=True)
class Later:
    """What a later register has made of what somebody is owed, in fen (`before` is None: it brought them), and who imported it."""

    file: str
    brought_by: str
    at: datetime
    before: int | None
    after: int | None
    by_maker: bool


def later_registers(batch_id: str, line_ids: Iterable[int]) -> dict[int, list[Later]]:
    """For each of these lines of a batch: which later registers brought its person or changed the sum, the first first."""
    batch = db.session.get_one(PayoutBatch, batch_id)
    first, lines = first_import(batch.case_id), list(line_ids)
    query = select(PayoutLine.id, RegisterImport, Clerk.display_name)
    came = query.add_columns(literal(None), literal(None)).join(CasePayee, CasePayee.id == PayoutLine.case_payee_id)
    came = came.join(RegisterImport, RegisterImport.id == CasePayee.import_id)
    changed = query.add_columns(RegisterAmount.before, RegisterAmount.after)
    changed = changed.join(RegisterAmount, RegisterAmount.payee_id == PayoutLine.case_payee_id)
    changed = changed.join(RegisterImport, RegisterImport.id == RegisterAmount.import_id)
    found: dict[int, list[Later]] = {}
    for asked in (came, changed):
        theirs = asked.outerjoin(Clerk, Clerk.id == RegisterImport.made_by).where(PayoutLine.id.in_(lines))
        theirs = theirs.where(RegisterImport.id != first, RegisterImport.applied_at.is_not(None))
        for line_id, register, by, before, after in db.session.execute(theirs.order_by(RegisterImport.applied_at)):
            story = Later(
                register.file_name, by or "", register.applied_at, before, after, register.made_by == batch.made_by
            )
            found.setdefault(line_id, []).append(story)
    return found


def count_later_by_maker(batch_id: str) -> int:
    """How many lines of a batch are of people whom a later register brought, or owes another sum, that its maker imported."""
    batch = db.session.get_one(PayoutBatch, batch_id)
    mine = select(RegisterImport.id).where(
        RegisterImport.case_id == batch.case_id,
        RegisterImport.made_by == batch.made_by,
        RegisterImport.applied_at.is_not(None),
        RegisterImport.id != first_import(batch.case_id),
    )
    changed = select(RegisterAmount.payee_id).where(
        RegisterAmount.payee_id == CasePayee.id, RegisterAmount.import_id.in_(mine)
    )
    query = select(func.count()).select_from(PayoutLine).join(CasePayee, CasePayee.id == PayoutLine.case_payee_id)
    query = query.where(PayoutLine.batch_id == batch_id, PayoutLine.state != LineState.CANCELLED)
    return db.session.scalar(query.where(or_(CasePayee.import_id.in_(mine), changed.exists()))) or 0


AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Age:
    """Payments that have waited for the bank for at least `days`, and less than the next age."""

    days: int
    count: int
    amount: int


def ages_of(case_id: str, *, now: datetime) -> list[Age]:
    """What is with the bank, by how long ago its file was written: under a day, one to three, three to seven, longer."""
    bounds = (timedelta(0), *AGES)
    since = PayoutBatch.written_at
    query = select(func.count(), func.coalesce(func.sum(PayoutLine.amount), 0)).select_from(PayoutLine)
    query = query.join(PayoutBatch, PayoutBatch.id == PayoutLine.batch_id).where(
        PayoutLine.case_id == case_id, PayoutLine.state.in_(ON_ITS_WAY), since.is_not(None)
    )
    found = []
    for place, bound in enumerate(bounds):
        older = query.where(since <= now - bound)
        if place + 1 < len(bounds):
            older = older.where(since > now - bounds[place + 1])
        count, amount = db.session.execute(older).one()
        found.append(Age(bound.days, count, int(amount)))
    return found


def with_the_bank(case_id: str, *, after: int = 0, most: int = PAGE) -> Sequence[tuple[PayoutLine, PayoutBatch]]:
    """Payments that the bank has and hasn't settled, in the order they were made."""
    query = select(PayoutLine, PayoutBatch).join(PayoutBatch, PayoutBatch.id == PayoutLine.batch_id)
    query = query.where(PayoutLine.case_id == case_id, PayoutLine.state.in_(ON_ITS_WAY), PayoutLine.id > after)
    rows = db.session.execute(query.where(PayoutBatch.written_at.is_not(None)).order_by(PayoutLine.id).limit(most))
    return [(line, batch) for line, batch in rows]


def held_lines(case_id: str) -> Sequence[PayoutLine]:
    """Payments that somebody must look at before their people can be paid again."""
    query = select(PayoutLine).where(PayoutLine.case_id == case_id, PayoutLine.held.is_not(None))
    return db.session.scalars(query.order_by(PayoutLine.id).limit(500)).all()


@dataclass(frozen=True, slots=True)
class Account:
    """One person's row of the ledger."""

    entry: CasePayee
    allotted: int
    batched: int
    paid: int
    returned: int

    @property
    def open(self) -> int:
        """Owed, and neither on its way nor paid."""
        return self.entry.amount - self.batched - self.paid


def ledger_of(case_id: str, *, after: int = 0, most: int = PAGE) -> Sequence[Account]:
    """One page of a case's ledger, in the register's order; one more than a page when there is another."""
    people = db.session.scalars(
        select(CasePayee).where(named_in(case_id), CasePayee.id > after).order_by(CasePayee.id).limit(most + 1)
    ).all()
    ids = [entry.id for entry in people]
    shares = select(PayoutShare.case_payee_id, func.sum(PayoutShare.amount)).where(PayoutShare.case_payee_id.in_(ids))
    given = {who: int(amount) for who, amount in db.session.execute(shares.group_by(PayoutShare.case_payee_id))}
    lines = select(PayoutLine.case_payee_id, PayoutLine.state, func.sum(PayoutLine.amount))
    lines = lines.where(PayoutLine.case_payee_id.in_(ids), PayoutLine.state.in_((*COUNTS, LineState.RETURNED)))
    sums: dict[int, dict[str, int]] = {}
    for who, state, amount in db.session.execute(lines.group_by(PayoutLine.case_payee_id, PayoutLine.state)):
        sums.setdefault(who, {})[state] = int(amount)
    return [_account(entry, given.get(entry.id, 0), sums.get(entry.id, {})) for entry in people]


def _account(entry: CasePayee, allotted: int, sums: dict[str, int]) -> Account:
    way = sum(sums.get(state, 0) for state in ON_ITS_WAY)
    return Account(entry, allotted, way, sums.get(LineState.PAID, 0), sums.get(LineState.RETURNED, 0))
