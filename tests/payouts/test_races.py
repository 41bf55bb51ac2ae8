"""Two at once, on both databases: managers, workers, payees and files that meet on the same money."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from tests.payouts.conftest import AMOUNTS, Money, add_manager, result_csv, row_of
from tests.web.test_races import at_once
from webapp.cases.models import CasePayee
from webapp.core.db import db, unit_of_work
from webapp.identity.models import Identity
from webapp.ledger.models import PayoutResult
from webapp.ledger.rules import RoundKind
from webapp.notices.models import Message
from webapp.payee.models import Submission
from webapp.payee.usecases import AccountGiven, CannotSign, submit_account
from webapp.payouts.usecases import batches, files, results, rounds


def names(found: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


def in_work(deed: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        with unit_of_work():
            return deed()

    return run


def test_two_managers_who_make_a_batch_at_once_make_one_after_the_other(money: Money) -> None:
    money.round()
    deed = in_work(lambda: batches.make_batch(money.case_id, "pipes", clerk_id=money.maker, now=money.clock()))
    assert names(at_once(money.app, deed, deed)) == ["BatchRefused", "PayoutBatch"]


def test_two_workers_with_the_same_batch_put_everybody_in_once(money: Money) -> None:
    money.round()
    batch_id = money.make(work=False)
    fill = lambda: batches.fill_batch(batch_id, now=money.clock())  # noqa: E731
    assert at_once(money.app, fill, fill) == [None, None]
    batch = money.batch(batch_id)
    assert (batch.state, batch.count, batch.total, len(money.lines())) == ("ready", 5, sum(AMOUNTS), 5)


def test_two_who_release_at_once_let_one_file_go(money: Money) -> None:
    money.round()
    batch_id, third = money.make(), add_manager("third", money.clock)
    control = money.batch(batch_id).control or ""

    def releasing(who: str) -> Callable[[], object]:
        return in_work(lambda: batches.release_batch(batch_id, control, clerk_id=who, now=money.clock()))

    assert names(at_once(money.app, releasing(money.releaser), releasing(third))) == ["BatchRefused", "NoneType"]
    store = money.fakes.store
    write = lambda: files.write_batch(batch_id, certificate=None, store=store, now=money.clock())  # noqa: E731
    assert at_once(money.app, write, write) == [None, None]
    batch = money.batch(batch_id)
    assert {key for key in store.files if key.startswith(f"payouts/{batch_id}/")} == {batch.inner_key, batch.outer_key}


def test_a_release_and_a_cancellation_at_once_are_one_of_the_two(money: Money) -> None:
    money.round()
    batch_id = money.make()
    control = money.batch(batch_id).control or ""
    release = in_work(lambda: batches.release_batch(batch_id, control, clerk_id=money.releaser, now=money.clock()))
    cancel = in_work(lambda: batches.cancel_batch(batch_id, clerk_id=money.maker, now=money.clock()))
    found = at_once(money.app, release, cancel)
    assert names(found) == ["BatchRefused", "NoneType"]
    state = money.batch(batch_id).state
    assert state == ("writing" if found[0] is None else "cancelled")
    assert {line.state for line in money.lines(batch_id)} == {"live" if found[0] is None else "cancelled"}


def test_the_same_file_taken_twice_at_once_is_one_file_and_is_read_once(money: Money) -> None:
    money.round()
    batch_id = money.send()
    data, store = result_csv([row_of(line) for line in money.lines(batch_id)]), money.fakes.store

    def take() -> object:
        return results.take_result(money.case_id, "r", data, clerk_id=money.maker, store=store, now=money.clock())[0]

    found = at_once(money.app, take, take)
    assert found[0] == found[1], found
    read = lambda: results.read_result(str(found[0]), store=store, now=money.clock())  # noqa: E731
    assert at_once(money.app, read, read) == [None, None]
    db.session.rollback()
    assert db.session.query(PayoutResult).count() == 1
    assert db.session.query(Message).filter_by(kind="payment_paid").count() == 5


def test_two_different_files_that_settle_the_same_payments_at_once_tell_each_payee_once(money: Money) -> None:
    money.round()
    batch_id, store = money.send(), money.fakes.store
    rows = [row_of(line) for line in money.lines(batch_id)]
    ids = [
        results.take_result(money.case_id, "r", result_csv(some), clerk_id=money.maker, store=store, now=money.clock())[
            0
        ]
        for some in (rows, rows[::-1])
    ]
    reads = [lambda chosen=chosen: results.read_result(chosen, store=store, now=money.clock()) for chosen in ids]
    assert at_once(money.app, *reads) == [None, None]
    db.session.rollback()
    assert db.session.query(Message).filter_by(kind="payment_paid").count() == 5
    assert {line.state for line in money.lines(batch_id)} == {"paid"}


def test_a_payee_who_changes_the_account_while_the_batch_is_filled_is_in_it_or_replaces_never_both(
    money: Money,
) -> None:
    money.round()
    batch_id, who = money.make(work=False), money.people[0]
    db.session.rollback()
    old = db.session.scalars(select(Submission).where(Submission.case_payee_id == who)).one()
    given = AccountGiven(
        "6299990000000000012", b"1" * 32, "SPECIMEN", "支行", "+8610000000001", None, None, None, False
    )
    identity_id = old.identity_id
    db.session.rollback()

    def change() -> object:
        with unit_of_work():
            entry, identity = db.session.get_one(CasePayee, who), db.session.get_one(Identity, identity_id)
            return submit_account(entry, identity, given, now=money.clock()).id

    fill = lambda: batches.fill_batch(batch_id, now=money.clock())  # noqa: E731
    changed, filled = at_once(money.app, change, fill)
    assert filled is None
    inside = who in {line.case_payee_id for line in money.lines(batch_id)}
    assert inside == isinstance(changed, CannotSign), (inside, changed)


def test_two_workers_who_work_out_the_same_round_agree(money: Money) -> None:
    with unit_of_work():
        asked = rounds.RoundAsked(RoundKind.PERCENT, 333_333)
        opened = rounds.open_round(money.case_id, asked, clerk_id=money.maker, now=money.clock())
    out = lambda: rounds.work_out_shares(opened.id, now=money.clock())  # noqa: E731
    at_once(money.app, out, out)
    money.work()  # the job, if both stood in each other's way
    assert money.batch(money.make()).total == round(sum(AMOUNTS) * 0.333333)
