"""Nobody is paid twice, whatever is clicked, killed or imported twice: random histories against a bank of our own.

The bank of the model knows where the money really is. Whatever happened, what has arrived at a person and what the bank
could still pay them is never more than the register owes them, and the ledger always balances.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, select

from tests.crowd import add_people, make_case, sign_again
from tests.payouts.conftest import Money, result_csv, row_of
from webapp.accounts import sessions
from webapp.cases.imports import CannotApply, apply_import, begin_import, discard_import, read_rows
from webapp.cases.models import Case, CasePayee
from webapp.cases.register_models import ImportState, RegisterImport
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.identity.usecases import document_hash
from webapp.ledger.models import PayoutBatch, PayoutDoubt, PayoutLine, PayoutResult, PayoutRound
from webapp.ledger.queries import standings
from webapp.ledger.rules import ON_ITS_WAY, RoundKind
from webapp.payee.models import Submission
from webapp.payouts.queries import balance_of
from webapp.payouts.usecases import batches, files, results, rounds
from webapp.payouts.usecases.batches import BatchRefused
from webapp.payouts.usecases.rounds import RoundRefused
from webapp.payouts.usecases.settling import allowed_decisions, decide_hold
from webapp.staff.usecases import note_proof

NAMES = ("何志豪", "何志明", "何志华", "何志国")
CASES = itertools.count(1)
REFUSALS = ("收款账户已销户", "户名不符", "付款账户余额不足", "重复交易", "？")


class Killed(BaseException):
    """The process is gone, in the middle of a transaction."""


@contextlib.contextmanager
def killed_at(commit: int) -> Iterator[None]:
    """The process dies when it is about to commit for the so-many-th time; 0: it lives."""
    count = itertools.count(1)

    def die(_session: object) -> None:
        if next(count) == commit:
            raise Killed

    event.listen(db.session, "before_commit", die)
    try:
        with contextlib.suppress(Killed):
            yield
    finally:
        event.remove(db.session, "before_commit", die)
        db.session.rollback()


class Court(RuleBasedStateMachine):
    """One case with four payees, three managers and a bank."""

    money: Money

    @initialize(amounts=st.lists(st.integers(1, 100_000), min_size=4, max_size=4))
    def begin(self, amounts: list[int]) -> None:
        n = next(CASES)
        self.case_id = make_case(self.money.clock(), f"（2023）粤0399执{n}号", f"C{n:07d}")
        self.people = add_people(self.case_id, amounts, now=self.money.clock(), phones=False)
        self.owed = dict(zip(self.people, amounts, strict=True))
        self.proofs = 0
        self.managers = (self.money.maker, self.money.releaser, self.money.decider)
        lifetime = sessions.Lifetime(timedelta(days=1))
        with unit_of_work():
            db.session.get_one(Case, self.case_id).people = len(self.people)
            for place, who in enumerate(self.people):
                entry = db.session.get_one(CasePayee, who)
                entry.name, entry.number, entry.document_type = NAMES[place], f"E{who:08d}", "passport"
                entry.number_hash = document_hash("passport", entry.number)
            self.sessions = {
                clerk: sessions.find_by_token(
                    sessions.open_session(
                        "clerk", lifetime=lifetime, browser="b", now=self.money.clock(), clerk_id=clerk
                    )
                ).id
                for clerk in self.managers
            }
        self.truth: dict[int, str] = {}  # of each line that went out: open, paid or back
        self.sent_files: list[bytes] = []
        self.checked: set[str] = set()  # batches whose release was looked at

    def of(self, model: Any, *where: Any) -> list[Any]:
        db.session.rollback()
        query = select(model).where(model.case_id == self.case_id, *where).execution_options(populate_existing=True)
        return list(db.session.scalars(query.order_by(model.id)))

    def attempt(self, deed: Callable[[], object], kill: int = 0) -> None:
        """A click: refused, killed or done."""
        with contextlib.suppress(BatchRefused, RoundRefused), killed_at(kill), unit_of_work():
            deed()

    def proved(self, clerk: str, deed: Callable[[], object], *, proves: bool) -> Callable[[], object]:
        """A deed that takes a proof of who does it, as the pages ask for it; `proves`: it was given just before."""
        now = self.money.clock()
        if proves:
            self.proofs += 1
            with unit_of_work():
                note_proof(self.sessions[clerk], now=now)

        def once() -> None:
            if not sessions.spend_proof(self.sessions[clerk], now=now):
                raise BatchRefused("unproved")
            deed()

        return once

    @rule(data=st.data())
    def a_register_comes_again(self, data: st.DataObject) -> None:
        """It lowers, raises or keeps what each is owed; it is looked at now, and takes effect later, or never."""
        if self.of(RegisterImport, RegisterImport.state == ImportState.READY):
            return
        self.said = {}
        for who, fen in self.owed.items():
            self.said[who] = data.draw(st.sampled_from((fen, fen, 0, fen // 2, fen - 1 if fen else 0, fen + 100)))
        rows = [f"{NAMES[n]},护照,E{w:08d},{self.said[w] / 100:.2f}" for n, w in enumerate(self.people)]
        content = "\n".join(["姓名,证件类型,证件号码,金额", *rows, ""]).encode()
        now = self.money.clock()
        with unit_of_work():
            begun = begin_import(self.case_id, "r.csv", "0" * 64, clerk_id=self.money.maker, now=now).id
        read_rows(begun, lambda: iter([content]), today=now.date(), test_phones=False, now=lambda: now, ask=False)

    @rule(kill=st.integers(0, 2), discard=st.booleans())
    def the_register_takes_effect(self, kill: int, discard: bool) -> None:
        now, actor = self.money.clock(), audit.Actor("clerk", self.money.maker)
        for ready in self.of(RegisterImport, RegisterImport.state == ImportState.READY):
            with contextlib.suppress(CannotApply), killed_at(kill), unit_of_work():
                apply_import(ready.id, actor=actor, now=now)
            if self.of(RegisterImport, RegisterImport.id == ready.id)[0].state == ImportState.APPLIED:
                self.owed = dict(self.said)
            elif discard:
                with unit_of_work():
                    discard_import(ready.id, clerk_id=self.money.maker, now=now)

    @rule(
        kind=st.sampled_from(RoundKind),
        part=st.integers(1, 1_000_000),
        pot=st.integers(1, 200_000),
        kill=st.integers(0, 4),
    )
    def open_a_round(self, kind: RoundKind, part: int, pot: int, kill: int) -> None:
        asked = rounds.RoundAsked(
            kind, part if kind is RoundKind.PERCENT else None, pot if kind is RoundKind.POT else None
        )
        now = self.money.clock()
        self.attempt(lambda: rounds.open_round(self.case_id, asked, clerk_id=self.money.maker, now=now))
        for opening in self.of(PayoutRound, PayoutRound.state == "opening"):
            with killed_at(kill):
                rounds.work_out_shares(opening.id, now=now)

    @rule(kill=st.integers(0, 4), proves=st.sampled_from((True, True, False)))
    def make_a_batch(self, kill: int, proves: bool) -> None:
        now = self.money.clock()
        deed = lambda: batches.make_batch(self.case_id, "pipes", clerk_id=self.money.maker, now=now)  # noqa: E731
        self.attempt(self.proved(self.money.maker, deed, proves=proves))
        for batch in self.of(PayoutBatch, PayoutBatch.state == "making"):
            with killed_at(kill):
                batches.fill_batch(batch.id, now=now)

    @rule(data=st.data(), kill=st.integers(0, 2), proves=st.sampled_from((True, True, False)))
    def release_a_batch(self, data: st.DataObject, kill: int, proves: bool) -> None:
        found = self.of(PayoutBatch)
        if found:
            batch = data.draw(st.sampled_from(found))
            who = data.draw(st.sampled_from(self.managers))
            control, now = batch.control or "", self.money.clock()
            deed = lambda: batches.release_batch(batch.id, control, clerk_id=who, now=now)  # noqa: E731
            self.attempt(self.proved(who, deed, proves=proves), kill)

    @rule(kill=st.integers(0, 2))
    def write_the_files(self, kill: int) -> None:
        for batch in self.of(PayoutBatch, PayoutBatch.state == "writing"):
            with killed_at(kill):
                files.write_batch(batch.id, certificate=None, store=self.money.fakes.store, now=self.money.clock())
        for batch in self.of(PayoutBatch, PayoutBatch.state == "released"):
            assert batch.made_by != batch.released_by
            for line in self.of(PayoutLine, PayoutLine.batch_id == batch.id, PayoutLine.state != "cancelled"):
                self.truth.setdefault(line.id, "open")

    @rule(data=st.data(), kill=st.integers(0, 2))
    def cancel_or_shorten_a_batch(self, data: st.DataObject, kill: int) -> None:
        found = self.of(PayoutBatch)
        if not found:
            return
        batch, now = data.draw(st.sampled_from(found)), self.money.clock()
        lines = self.of(PayoutLine, PayoutLine.batch_id == batch.id)
        number = data.draw(st.sampled_from(["", *(line.export_no for line in lines)]))
        if number:
            self.attempt(lambda: batches.drop_line(batch.id, number, clerk_id=self.money.maker, now=now), kill)
        else:
            self.attempt(lambda: batches.cancel_batch(batch.id, clerk_id=self.money.maker, now=now), kill)

    @precondition(lambda self: self.truth)
    @rule(data=st.data())
    def the_bank_answers(self, data: st.DataObject) -> None:
        """It pays, bounces, doesn't know yet, or takes back what had arrived; and tells of some of it, truly."""
        rows = []
        for line in self.of(PayoutLine, PayoutLine.id.in_(self.truth)):
            fate = data.draw(st.sampled_from(("silent", "pay", "bounce", "wait", "tell")))
            if self.truth[line.id] == "open" and fate in ("pay", "bounce"):
                self.truth[line.id] = "paid" if fate == "pay" else "back"
            elif self.truth[line.id] == "paid" and fate == "bounce":
                self.truth[line.id] = "back"
            if fate == "silent":
                continue
            said = {"open": "处理中", "paid": "交易成功", "back": "退汇"}[self.truth[line.id]]
            why = data.draw(st.sampled_from(REFUSALS)) if said == "退汇" else ""
            row = row_of(line, said, why)
            rows.append(data.draw(st.sampled_from((row, [row[0], "", *row[2:]]))))
        self.sent_files.append(result_csv(rows))
        self.import_file(self.sent_files[-1], data.draw(st.integers(0, 4)), data.draw(st.sampled_from(self.managers)))

    @precondition(lambda self: self.sent_files)
    @rule(data=st.data(), kill=st.integers(0, 3))
    def an_old_file_comes_again(self, data: st.DataObject, kill: int) -> None:
        old = data.draw(st.sampled_from(self.sent_files))
        self.import_file(
            old + (b"\r\n" if data.draw(st.booleans()) else b""), kill, data.draw(st.sampled_from(self.managers))
        )

    def import_file(self, content: bytes, kill: int, who: str) -> None:
        store, now = self.money.fakes.store, self.money.clock()
        results.take_result(self.case_id, "r.csv", content, clerk_id=who, store=store, now=now)
        for reading in self.of(PayoutResult, PayoutResult.state == "reading"):
            with killed_at(kill):
                results.read_result(reading.id, store=store, now=now)

    @rule(data=st.data())
    def a_payee_signs_for_another_account(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.people))
        db.session.rollback()
        query = select(Submission.state).where(Submission.case_payee_id == who).order_by(Submission.version.desc())
        if db.session.scalar(query.limit(1)) == "returned":
            sign_again(who, now=self.money.clock())

    @rule(data=st.data())
    def a_clerk_decides_what_was_unclear(self, data: st.DataObject) -> None:
        """As the bank tells when it is asked: the truth."""
        for line in self.of(PayoutLine, PayoutLine.held.is_not(None)):
            wanted = {"paid": ("paid", "keep"), "back": ("ask", "again", "keep")}[self.truth[line.id]]
            fitting = [d for d in allowed_decisions(line) if d in wanted and not (d == "keep" and self.wrong(line))]
            if fitting:
                self.decide(line.id, data.draw(st.sampled_from(fitting)), data.draw(st.sampled_from(self.managers)))

    def decide(self, line_id: int, choice: str, who: str) -> None:
        now = self.money.clock()
        self.attempt(lambda: decide_hold(line_id, choice, clerk_id=who, now=now))

    def wrong(self, line: PayoutLine) -> bool:
        return (line.state == "paid") != (self.truth[line.id] == "paid")

    @invariant()
    def what_the_bank_paid_or_could_pay_is_never_more_than_is_owed(self) -> None:
        could: Counter[int] = Counter()
        for line in (
            self.of(PayoutLine, PayoutLine.id.in_(getattr(self, "truth", {}))) if hasattr(self, "case_id") else ()
        ):
            if self.truth[line.id] != "back":
                could[line.case_payee_id] += line.amount
        assert all(could[who] <= self.owed[who] for who in could), "somebody could get more than they are owed"

    @invariant()
    def what_came_back_is_sent_again_by_two_people_who_both_saw_it(self) -> None:
        """Whoever let it go neither brought nor decided the answer alone; nobody decided on an answer of their own."""
        if not hasattr(self, "case_id"):
            return
        doubts: dict[int, list[PayoutDoubt]] = {}
        for doubt in self.of(PayoutDoubt):
            doubts.setdefault(doubt.line_id, []).append(doubt)
        brought = {result.id: result.imported_by for result in self.of(PayoutResult)}
        assert all(doubt.decided_by != brought[doubt.result_id] for mine in doubts.values() for doubt in mine)
        gone = {batch.id: batch for batch in self.of(PayoutBatch) if batch.released_by and batch.id not in self.checked}
        lines = self.of(PayoutLine)
        for line in lines:
            if line.batch_id in gone and line.state != "cancelled":
                before = [one for one in lines if one.case_payee_id == line.case_payee_id and one.id < line.id]
                self.let_go(gone[line.batch_id], before, doubts, brought)
        self.checked.update(gone)

    def let_go(
        self,
        batch: PayoutBatch,
        before: list[PayoutLine],
        doubts: dict[int, list[PayoutDoubt]],
        brought: dict[str, str],
    ) -> None:
        """Looks at one payment of a batch that has just been let go, with the person's earlier ones."""
        for earlier in reversed(before):
            if earlier.state in (*ON_ITS_WAY, "paid"):
                return  # what came back before that one isn't paid again by this one
            if earlier.state == "returned":
                assert doubts[earlier.id], "each that came back is told of"
                for doubt in doubts[earlier.id]:
                    assert batch.released_by != (doubt.decided_by or brought[doubt.result_id])

    @invariant()
    def the_ledger_balances(self) -> None:
        if not hasattr(self, "case_id"):
            return
        lines = self.of(PayoutLine)
        way = Counter(line.case_payee_id for line in lines if line.state in ON_ITS_WAY)
        assert max(way.values(), default=0) <= 1
        stand = standings(self.people)
        assert all(s.due + s.batched + s.paid <= s.entitled for s in stand.values())
        assert {who: s.entitled for who, s in stand.items()} == self.owed
        balance = balance_of(self.case_id)
        assert balance.entitled == balance.batched + balance.paid + balance.open == sum(self.owed.values())
        assert (balance.batched, balance.paid) == tuple(
            sum(getattr(s, k) for s in stand.values()) for k in ("batched", "paid")
        )
        made = self.of(PayoutBatch)
        deeds = len(made) + sum(batch.released_by is not None for batch in made)
        assert deeds <= self.proofs, "each batch was made, and let go, with a proof of its own"
        for batch in made:
            mine = [line for line in lines if line.batch_id == batch.id and line.state != "cancelled"]
            if batch.state != "cancelled":
                assert (batch.count, batch.total) == (len(mine), sum(line.amount for line in mine))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_paid_twice_whatever_is_clicked_killed_or_imported(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (batches, results, rounds):
        monkeypatch.setattr(module, "CHUNK", 2)  # so that a kill comes between two pieces
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")  # the disk isn't tested
    machine = type("OneCourt", (Court,), {"money": money})
    quick = settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=quick)
