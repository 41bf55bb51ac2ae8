"""What follows from an answer of the bank: the payee is told, the account is reopened, a clerk decides what is unclear."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import select, update

from webapp.accounts.models import Account
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.rules import format_amount
from webapp.core import audit
from webapp.core.db import db
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.queries import hold_people, standing_of
from webapp.ledger.rules import Held, LineState, may_count
from webapp.ledger.words import reason_words
from webapp.notices.usecases import tell
from webapp.payee.models import Submission, SubmissionState
from webapp.payee.queries import latest_submission
from webapp.payee.usecases import reopen_account
from webapp.payouts.usecases.batches import BatchRefused

AFTER_PAID = {
    SubmissionState.ACCEPTED: Stage.ACCEPTED, SubmissionState.SIGNED: Stage.SIGNED, SubmissionState.RETURNED: Stage.RETURNED,
}  # fmt: skip
"""How far somebody stands whose payment came back, by the account that stands."""


def tell_paid(line: PayoutLine, *, now: datetime) -> None:
    """The payee is told that the money is there. Inside a unit of work."""
    _tell(line, "payment_paid", now=now)


def note_stage(case_payee_id: int) -> None:
    """Whether a person stands as paid, once a payment's state has changed: not before all is, and not after it came back.

    Inside a unit of work; the line has been flushed.
    """
    entry = db.session.get_one(CasePayee, case_payee_id)
    if standing_of(entry.id).paid >= entry.amount:
        entry.stage = Stage.PAID
    elif entry.stage == Stage.PAID:
        account = latest_submission(entry.id)
        entry.stage = AFTER_PAID.get(SubmissionState(account.state), Stage.SUBMITTED) if account else Stage.VERIFIED
    db.session.flush()


def tell_again(line: PayoutLine, *, now: datetime) -> None:
    """The payee is told that it didn't work, and that the court sends it again without their doing."""
    _tell(line, "payment_again", now=now)


def give_back(line: PayoutLine, *, now: datetime) -> None:
    """A payment that came back goes back to its payee: told why in their language, with the account to be mended.

    Where the payee has signed for another account meanwhile, that one stands, and the court pays into it next time.
    """
    _tell(line, "payment_returned" if reopen_account(line.submission_id, now=now) else "payment_again", now=now)


def _tell(line: PayoutLine, kind: str, *, now: datetime) -> None:
    submission = db.session.get_one(Submission, line.submission_id)
    case = db.session.get_one(Case, line.case_id)
    with force_locale(db.session.get_one(Account, submission.account_id).language):
        reason = reason_words(line.reason)
    facts = {
        "name": line.name,
        "case": case.number,
        "amount": format_amount(line.amount),
        "card": line.card_number[-4:],
        "reason": reason,
    }
    tell(submission.account_id, kind, facts, now=now)


def decide_hold(line_id: int, decision: str, *, clerk_id: str, now: datetime) -> None:
    """A clerk has asked the bank about a payment that was unclear. Inside a unit of work. Raises BatchRefused.

    `ask`: the payee mends the account; `again`: the court pays it again; `paid`: it has arrived, whatever was said;
    `keep`: what was known before stays.
    """
    line = db.session.get_one(PayoutLine, line_id)
    hold_people([line.case_payee_id])
    db.session.refresh(line)
    if line.held is None or decision not in allowed_decisions(line):
        raise BatchRefused("nothing_to_decide")
    held, line.held = line.held, None
    if decision == "paid":
        if not may_count(LineState.PAID, line.amount, standing_of(line.case_payee_id)):
            raise BatchRefused("paid_twice")
        line.state, line.settled_at = LineState.PAID, now
    elif decision in ("ask", "again"):
        line.state, line.settled_at = LineState.RETURNED, now
    db.session.flush()
    detail = {"decision": decision, "held": held}
    audit.record(audit.Actor("clerk", clerk_id), "payouts.hold_decided", ("line", str(line_id)), now=now, **detail)
    note_stage(line.case_payee_id)
    deeds = {"paid": tell_paid, "ask": give_back, "again": tell_again}
    if decision in deeds:
        deeds[decision](line, now=now)


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
