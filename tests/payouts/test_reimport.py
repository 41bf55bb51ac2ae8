"""A register that comes again can't take back what was paid or is on its way, whenever the money went out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select, text

from tests.payouts.conftest import AMOUNTS, Money
from tests.payouts.test_races import names
from tests.web.test_races import at_once
from webapp.cases.imports import CannotApply, apply_import, begin_import, read_again, read_rows
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import amounts_of, comes_later, newly_named, newly_owed
from webapp.cases.register_models import ImportState, RegisterChange, RegisterFault, RegisterImport
from webapp.cases.rules import format_amount
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.identity.usecases import document_hash
from webapp.ledger.models import PayoutLine
from webapp.ledger.queries import overspent_by, overspent_rows
from webapp.ledger.rules import COUNTS, RoundKind
from webapp.payouts.queries import count_later_by_maker, flags_in, later_registers, page_of_lines
from webapp.payouts.rules import Flag
from webapp.payouts.usecases import batches

HALF = 500_000


@pytest.fixture(autouse=True)
def passports(money: Money) -> None:
    """The people of the tests hold passports, whose numbers a register may name."""
    with unit_of_work():
        db.session.get_one(Case, money.case_id).people = len(money.people)
        for place, entry in enumerate(db.session.scalars(select(CasePayee).order_by(CasePayee.id))):
            entry.number, entry.document_type = f"E1234567{place}", "passport"
            entry.number_hash = document_hash("passport", entry.number)
            entry.name = f"何志{'豪明华国强'[place]}"


def register(money: Money, amounts: Sequence[int]) -> str:
    """Reads a register that names everybody with these amounts; returns the import's id."""
    with unit_of_work():
        begun = begin_import(money.case_id, "again.csv", "0" * 64, clerk_id=money.maker, now=money.clock()).id
    read(money, begun, amounts)
    return begun


def read(money: Money, import_id: str, amounts: Sequence[int]) -> None:
    people = db.session.scalars(select(CasePayee).where(CasePayee.id.in_(money.people)).order_by(CasePayee.id)).all()
    rows = [
        f"{one.name},护照,{one.number},{fen // 100}.{fen % 100:02d}" for one, fen in zip(people, amounts, strict=True)
    ]
    data = "\n".join(["姓名,证件类型,证件号码,金额", *rows, ""]).encode()
    db.session.rollback()
    today = in_china(money.clock()).date()
    read_rows(import_id, lambda: iter([data]), today=today, test_phones=False, now=money.clock, ask=False)
    db.session.rollback()


def apply(money: Money, import_id: str) -> None:
    with unit_of_work():
        apply_import(import_id, actor=audit.Actor("clerk", money.maker), now=money.clock())


def state(import_id: str) -> str:
    db.session.rollback()
    return db.session.get_one(RegisterImport, import_id, populate_existing=True).state


def faults(import_id: str) -> list[tuple[int, str, str]]:
    query = select(RegisterFault).where(RegisterFault.import_id == import_id).order_by(RegisterFault.row_number)
    return [(one.row_number, one.code, one.hint) for one in db.session.scalars(query)]


def owed(money: Money) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(CasePayee.amount).order_by(CasePayee.id)))


def test_a_register_that_takes_less_than_was_paid_is_refused_whole_with_each_row_told(money: Money) -> None:
    money.round(RoundKind.PERCENT, part=HALF)
    money.answer_all(money.send())
    paid = {line.case_payee_id: line.amount for line in money.lines()}
    first, fourth = paid[money.people[0]], paid[money.people[3]]
    import_id = register(money, [first - 1, 1, 99, fourth - 1, 9_000_000])
    assert state(import_id) == ImportState.FAULTY
    assert faults(import_id) == [
        (2, "amount:paid", f"{format_amount(first - 1)} < {format_amount(first)}"),
        (5, "amount:paid", f"{format_amount(fourth - 1)} < {format_amount(fourth)}"),
    ]
    assert owed(money) == list(AMOUNTS), "nothing is half imported"


def test_what_is_on_its_way_counts_as_well_and_what_came_back_does_not(money: Money) -> None:
    money.round()
    batch_id = money.make()
    assert state(register(money, [AMOUNTS[0] - 1, *AMOUNTS[1:]])) == ImportState.FAULTY
    with unit_of_work():
        batches.cancel_batch(batch_id, clerk_id=money.maker, now=money.clock())
    import_id = register(money, [0, *AMOUNTS[1:]])
    apply(money, import_id)
    assert owed(money) == [0, *AMOUNTS[1:]]
    assert money.batch(money.make()).count == 4


def test_exactly_what_was_paid_may_remain(money: Money) -> None:
    money.round(RoundKind.PERCENT, part=HALF)
    money.answer_all(money.send())
    paid = [line.amount for line in money.lines()]
    import_id = register(money, [paid[0], *AMOUNTS[1:]])
    apply(money, import_id)
    assert owed(money)[0] == paid[0]


def test_money_that_goes_out_after_the_preview_stops_the_import_and_is_told_in_its_row(money: Money) -> None:
    money.round()
    import_id = register(money, [100, *AMOUNTS[1:]])
    assert state(import_id) == ImportState.READY
    money.make()
    with pytest.raises(CannotApply, match="paid"):
        apply(money, import_id)
    assert owed(money) == list(AMOUNTS)
    with unit_of_work():
        read_again(import_id, now=money.clock())
    read(money, import_id, [100, *AMOUNTS[1:]])
    assert state(import_id) == ImportState.FAULTY
    assert faults(import_id) == [(2, "amount:paid", "1.00 < 1,200.00")]


def test_an_import_and_a_batch_at_once_never_leave_less_than_goes_out(money: Money) -> None:
    money.round()
    import_id, batch_id = register(money, [100, *AMOUNTS[1:]]), money.make(work=False)
    fill: Callable[[], object] = lambda: batches.fill_batch(batch_id, now=money.clock())  # noqa: E731
    applied, filled = at_once(money.app, lambda: apply(money, import_id), fill)
    assert filled is None
    assert names([applied]) in (["NoneType"], ["CannotApply"])
    sent = {line.case_payee_id: line.amount for line in money.lines() if line.state in COUNTS}
    assert sent[money.people[0]] == (100 if applied is None else AMOUNTS[0])
    assert all(sent[who] <= fen for who, fen in zip(money.people, owed(money), strict=True))


def test_whoever_is_left_with_too_little_is_found_by_the_indexes(money: Money) -> None:
    """A million rows must not be walked for the few who were paid: each is found by its key."""
    money.round()
    money.make()
    sqlite = db.engine.dialect.name == "sqlite"
    with unit_of_work():
        begun = begin_import(money.case_id, "again.csv", "0" * 64, clerk_id=money.maker, now=money.clock()).id
        rows = [RegisterChange(import_id=begun, payee_id=who, amount=0) for who in money.people]
        rows += [RegisterChange(import_id=begun, payee_id=10_000 + n, amount=0) for n in range(5000)]
        db.session.add_all(rows)
    if not sqlite:
        with unit_of_work():
            db.session.execute(text("ANALYZE register_change"))
            db.session.execute(text("ANALYZE payout_line"))
    assert [one.payee_id for one in overspent_by(begun)] == money.people
    statement = overspent_rows(begun).compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    plan = "\n".join(str(row) for row in db.session.execute(text(f"{explain} {statement}")))
    assert "SCAN" not in plan if sqlite else "Seq Scan on register_change" not in plan, plan


def test_lines_are_still_there_after_a_refused_import(money: Money) -> None:
    money.round()
    money.make()
    register(money, [0] * 5)
    db.session.rollback()
    assert db.session.query(PayoutLine).count() == 5
    assert db.session.query(RegisterChange).count() == 0, "what a refused file has written goes away"


def later(money: Money, amounts: Sequence[int]) -> None:
    """A first register comes into force that changes nothing, and a day later one that says these amounts."""
    apply(money, register(money, AMOUNTS))
    money.clock.move(days=1)
    apply(money, register(money, amounts))


def test_whom_a_later_register_owes_more_is_flagged_at_the_release_with_who_imported_it(money: Money) -> None:
    later(money, (AMOUNTS[0] + 10_000, *AMOUNTS[1:]))
    money.round()
    batch_id = money.make()
    first = money.lines(batch_id)[0]
    assert flags_in(batch_id)[Flag.LATER] == 1
    assert [line.id for line in page_of_lines(batch_id, flag=Flag.LATER, state="", after=0)] == [first.id]
    [[story]] = later_registers(batch_id, [first.id]).values()
    assert (story.file, story.brought_by, story.before, story.after) == (
        "again.csv",
        "made",
        AMOUNTS[0],
        AMOUNTS[0] + 10_000,
    )
    assert story.by_maker
    assert count_later_by_maker(batch_id) == 1
    [(change, by_register, by)] = amounts_of(money.people[0])
    assert (change.before, change.after, by_register.file_name, by) == (AMOUNTS[0], first.amount, "again.csv", "made")


def test_whom_a_later_register_brings_is_flagged_at_the_release(money: Money) -> None:
    later(money, AMOUNTS)
    with unit_of_work():
        second = db.session.scalars(select(RegisterImport).order_by(RegisterImport.applied_at.desc())).first()
        db.session.get_one(CasePayee, money.people[1]).import_id = second.id
        second.made_by = money.releaser
    money.round()
    batch_id = money.make()
    assert flags_in(batch_id)[Flag.LATER] == 1
    [[story]] = later_registers(batch_id, [money.lines(batch_id)[1].id]).values()
    assert (story.brought_by, story.before, story.by_maker) == ("released", None, False)
    assert count_later_by_maker(batch_id) == 0


def test_the_first_register_of_a_case_is_flagged_for_nobody(money: Money) -> None:
    apply(money, register(money, [fen + 1 for fen in AMOUNTS]))
    money.round()
    assert Flag.LATER not in flags_in(money.make())


def test_who_was_paid_all_and_is_owed_more_by_a_later_register_no_longer_stands_as_paid(money: Money) -> None:
    money.round()
    money.answer_all(money.send())
    apply(money, register(money, (AMOUNTS[0] + 10_000, *AMOUNTS[1:])))
    money.work()
    db.session.rollback()
    stages = [db.session.get_one(CasePayee, person).stage for person in money.people[:2]]
    assert stages == ["signed", "paid"]
    apply(money, register(money, AMOUNTS))
    money.work()
    db.session.rollback()
    assert db.session.get_one(CasePayee, money.people[0]).stage == "paid"


def test_what_a_later_register_would_change_is_told_before_it_comes_into_force(money: Money) -> None:
    apply(money, register(money, AMOUNTS))
    money.clock.move(days=1)
    waiting = db.session.get_one(RegisterImport, register(money, (AMOUNTS[0] + 10_000, *AMOUNTS[1:])))
    assert comes_later(waiting)
    changed = [(payee.id, payee.amount, fen) for payee, fen in newly_owed(waiting.id, most=10)]
    assert changed == [(money.people[0], AMOUNTS[0], AMOUNTS[0] + 10_000)]
    assert newly_owed(waiting.id, after=money.people[0], most=10) == []
    assert newly_named(waiting, most=10) == []
