"""The bank's answer comes in: each line is paid, waits, or goes back to its payee; the same file twice changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select

from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, insert_once, unit_of_work
from webapp.core.ids import new_id
from webapp.core.sealing import keyed_hash
from webapp.evidence.usecases import open_file, seal_file
from webapp.ledger.models import PayoutBatch, PayoutLine, PayoutResult
from webapp.ledger.queries import hold_people
from webapp.ledger.reasons import Follows, find_reason
from webapp.ledger.rules import ON_ITS_WAY, BatchState, Effect, Held, LineState, ResultState, effect_of
from webapp.payouts.answers import BankRow, UnreadableResult, read_answers
from webapp.payouts.usecases.settling import give_back, note_stage, tell_again, tell_paid
from webapp.ports.object_store import ObjectStore

READ_RESULT = "read_result"
CHUNK = 200
MOST_FAULTS = 1000


def take_result(
    case_id: str, file_name: str, data: bytes, *, clerk_id: str, store: ObjectStore, now: datetime
) -> tuple[str, bool]:
    """Seals a result file and has it read. Returns its id, and False when the same file of this case was here before."""
    digest = hashlib.sha256(data).hexdigest()
    key = f"{case_id}:{digest}"
    known = select(PayoutResult.id).where(PayoutResult.key == key)
    if (there := db.session.scalar(known)) is not None:
        return there, False
    result_id = new_id()
    object_key = f"payouts/results/{result_id}"
    end_reading()
    seal_file(object_key, data, store=store)
    values = {
        "id": result_id,
        "case_id": case_id,
        "key": key,
        "file_name": file_name[-120:],
        "sha256": digest,
        "object_key": object_key,
        "state": ResultState.READING,
        "cursor": 0,
        "counts": {},
        "faults": [],
        "imported_by": clerk_id,
        "imported_at": now,
    }
    with unit_of_work():
        fresh = insert_once(PayoutResult, values, key="key")
        if fresh:
            jobs.enqueue(READ_RESULT, {"result": result_id}, now=now, key=f"{READ_RESULT}:{result_id}")
            actor = audit.Actor("clerk", clerk_id)
            audit.record(actor, "payouts.result_taken", ("result", result_id), now=now, sha256=digest)
        there = result_id if fresh else db.session.scalar(known)
    if not fresh:
        store.delete(object_key)
    return there or result_id, fresh


def read_result(result_id: str, *, store: ObjectStore, now: datetime) -> None:
    """Goes through a result file, some rows at a time; killed anywhere, it goes on after the last row that was written."""
    result = db.session.get_one(PayoutResult, result_id)
    if result.state != ResultState.READING:
        return
    key = result.object_key
    end_reading()
    rows = read_answers(open_file(key, store=store))
    try:
        for chunk in _chunks(rows):
            _apply(result_id, chunk, now=now)
            db.session.expunge_all()
    except UnreadableResult as unreadable:
        with unit_of_work():
            result = db.session.get_one(PayoutResult, result_id, with_for_update=True)
            result.state, result.fault, result.done_at = ResultState.REFUSED, str(unreadable), now
        return
    with unit_of_work():
        result = db.session.get_one(PayoutResult, result_id, with_for_update=True)
        if result.state == ResultState.READING:
            result.state, result.done_at = ResultState.DONE, now
            db.session.flush()
            audit.record(audit.SYSTEM, "payouts.result_read", ("result", result_id), now=now, **result.counts)


def _chunks(rows: Iterator[BankRow]) -> Iterator[list[BankRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _apply(result_id: str, rows: Sequence[BankRow], *, now: datetime) -> None:
    """Some rows, with how far the file has come, in one transaction."""
    with unit_of_work():
        result = db.session.get_one(PayoutResult, result_id, with_for_update=True)
        fresh = [row for row in rows if row.row > result.cursor]
        if not fresh or result.state != ResultState.READING:
            return
        counts, faults = Counter(result.counts), list(result.faults)
        matched = _matched(result.case_id, fresh)
        hold_people({line.case_payee_id for line in matched.values()})
        afresh = select(PayoutLine).where(PayoutLine.id.in_({line.id for line in matched.values()}))
        db.session.scalars(afresh.execution_options(populate_existing=True)).all()
        for row in fresh:
            done = row.fault or _settle(matched.get(row.row), row, result, now=now)
            counts[done if done in set(Effect) else "faults"] += 1
            if (done not in set(Effect) or done in (Effect.CONFLICT, Effect.UNSENT)) and len(faults) < MOST_FAULTS:
                faults.append({"row": row.row, "why": str(done)})
        result.cursor, result.counts, result.faults = fresh[-1].row, dict(counts), faults


def _matched(case_id: str, rows: Sequence[BankRow]) -> dict[int, PayoutLine]:
    """The line of each row: by its export number, or, in a file without, by the one payment of that amount into that account."""
    numbers = {row.export_no for row in rows if row.export_no}
    query = select(PayoutLine).where(PayoutLine.case_id == case_id)
    by_number = {line.export_no: line for line in db.session.scalars(query.where(PayoutLine.export_no.in_(numbers)))}
    found = {row.row: by_number[row.export_no] for row in rows if row.export_no in by_number}
    nameless = {row.row: keyed_hash("card", row.account) for row in rows if not row.export_no and not row.fault}
    if nameless:
        into = query.where(PayoutLine.card_hash.in_(set(nameless.values())), PayoutLine.state != LineState.CANCELLED)
        lines = db.session.scalars(into).all()
        for row in rows:
            if row.row in nameless and (line := _only_one(lines, nameless[row.row], row.amount)) is not None:
                found[row.row] = line
    return found


def _only_one(lines: Sequence[PayoutLine], card_hash: bytes, amount: int | None) -> PayoutLine | None:
    """The payment that is meant: the one on its way, else the only one there ever was; None when it could be several."""
    fitting = [line for line in lines if bytes(line.card_hash) == card_hash and line.amount == amount]
    on_its_way = [line for line in fitting if line.state in ON_ITS_WAY]
    chosen = on_its_way or fitting
    return chosen[0] if len(chosen) == 1 else None


def _settle(line: PayoutLine | None, row: BankRow, result: PayoutResult, *, now: datetime) -> str:
    """What a row does to its line: one of Effect, or a code of what is wrong with it."""
    if line is None or row.answer is None:
        return "unknown_line"
    if row.amount is not None and row.amount != line.amount:
        return "amount_differs"
    if row.account.isdigit() and len(row.account) == len(line.card_number) and not _same_account(row.account, line):
        return "account_differs"
    if db.session.get_one(PayoutBatch, line.batch_id).state != BatchState.RELEASED:
        return Effect.UNSENT
    effect = effect_of(LineState(line.state), row.answer)
    if effect in (Effect.NOTHING, Effect.UNSENT):
        return effect
    line.result_id, line.row, line.settled_at = result.id, row.row, now
    line.bank_words = f"{row.code} {row.words}".strip() or line.bank_words
    _move(line, effect, row, now=now)
    return effect


def _same_account(said: str, line: PayoutLine) -> bool:
    """True also for a number that a spreadsheet has rounded: its first fifteen digits are right, the rest zeros."""
    return said == line.card_number or (said[15:].strip("0") == "" and said[:15] == line.card_number[:15])


def _move(line: PayoutLine, effect: Effect, row: BankRow, *, now: datetime) -> None:
    if effect is Effect.CONFLICT:
        line.held = Held.CONFLICT
        db.session.flush()
        _note(line, "payouts.contradicted", now=now, says=row.answer)
    elif effect is Effect.WAIT:
        line.state = LineState.PROCESSING
    elif effect is Effect.PAY:
        line.state = LineState.PAID
        db.session.flush()
        note_stage(line.case_payee_id)
        tell_paid(line, now=now)
    else:
        reason = find_reason(row.code, row.words)
        line.state, line.reason = LineState.RETURNED, reason.code
        line.held = Held.LOOK if reason.follows in (Follows.LOOK, Follows.WAIT) else None
        db.session.flush()
        note_stage(line.case_payee_id)
        _note(line, "payouts.returned", now=now, reason=reason.code)
        if reason.follows is Follows.ASK:
            give_back(line, now=now)
        elif reason.follows is Follows.AGAIN:
            tell_again(line, now=now)


def _note(line: PayoutLine, deed: str, *, now: datetime, **detail: Any) -> None:
    audit.record(audit.SYSTEM, deed, ("line", str(line.id)), now=now, export_no=line.export_no, **detail)
