"""One try at reading a register: people are sealed and written in small transactions, unseen until the import is applied."""

from __future__ import annotations

import itertools
import os
import time
from array import array
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from webapp.cases import bulk
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.name_index import NameCollector
from webapp.cases.register_files import UnreadableRegister
from webapp.cases.register_models import ImportState, RegisterChange, RegisterFault, RegisterImport
from webapp.cases.register_rows import DOUBLED, RegisterRow, RowFault, RowReader
from webapp.cases.rules import format_amount
from webapp.cases.spent import overspent_by
from webapp.core.db import db, unit_of_work
from webapp.core.sealing import key_ring
from webapp.core.workbooks import Cell
from webapp.identity.models import Identity
from webapp.identity.rules.documents import DocumentType, match_key

CHUNK = 8000
BREATH = 0.004  # seconds between two chunks, in which others who write get their turn
NAME_HASH = 8
MANY_ZEROS = 0.02  # of sound resident IDs one in a thousand ends with 000; of rounded ones all do


class SupersededRun(Exception):
    """Another worker reads this file now, or a clerk has discarded it."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would do. `rows` of people were read, which are `people`; `gone` are entries that it doesn't name.

    `doubled` rows are wholly the same as an earlier one: whether they are meant, only a clerk can say.
    """

    rows: int
    people: int
    added: int
    changed: int
    unchanged: int
    gone: int
    fen: int
    bad_phones: int
    faults: int
    doubled: int = 0

    def told(self) -> dict[str, int]:
        """As the import keeps it."""
        return asdict(self)


@dataclass(slots=True)
class Progress:
    """How many bytes of the file have been read."""

    done: int = 0

    def note(self, done: int) -> None:
        """Hears it from the file."""
        self.done = done


@dataclass(slots=True)
class _Counts:
    """`extra` is what later rows of somebody add; `touchy` are known entries that have transfers or would get less, and in
    `touchy_rows` the rows that name them: flat, as a register may lower everybody."""

    rows: int = 0
    fen: int = 0
    added: int = 0
    matched: int = 0
    faults: int = 0
    doubled: int = 0
    extra: dict[bytes, int] = field(default_factory=dict)
    touchy: array[int] = field(default_factory=lambda: array("q"))
    touchy_rows: array[int] = field(default_factory=lambda: array("q"))


class _Named:
    """Whom the rows so far have named, and with what: flat, as it may be a million. Kept are hashes, of this process alone."""

    OTHER_NAME = -1

    def __init__(self) -> None:
        self._at: dict[bytes, int] = {}
        self._names, self._wholes, self._rows = array("q"), array("q"), array("q")
        self._later: dict[int, int] = {}  # of those who come again: what a row said, and which one did first

    def take(self, digest: bytes, row: RegisterRow) -> int | None:
        """None: the first row of this number. Else the row that says wholly the same, 0 if none does, or OTHER_NAME."""
        name, whole = hash(row.name), hash((row.name, row.amount, row.phone))
        at = self._at.setdefault(digest, len(self._names))
        if at == len(self._names):
            self._names.append(name)
            self._wholes.append(whole)
            self._rows.append(row.row_number)
            return None
        if self._names[at] != name:
            return self.OTHER_NAME
        if self._wholes[at] == whole:
            return self._rows[at]
        earlier = self._later.setdefault(hash((digest, whole)), row.row_number)
        return earlier if earlier != row.row_number else 0


class Reading:
    """Takes rows in; `finish` tells what they would do. `case` is as it was when this try began."""

    def __init__(
        self,
        import_id: str,
        run: str,
        case: Case,
        columns: Mapping[str, int],
        *,
        today: date,
        test_phones: bool,
        progress: Progress,
    ) -> None:
        self._import_id, self._run, self._case_id, self._empty = import_id, run, case.id, case.people == 0
        self._reader = RowReader(columns, today=today, test_phones=test_phones)
        self._progress, self._counts = progress, _Counts()
        self._named = _Named()
        self._names = NameCollector()
        ring = key_ring()
        self._hash, self._hash_name = ring.hasher("document"), ring.hasher("case_payee.name")
        self._seal_name, self._seal_number = ring.sealer("case_payee.name"), ring.sealer("case_payee.number")
        self._seal_phone, self._hash_phone = ring.sealer("case_payee.phone"), ring.hasher("phone")

    def take(self, rows: Iterable[Sequence[Cell]], *, start: int) -> None:
        """Reads rows whose first one has the number `start`. Raises SupersededRun."""
        numbered, read = enumerate(rows, start), self._reader.read
        while chunk := list(itertools.islice(numbered, CHUNK)):
            good: list[RegisterRow] = []
            bad: list[RowFault] = []
            for place, cells in chunk:
                found = read(place, cells)
                if isinstance(found, RegisterRow):
                    good.append(found)
                elif found:
                    bad += found
            self._write(good, bad)
            time.sleep(BREATH)

    def _write(self, good: Sequence[RegisterRow], bad: Sequence[RowFault]) -> None:
        fresh, others, doubled = self._first_rows(good)
        bad = [*bad, *others]
        self._counts.doubled += len(doubled)
        self._counts.rows += len(good)
        self._counts.fen += sum(row.amount for row in good)
        self._counts.faults += len(bad)
        changes = [] if self._empty else self._leave_out_known(fresh)
        sound = not self._counts.faults
        people = [self._sealed(row, digest) for digest, row in fresh.items()] if sound else []
        with unit_of_work():
            self._hold_run(rows=self._counts.rows, faults=self._counts.faults, done=self._progress.done)
            note_faults(self._import_id, [*bad, *doubled])
            bulk.insert_changes(changes if sound else [])
            ids = bulk.insert_people(people) if people else []
        self._counts.added += len(fresh)
        if people:
            self._names.add([row.name for row in fresh.values()], ids)

    def _first_rows(
        self, good: Sequence[RegisterRow]
    ) -> tuple[dict[bytes, RegisterRow], list[RowFault], list[RowFault]]:
        """Those whom no earlier row named; of the others it is remembered what they get more. Also faults, and doubled rows.

        A number that comes again with another name is a fault: whose money it is can't be known.
        """
        extra, take, digest_of = self._counts.extra, self._named.take, self._hash
        fresh: dict[bytes, RegisterRow] = {}
        faults: list[RowFault] = []
        doubled: list[RowFault] = []
        for row in good:
            resident = row.document_type == "resident_id" and len(row.number) == 18
            key = f"cn:{row.number}" if resident else match_key(DocumentType(row.document_type), row.number)
            digest = digest_of(key)
            same_as = take(digest, row)
            if same_as is None:
                fresh[digest] = row
            elif same_as == _Named.OTHER_NAME:
                faults.append(RowFault(row.row_number, "name", "name:other"))
            else:
                extra[digest] = extra.get(digest, 0) + row.amount
                if same_as:
                    doubled.append(RowFault(row.row_number, "row", DOUBLED, str(same_as)))
        return fresh, faults, doubled

    def _leave_out_known(self, fresh: dict[bytes, RegisterRow]) -> list[tuple[Any, ...]]:
        """Takes those out whom the case names already, and gives what would change in them, in the order of bulk.CHANGES."""
        others = {self._other_hash(row): digest for digest, row in fresh.items() if row.other_type}
        entries = bulk.known_entries(self._case_id, [*fresh, *(other for other in others if other)])
        db.session.rollback()
        changes = []
        for entry in entries:
            digest = next(
                (d for d in (entry[1], entry[2], others.get(bytes(entry[1]))) if d and bytes(d) in fresh), None
            )
            if digest is not None:
                changes += self._change(entry, fresh.pop(bytes(digest)))
        return changes

    def _change(self, entry: Sequence[Any], row: RegisterRow) -> list[tuple[Any, ...]]:
        payee_id, _, _, name_hash, amount, moved, _, phone = entry
        self._counts.matched += 1
        if moved or row.amount < amount:
            self._counts.touchy.append(payee_id)
            self._counts.touchy_rows.append(row.row_number)
        new_hash = self._hash_name(row.name)[:NAME_HASH]
        renamed = name_hash is None or bytes(name_hash) != new_hash
        known_phone = key_ring().open(bytes(phone), "case_payee.phone").decode() if phone and row.phone else None
        called_else = row.phone is not None and row.phone != known_phone
        if not (renamed or called_else or moved) and amount == row.amount:
            return []
        if renamed:
            self._names.add([row.name], [payee_id])
        name = self._seal_name(row.name) if renamed else None
        new_phone = self._phone(row) if called_else else (None, None)
        return [(self._import_id, payee_id, row.amount - moved, name, new_hash if renamed else None, *new_phone)]

    def _phone(self, row: RegisterRow) -> tuple[bytes | None, bytes | None]:
        """Sealed, and what it is found by."""
        return (self._seal_phone(row.phone), self._hash_phone(row.phone)) if row.phone else (None, None)

    def _other_hash(self, row: RegisterRow) -> bytes | None:
        return self._hash(match_key(DocumentType(row.other_type), row.number)) if row.other_type else None

    def _sealed(self, row: RegisterRow, digest: bytes) -> tuple[Any, ...]:
        return (
            urlsafe_b64encode(os.urandom(16))[:22].decode(), self._case_id, digest, self._other_hash(row) if row.other_type else None,
            self._hash_name(row.name)[:NAME_HASH], self._seal_name(row.name), self._seal_number(row.number),
            *self._phone(row), row.document_type, row.amount, 0, Stage.NONE.value, self._import_id,
        )  # fmt: skip

    def finish(self, now: datetime) -> Outlook:
        """Adds up, checks what can only be seen at the end, writes the index of names; then the import may be looked at."""
        counts = self._counts
        if not counts.rows and not counts.faults:
            raise UnreadableRegister("none")
        faults: list[RowFault] = []
        if self._reader.end_with_zeros > max(2, MANY_ZEROS * counts.rows):
            faults.append(RowFault(0, "rows", "rows:rounded"))
        if not counts.faults and not faults:
            self._add_up()
            faults += self._impossible() + self._overspent()
        counts.faults += len(faults)
        with unit_of_work():
            self._hold_run(faults=counts.faults)
            note_faults(self._import_id, faults)
        if not counts.faults:
            self._write_names()
            self._mark_verified()
        return self._settle(now)

    def _add_up(self) -> None:
        """What later rows of the same people say, on top of the first."""
        rest = list(self._counts.extra.items())
        while rest:
            some, rest = rest[:CHUNK], rest[CHUNK:]
            with unit_of_work():
                self._hold_run()
                for digest, fen in some:
                    mine = (
                        CasePayee.number_hash == digest,
                        CasePayee.case_id == self._case_id,
                        CasePayee.import_id == self._import_id,
                    )
                    added = update(CasePayee).where(*mine).values(amount=CasePayee.amount + fen)
                    if not changed_rows(added):
                        self._add_to_known(digest, fen)

    def _add_to_known(self, digest: bytes, fen: int) -> None:
        entry = bulk.known_entries(self._case_id, [digest])[0]
        mine = RegisterChange.import_id == self._import_id, RegisterChange.payee_id == entry[0]
        if not changed_rows(update(RegisterChange).where(*mine).values(amount=RegisterChange.amount + fen)):
            bulk.insert_changes([(self._import_id, entry[0], entry[4] + fen, None, None, None, None)])

    def _impossible(self) -> list[RowFault]:
        """Entries with transfers that would be left with less than nothing, or that were merged away and would get something."""
        query = select(RegisterChange.payee_id, RegisterChange.amount, CasePayee.merged_into_id)
        query = query.join(CasePayee, CasePayee.id == RegisterChange.payee_id).where(
            RegisterChange.import_id == self._import_id
        )
        query = query.where(or_(RegisterChange.amount < 0, CasePayee.merged_into_id.is_not(None)))
        rows = db.session.execute(query).all()
        db.session.rollback()
        row_of = self._rows_of({r.payee_id for r in rows})
        merged = [
            RowFault(row_of.get(r.payee_id, 0), "number", "number:merged")
            for r in rows
            if r.merged_into_id and r.amount
        ]
        return merged + [
            RowFault(row_of.get(r.payee_id, 0), "amount", "amount:moved") for r in rows if not r.merged_into_id
        ]

    def _overspent(self) -> list[RowFault]:
        """People who would be left with less than what has gone out to them; told is the new amount, and what went out."""
        found = overspent_by(self._import_id)
        db.session.rollback()
        row_of = self._rows_of({one.payee_id for one in found})
        return [
            RowFault(
                row_of.get(one.payee_id, 0),
                "amount",
                "amount:paid",
                f"{format_amount(one.amount)} < {format_amount(one.spent)}",
            )
            for one in found
            if one.amount >= 0  # less than nothing is told already
        ]

    def _rows_of(self, payee_ids: set[int]) -> dict[int, int]:
        counts = self._counts
        pairs = zip(counts.touchy, counts.touchy_rows, strict=True)
        return {payee_id: row for payee_id, row in pairs if payee_id in payee_ids}

    def _write_names(self) -> None:
        postings = [
            (self._case_id, token, self._import_id, first, steps)
            for token, first, steps in self._names.postings(self._case_id)
        ]
        for start in range(0, len(postings), 500):
            with unit_of_work():
                self._hold_run()
                bulk.insert_postings(postings[start : start + 500])
            time.sleep(BREATH)

    def _mark_verified(self) -> None:
        """Whoever was verified before the register named them; who is from now on, a trigger marks."""
        proved = select(Identity.match_hash).where(Identity.superseded_at.is_(None))
        named = or_(CasePayee.number_hash.in_(proved), CasePayee.other_hash.in_(proved))
        mine = CasePayee.case_id == self._case_id, CasePayee.import_id == self._import_id
        with unit_of_work():
            self._hold_run()
            changed_rows(update(CasePayee).where(named, *mine).values(stage=Stage.VERIFIED))

    def _settle(self, now: datetime) -> Outlook:
        counts = self._counts
        change = (
            select(func.count()).select_from(RegisterChange).join(CasePayee, CasePayee.id == RegisterChange.payee_id)
        )
        differs = or_(
            RegisterChange.amount != CasePayee.amount,
            RegisterChange.name_hash.is_not(None),
            RegisterChange.phone.is_not(None),
        )
        changed = db.session.scalar(change.where(RegisterChange.import_id == self._import_id, differs)) or 0
        by_registers = (
            select(func.count()).select_from(CasePayee).join(RegisterImport, RegisterImport.id == CasePayee.import_id)
        )
        named = 0
        if not self._empty:
            before = (
                RegisterImport.case_id == self._case_id,
                RegisterImport.applied_at.is_not(None),
                CasePayee.case_id == self._case_id,
            )
            named = db.session.scalar(by_registers.where(*before)) or 0
        db.session.rollback()
        outlook = Outlook(
            rows=counts.rows, people=counts.added + counts.matched, added=counts.added, changed=changed, unchanged=counts.matched - changed,
            gone=max(0, named - counts.matched), fen=counts.fen, bad_phones=self._reader.bad_phones, faults=counts.faults,
            doubled=counts.doubled,
        )  # fmt: skip
        with unit_of_work():
            state = ImportState.FAULTY if counts.faults else ImportState.READY
            effect = {"added": outlook.added, "changed": outlook.changed} if not counts.faults else {}
            told = {"rows": outlook.rows, "totals": outlook.told(), **effect}
            self._hold_run(state=state, imported_at=now, **told)
        return outlook

    def _hold_run(self, **values: Any) -> None:
        """Proves, at the start of each transaction, that this try is still the one that may write."""
        mine = (
            RegisterImport.id == self._import_id,
            RegisterImport.run == self._run,
            RegisterImport.state == ImportState.READING,
        )
        if not changed_rows(update(RegisterImport).where(*mine).values(run=self._run, **values)):
            raise SupersededRun


def note_faults(import_id: str, faults: Sequence[RowFault]) -> None:
    """Keeps what is wrong, inside the caller's unit of work."""
    rows = [
        {"import_id": import_id, "row_number": f.row_number, "field": f.column, "code": f.code, "hint": f.value_hint}
        for f in faults
    ]
    if rows:
        db.session.execute(insert(RegisterFault), rows)


def changed_rows(statement: Any) -> int:
    """How many rows an UPDATE or DELETE touched."""
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
