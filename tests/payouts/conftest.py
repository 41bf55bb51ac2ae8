"""A court's money: a case with payees who have signed, and three managers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from tests.crowd import add_people, make_case
from tests.fakes import Fakes, TestClock
from tests.web.conftest import clerk, verified
from webapp.accounts.models import Clerk, ClerkCourt
from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_id
from webapp.evidence.usecases import open_file
from webapp.ledger.models import PayoutBatch, PayoutLine, PayoutResult
from webapp.ledger.queries import standings
from webapp.ledger.rules import RoundKind, Standing
from webapp.payouts.usecases import batches, results
from webapp.payouts.usecases.rounds import RoundAsked, open_round

__all__ = ["clerk", "verified"]
"""Fixtures of the pages, lent to the pages about money."""


@dataclass
class Money:
    """What the tests do with a case's money, through the use cases, with the worker's jobs done at once."""

    app: Flask
    clock: TestClock
    fakes: Fakes
    work: Callable[[], int]
    case_id: str
    maker: str
    releaser: str
    decider: str
    people: list[int] = field(default_factory=list)

    def round(self, kind: RoundKind = RoundKind.FULL, *, part: int | None = None, pot: int | None = None) -> str:
        with unit_of_work():
            made = open_round(self.case_id, RoundAsked(kind, part, pot), clerk_id=self.maker, now=self.clock())
        self.work()
        return made.id

    def make(self, template: str = "csv-utf8", *, work: bool = True) -> str:
        with unit_of_work():
            batch = batches.make_batch(self.case_id, template, clerk_id=self.maker, now=self.clock())
        if work:
            self.work()
        return batch.id

    def release(self, batch_id: str, *, who: str = "", work: bool = True) -> None:
        with unit_of_work():
            control = db.session.get_one(PayoutBatch, batch_id).control or ""
            batches.release_batch(batch_id, control, clerk_id=who or self.releaser, now=self.clock())
        if work:
            self.work()

    def send(self, template: str = "csv-utf8") -> str:
        """Made and released: the file is there."""
        batch_id = self.make(template)
        self.release(batch_id)
        return batch_id

    def batch(self, batch_id: str) -> PayoutBatch:
        db.session.rollback()
        return db.session.get_one(PayoutBatch, batch_id, populate_existing=True)

    def lines(self, batch_id: str = "") -> list[PayoutLine]:
        db.session.rollback()
        query = select(PayoutLine).order_by(PayoutLine.id).execution_options(populate_existing=True)
        return list(db.session.scalars(query.where(PayoutLine.batch_id == batch_id) if batch_id else query))

    def standing(self, place: int) -> Standing:
        db.session.rollback()
        return standings([self.people[place]])[self.people[place]]

    def file_of(self, batch_id: str) -> dict[str, bytes]:
        """What is inside the sealed file, by name."""
        batch = self.batch(batch_id)
        with zipfile.ZipFile(io.BytesIO(open_file(batch.inner_key or "", store=self.fakes.store))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def answer(self, rows: Iterable[Sequence[str]], *, name: str = "result.csv", who: str = "") -> PayoutResult:
        """A result file of the bank: number, account, amount, state, code, words; the maker imports it unless told."""
        data = result_csv(rows)
        result_id, _fresh = results.take_result(
            self.case_id, name, data, clerk_id=who or self.maker, store=self.fakes.store, now=self.clock()
        )
        self.work()
        db.session.rollback()
        return db.session.get_one(PayoutResult, result_id, populate_existing=True)

    def answer_all(self, batch_id: str, state: str = "成功", words: str = "") -> PayoutResult:
        lines = [line for line in self.lines(batch_id) if line.state != "cancelled"]
        return self.answer([row_of(line, state, words) for line in lines])


def row_of(line: PayoutLine, state: str = "成功", words: str = "", code: str = "") -> list[str]:
    """A row as the bank gives it back."""
    return [line.export_no, line.card_number, f"{line.amount // 100}.{line.amount % 100:02d}", state, code, words]


def result_csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["客户参考号", "收款账号", "金额", "交易状态", "返回码", "失败原因"])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def add_manager(name: str, clock: TestClock) -> str:
    """A manager of the case's court who never signs in (no password is worked out)."""
    with unit_of_work():
        clerk = Clerk(
            id=new_id(),
            username=name,
            display_name=name,
            password_hash="none",
            role="manager",
            language="zh_Hans",
            created_at=clock(),
        )
        db.session.add(clerk)
        db.session.flush()
        db.session.add(ClerkCourt(clerk_id=clerk.id, court="深圳市中级人民法院"))
        return clerk.id


def add_managers(clock: TestClock) -> tuple[str, str, str]:
    """Who makes batches, who releases them, and who decides what is unclear."""
    return add_manager("made", clock), add_manager("released", clock), add_manager("decided", clock)


AMOUNTS = (120_000, 1, 99, 33_333, 7_000_001)


@pytest.fixture
def money(app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]) -> Iterable[Money]:
    """Five people who are owed money and have signed; nothing has been paid."""
    with app.app_context():
        case_id = make_case(clock())
        people = add_people(case_id, AMOUNTS, now=clock(), store=fakes.store)
        yield Money(app, clock, fakes, work, case_id, *add_managers(clock), people)
