"""Decisions: made, held for half a minute in which they can be undone, then done by a job, once, whatever is killed.

Locks are taken in one order everywhere: a decision, the verification or entry, the item, the audit chain (docs/adr/0030).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import false, or_, select

from webapp.accounts.models import Account, WebSession
from webapp.cases.models import Case
from webapp.cases.people_models import CounterVisit
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.docket.models import DocketItem, ItemKind, ItemState
from webapp.identity.jobs import tell_decision
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import standing_records
from webapp.identity.usecases import NothingToDecide, settle
from webapp.journey.engine import StepState
from webapp.notices.usecases import tell
from webapp.payee.docketing import put_before_clerk
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.usecases import hold_entry
from webapp.payee.words import return_text
from webapp.review.holding import HOLD, NotWaiting, actor, locked, mine
from webapp.review.models import Decision, DecisionState
from webapp.review.opinions import awaited
from webapp.review.queries import passed_identity, waits

APPLY_DECISION = "apply_decision"
TOLD_FOR = timedelta(hours=12)


class StillAsking(Exception):
    """An opinion was asked for and hasn't come; it can be withdrawn."""


class HelpedHere(Exception):
    """This clerk sat beside the payee at the counter: somebody else decides, or one person alone could lead money astray."""


class PassedHere(HelpedHere):
    """This clerk passed the identity of the account's holder; another one of the court decides on the account."""


class TooLate(Exception):
    """The decision has taken effect."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a clerk chose. `redo`: the steps, or parts of an account, that alone must be handed in again."""

    approved: bool
    reason: str | None = None
    words: str | None = None
    redo: Sequence[str] = ()


def decide(item_id: str, choice: Choice, *, clerk_id: str, token: str, undo: timedelta, now: datetime) -> Decision:
    """Decides on an item in hand; nobody is told, and nothing moves, before `undo` is over. Inside a unit of work.

    Raises NotWaiting, NotYours, HelpedHere, PassedHere, and StillAsking while a second opinion is out.
    """
    item = mine(item_id, clerk_id, token, now=now)
    if _pending(item_id) is not None:
        raise NotWaiting(item_id)
    if awaited(item_id) is not None:
        raise StillAsking(item_id)
    if choice.approved:
        _refuse_alone(item, clerk_id)
    decision = Decision(
        item_id=item_id, clerk_id=clerk_id, approved=choice.approved, reason=choice.reason, words=choice.words or None,
        redo=",".join(choice.redo), waited=int((now - item.since).total_seconds()), decided_at=now, effective_at=now + undo,
    )  # fmt: skip
    item.state = ItemState.DECIDED
    db.session.add(decision)
    db.session.flush()
    key = f"{APPLY_DECISION}:{decision.id}"
    jobs.enqueue(APPLY_DECISION, {"decision": decision.id}, now=now, key=key, delay=undo)
    detail = {"decision": decision.id, "approved": choice.approved, "reason": choice.reason}
    audit.record(actor(clerk_id), "desk.decided", ("item", item_id), now=now, **detail)
    return decision


def _refuse_alone(item: DocketItem, clerk_id: str) -> None:
    """Raises HelpedHere or PassedHere where one person's word would be all there is."""
    if helped(item, clerk_id):
        raise HelpedHere(item.id)
    if passed_identity(item.id, clerk_id):
        raise PassedHere(item.id)


def helped(item: DocketItem, clerk_id: str) -> bool:
    """True when the clerk opened this payee's pages at the counter, for this case or from this account."""
    visits = select(CounterVisit.id).where(CounterVisit.clerk_id == clerk_id, CounterVisit.used_at.is_not(None))
    if item.kind == ItemKind.ACCOUNT:
        submission = db.session.get_one(Submission, item.subject_id)
        if submission.helped_by == clerk_id:
            return True
        account_id, same = submission.account_id, CounterVisit.payee_id == submission.case_payee_id
    else:
        record = db.session.get_one(StepRecord, item.subject_id)
        account_id, same = db.session.get_one(Verification, record.verification_id).account_id, false()
    visits = visits.outerjoin(WebSession, WebSession.id == CounterVisit.session_id)
    return db.session.scalar(visits.where(or_(same, WebSession.account_id == account_id)).limit(1)) is not None


def undo(decision_id: str, *, clerk_id: str, now: datetime) -> str:
    """Takes back one's own decision while it hasn't taken effect; returns the item's id. Inside a unit of work.

    The item is in the clerk's hand again. Raises TooLate.
    """
    decision = db.session.get(Decision, decision_id, with_for_update=True)
    if decision is None or decision.clerk_id != clerk_id or decision.state != DecisionState.PENDING:
        raise TooLate(decision_id)
    decision.state, decision.settled_at = DecisionState.UNDONE, now
    item = locked(decision.item_id)
    if item is not None and item.state == ItemState.DECIDED:
        item.state, item.held_until = ItemState.OPEN, now + HOLD
    db.session.flush()
    audit.record(actor(clerk_id), "desk.undone", ("item", decision.item_id), now=now, decision=decision.id)
    return decision.item_id


def kind_of(decision_id: str, clerk_id: str) -> ItemKind:
    """What a clerk decided on there; that of the desk's first queue for what is nobody's, or somebody else's."""
    query = select(DocketItem.kind).join(Decision, Decision.item_id == DocketItem.id)
    kind = db.session.scalar(query.where(Decision.id == decision_id, Decision.clerk_id == clerk_id))
    return ItemKind(kind) if kind else ItemKind.IDENTITY


def take_effect(decision_id: str, *, now: datetime) -> None:
    """Does what was decided and tells the payee, in one transaction, once; one that was undone does nothing.

    What can't be done any more, because the payee changed something meanwhile, is kept as failed for its clerk to see.
    """
    with unit_of_work():
        decision = db.session.get(Decision, decision_id, with_for_update=True)
        if decision is None or decision.state != DecisionState.PENDING:
            return
        item = db.session.get_one(DocketItem, decision.item_id)
        try:
            _do(item, decision, now=now)
        except NothingToDecide:
            decision.state = DecisionState.FAILED
            stale = locked(item.id)
            if stale is not None and stale.state == ItemState.DECIDED:
                stale.state = ItemState.CLOSED
        else:
            decision.state = DecisionState.DONE
        decision.settled_at = now


def _do(item: DocketItem, decision: Decision, *, now: datetime) -> None:
    redo = tuple(filter(None, decision.redo.split(",")))
    choice = Choice(decision.approved, decision.reason, decision.words, redo)
    deed = decide_identity if item.kind == ItemKind.IDENTITY else decide_account
    deed(item.subject_id, choice, clerk_id=decision.clerk_id, now=now)


def decide_identity(record_id: str, choice: Choice, *, clerk_id: str, now: datetime) -> None:
    """Approves or refuses an identity and tells the payee, in one unit of work. Raises NothingToDecide."""
    record = db.session.get(StepRecord, record_id)
    if record is None or record.step != "court_review":
        raise NothingToDecide(record_id)
    name = standing_records(record.verification_id).get("document")
    state = StepState.ACCEPTED if choice.approved else StepState.RETURNED
    answered_at, holder = record.answered_at, name.answer["name"] if name else ""
    settle(record_id, state, actor=actor(clerk_id), now=now, reason=choice.reason, words=choice.words, redo=choice.redo)
    verification = db.session.get_one(Verification, record.verification_id)
    kind = "review_approved" if choice.approved else "review_refused"
    tell_decision(
        verification, kind, name=holder, answered_at=answered_at, reason=choice.reason, words=choice.words, now=now
    )


def decide_account(submission_id: str, choice: Choice, *, clerk_id: str, now: datetime) -> None:
    """Accepts a signed account, or gives it back with words; a letter given back is replaced. In one unit of work.

    Raises NothingToDecide, also while the payee is replacing it: the clerk would pay into an account that its holder has
    taken back.
    """
    submission = db.session.get(Submission, submission_id)
    if submission is None:
        raise NothingToDecide(submission_id)
    hold_entry(submission.case_payee_id)
    db.session.refresh(submission)
    if not waits(submission):
        raise NothingToDecide(submission_id)
    submission.decided_at, submission.decided_by = now, f"clerk:{clerk_id}"
    submission.state = SubmissionState.ACCEPTED if choice.approved else SubmissionState.RETURNED
    submission.reason, submission.reason_words = choice.reason, choice.words
    submission.redo = ",".join(choice.redo)
    if not choice.approved:
        _replace_letter(submission, now)
    put_before_clerk(submission.case_payee_id)
    deed = "payee.accepted" if choice.approved else "payee.returned"
    audit.record(
        actor(clerk_id), deed, ("submission", submission.id), now=now, version=submission.version, reason=choice.reason
    )
    identity, case = db.session.get_one(Identity, submission.identity_id), db.session.get_one(Case, submission.case_id)
    with force_locale(db.session.get_one(Account, submission.account_id).language):
        told = return_text(choice.reason, choice.words)
    facts = {"name": identity.name, "case": case.number, "reason": told}
    tell(submission.account_id, "account_accepted" if choice.approved else "account_returned", facts, now=now)


def _replace_letter(submission: Submission, now: datetime) -> None:
    letter = db.session.scalar(select(Letter).where(Letter.submission_id == submission.id))
    if letter is not None:
        letter.state, letter.replaced_at = LetterState.REPLACED, now


def told_to(clerk_id: str, *, now: datetime) -> Sequence[tuple[Decision, DocketItem]]:
    """What a clerk should see of their own decisions: what can still be undone, and what failed and wasn't seen yet."""
    failed = (Decision.state == DecisionState.FAILED) & Decision.seen_at.is_(None)
    query = select(Decision, DocketItem).join(DocketItem, DocketItem.id == Decision.item_id)
    query = query.where(Decision.clerk_id == clerk_id, Decision.decided_at > now - TOLD_FOR)
    query = query.where(or_(failed, (Decision.state == DecisionState.PENDING) & (Decision.effective_at > now)))
    rows = db.session.execute(query.order_by(Decision.decided_at.desc()).limit(5))
    return [(decision, item) for decision, item in rows]


def saw_failure(decision_id: str, clerk_id: str, *, now: datetime) -> None:
    """The clerk knows that a decision of theirs came too late. Inside a unit of work."""
    decision = db.session.get(Decision, decision_id)
    if decision is not None and decision.clerk_id == clerk_id and decision.state == DecisionState.FAILED:
        decision.seen_at = now


def decisions_on(items: Sequence[str]) -> Sequence[Decision]:
    """What was decided on these items, the newest first."""
    query = select(Decision).where(Decision.item_id.in_(items)).order_by(Decision.decided_at.desc())
    return db.session.scalars(query.limit(20)).all()


def _pending(item_id: str) -> Decision | None:
    return db.session.scalar(
        select(Decision).where(Decision.item_id == item_id, Decision.state == DecisionState.PENDING)
    )
