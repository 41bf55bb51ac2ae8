"""The bank's answer comes in: each line is paid, waits, or goes back to its payee; the same file twice changes nothing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select

from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, insert_once, unit_of_work
from webapp.core.ids import new_id
from webapp.core.sealing import keyed_hash
from webapp.evidence.usecases import open_file, seal_file
from webapp.ledger.models import PayoutBatch, PayoutDoubt, PayoutLine, PayoutResult
from webapp.ledger.queries import hold_people
from webapp.ledger.reasons import Follows, Reason, find_reason
from webapp.ledger.rules import ON_ITS_WAY, Answer, BatchState, Effect, Held, LineState, ResultState, effect_of
from webapp.payouts.answers import BankRow, UnreadableResult, read_answers
from webapp.payouts.usecases.settling import give_back, note_stages, tell_again, tell_paid
from webapp.ports.object_store import ObjectStore

READ_RESULT = "read_result"
CHUNK = 500
MOST_FAULTS = 1000
EFFECTS = frozenset(Effect)
MOVES = EFFECTS - {Effect.NOTHING, Effect.UNSENT}
KNOWN = (
    PayoutLine.id,
    PayoutLine.case_id,
    PayoutLine.export_no,
    PayoutLine.case_payee_id,
    PayoutLine.card_hash,
    PayoutLine.amount,
    PayoutLine.state,
)
"""What a line is found by; nothing that has to be unsealed."""
_MASKED = re.compile(r"([0-9]*)[*xX•]+([0-9]*)")
_ROUNDED = re.compile(r"[0-9]\.([0-9]{2,})E\+?[0-9]{1,2}", re.IGNORECASE)
Known = Row[int, str, str, int, bytes, int, str]
Answered = tuple[BankRow, PayoutLine | None]


@dataclass(frozen=True, slots=True)
class Move:
    """A row that changes its line."""

    line: PayoutLine
    row: BankRow
    effect: Effect

    @property
    def reason(self) -> Reason:
        """Why the payment came back, where it did."""
        return find_reason(self.row.code, self.row.words)

    @property
    def doubts(self) -> bool:
        """True where the payment is, or may be, owed again by this answer: it came back, or contradicts what is known."""
        return self.effect in (Effect.CONFLICT, Effect.GIVE_BACK)


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
    data = open_file(key, store=store)
    try:
        deque(read_answers(data), maxlen=0)  # to its end first: a file that breaks off changes nothing
    except UnreadableResult as unreadable:
        _refuse(result_id, unreadable, now=now)
        return
    for chunk in _chunks(read_answers(data)):
        _apply(result_id, chunk, now=now)
        db.session.expunge_all()
    with unit_of_work():
        result = db.session.get_one(PayoutResult, result_id, with_for_update=True)
        if result.state == ResultState.READING:
            result.state, result.done_at = ResultState.DONE, now
            db.session.flush()
            audit.record(audit.SYSTEM, "payouts.result_read", ("result", result_id), now=now, **result.counts)


def _refuse(result_id: str, why: UnreadableResult, *, now: datetime) -> None:
    with unit_of_work():
        result = db.session.get_one(PayoutResult, result_id, with_for_update=True)
        result.state, result.fault, result.done_at = ResultState.REFUSED, why.code, now
        if why.row or why.detail:
            result.faults = [*result.faults, {"row": why.row, "why": why.code, "what": why.detail}]


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
        lines = _held_lines(_matched(result.case_id, fresh))
        released = _released({line.batch_id for line in lines.values()})
        for wave in _waves((row, lines.get(row.row)) for row in fresh):
            for row, done in _settle(wave, result, released, now=now):
                counts[done if done in EFFECTS else "faults"] += 1
                if (done not in EFFECTS or done in (Effect.CONFLICT, Effect.UNSENT)) and len(faults) < MOST_FAULTS:
                    faults.append({"row": row.row, "why": str(done)})
        result.cursor, result.counts, result.faults = fresh[-1].row, dict(counts), faults


def _matched(case_id: str, rows: Sequence[BankRow]) -> dict[int, Known]:
    """The line of each row: by its export number, or, in a file without, by the one payment of that amount into that account."""
    numbers = {row.export_no for row in rows if row.export_no}
    by_number = {line.export_no: line for line in _known(case_id, PayoutLine.export_no.in_(numbers))}
    found = {row.row: by_number[row.export_no] for row in rows if row.export_no in by_number}
    nameless = {row.row: keyed_hash("card", row.account) for row in rows if not row.export_no and not row.fault}
    if nameless:
        lines: dict[bytes, list[Known]] = {}
        for line in _known(case_id, PayoutLine.card_hash.in_(set(nameless.values()))):
            if line.state != LineState.CANCELLED:
                lines.setdefault(bytes(line.card_hash), []).append(line)
        for row in rows:
            if row.row in nameless and (one := _only_one(lines.get(nameless[row.row], ()), row.amount)) is not None:
                found[row.row] = one
    return found


def _known(case_id: str, which: ColumnElement[bool]) -> list[Known]:
    """Lines of a case. The case is looked at here: SQLite would walk all of its lines for each piece of a file."""
    return [line for line in db.session.execute(select(*KNOWN).where(which)) if line.case_id == case_id]


def _only_one(lines: Sequence[Known], amount: int | None) -> Known | None:
    """The payment that is meant: the one on its way, else the only one there ever was; None when it could be several."""
    fitting = [line for line in lines if line.amount == amount]
    on_its_way = [line for line in fitting if line.state in ON_ITS_WAY]
    chosen = on_its_way or fitting
    return chosen[0] if len(chosen) == 1 else None


def _held_lines(matched: Mapping[int, Known]) -> dict[int, PayoutLine]:
    """The lines of the rows as they are once nobody else can decide on their people's money."""
    hold_people({line.case_payee_id for line in matched.values()})
    query = select(PayoutLine).where(PayoutLine.id.in_({line.id for line in matched.values()}))
    lines = {line.id: line for line in db.session.scalars(query.execution_options(populate_existing=True))}
    return {row: lines[line.id] for row, line in matched.items()}


def _released(batch_ids: Collection[str]) -> frozenset[str]:
    """Which of these batches a second person has let go."""
    query = select(PayoutBatch.id).where(PayoutBatch.id.in_(batch_ids), PayoutBatch.state == BatchState.RELEASED)
    return frozenset(db.session.scalars(query))


def _waves(answers: Iterable[Answered]) -> Iterator[list[Answered]]:
    """The rows in their order, in groups that name nobody twice: what a row says may rest on what one before it did."""
    wave: list[Answered] = []
    people: set[int] = set()
    for row, line in answers:
        if line is not None and line.case_payee_id in people:
            yield wave
            wave, people = [], set()
        wave.append((row, line))
        if line is not None:
            people.add(line.case_payee_id)
    yield wave


def _settle(
    wave: Sequence[Answered], result: PayoutResult, released: Collection[str], *, now: datetime
) -> Sequence[tuple[BankRow, str]]:
    """What rows about different people do to their lines: to each one of Effect, or a code of what is wrong with it."""
    said, moves = [], []
    for row, line in wave:
        effect = row.fault or _effect(line, row, released)
        said.append((row, effect))
        if line is not None and effect in MOVES:
            moves.append(Move(line, row, Effect(effect)))
    if doubts := [_doubt(move, result.id) for move in moves if move.doubts]:
        db.session.execute(insert(PayoutDoubt), doubts)
    for move in moves:
        _write(move, result.id, now=now)
    db.session.flush()
    _follow_up(moves, now=now)
    return said


def _effect(line: PayoutLine | None, row: BankRow, released: Collection[str]) -> str:
    if line is None or row.answer is None:
        return "unknown_line"
    if row.amount is not None and row.amount != line.amount:
        return "amount_differs"
    if not _same_account(row.account, line.card_number):
        return "account_differs"
    return effect_of(LineState(line.state), row.answer) if line.batch_id in released else Effect.UNSENT


def _same_account(said: str, ours: str) -> bool:
    """Whether what a row says of the account is ours: nothing, all of it, or its head and tail with a mask between them.

    Also a number that a spreadsheet has rounded: its first fifteen digits with zeros after them, or 6.21234E+18.
    """
    named = unicodedata.normalize("NFKC", said).replace("-", "")
    if not named or named == ours or named == ours[:15] + "0" * len(ours[15:]):
        return True
    if masked := _MASKED.fullmatch(named):
        head, tail = masked.groups()
        return len(head) + len(tail) < len(ours) and ours.startswith(head) and ours.endswith(tail)
    rounded = _ROUNDED.fullmatch(named)
    return rounded is not None and Decimal(named) == Decimal(f"{Decimal(ours):.{len(rounded[1])}E}")


def _write(move: Move, result_id: str, *, now: datetime) -> None:
    line, row = move.line, move.row
    line.settled_at = now
    line.bank_words = f"{row.code} {row.words}".strip() or line.bank_words
    if move.effect is Effect.CONFLICT:
        line.held = Held.CONFLICT  # it decides nothing: the line goes on naming the answer that did
        return
    line.result_id, line.row = result_id, row.row
    if move.effect is Effect.GIVE_BACK:
        reason = move.reason
        line.state, line.reason = LineState.RETURNED, reason.code
        line.held = Held.LOOK if reason.follows in (Follows.LOOK, Follows.WAIT) else None
    else:
        line.state = LineState.PAID if move.effect is Effect.PAY else LineState.PROCESSING


def _doubt(move: Move, result_id: str) -> dict[str, Any]:
    """What was known before an answer, and what that says: whoever releases the next payment must see both."""
    line, row = move.line, move.row
    return {
        "case_id": line.case_id,
        "line_id": line.id,
        "known": line.state,
        "known_words": line.bank_words,
        "says": row.answer,
        "words": f"{row.code} {row.words}".strip() or None,
        "reason": None if row.answer is Answer.PAID else move.reason.code,
        "result_id": result_id,
    }


def _follow_up(moves: Sequence[Move], *, now: datetime) -> None:
    """What follows once the lines are written: it goes into the trail, people stand as paid or not, and are told."""
    notes = [_note(move) for move in moves if move.effect in (Effect.CONFLICT, Effect.GIVE_BACK)]
    audit.record_all(notes, now=now)
    paid = [move.line for move in moves if move.effect is Effect.PAY]
    returned = [(move.reason.follows, move.line) for move in moves if move.effect is Effect.GIVE_BACK]
    note_stages([line.case_payee_id for line in (*paid, *(line for _, line in returned))])
    tell_paid(paid, now=now)
    give_back([line for follows, line in returned if follows is Follows.ASK], now=now)
    tell_again([line for follows, line in returned if follows is Follows.AGAIN], now=now)


def _note(move: Move) -> audit.Deed:
    line, contradicts = move.line, move.effect is Effect.CONFLICT
    action = "payouts.contradicted" if contradicts else "payouts.returned"
    said = {"says": move.row.answer} if contradicts else {"reason": move.reason.code}
    return audit.Deed(audit.SYSTEM, action, ("line", str(line.id)), {"export_no": line.export_no, **said})
