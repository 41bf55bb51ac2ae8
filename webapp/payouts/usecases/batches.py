"""A batch: who is due goes in, a second person releases it, or it is cancelled before anything went out."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import aliased

from webapp.cases.models import Case, CasePayee
from webapp.cases.people_models import TransferKind
from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.identity.models import Identity
from webapp.identity.rules.names import NameLikeness, same_name
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.queries import hold_people, standings
from webapp.ledger.rules import BatchState, LineState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payouts.queries import (
    being_replaced,
    brought_back,
    corrected_in,
    decided_to_pay_again,
    has_held_people,
    held_people,
    later_in,
    latest_cards,
    line_by_number,
    passed_alone,
    payments_in,
    ways_in,
)
from webapp.payouts.rules import Flag, LeftOut, control_of, export_number
from webapp.payouts.templates import template_of
from webapp.ports.account_check import AccountVerdict

MAKE_BATCH, WRITE_BATCH = "make_batch", "write_batch"
CHUNK = 1000
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class BatchRefused(Exception):
    """The deed isn't possible as things stand; the message is a code for the page's words."""


def make_batch(case_id: str, template: str, *, clerk_id: str, now: datetime) -> PayoutBatch:
    """Begins a batch of whoever is due in a case; the worker fills it. Inside a unit of work.

    Raises BatchRefused while another batch of the case is being filled.
    """
    db.session.get_one(Case, case_id, with_for_update=True)
    making = select(PayoutBatch.id).where(PayoutBatch.case_id == case_id, PayoutBatch.state == BatchState.MAKING)
    if db.session.scalar(making) is not None:
        raise BatchRefused("making")
    last = db.session.scalar(select(func.max(PayoutBatch.number)).where(PayoutBatch.case_id == case_id)) or 0
    batch = PayoutBatch(
        case_id=case_id,
        number=last + 1,
        code="".join(secrets.choice(CODE_LETTERS) for _ in range(8)),
        template=template_of(template).code,
        state=BatchState.MAKING,
        made_by=clerk_id,
        made_at=now,
        left_out={},
    )
    db.session.add(batch)
    db.session.flush()
    jobs.enqueue(MAKE_BATCH, {"batch": batch.id}, now=now, key=f"{MAKE_BATCH}:{batch.id}")
    audit.record(_clerk(clerk_id), "payouts.batch_made", ("batch", batch.id), now=now, number=batch.number)
    return batch


def fill_batch(batch_id: str, *, now: datetime) -> None:
    """Puts everybody who is due into a batch, a thousand people at a time.

    What was done is written with how far it went, in one transaction: killed anywhere, it goes on from there.
    """
    while _fill_more(batch_id):
        db.session.expunge_all()  # a hundred thousand lines aren't kept in memory
    control = control_of(payments_in(batch_id))
    end_reading()
    with unit_of_work():
        batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
        if batch.state != BatchState.MAKING or batch.count != control.count:
            return  # another worker is, or was, at it
        _flag_shared_accounts(batch_id)
        batch.state, batch.ready_at, batch.control = BatchState.READY, now, control.sha256
        db.session.flush()
        audit.record(
            audit.SYSTEM,
            "payouts.batch_ready",
            ("batch", batch_id),
            now=now,
            count=batch.count,
            fen=batch.total,
            control=batch.control,
        )


def _fill_more(batch_id: str) -> bool:
    """One chunk; False when there is no more, or somebody else has gone further."""
    with unit_of_work():
        batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
        if batch.state != BatchState.MAKING:
            return False
        query = select(CasePayee.id).join(Letter, Letter.case_payee_id == CasePayee.id)
        query = query.where(CasePayee.case_id == batch.case_id, CasePayee.id > batch.cursor)
        query = query.where(Letter.state != LetterState.REPLACED)
        people = db.session.scalars(query.order_by(CasePayee.id).limit(CHUNK)).all()
        if not people:
            return False
        hold_people(people)
        lines, left_out = _lines(batch, people)
        if lines:
            db.session.execute(insert(PayoutLine), lines)
        batch.cursor, batch.seen = people[-1], batch.seen + len(people)
        batch.count += len(lines)
        batch.total += sum(line["amount"] for line in lines)
        batch.left_out = dict(Counter(batch.left_out) + left_out)
        return True


def _lines(batch: PayoutBatch, people: Sequence[int]) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The lines of those who are due, and why the others aren't in. The people are held: nothing of theirs can change."""
    stand, held, replacing = standings(people), held_people(people), being_replaced(people)
    ways, cards, corrected = ways_in(people), latest_cards(people), corrected_in(people)
    alone, later = passed_alone(people), later_in(batch.case_id, people)
    query = (
        select(Letter, Submission, Identity, CasePayee)
        .join(Submission, Submission.id == Letter.submission_id)
        .join(Identity, Identity.id == Submission.identity_id)
        .join(CasePayee, CasePayee.id == Letter.case_payee_id)
        .where(Letter.case_payee_id.in_(people), Letter.state != LetterState.REPLACED)
        .order_by(Letter.case_payee_id)
    )
    lines: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    template = template_of(batch.template)
    for letter, submission, identity, entry in db.session.execute(query.execution_options(populate_existing=True)):
        standing = stand[entry.id]
        why = _why_not(letter, submission, held=entry.id in held, replacing=entry.id in replacing)
        if why is None and standing.batched:
            why = LeftOut.ON_ITS_WAY
        if why is None and not standing.due:
            why = LeftOut.NOTHING_DUE
        if why is not None:
            left_out[why] += 1
            continue
        flags = _flags(submission, identity, entry, alone=submission.id in alone)
        flags += _origins(entry, ways.get(entry.id, set()), corrected=entry.id in corrected)
        if entry.id in later:
            flags.append(Flag.LATER)
        if cards.get(entry.id, submission.card_hash) != submission.card_hash:
            flags.append(Flag.CHANGED)
        if not template.fits(identity.name, submission.branch):
            flags.append(Flag.TOO_LONG)
        lines.append(
            _values(batch, batch.count + len(lines) + 1, letter, submission, identity.name, standing.due, flags)
        )
    return lines, left_out


def _why_not(letter: Letter, submission: Submission, *, held: bool, replacing: bool) -> LeftOut | None:
    if held:
        return LeftOut.HELD
    if replacing:
        return LeftOut.REPLACING
    if letter.state != LetterState.CURRENT or not letter.pdf_sha256:
        return LeftOut.NO_LETTER_FILE
    signed = submission.state == SubmissionState.SIGNED and not submission.needs_review
    return None if signed or submission.state == SubmissionState.ACCEPTED else LeftOut.NOT_ACCEPTED


def _flags(submission: Submission, identity: Identity, entry: CasePayee, *, alone: bool) -> list[str]:
    found = {
        Flag.NO_BRANCH: len(submission.branch.strip()) < 2,
        Flag.OTHER_NAME: same_name(entry.name, identity.name) is NameLikeness.DIFFERENT,
        Flag.BY_CLERK: submission.verdict != AccountVerdict.AGREED,
        Flag.CHECK_DIGIT: submission.luhn_confirmed,
        Flag.AT_COUNTER: submission.helped_by is not None,
        Flag.UNPROVED: submission.unproved_visit is not None,
        Flag.ONE_REVIEWER: alone,
    }
    return [flag for flag, stands in found.items() if stands]


def _origins(entry: CasePayee, ways: Collection[str], *, corrected: bool) -> list[str]:
    """How somebody came to this money, where it wasn't by the register alone."""
    instead = bool(set(ways) - {TransferKind.MERGE}) or entry.company is not None
    added = entry.import_id is None and entry.note is not None
    found = {
        Flag.INSTEAD: instead,
        Flag.BY_HAND: (added or corrected) and not instead,
        Flag.MERGED: TransferKind.MERGE in ways,
    }
    return [flag for flag, stands in found.items() if stands]


def _values(
    batch: PayoutBatch,
    number: int,
    letter: Letter,
    submission: Submission,
    name: str,
    amount: int,
    flags: Collection[str],
) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "number": number,
        "export_no": export_number(batch.code, number),
        "case_id": batch.case_id,
        "case_payee_id": submission.case_payee_id,
        "submission_id": submission.id,
        "letter_id": letter.id,
        "letter_sha256": letter.pdf_sha256,
        "amount": amount,
        "name": name,
        "card_number": submission.card_number,
        "card_hash": submission.card_hash,
        "bank_code": submission.bank_code,
        "branch": submission.branch,
        "flags": ",".join(flags),
        "state": LineState.LIVE,
    }


def _flag_shared_accounts(batch_id: str) -> None:
    """Marks lines whose account another person is paid into as well, in this case or any other."""
    mine, other = aliased(PayoutLine), aliased(PayoutLine)
    me, them = aliased(CasePayee), aliased(CasePayee)
    shared = (
        select(mine.id)
        .join(me, me.id == mine.case_payee_id)
        .join(other, other.card_hash == mine.card_hash)
        .join(them, them.id == other.case_payee_id)
        .where(mine.batch_id == batch_id, other.state != LineState.CANCELLED, them.number_hash != me.number_hash)
    )
    ids = db.session.scalars(shared.distinct()).all()
    for start in range(0, len(ids), CHUNK):
        marked = update(PayoutLine).where(PayoutLine.id.in_(ids[start : start + CHUNK]))
        more = func.ltrim(PayoutLine.flags + f",{Flag.SAME_ACCOUNT}", ",")
        db.session.execute(marked.values(flags=more).execution_options(synchronize_session=False))


def drop_line(batch_id: str, export_no: str, *, clerk_id: str, now: datetime) -> None:
    """Takes one payment out of a batch that waits for its release; it is due again. Inside a unit of work."""
    batch = _ready(batch_id)
    line = line_by_number(export_no)
    if line is None or line.batch_id != batch_id or line.state != LineState.LIVE:
        raise BatchRefused("no_such_line")
    line.state, line.settled_at = LineState.CANCELLED, now
    batch.count, batch.total = batch.count - 1, batch.total - line.amount
    db.session.flush()
    batch.control = control_of(payments_in(batch_id)).sha256
    db.session.flush()
    audit.record(
        _clerk(clerk_id), "payouts.line_dropped", ("batch", batch_id), now=now, line=export_no, fen=line.amount
    )


def cancel_batch(batch_id: str, *, clerk_id: str, now: datetime) -> None:
    """Cancels a batch that was never released; everybody in it is due again. Inside a unit of work. Raises BatchRefused."""
    batch = _ready(batch_id)
    batch.state, batch.cancelled_by, batch.cancelled_at = BatchState.CANCELLED, clerk_id, now
    lines = update(PayoutLine).where(PayoutLine.batch_id == batch_id, PayoutLine.state == LineState.LIVE)
    off = lines.values(state=LineState.CANCELLED, settled_at=now)
    db.session.execute(off.execution_options(synchronize_session=False))
    db.session.flush()
    audit.record(_clerk(clerk_id), "payouts.batch_cancelled", ("batch", batch_id), now=now)


def release_batch(batch_id: str, control: str, *, clerk_id: str, now: datetime) -> None:
    """A second person lets a batch go, as it was on their screen (`control`), and has its file written. Inside a unit of work.

    Raises BatchRefused: for who made it, for who decided that one of it is paid again or imported the answer by which it is,
    while somebody in it is held, for an empty one, and when it has changed since it was looked at.
    """
    batch = _ready(batch_id)
    if batch.made_by == clerk_id:
        raise BatchRefused("same_person")
    if decided_to_pay_again(batch_id, clerk_id):
        raise BatchRefused("decided_again")
    if brought_back(batch_id, clerk_id):
        raise BatchRefused("brought_back")
    if has_held_people(batch_id):
        raise BatchRefused("held")
    if not batch.count:
        raise BatchRefused("empty")
    if not secrets.compare_digest((batch.control or "").encode(), control.encode()):
        raise BatchRefused("changed")
    too_long = select(PayoutLine.id).where(PayoutLine.batch_id == batch_id, PayoutLine.state == LineState.LIVE)
    if db.session.scalar(too_long.where(PayoutLine.flags.contains(Flag.TOO_LONG)).limit(1)) is not None:
        raise BatchRefused("too_long")
    batch.state, batch.released_by, batch.released_at = BatchState.WRITING, clerk_id, now
    db.session.flush()
    jobs.enqueue(WRITE_BATCH, {"batch": batch_id}, now=now, key=f"{WRITE_BATCH}:{batch_id}")
    detail: Mapping[str, Any] = {"count": batch.count, "fen": batch.total, "control": batch.control}
    audit.record(_clerk(clerk_id), "payouts.batch_released", ("batch", batch_id), now=now, **detail)


def _ready(batch_id: str) -> PayoutBatch:
    """The batch, held, while it waits for its release; else BatchRefused."""
    batch = db.session.get_one(PayoutBatch, batch_id, with_for_update=True)
    if batch.state != BatchState.READY:
        raise BatchRefused("not_ready")
    return batch


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
