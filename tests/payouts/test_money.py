"""From the round to the bank and back: who is paid how much, when, by whom, and what happens when it comes back."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import String, select, update
from sqlalchemy.exc import IntegrityError

from tests.crowd import add_people, sign_again
from tests.payouts.conftest import AMOUNTS, Money, add_manager, row_of
from webapp.accounts.models import Clerk, ClerkCourt
from webapp.cases.models import Case, CasePayee
from webapp.cases.people import CannotMove, Person, pay_instead
from webapp.cases.people_models import PayeeCorrection, PayeeTransfer, TransferKind
from webapp.charts.queries import count_everything
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.ledger.models import PayoutLine, PayoutRound
from webapp.ledger.queries import standing_of
from webapp.ledger.rules import RoundKind
from webapp.notices.models import Message
from webapp.payee.models import Letter, Submission
from webapp.payouts.queries import (
    balance_of,
    count_again_by_maker,
    count_paid_again,
    deciders_of,
    doubts_of,
    flags_in,
    page_of_lines,
)
from webapp.payouts.rules import AGAIN, BACK, Flag
from webapp.payouts.usecases import batches, files
from webapp.payouts.usecases.batches import BatchRefused
from webapp.payouts.usecases.rounds import RoundRefused
from webapp.payouts.usecases.settling import decide_hold, note_asked


def kinds_told(money: Money) -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Message.kind)))


def submission_states(entry: int) -> list[str]:
    db.session.rollback()
    query = select(Submission.state).where(Submission.case_payee_id == entry).order_by(Submission.version)
    return list(db.session.scalars(query))


def test_everybody_who_signed_is_paid_what_the_register_owes_them(money: Money) -> None:
    money.round()
    batch_id = money.send()
    batch = money.batch(batch_id)
    assert (batch.state, batch.count, batch.total) == ("released", 5, sum(AMOUNTS))
    money.answer_all(batch_id)
    assert [line.state for line in money.lines()] == ["paid"] * 5
    assert kinds_told(money) == ["payment_paid"] * 5
    balance = balance_of(money.case_id)
    assert (balance.entitled, balance.paid, balance.batched, balance.open) == (sum(AMOUNTS), sum(AMOUNTS), 0, 0)


def test_the_charts_count_who_was_paid_and_whose_money_came_back(money: Money) -> None:
    money.round()
    batch_id = money.send()
    first, second, *rest = money.lines(batch_id)
    money.answer(
        [row_of(first, "失败", "账户已销户", "E1"), row_of(second, "失败", "账户已销户", "E1"), *map(row_of, rest)]
    )
    assert [line.state for line in money.lines()] == ["returned", "returned", "paid", "paid", "paid"]
    counted = count_everything(money.case_id, now=money.clock())
    assert (counted["funnel"]["paid"], counted["funnel"]["returned"]) == (3, 2)
    assert sum(day.get("paid", 0) for day in counted["days"].values()) == 3
    sign_again(money.people[0], now=money.clock())
    money.send()
    counted = count_everything(money.case_id, now=money.clock())
    assert counted["funnel"]["returned"] == 1, "to whom it was sent again doesn't wait any more"


def test_before_a_round_is_opened_nobody_is_due(money: Money) -> None:
    batch = money.batch(money.make())
    assert (batch.count, batch.left_out) == (0, {"nothing_due": 5})
    with pytest.raises(BatchRefused, match="empty"):
        money.release(batch.id)


def test_the_file_holds_every_line_with_its_number_and_the_control_sum(money: Money) -> None:
    money.round()
    batch_id = money.send()
    packed = money.file_of(batch_id)
    cover = next(data.decode() for name, data in packed.items() if name.endswith("control.txt"))
    rows = list(
        csv.DictReader(io.StringIO(next(d for n, d in packed.items() if n.endswith("001.csv")).decode("utf-8-sig")))
    )
    assert [row["金额"] for row in rows] == ["1200.00", "0.01", "0.99", "333.33", "70000.01"]
    assert [row["客户参考号"] for row in rows] == [line.export_no for line in money.lines()]
    assert f"sha256\t{money.batch(batch_id).control}" in cover
    assert "total\t71534.34" in cover


def test_a_percentage_is_shared_out_to_the_fen(money: Money) -> None:
    money.round(RoundKind.PERCENT, part=333_333)
    batch = money.batch(money.send())
    assert batch.total == round(sum(AMOUNTS) * 0.333333)


def test_a_sum_is_divided_so_that_nothing_is_left(money: Money) -> None:
    money.round(RoundKind.POT, pot=1_000_003)
    assert money.batch(money.send()).total == 1_000_003
    assert [line.amount for line in money.lines()] == [16_775, 14, 4_660, 978_554], "a claim of one fen gets none of it"


def test_who_confirms_late_is_paid_in_a_later_batch_together_with_earlier_rounds(money: Money) -> None:
    late = add_people(money.case_id, [500_000], now=money.clock())
    with unit_of_work():
        db.session.execute(update(Letter).where(Letter.case_payee_id == late[0]).values(state="replaced"))
    money.round(RoundKind.PERCENT, part=300_000)
    first = money.send()
    money.answer_all(first)
    assert late[0] not in {line.case_payee_id for line in money.lines(first)}
    money.round(RoundKind.PERCENT, part=200_000)
    with unit_of_work():
        db.session.execute(update(Letter).where(Letter.case_payee_id == late[0]).values(state="current"))
    second = money.send()
    amounts = {line.case_payee_id: line.amount for line in money.lines(second)}
    assert amounts[late[0]] == 250_000
    assert amounts[money.people[0]] == 24_000


def test_who_made_a_batch_cannot_release_it_and_the_database_says_so_too(money: Money) -> None:
    money.round()
    batch_id = money.make()
    with pytest.raises(BatchRefused, match="same_person"):
        money.release(batch_id, who=money.maker)
    with pytest.raises(IntegrityError), unit_of_work():
        money.batch(batch_id).released_by = money.maker


def test_a_batch_that_changed_since_it_was_looked_at_is_not_released(money: Money) -> None:
    money.round()
    batch_id = money.make()
    seen = money.batch(batch_id).control or ""
    with unit_of_work():
        batches.drop_line(batch_id, money.lines()[0].export_no, clerk_id=money.maker, now=money.clock())
    with pytest.raises(BatchRefused, match="changed"), unit_of_work():
        batches.release_batch(batch_id, seen, clerk_id=money.releaser, now=money.clock())
    money.release(batch_id)
    assert money.batch(batch_id).total == sum(AMOUNTS) - AMOUNTS[0]
    assert money.standing(0).due == AMOUNTS[0]


def test_a_line_that_was_changed_after_the_release_stops_the_file(money: Money) -> None:
    money.round()
    batch_id = money.make()
    money.release(batch_id, work=False)
    with unit_of_work():
        money.lines()[0].card_number = "6222020000000000000"
    with pytest.raises(files.NotAsReleased):
        files.write_batch(batch_id, certificate=None, store=money.fakes.store, now=money.clock())
    assert money.batch(batch_id).inner_key is None


def test_a_cancelled_batch_leaves_everybody_due_again_and_can_never_be_released(money: Money) -> None:
    money.round()
    batch_id = money.make()
    with unit_of_work():
        batches.cancel_batch(batch_id, clerk_id=money.maker, now=money.clock())
    with pytest.raises(BatchRefused, match="not_ready"):
        money.release(batch_id)
    assert money.batch(money.send()).count == 5
    with pytest.raises(BatchRefused, match="not_ready"), unit_of_work():
        batches.cancel_batch(money.batch(batch_id).id, clerk_id=money.maker, now=money.clock())


def test_nobody_who_is_in_a_batch_is_put_into_another(money: Money) -> None:
    money.round()
    money.make()
    batch = money.batch(money.make())
    assert (batch.count, batch.left_out) == (0, {"on_its_way": 5})


def test_the_database_itself_refuses_more_than_is_owed(money: Money) -> None:
    money.round()
    line = money.lines(money.make())[0]
    with pytest.raises(IntegrityError), unit_of_work():
        values = {c.name: getattr(line, c.name) for c in PayoutLine.__table__.columns if c.name != "id"}
        db.session.add(PayoutLine(**{**values, "number": 99, "export_no": "X", "state": "paid"}))
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.add(PayoutLine(**{**values, "number": 99, "export_no": "X", "amount": 1}))


def test_who_is_replacing_an_account_or_waits_for_a_clerk_is_left_out_and_told_apart(money: Money) -> None:
    money.round()
    with unit_of_work():
        for place, values in ((0, {"needs_review": True}), (1, {"state": "accepted", "needs_review": True})):
            mine = update(Submission).where(Submission.case_payee_id == money.people[place])
            db.session.execute(mine.values(**values))
        db.session.execute(update(Letter).where(Letter.case_payee_id == money.people[2]).values(pdf_sha256=None))
        old = db.session.scalars(select(Submission).where(Submission.case_payee_id == money.people[3])).one()
        values = {c.name: getattr(old, c.name) for c in Submission.__table__.columns if c.name != "id"}
        db.session.add(Submission(**{**values, "version": 2, "state": "checking"}))
    batch = money.batch(money.make())
    assert batch.left_out == {"not_accepted": 1, "no_letter_file": 1, "replacing": 1}
    assert batch.count == 2


def test_a_releaser_sees_what_is_unusual(money: Money) -> None:
    money.round()
    with unit_of_work():
        first, second = (
            db.session.scalars(select(Submission).where(Submission.case_payee_id == who)).one()
            for who in money.people[:2]
        )
        second.card_number, second.card_hash = first.card_number, first.card_hash
        second.branch, second.luhn_confirmed, second.verdict = "", True, "name_unclear"
        db.session.get_one(CasePayee, money.people[2]).name = "李四"
    flags = flags_in(money.make())
    assert flags == {
        Flag.SAME_ACCOUNT: 2,
        Flag.NO_BRANCH: 1,
        Flag.OTHER_NAME: 1,
        Flag.BY_CLERK: 1,
        Flag.CHECK_DIGIT: 1,
    }


def test_a_name_that_the_banks_file_cannot_hold_stops_the_release_until_it_is_taken_out(money: Money) -> None:
    money.round()
    with unit_of_work():
        submission = db.session.scalars(select(Submission).where(Submission.case_payee_id == money.people[0])).one()
        submission.branch = "深圳市福田区深南大道支行" * 5
    batch_id = money.make("fixed")
    with pytest.raises(BatchRefused, match="too_long"):
        money.release(batch_id)
    with unit_of_work():
        batches.drop_line(batch_id, money.lines()[0].export_no, clerk_id=money.maker, now=money.clock())
    money.release(batch_id)
    assert money.batch(batch_id).state == "released"


@pytest.mark.parametrize("branch", ["深圳|福田支行", "深圳\n福田支行"])
def test_a_branch_that_would_end_a_column_or_a_line_stops_before_the_release(money: Money, branch: str) -> None:
    with unit_of_work():
        db.session.query(Submission).filter_by(case_payee_id=money.people[0]).one().branch = branch
    money.round()
    batch_id = money.make("pipes")
    assert flags_in(batch_id) == {Flag.TOO_LONG: 1}
    with pytest.raises(BatchRefused):
        money.release(batch_id)


def test_what_was_paid_or_is_on_its_way_is_given_to_nobody_else(money: Money) -> None:
    """Half is paid, the rest comes back: an heir can get that rest, and not a fen more."""
    money.round(RoundKind.PERCENT, part=500_000)
    money.answer_all(money.send())
    money.round(RoundKind.FULL)
    batch_id = money.send()
    money.answer([row_of(line, "失败", "账号不存在") for line in money.lines(batch_id)])
    who, half = money.people[0], AMOUNTS[0] // 2
    heir = Person("何小妹", "hk_macao_permit", "H87654321")

    def give(fen: int) -> int:
        with unit_of_work():
            case = db.session.get_one(Case, money.case_id)
            moved = pay_instead(case, who, TransferKind.HEIR, heir, fen, "x", clerk_id=money.maker, now=money.clock())
            return moved.to_id

    with pytest.raises(CannotMove, match="paid"):
        give(half + 1)
    to = give(half)
    assert [standing_of(one).entitled for one in (who, to)] == [half, half]


def test_the_same_result_file_twice_changes_nothing(money: Money) -> None:
    money.round()
    batch_id = money.send()
    once = money.answer_all(batch_id)
    twice = money.answer_all(batch_id)
    assert once.id == twice.id
    assert kinds_told(money) == ["payment_paid"] * 5
    money.answer([row_of(line) for line in reversed(money.lines(batch_id))], name="other bytes")
    assert kinds_told(money) == ["payment_paid"] * 5


def test_a_returned_payment_goes_back_to_its_payee_in_their_language_and_is_paid_again_later(money: Money) -> None:
    reads_english = add_people(money.case_id, [4200], now=money.clock(), language="en")[0]
    money.round()
    batch_id = money.send()
    line = money.lines(batch_id)[-1]
    money.answer([row_of(line, "失败", "收款账户已销户", "E123")])
    money.work()
    said = money.fakes.sms.last(f"+86100{reads_english:08d}")
    assert "The account has been closed" in said
    assert "42.00" in said
    assert submission_states(reads_english) == ["returned"]
    assert money.batch(money.make()).left_out["on_its_way"] == 5
    sign_again(reads_english, now=money.clock())
    again = money.send()
    fresh = money.lines(again)
    assert [(f.case_payee_id, f.amount) for f in fresh] == [(reads_english, 4200)]
    assert fresh[0].card_number != line.card_number
    money.answer_all(again)
    assert [f.state for f in money.lines(again)] == ["paid"]


def test_a_payment_that_comes_back_days_after_it_arrived_is_owed_again(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer_all(batch_id)
    money.clock.move(days=3)
    money.answer([row_of(money.lines(batch_id)[0], "退汇", "户名不符")])
    assert money.standing(0).open == AMOUNTS[0]
    assert money.standing(0).paid == 0
    assert submission_states(money.people[0]) == ["returned"]


@pytest.mark.parametrize(
    ("words", "stage"), [("户名不符", "returned"), ("付款账户余额不足", "signed"), ("？？", "signed")]
)
def test_who_was_paid_and_whose_payment_came_back_no_longer_stands_as_paid(
    money: Money, words: str, stage: str
) -> None:
    money.round()
    batch_id = money.send()
    money.answer_all(batch_id)
    money.answer([row_of(money.lines(batch_id)[0], "退汇", words)])
    db.session.rollback()
    stages = [db.session.get_one(CasePayee, person).stage for person in money.people[:2]]
    assert stages == [stage, "paid"]


def test_processing_is_asked_again_and_never_sent_again(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer_all(batch_id, "处理中")
    assert [line.state for line in money.lines(batch_id)] == ["processing"] * 5
    assert money.batch(money.make()).left_out == {"on_its_way": 5}
    with unit_of_work():
        assert note_asked(money.case_id, clerk_id=money.maker, now=money.clock()) == 5
    assert {line.asked for line in money.lines(batch_id)} == {1}
    money.answer_all(batch_id, "失败", "通讯超时")
    assert [line.state for line in money.lines(batch_id)] == ["processing"] * 5, "the bank doesn't know: not a failure"
    money.answer_all(batch_id)
    assert [line.state for line in money.lines(batch_id)] == ["paid"] * 5


def test_a_fault_of_the_courts_side_is_paid_again_without_the_payees_doing(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer_all(batch_id, "失败", "付款账户余额不足")
    assert kinds_told(money) == ["payment_again"] * 5
    assert submission_states(money.people[0]) == ["signed"]
    assert money.batch(money.send()).count == 5


def test_an_unclear_return_is_looked_at_before_anything_is_paid(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer(
        [row_of(money.lines(batch_id)[0], "失败", "重复交易"), row_of(money.lines(batch_id)[1], "失败", "？？")]
    )
    assert kinds_told(money) == []
    assert money.batch(money.make()).left_out == {"held": 2, "on_its_way": 3}
    first, second = money.lines(batch_id)[:2]
    with unit_of_work():
        decide_hold(first.id, "paid", clerk_id=money.decider, now=money.clock())
    with unit_of_work():
        decide_hold(second.id, "ask", clerk_id=money.decider, now=money.clock())
    assert kinds_told(money) == ["payment_paid", "payment_returned"]
    assert submission_states(money.people[1]) == ["returned"]
    with pytest.raises(BatchRefused), unit_of_work():
        decide_hold(second.id, "again", clerk_id=money.decider, now=money.clock())


def test_a_bank_that_contradicts_itself_holds_the_money_until_somebody_has_asked(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer([row_of(money.lines(batch_id)[0], "失败", "账户冻结")])
    sign_again(money.people[0], now=money.clock())
    told = money.answer([row_of(money.lines(batch_id)[0], "成功")])
    assert told.faults == [{"row": 2, "why": "conflict"}]
    assert money.batch(money.make()).left_out["held"] == 1
    with unit_of_work():
        decide_hold(money.lines(batch_id)[0].id, "paid", clerk_id=money.decider, now=money.clock())
    assert money.standing(0).open == 0


def decided(money: Money, line: PayoutLine, decision: str, who: str) -> None:
    with unit_of_work():
        decide_hold(line.id, decision, clerk_id=who, now=money.clock())


def test_who_decides_that_paid_money_is_paid_again_does_not_release_it_as_well(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer_all(first)
    money.answer([row_of(money.lines(first)[0], "失败", "系统繁忙")])
    assert money.lines(first)[0].held == "conflict"
    decided(money, money.lines(first)[0], "again", money.decider)
    again = money.make()
    assert count_paid_again(again) == 1
    with pytest.raises(BatchRefused, match="decided_again"):
        money.release(again, who=money.decider)
    money.release(again)
    assert money.batch(again).state == "released"


def test_the_releaser_reads_what_each_answer_said_and_who_decided(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer_all(first)
    old = money.lines(first)
    money.answer(
        [row_of(old[0], "失败", "系统繁忙"), row_of(old[1], "退汇", "系统繁忙"), row_of(old[2], "退汇", "？？")]
    )
    decided(money, old[0], "again", money.decider)
    decided(money, old[2], "again", money.decider)
    again = money.make()
    told = doubts_of(again, [line.id for line in money.lines(again)])
    shown = {
        doubt.export_no: (doubt.known, doubt.says, doubt.words, doubt.decision, doubt.decided_by)
        for [doubt] in told.values()
    }
    assert shown == {
        old[0].export_no: ("paid", "failed", "系统繁忙", "again", "decided"),
        old[1].export_no: ("paid", "returned", "系统繁忙", None, ""),
        old[2].export_no: ("paid", "returned", "？？", "again", "decided"),
    }
    assert {doubt.brought_by for [doubt] in told.values()} == {"made"}
    assert count_paid_again(again) == 3
    found = page_of_lines(again, flag=AGAIN, state="", after=0)
    assert [line.case_payee_id for line in found] == money.people[:3]


def test_a_failure_that_the_bank_called_a_success_later_is_told_when_it_is_paid_after_all(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "付款账户余额不足")])
    money.answer([row_of(money.lines(first)[0], "成功")])
    decided(money, money.lines(first)[0], "keep", money.decider)
    again = money.make()
    [[_came_back, doubt]] = doubts_of(again, [line.id for line in money.lines(again)]).values()
    assert (doubt.known, doubt.known_words, doubt.says, doubt.decision) == (
        "returned",
        "付款账户余额不足",
        "paid",
        "keep",
    )
    with pytest.raises(BatchRefused, match="decided_again"):
        money.release(again, who=money.decider)


def test_a_batch_waits_while_the_bank_contradicts_itself_about_somebody_in_it(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "付款账户余额不足")])
    again = money.make()
    money.answer([row_of(money.lines(first)[0], "成功")])
    assert count_paid_again(again) == 1
    with pytest.raises(BatchRefused, match="held"):
        money.release(again)
    with pytest.raises(BatchRefused, match="paid_twice"):
        decided(money, money.lines(first)[0], "paid", money.decider)
    decided(money, money.lines(first)[0], "keep", money.decider)
    money.release(again)
    assert money.batch(again).state == "released"


def test_what_came_back_by_the_first_answer_is_told_with_the_file_and_who_brought_it(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(line, "失败", "付款账户余额不足") for line in money.lines(first)], name="手写.csv")
    again = money.make()
    assert [count_paid_again(again, flag) for flag in (AGAIN, BACK)] == [0, 5]
    assert count_again_by_maker(again) == 5
    assert [line.case_payee_id for line in page_of_lines(again, flag=BACK, state="", after=0)] == money.people
    [doubt] = doubts_of(again, [money.lines(again)[0].id])[money.lines(again)[0].id]
    assert (doubt.says, doubt.words, doubt.file, doubt.brought_by) == ("failed", "付款账户余额不足", "手写.csv", "made")
    assert doubt.by_maker
    money.release(again)
    assert money.batch(again).state == "released"


def test_who_imported_the_answer_by_which_it_is_paid_again_does_not_release_it(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "付款账户余额不足")], who=money.releaser)
    again = money.make()
    assert count_again_by_maker(again) == 0
    with pytest.raises(BatchRefused, match="brought_back"):
        money.release(again)
    money.release(again, who=money.decider)
    assert money.batch(again).state == "released"


@pytest.mark.parametrize("answers", [("失败", "成功"), ("成功", "失败")])
def test_whoever_brought_either_of_two_answers_does_not_decide_between_them(
    money: Money, answers: tuple[str, str]
) -> None:
    money.round()
    first = money.send()
    line = money.lines(first)[0]
    for words, who in zip(answers, (money.releaser, money.decider), strict=True):
        money.answer([row_of(line, words, "付款账户余额不足" if words == "失败" else "")], who=who)
    assert money.lines(first)[0].held == "conflict"
    for who in (money.releaser, money.decider):
        with pytest.raises(BatchRefused, match="not_yours_to_decide"):
            decided(money, money.lines(first)[0], "keep", who)
    assert deciders_of(money.lines(first)[0]) == {money.maker: "made"}, "nobody else is left"
    third = add_manager("third", money.clock)
    assert deciders_of(money.lines(first)[0]) == {third: "third"}
    with pytest.raises(BatchRefused, match="not_yours_to_decide"):
        decided(money, money.lines(first)[0], "keep", money.maker)
    decided(money, money.lines(first)[0], "keep", third)


def test_nobody_decides_what_is_unclear_about_money_of_another_court_or_once_they_have_left(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "？？")])
    with unit_of_work():
        db.session.get_one(Clerk, money.decider).disabled_at = money.clock()
        db.session.delete(db.session.get_one(ClerkCourt, (money.releaser, "深圳市中级人民法院")))
    assert deciders_of(money.lines(first)[0]) == {}


def test_in_a_court_of_two_managers_each_decision_and_each_payment_takes_both(money: Money) -> None:
    with unit_of_work():
        db.session.get_one(Clerk, money.decider).disabled_at = money.clock()
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "？？")])
    with pytest.raises(BatchRefused, match="not_yours_to_decide"):
        decided(money, money.lines(first)[0], "again", money.maker)
    decided(money, money.lines(first)[0], "again", money.releaser)
    with pytest.raises(BatchRefused, match="decided_again"):
        money.release(money.make())
    with unit_of_work():
        batches.cancel_batch(money.lines()[-1].batch_id, clerk_id=money.maker, now=money.clock())
        theirs = batches.make_batch(money.case_id, "pipes", clerk_id=money.releaser, now=money.clock()).id
    money.work()
    money.release(theirs, who=money.maker)
    assert money.batch(theirs).state == "released", "the other one has decided on what the maker brought"


def test_paid_once_more_is_told_of_the_payment_that_does_it_and_of_no_later_one(money: Money) -> None:
    money.round(RoundKind.PERCENT, part=500_000)
    first = money.send()
    money.answer_all(first)
    money.answer([row_of(money.lines(first)[0], "退汇", "系统繁忙")])
    dropped = money.make()
    assert count_paid_again(dropped) == 1
    with unit_of_work():
        batches.cancel_batch(dropped, clerk_id=money.maker, now=money.clock())
    assert count_paid_again(dropped) == 0
    second = money.send()
    assert count_paid_again(second) == 1
    money.answer_all(second)
    money.round()
    assert count_paid_again(money.make()) == 0


def test_money_that_was_paid_and_goes_to_an_heir_now_is_told_as_well(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer_all(first)
    money.answer([row_of(money.lines(first)[0], "退汇", "系统繁忙")])
    again = money.make()
    [line] = money.lines(again)
    heir = add_people(money.case_id, (1,), now=money.clock())[0]
    with unit_of_work():
        db.session.get_one(CasePayee, heir).amount = line.amount
        db.session.flush()
        db.session.get_one(PayoutLine, line.id).case_payee_id = heir
        moved = PayeeTransfer(
            kind=TransferKind.HEIR, from_id=money.people[0], to_id=heir, amount=line.amount, reason="死亡", made_by=money.maker,
            made_at=money.clock(),
        )  # fmt: skip
        db.session.add(moved)
    assert count_paid_again(again) == 1


def test_nobody_is_told_of_a_reason_that_is_empty(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer_all(batch_id)
    lines = money.lines(batch_id)
    money.answer([row_of(lines[0], "失败", "系统繁忙"), row_of(lines[1], "失败", "？？")])
    for line in lines[:2]:
        decided(money, line, "again", money.decider)
    told = db.session.scalars(select(Message).where(Message.kind == "payment_again"))
    assert sorted(message.facts["reason"] for message in told) == ["银行没有说明的原因", "银行系统繁忙"]
    assert [line.reason for line in money.lines(batch_id)[:3]] == ["BANK_BUSY", "OTHER", None]


def test_what_was_paid_again_cannot_be_called_paid_a_second_time(money: Money) -> None:
    money.round()
    first = money.send()
    money.answer([row_of(money.lines(first)[0], "失败", "账户冻结")])
    sign_again(money.people[0], now=money.clock())
    money.answer_all(money.send())
    money.answer([row_of(money.lines(first)[0], "成功")])
    line = money.lines(first)[0]
    assert line.held == "conflict"
    with pytest.raises(BatchRefused, match="paid_twice"), unit_of_work():
        decide_hold(line.id, "paid", clerk_id=money.decider, now=money.clock())


def test_rows_that_fit_nothing_are_told_with_their_number_and_change_nothing(money: Money) -> None:
    money.round()
    batch_id = money.send()
    line = money.lines(batch_id)[0]
    unsent = money.lines(batch_id)[1]
    told = money.answer(
        [
            ["CASE2345999", "6222", "1.00", "成功", "", ""],
            row_of(line, "也许"),
            [line.export_no, line.card_number, "9.99", "成功", "", ""],
            [line.export_no, "6222020000000000422", "1200.00", "成功", "", ""],
            ["", "", "", "成功", "", ""],
            row_of(unsent),
        ]
    )
    assert [(f["row"], f["why"]) for f in told.faults] == [
        (2, "unknown_line"),
        (3, "state_unknown"),
        (4, "amount_differs"),
        (5, "account_differs"),
        (6, "nobody"),
    ]
    assert told.counts == {"faults": 5, "paid": 1}
    assert money.lines(batch_id)[0].state == "live"


@pytest.mark.parametrize(
    ("named", "ours"),
    [
        ("", True),
        ("{0}", True),
        ("{0:.4}-{0:.0}", False),
        ("{0:.15}0000", True),
        ("{0:.15}", False),
        ("{0:.16}", False),
        ("6222020000000422", False),
        ("{0}0", False),
        ("{0:.6}******{tail}", True),
        ("***{tail}", True),
        ("{0:.6}******9999", False),
        ("6228******{tail}", False),
        ("{0}*{0}", False),
        ("{rounded:.5E}", True),
        ("6.22899E+18", False),
        ("{rounded:.5E}0", False),
        ("某某公司", False),
    ],
)
def test_a_row_that_names_an_account_is_about_that_account(money: Money, named: str, ours: bool) -> None:
    money.round()
    batch_id = money.send()
    line = money.lines(batch_id)[0]
    card = line.card_number
    said = named.format(card, tail=card[-4:], rounded=Decimal(card))
    told = money.answer([[line.export_no, said, "1200.00", "成功", "", ""]])
    assert told.counts == ({"paid": 1} if ours else {"faults": 1})
    assert [fault["why"] for fault in told.faults] == ([] if ours else ["account_differs"])


def test_a_result_without_our_numbers_is_matched_by_account_and_amount(money: Money) -> None:
    money.round()
    batch_id = money.send()
    money.answer([["", line.card_number, row_of(line)[2], "成功", "", ""] for line in money.lines(batch_id)])
    assert [line.state for line in money.lines(batch_id)] == ["paid"] * 5


def test_an_answer_to_what_never_went_out_is_told(money: Money) -> None:
    money.round()
    batch_id = money.make()
    told = money.answer_all(batch_id)
    assert {fault["why"] for fault in told.faults} == {"unsent"}
    assert [line.state for line in money.lines(batch_id)] == ["live"] * 5


def test_the_password_is_shown_once_to_the_releaser_alone(money: Money) -> None:
    money.round()
    batch_id = money.send()
    with pytest.raises(BatchRefused), unit_of_work():
        files.show_password(batch_id, clerk_id=money.maker, now=money.clock())
    with unit_of_work():
        password = files.show_password(batch_id, clerk_id=money.releaser, now=money.clock())
    with unit_of_work():
        assert files.show_password(batch_id, clerk_id=money.releaser, now=money.clock()) is None
    data, name = files.fetch_file(batch_id, clerk_id=money.releaser, store=money.fakes.store, now=money.clock())
    again, _ = files.fetch_file(batch_id, clerk_id=money.maker, store=money.fakes.store, now=money.clock())
    assert data == again, "the same file, byte for byte"
    import pyzipper  # noqa: PLC0415

    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        archive.setpassword((password or "").encode())
        assert {n: archive.read(n) for n in archive.namelist()} == money.file_of(batch_id)
    assert name.endswith(".zip")
    assert db.session.query(audit.AuditEntry).filter_by(action="payouts.file_fetched").count() == 2


def test_a_lost_password_gives_a_fresh_envelope_around_the_same_file(money: Money) -> None:
    money.round()
    batch_id = money.send()
    before = money.batch(batch_id)
    outer, inner = before.outer_sha256, before.inner_sha256
    files.new_envelope(batch_id, certificate=None, clerk_id=money.releaser, store=money.fakes.store, now=money.clock())
    after = money.batch(batch_id)
    assert (after.inner_sha256 == inner, after.outer_sha256 != outer, bool(after.password)) == (True, True, True)


def test_a_case_opens_no_round_when_everything_is_given(money: Money) -> None:
    money.round()
    with pytest.raises(RoundRefused, match="nothing_left"):
        money.round()
    assert db.session.query(PayoutRound).count() == 1


def flags_of(money: Money, batch_id: str) -> dict[int, set[str]]:
    return {line.case_payee_id: set(line.flags.split(",")) - {""} for line in money.lines(batch_id)}


def test_the_releaser_is_told_of_people_who_came_by_hand_instead_of_others_or_by_a_merge(money: Money) -> None:
    added, heir, twin, company, plain = money.people
    with unit_of_work():
        db.session.get_one(CasePayee, added).note = "x"
        db.session.get_one(CasePayee, heir).note = "x"
        db.session.get_one(CasePayee, company).company = {"name": "某某有限公司", "code": "91440300708461136T"}
        for to, kind in ((heir, TransferKind.HEIR), (twin, TransferKind.MERGE)):
            moved = PayeeTransfer(
                kind=kind, from_id=plain, to_id=to, amount=1, reason="x", made_by=money.maker, made_at=money.clock()
            )
            db.session.add(moved)
        undone = PayeeTransfer(
            kind=TransferKind.HEIR, from_id=heir, to_id=plain, amount=1, reason="x", made_by=money.maker,
            made_at=money.clock(), undone_at=money.clock(), undone_by=money.maker,
        )  # fmt: skip
        db.session.add(undone)
    money.round()
    batch_id = money.make()
    assert flags_of(money, batch_id) == {
        added: {Flag.BY_HAND}, heir: {Flag.INSTEAD}, twin: {Flag.MERGED}, company: {Flag.INSTEAD}, plain: set(),
    }  # fmt: skip
    assert flags_in(batch_id) == {Flag.BY_HAND: 1, Flag.INSTEAD: 2, Flag.MERGED: 1}
    assert [one.case_payee_id for one in page_of_lines(batch_id, flag=Flag.INSTEAD, state="", after=0)] == [
        heir,
        company,
    ]


def test_the_releaser_is_told_whose_entry_was_written_over(money: Money) -> None:
    named, reached, plain, heir, _other = money.people
    with unit_of_work():
        for who, before in ((named, {"name": "甲"}), (reached, {"phone": ""}), (heir, {"amount": "1", "phone": ""})):
            db.session.add(PayeeCorrection(
                payee_id=who, before=before, after=before, reason="x", made_by=money.maker, made_at=money.clock(),
            ))  # fmt: skip
        moved = PayeeTransfer(
            kind=TransferKind.HEIR, from_id=plain, to_id=heir, amount=1, reason="x", made_by=money.maker, made_at=money.clock()
        )  # fmt: skip
        db.session.add(moved)
    money.round()
    told = flags_of(money, money.make())
    assert (told[named], told[reached], told[heir], told[plain]) == ({Flag.BY_HAND}, set(), {Flag.INSTEAD}, set())


def test_the_releaser_is_told_whose_account_is_another_than_last_time(money: Money) -> None:
    money.round(RoundKind.PERCENT, part=500_000)
    money.answer_all(money.send())
    with unit_of_work():
        db.session.scalars(
            select(Submission).where(Submission.case_payee_id == money.people[0])
        ).one().state = "returned"
    sign_again(money.people[0], now=money.clock())
    money.round()
    told = flags_of(money, money.make())
    assert told.pop(money.people[0]) == {Flag.CHANGED}
    assert set().union(*told.values()) == set()


def test_everything_that_a_line_can_be_flagged_with_fits_beside_it() -> None:
    """By hand and instead of others never come together."""
    longest = ",".join(flag for flag in Flag if flag is not Flag.BY_HAND)
    kept = PayoutLine.__table__.c.flags.type
    assert isinstance(kept, String)
    assert len(longest) <= (kept.length or 0)
