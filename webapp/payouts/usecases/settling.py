"""What follows from an answer of the bank: the payee is told, the account is reopened, a clerk decides what is unclear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from flask_babel import force_locale
from sqlalchemy import func, select, update

from webapp.accounts.queries import languages_of
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.rules import format_amount
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.ledger.models import PayoutBatch, PayoutDoubt, PayoutLine
from webapp.ledger.queries import hold_people, standing_of, standings
from webapp.ledger.reasons import OTHER
from webapp.ledger.rules import Held, LineState, may_count
from webapp.ledger.words import reason_words
from webapp.notices.usecases import News, tell_all
from webapp.payee.models import Submission, SubmissionState
from webapp.payee.queries import latest_submission
from webapp.payee.usecases import reopen_accounts
from webapp.payouts.queries import deciders_of
from webapp.payouts.usecases.batches import BatchRefused

CHUNK = 500
AFTER_PAID = {
    SubmissionState.ACCEPTED: Stage.ACCEPTED, SubmissionState.SIGNED: Stage.SIGNED, SubmissionState.RETURNED: Stage.RETURNED,
}  # fmt: skip
"""How far somebody stands whose payment came back, by the account that stands."""


def note_stages(case_payee_ids: Collection[int]) -> None:
    """Whether people stand as paid, once payments' states have changed: not before all is, and not after it came back.

    Inside a unit of work; the lines have been flushed.
    """
    known = select(CasePayee.id, CasePayee.stage).where(CasePayee.id.in_(case_payee_ids))
    stages = dict(db.session.execute(known).all())
    wanted: dict[Stage, list[int]] = {}
    for who, standing in standings(case_payee_ids).items():
        if standing.paid >= standing.entitled:
            wanted.setdefault(Stage.PAID, []).append(who)
        elif stages[who] == Stage.PAID:
            wanted.setdefault(_unpaid_stage(who), []).append(who)
    for stage, people in wanted.items():
        moved = update(CasePayee).where(CasePayee.id.in_(people), CasePayee.stage != stage)
        db.session.execute(moved.values(stage=stage))


def restage(case_id: str) -> None:
    """Has everybody of a case stand as paid who is, and nobody who is owed more: a register has changed what is owed."""
    got = select(PayoutLine.case_payee_id.label("who"), func.sum(PayoutLine.amount).label("fen"))
    got = got.where(PayoutLine.case_id == case_id, PayoutLine.state == LineState.PAID)
    paid = got.group_by(PayoutLine.case_payee_id).subquery()
    stands, all_of_it = CasePayee.stage == Stage.PAID, paid.c.fen >= CasePayee.amount
    query = select(CasePayee.id).join(paid, paid.c.who == CasePayee.id).where(stands != all_of_it)
    people = db.session.scalars(query.order_by(CasePayee.id)).all()
    db.session.rollback()
    for start in range(0, len(people), CHUNK):
        some = people[start : start + CHUNK]
        with unit_of_work():
            hold_people(some)
            note_stages(some)


def _unpaid_stage(case_payee_id: int) -> Stage:
    account = latest_submission(case_payee_id)
    return AFTER_PAID.get(SubmissionState(account.state), Stage.SUBMITTED) if account else Stage.VERIFIED


def tell_paid(lines: Sequence[PayoutLine], *, now: datetime) -> None:
    """Each payee is told that the money is there. Inside a unit of work."""
    _tell([(line, "payment_paid") for line in lines], now=now)


def tell_again(lines: Sequence[PayoutLine], *, now: datetime) -> None:
    """Each payee is told that it didn't work, and that the court sends it again without their doing."""
    _tell([(line, "payment_again") for line in lines], now=now)


def give_back(lines: Sequence[PayoutLine], *, now: datetime) -> None:
    """Payments that came back go back to their payees: told why in their language, with the account to be mended.

    Where a payee has signed for another account meanwhile, that one stands, and the court pays into it next time.
    """
    reopened = reopen_accounts({line.submission_id for line in lines}, now=now)
    kinds = ("payment_returned" if line.submission_id in reopened else "payment_again" for line in lines)
    _tell(list(zip(lines, kinds, strict=True)), now=now)


def _tell(told: Sequence[tuple[PayoutLine, str]], *, now: datetime) -> None:
    if not told:
        return
    lines = [line for line, _ in told]
    submitted = select(Submission.id, Submission.account_id).where(
        Submission.id.in_({one.submission_id for one in lines})
    )
    accounts = dict(db.session.execute(submitted).all())
    numbered = select(Case.id, Case.number).where(Case.id.in_({line.case_id for line in lines}))
    cases = dict(db.session.execute(numbered).all())
    languages, reasons = languages_of(set(accounts.values())), cache(_reason_in)
    news = []
    for line, kind in told:
        account_id = accounts[line.submission_id]
        facts = {
            "name": line.name,
            "case": cases[line.case_id],
            "amount": format_amount(line.amount),
            "card": line.card_number[-4:],
            "reason": reasons(line.reason or OTHER, languages[account_id]),
        }
        news.append(News(account_id, kind, facts))
    tell_all(news, now=now)


def _reason_in(code: str, language: str) -> str:
    with force_locale(language):
        return reason_words(code)


def decide_hold(line_id: int, decision: str, *, clerk_id: str, now: datetime) -> None:
    """A clerk has asked the bank about a payment that was unclear. Inside a unit of work. Raises BatchRefused.

    Never who brought one of the answers: a file of the bank is typed in a minute, and would be its own witness.

    `ask`: the payee mends the account; `again`: the court pays it again; `paid`: it has arrived, whatever was said;
    `keep`: what was known before stays.
    """
    line = _to_decide(line_id, decision, clerk_id)
    held, line.held = line.held, None
    if decision == "paid":
        if not may_count(LineState.PAID, line.amount, standing_of(line.case_payee_id)):
            raise BatchRefused("paid_twice")
        line.state, line.settled_at = LineState.PAID, now
    elif decision in ("ask", "again"):
        line.state, line.settled_at = LineState.RETURNED, now
    for doubt in _undecided(line.id):
        doubt.decision, doubt.decided_by, doubt.decided_at = decision, clerk_id, now
        if decision in ("ask", "again"):
            line.reason = doubt.reason or line.reason
    db.session.flush()
    detail = {"decision": decision, "held": held}
    audit.record(audit.Actor("clerk", clerk_id), "payouts.hold_decided", ("line", str(line_id)), now=now, **detail)
    note_stages([line.case_payee_id])
    deeds = {"paid": tell_paid, "ask": give_back, "again": tell_again}
    if decision in deeds:
        deeds[decision]([line], now=now)


def _to_decide(line_id: int, decision: str, clerk_id: str) -> PayoutLine:
    """The payment with its person held, when this may be decided on it, by this clerk; else BatchRefused."""
    line = db.session.get_one(PayoutLine, line_id)
    hold_people([line.case_payee_id])
    db.session.refresh(line)
    if line.held is None or decision not in allowed_decisions(line):
        raise BatchRefused("nothing_to_decide")
    if clerk_id not in deciders_of(line):
        raise BatchRefused("not_yours_to_decide")
    return line


def _undecided(line_id: int) -> Sequence[PayoutDoubt]:
    """The answers that called a payment into question and of which nobody has made anything yet, the first first."""
    query = select(PayoutDoubt).where(PayoutDoubt.line_id == line_id, PayoutDoubt.decided_by.is_(None))
    return db.session.scalars(query.order_by(PayoutDoubt.id)).all()


def allowed_decisions(line: PayoutLine) -> tuple[str, ...]:
    """What may be decided on a held payment."""
    if line.held == Held.LOOK:
        return ("ask", "again", "paid")
    return ("ask", "again", "keep") if line.state == LineState.PAID else ("paid", "keep")


def note_asked(case_id: str, *, clerk_id: str, now: datetime) -> int:
    """Writes down that the bank is asked about everything it hasn't settled; returns how many. Inside a unit of work.

    Asking sends nothing: a payment goes out once, whatever it looks like meanwhile.
    """
    released = select(PayoutBatch.id).where(PayoutBatch.case_id == case_id, PayoutBatch.written_at.is_not(None))
    unsettled = update(PayoutLine).where(
        PayoutLine.batch_id.in_(released), PayoutLine.state.in_((LineState.LIVE, LineState.PROCESSING))
    )
    asked = unsettled.values(asked=PayoutLine.asked + 1, asked_at=now).returning(PayoutLine.id)
    count = len(db.session.execute(asked.execution_options(synchronize_session=False)).all())
    audit.record(audit.Actor("clerk", clerk_id), "payouts.bank_asked", ("case", case_id), now=now, count=count)
    return count
