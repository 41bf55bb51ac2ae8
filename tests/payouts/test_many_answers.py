"""A result file is settled some hundred lines at a time: asked for and written together, with the same end as one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.crowd import add_people
from tests.payouts.conftest import AMOUNTS, Money, result_csv, row_of
from tests.payouts.test_never_twice import killed_at
from webapp.cases.models import CasePayee
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.ledger.models import PayoutResult
from webapp.notices.models import Message
from webapp.notices.usecases import News, tell_all
from webapp.payee.models import Submission
from webapp.payouts.usecases import batches, results
from webapp.push.models import PushDelivery
from webapp.sms.models import SmsDelivery
from webapp.wechat.models import WeChatDelivery
from webapp.wechat.usecases import allow_messages, messages_allowed


@contextmanager
def counted() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that goes to the database meanwhile, with its (first) values."""
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, _x: object, _many: bool) -> None:
        statements.append((statement, values[0] if isinstance(values, list) else values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def read(money: Money, data: bytes) -> PayoutResult:
    store, now = money.fakes.store, money.clock()
    result_id, _ = results.take_result(money.case_id, "r", data, clerk_id=money.maker, store=store, now=now)
    results.read_result(result_id, store=store, now=now)
    db.session.rollback()
    return db.session.get_one(PayoutResult, result_id, populate_existing=True)


def messages_of(case_payee_id: int) -> list[str]:
    db.session.rollback()
    account = db.session.scalars(
        select(Submission.account_id).where(Submission.case_payee_id == case_payee_id).limit(1)
    ).one()
    return list(db.session.scalars(select(Message.kind).where(Message.account_id == account).order_by(Message.kind)))


@pytest.mark.parametrize(("state", "words"), [("成功", ""), ("退汇", "户名不符"), ("失败", "付款账户余额不足")])
def test_many_lines_take_no_more_questions_than_a_few(money: Money, state: str, words: str) -> None:
    """What one line costs must not be a dozen trips to the database; a file of 100,000 was stopped after ten minutes."""
    add_people(money.case_id, [1000 + n for n in range(60)], now=money.clock())
    money.round()
    rows = [row_of(line, state, words) for line in money.lines(money.send())]
    took = []
    for some in (rows[:5], rows[5:]):
        with counted() as statements:
            told = read(money, result_csv(some))
        assert sum(told.counts.values()) == len(some)
        took.append(len(statements))
    assert took[1] <= took[0] + 10, took
    assert audit.verify_chain().holds


def test_a_mixed_file_does_to_each_what_its_row_says(money: Money) -> None:
    money.round()
    batch_id = money.send()
    said = (("成功", ""), ("退汇", "收款账户已销户"), ("失败", "付款账户余额不足"), ("处理中", ""), ("失败", "？？"))
    rows = [row_of(line, *how) for line, how in zip(money.lines(batch_id), said, strict=True)]
    read(money, result_csv(rows))
    assert [line.state for line in money.lines(batch_id)] == ["paid", "returned", "returned", "processing", "returned"]
    assert [line.held for line in money.lines(batch_id)] == [None, None, None, None, "look"]
    told = [messages_of(who) for who in money.people]
    assert told == [["payment_paid"], ["payment_returned"], ["payment_again"], [], []]
    stages = [db.session.get_one(CasePayee, who, populate_existing=True).stage for who in money.people]
    assert stages[:2] == ["paid", "returned"]
    assert "paid" not in stages[1:]
    deeds = db.session.scalars(select(audit.AuditEntry.action).order_by(audit.AuditEntry.id)).all()
    assert Counter(deeds)["payouts.returned"] == 3
    assert Counter(deeds)["payee.reopened"] == 1
    assert audit.verify_chain().holds


def test_two_rows_about_one_payment_in_one_file_are_taken_in_their_order(money: Money) -> None:
    money.round()
    batch_id = money.send()
    first, second = money.lines(batch_id)[:2]
    rows = [row_of(first), row_of(second), row_of(first, "退汇", "户名不符"), row_of(first), row_of(second)]
    told = read(money, result_csv(rows))
    assert told.counts == {"paid": 2, "returned": 1, "conflict": 1, "same": 1}
    assert [line.state for line in money.lines(batch_id)[:2]] == ["returned", "paid"]
    assert messages_of(money.people[0]) == ["payment_paid", "payment_returned"]
    assert messages_of(money.people[1]) == ["payment_paid"]
    assert money.standing(0).open == AMOUNTS[0]


def test_each_reads_in_their_own_language_on_their_own_phone(money: Money) -> None:
    spoken = ("en", "zh_Hant", "ja", "ar")
    readers = [
        add_people(money.case_id, [4200 + n], now=money.clock(), language=code)[0] for n, code in enumerate(spoken)
    ]
    money.round()
    money.answer_all(money.send())
    money.work()
    texts = [money.fakes.sms.last(f"+86100{who:08d}") for who in readers]
    assert len(set(texts)) == len(spoken)
    assert all(f"42.0{n}" in said for n, said in enumerate(texts))
    assert "was paid into your account" in texts[0]
    query = select(SmsDelivery.id).where(SmsDelivery.kind == "payment_paid")
    sms = set(db.session.scalars(query))
    keys = set(db.session.scalars(select(jobs.Job.key).where(jobs.Job.key.startswith("sms:"))))
    assert {f"sms:{one}" for one in sms} <= keys
    assert len(sms) == len(AMOUNTS) + len(spoken)


def test_who_is_told_two_things_at_once_has_two_messages_and_as_many_in_wechat_as_they_allowed(money: Money) -> None:
    accounts = list(db.session.scalars(select(Submission.account_id).order_by(Submission.case_payee_id)))
    with unit_of_work():
        for who, times in ((accounts[0], 1), (accounts[1], 3)):
            for _ in range(times):
                allow_messages(who, f"openid-{who}", language="zh_Hans", now=money.clock())
    facts = {"name": "何志豪", "case": "1", "amount": "1.00", "card": "1234", "reason": ""}
    news = [News(who, "payment_paid", facts) for who in (*accounts[:3], *accounts[:3])]
    with unit_of_work():
        tell_all(news, now=money.clock())
    db.session.rollback()
    assert Counter(db.session.scalars(select(Message.account_id))) == Counter([*accounts[:3], *accounts[:3]])
    assert Counter(db.session.scalars(select(WeChatDelivery.account_id))) == {accounts[0]: 1, accounts[1]: 2}
    assert [messages_allowed(who) for who in accounts[:3]] == [0, 1, 0]
    assert db.session.scalars(select(PushDelivery.id)).all() == []


def test_a_file_killed_between_any_two_pieces_ends_as_one_that_was_not(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "CHUNK", 2)
    money.round()
    batch_id = money.send()
    data = result_csv(row_of(line) for line in money.lines(batch_id))
    store, now = money.fakes.store, money.clock()
    result_id, _ = results.take_result(money.case_id, "r", data, clerk_id=money.maker, store=store, now=now)
    for commit in (1, 2, 3, 2, 3, 2, 3, 0):
        with killed_at(commit):
            results.read_result(result_id, store=store, now=now)
    db.session.rollback()
    assert db.session.get_one(PayoutResult, result_id, populate_existing=True).counts == {"paid": 5}
    assert [messages_of(who) for who in money.people] == [["payment_paid"]] * 5
    assert audit.verify_chain().holds


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_piece_of_a_batch_or_of_an_answer_walks_no_whole_case(money: Money) -> None:
    """Each piece finds its rows by their own keys: by a case's or a state's index the work grew with the square of the lines.

    PostgreSQL plans by how many rows there are.
    """
    money.round()
    batch_id = money.make(work=False)
    with counted() as asked:
        batches.fill_batch(batch_id, now=money.clock())
    money.release(batch_id)
    rows = [row_of(line, "退汇", "户名不符") for line in money.lines(batch_id)]
    with counted() as answered:
        read(money, result_csv([*rows[2:], *(["", *row[1:]] for row in rows[:2])]))
    assert [line.state for line in money.lines(batch_id)] == ["returned"] * 5
    pieces = [one for one in (*asked, *answered) if one[0].startswith(("SELECT", "UPDATE"))]
    steps = {str(row[3]): text for text, values in pieces for row in explained(text, values)}
    walks = [
        step
        for step in steps
        if "SCAN" in step or step.endswith(("(state=?)", "(case_id=?)", "(case_id=? AND state=?)"))
    ]
    few = ("SCAN audit_entry", "SEARCH register_import USING INDEX ix_register_import_case_id (case_id=?)")
    assert {step: steps[step] for step in walks if step not in few} == {}, (
        "but for the last row of the trail and the registers of a case"
    )


def explained(statement: str, values: Any) -> Sequence[Any]:
    return db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
