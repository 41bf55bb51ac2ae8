"""Importing a register: read by the worker in small transactions, shown, and then put into force by a short one.

What a file brings is written as it is read, but is there for nobody until the import is applied; so a million people come
into force by one row's change, and no lock is held for longer than some thousand rows take. A file with a faulty row
changes nothing, and what was written of it goes away again. A worker that is killed leaves rows that the next try removes
before it begins anew.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from webapp.cases.headings import FIELDS, LOOKED_AT, NEEDED, Head, find_head, plain
from webapp.cases.lost import take_lost
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.reading import BREATH, Outlook, Progress, Reading, SupersededRun, changed_rows, note_faults
from webapp.cases.register_files import UnreadableRegister, forget_file, keep_file, pieces_of, rows_of
from webapp.cases.register_models import (
    PENDING,
    ImportState,
    NamePosting,
    RegisterChange,
    RegisterFault,
    RegisterImport,
)
from webapp.cases.register_rows import RowFault
from webapp.cases.spent import overspent_by
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_id
from webapp.core.tables import UnreadableTable
from webapp.core.workbooks import Cell
from webapp.identity.models import Identity
from webapp.ports.object_store import ObjectStore

READ_REGISTER, CLEAR_REGISTER, RESTAGE = "read_register", "clear_register", "restage"
CLEARED_AT_ONCE = 5000
PROOF_AT_MOST = timedelta(hours=1)
"""Longer than any transaction in which somebody proves who they are, than a reading ends, and than two machines' clocks differ."""


class ImportPending(Exception):
    """Another import of this case waits to be applied or discarded."""


class CannotApply(Exception):
    """`why`: "gone" (not ready any more), "control" (totals differ), "doubled" (nobody said that rows which are wholly the
    same are meant), "changed" (the case was changed since) or "paid".

    "paid": money went out since, and somebody would be left with less than that. After the last two it is read again.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Control:
    """What a clerk says a file holds, to be compared: rows, and the sum in fen. None: not said."""

    rows: int | None = None
    fen: int | None = None

    def agrees(self, outlook: Mapping[str, Any]) -> bool:
        """True unless something was said that isn't so."""
        return self.rows in (None, outlook.get("rows")) and self.fen in (None, outlook.get("fen"))


def take_file(
    case_id: str,
    file_name: str,
    source: IO[bytes],
    control: Control,
    *,
    clerk_id: str,
    store: ObjectStore,
    now: datetime,
) -> str:
    """Seals a register's file and has the worker read it; returns the import's id. Raises ImportPending, TooLargeFile."""
    import_id = new_id()
    if pending_import(case_id) is not None:
        raise ImportPending
    kept = keep_file(import_id, source, store=store)
    try:
        with unit_of_work():
            begun = begin_import(case_id, file_name, kept.sha256, clerk_id=clerk_id, now=now, import_id=import_id)
            begun.chunks, begun.size = kept.pieces, kept.size
            begun.control = {"rows": control.rows, "fen": control.fen}
            jobs.enqueue(READ_REGISTER, {"import": import_id}, now=now)
    except IntegrityError:  # somebody else's, at this very moment
        forget_file(import_id, kept.pieces, store=store)
        raise ImportPending from None
    return import_id


def begin_import(
    case_id: str, file_name: str, sha256: str, *, clerk_id: str | None, now: datetime, import_id: str | None = None
) -> RegisterImport:
    """Writes down that a file came, inside a unit of work."""
    begun = RegisterImport(
        id=import_id or new_id(), case_id=case_id, file_name=file_name[-120:], sha256=sha256, rows=0, added=0, changed=0, imported_at=now,
        totals={}, state=ImportState.READING, made_by=clerk_id,
    )  # fmt: skip
    db.session.add(begun)
    db.session.flush()
    by = audit.Actor("clerk", clerk_id) if clerk_id else audit.OPERATOR
    audit.record(by, "cases.register_sent", ("import", begun.id), now=now, case=case_id, sha256=sha256)
    return begun


def pending_import(case_id: str) -> RegisterImport | None:
    """The import of a case that is being read or waits for a clerk."""
    return db.session.scalar(
        select(RegisterImport).where(RegisterImport.case_id == case_id, RegisterImport.state.in_(PENDING))
    )


def read_register_file(
    import_id: str, *, store: ObjectStore, today: date, test_phones: bool, now: Callable[[], datetime]
) -> None:
    """The worker's job: reads the file of an import to its end. Safe to run again, also while another worker runs it."""
    begun = db.session.get_one(RegisterImport, import_id)
    if begun.state != ImportState.READING:
        return
    opened = pieces_of(import_id, begun.chunks, store=store)
    db.session.rollback()
    try:
        read_rows(import_id, opened, today=today, test_phones=test_phones, now=now)
    except SupersededRun:
        return


def read_rows(
    import_id: str,
    opened: Callable[[], Iterator[bytes]],
    *,
    today: date,
    test_phones: bool,
    now: Callable[[], datetime],
    ask: bool = True,
) -> Outlook | None:
    """Reads a register; what it would do, or None where nothing can be done with it: the import says why.

    Unless `ask`, columns that aren't certain are a fault instead of a question.
    """
    run, case = _new_run(import_id)
    progress = Progress()
    try:
        rows = iter(rows_of(opened, progress.note))
        first = list(itertools.islice(rows, LOOKED_AT))
        head = find_head([[str(cell) for cell in row] for row in first], case.columns)
        if head is None or len(head.headings) < len(NEEDED) or (not ask and not head.sure):
            raise UnreadableRegister("missing", "、".join(head.headings)[:200] if head else "")
        if not head.sure:
            _ask(import_id, run, head, first)
            return None
        reading = Reading(import_id, run, case, head.columns, today=today, test_phones=test_phones, progress=progress)
        reading.take(first[head.row + 1 :], start=head.row + 2)
        reading.take(rows, start=len(first) + 1)
        outlook = reading.finish(now())
    except UnreadableTable as unreadable:
        _unreadable(import_id, run, unreadable)
        return None
    if outlook.faults:
        clear_rows(import_id)
    return outlook


def _new_run(import_id: str) -> tuple[str, Case]:
    """Takes the import away from whoever read it before, and removes what they wrote."""
    run = new_id()
    with unit_of_work():
        begun = db.session.get_one(RegisterImport, import_id)
        if begun.state != ImportState.READING:
            raise SupersededRun
        begun.run = run
        case = db.session.get_one(Case, begun.case_id)
        begun.stamp, begun.rows, begun.faults, begun.done = case.stamp, 0, 0, 0
    _clear(delete(RegisterFault).where(RegisterFault.import_id == import_id), RegisterFault.id)
    clear_rows(import_id)
    return run, case


def _ask(import_id: str, run: str, head: Head, first: Sequence[Sequence[Cell]]) -> None:
    samples = [[str(cell) for cell in row[: len(head.headings)]] for row in first[head.row + 1 : head.row + 4]]
    with unit_of_work():
        begun = db.session.get_one(RegisterImport, import_id, with_for_update=True)
        if begun.run == run and begun.state == ImportState.READING:
            begun.state = ImportState.ASKS
            begun.head = {"headings": list(head.headings), "guess": dict(head.columns), "samples": samples}


def _unreadable(import_id: str, run: str, why: UnreadableTable) -> None:
    with unit_of_work():
        begun = db.session.get_one(RegisterImport, import_id, with_for_update=True)
        if begun.run == run and begun.state == ImportState.READING:
            begun.state, begun.faults = ImportState.UNREADABLE, 1
            field = {"missing": "headings", "none": "rows"}.get(why.code, "file")
            note_faults(import_id, [RowFault(why.row, field, f"{field}:{why.code}", why.detail)])
    clear_rows(import_id)


def answer_columns(import_id: str, fields: Sequence[str], *, clerk_id: str, now: datetime) -> None:
    """A clerk says what each heading means ("" for nothing): remembered for the case, and the file is read. In a unit of work.

    Raises ValueError when a needed one is missing or one is given twice.
    """
    begun = db.session.get_one(RegisterImport, import_id, with_for_update=True)
    if begun.state != ImportState.ASKS or begun.head is None:
        return
    given = [name for name in fields if name]
    if set(given) - set(FIELDS) or len(set(given)) != len(given) or not set(NEEDED) <= set(given):
        raise ValueError(",".join(given))
    case = db.session.get_one(Case, begun.case_id)
    case.columns = {**case.columns, **{plain(h): name for h, name in zip(begun.head["headings"], fields, strict=True)}}
    begun.state, begun.head = ImportState.READING, None
    jobs.enqueue(READ_REGISTER, {"import": import_id}, now=now)
    audit.record(audit.Actor("clerk", clerk_id), "cases.columns_named", ("import", import_id), now=now, case=case.id)


def apply_import(
    import_id: str, *, actor: audit.Actor, control: Control | None = None, doubled_meant: bool = False, now: datetime
) -> RegisterImport:
    """Puts an import that was looked at into force, in the caller's unit of work. Raises CannotApply.

    `doubled_meant`: somebody said that its doubled rows, if it has any, are several sums of one person.

    People become visible by the import's own row; only entries that change are touched one by one.
    """
    ready = db.session.get_one(RegisterImport, import_id, with_for_update=True)
    case = db.session.get_one(Case, ready.case_id)
    if ready.state != ImportState.READY:
        raise CannotApply("gone")
    if not (control or Control(**ready.control)).agrees(ready.totals):
        raise CannotApply("control")
    doubled = ready.totals.get("doubled", 0)
    if doubled and not doubled_meant:
        raise CannotApply("doubled")
    added, fen = ready.totals["added"], ready.totals["fen"]
    still = update(Case).where(Case.id == case.id, Case.stamp == ready.stamp)
    if not changed_rows(still.values(stamp=Case.stamp + 1, people=Case.people + added)):
        raise CannotApply("changed")
    _hold_changed(import_id)
    if overspent_by(import_id):
        raise CannotApply("paid")
    db.session.execute(_KEEP, {"import": import_id})
    db.session.execute(_CHANGE, {"import": import_id})
    read_at = ready.imported_at
    ready.state, ready.applied_at, ready.imported_at = ImportState.APPLIED, now, now
    db.session.flush()
    take_lost(case.id, now=now)
    counts = {
        "rows": ready.rows,
        "added": added,
        "changed": ready.totals["changed"],
        "fen": fen,
        "doubled": doubled,
        "sha256": ready.sha256,
    }
    audit.record(actor, "cases.imported", ("case", case.id), now=now, **counts)
    _mark_verified_late(ready, read_at=read_at)
    jobs.enqueue(CLEAR_REGISTER, {"import": import_id}, now=now)
    jobs.enqueue(RESTAGE, {"case": case.id}, now=now)
    db.session.expire_all()
    return ready


def _mark_verified_late(ready: RegisterImport, *, read_at: datetime) -> None:
    """Marks who was proving who they are while the register was read, and so was seen by neither.

    The trigger that marks them (migration 0060) ran before the last rows were there, and their identity wasn't there yet when
    the reading ended by marking who had one. Here they are: whoever proves it stands in the queue of the audit chain from
    before that trigger until the end, and so do we by now. Nobody else holds these rows, which come into force only with us.
    SQLite has one writer, and so no such moment.
    """
    if db.engine.dialect.name != "postgresql":
        return
    then = Identity.proved_at.between(read_at - PROOF_AT_MOST, read_at + PROOF_AT_MOST)
    proved = select(Identity.match_hash).where(then, Identity.superseded_at.is_(None))
    listed = CasePayee.import_id == ready.id, CasePayee.case_id == ready.case_id, CasePayee.stage == Stage.NONE
    for number in (CasePayee.number_hash, CasePayee.other_hash):
        changed_rows(update(CasePayee).where(number.in_(proved), *listed).values(stage=Stage.VERIFIED))


def _hold_changed(import_id: str) -> None:
    """Has whoever sends money to these people wait for us, or waits for them; in the order of ids, as they all do.

    Only then is it certain what has gone out. SQLite has one writer, who need not ask.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(_HOLD, {"import": import_id})


_HOLD = text(
    "SELECT count(*) FROM (SELECT p.id FROM case_payee AS p JOIN register_change AS c ON c.payee_id = p.id"
    " WHERE c.import_id = :import ORDER BY p.id FOR UPDATE OF p) AS held"
)
_KEEP = text(
    "INSERT INTO register_amount (import_id, payee_id, before, after) SELECT c.import_id, p.id, p.amount, c.amount"
    " FROM register_change AS c JOIN case_payee AS p ON p.id = c.payee_id"
    " WHERE c.import_id = :import AND p.amount <> c.amount"
)
_CHANGE = text(
    "UPDATE case_payee SET amount = c.amount, name = coalesce(c.name, case_payee.name),"
    " name_hash = coalesce(c.name_hash, case_payee.name_hash), phone = coalesce(c.phone, case_payee.phone),"
    " phone_hash = coalesce(c.phone_hash, case_payee.phone_hash)"
    " FROM register_change AS c WHERE c.import_id = :import AND c.payee_id = case_payee.id"
)


def read_again(import_id: str, *, now: datetime) -> None:
    """The case was changed since the file was read: reads it once more. In a unit of work."""
    ready = db.session.get_one(RegisterImport, import_id, with_for_update=True)
    if ready.state == ImportState.READY:
        ready.state = ImportState.READING
        jobs.enqueue(READ_REGISTER, {"import": import_id}, now=now)


def say_totals(import_id: str, said: Control, *, clerk_id: str, now: datetime) -> None:
    """A clerk says anew what the file holds, while it waits to be put into force; afterwards nothing changes. In a unit of work."""
    begun = db.session.get_one(RegisterImport, import_id, with_for_update=True)
    if begun.state not in PENDING:
        return
    begun.control = asdict(said)
    by = audit.Actor("clerk", clerk_id)
    audit.record(by, "cases.register_totals", ("import", import_id), now=now, case=begun.case_id, **asdict(said))


def discard_import(import_id: str, *, clerk_id: str | None, now: datetime) -> None:
    """A clerk puts an import away: nothing of it takes effect, what was written goes. In a unit of work."""
    begun = db.session.get_one(RegisterImport, import_id, with_for_update=True)
    if begun.state not in PENDING:
        return
    begun.state, begun.head = ImportState.DISCARDED, None
    jobs.enqueue(CLEAR_REGISTER, {"import": import_id}, now=now)
    by = audit.Actor("clerk", clerk_id) if clerk_id else audit.OPERATOR
    audit.record(by, "cases.register_discarded", ("import", import_id), now=now, case=begun.case_id)


def clear_import(import_id: str, *, store: ObjectStore) -> None:
    """The worker's job after the end: removes the file, and what an import that has no effect has written."""
    ended = db.session.get_one(RegisterImport, import_id)
    if ended.state in PENDING:
        return
    pieces, applied = ended.chunks, ended.applied_at is not None
    db.session.rollback()
    clear_rows(import_id, people=not applied)
    forget_file(import_id, pieces, store=store)


def clear_rows(import_id: str, *, people: bool = True) -> None:
    """Removes what a try has written, some thousand rows at a time, so that nobody who writes waits long."""
    _clear(delete(RegisterChange).where(RegisterChange.import_id == import_id), RegisterChange.payee_id)
    if not people:
        return
    case_id = db.session.get_one(RegisterImport, import_id).case_id
    db.session.rollback()
    _clear(
        delete(NamePosting).where(NamePosting.case_id == case_id, NamePosting.segment == import_id), NamePosting.token
    )
    _clear(delete(CasePayee).where(CasePayee.case_id == case_id, CasePayee.import_id == import_id), CasePayee.id)


def _clear(all_of_it: Any, key: Any) -> None:
    """Runs a DELETE in pieces, by its key."""
    wanted = select(key).where(all_of_it.whereclause).order_by(key)
    last = None
    while True:
        some = db.session.scalars(
            (wanted.where(key > last) if last is not None else wanted).limit(CLEARED_AT_ONCE)
        ).all()
        db.session.rollback()
        if not some:
            return
        with unit_of_work():
            changed_rows(all_of_it.where(key >= some[0], key <= some[-1]))
        last = some[-1]
        time.sleep(BREATH)
