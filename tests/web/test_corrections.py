"""A register that is wrong is corrected by hand, with a reason, by a manager who has just proved who they are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_collection import at_account, hand_in
from tests.web.test_people_of_a_case import amounts, desk, names, person
from webapp.accounts.models import Account
from webapp.accounts.models import Clerk as AClerk
from webapp.amending.usecases import CannotCorrect, Right, correct_entry
from webapp.cases.models import Case, CasePayee
from webapp.cases.people_models import PayeeCorrection
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.identity.models import Identity
from webapp.identity.usecases import document_hash
from webapp.payee.models import Letter, Submission
from webapp.payee.usecases import AccountGiven, CannotSign, submit_account

__all__ = ["desk"]
WHY = "名册第 1 行录错一位，已核对判决书。"


@pytest.fixture
def correcting(desk: Walker) -> Walker:
    """A manager before the form of one entry."""
    return person(desk, "何志豪").press("更正名册")


def entry(app: Flask, place: int = 0) -> CasePayee:
    return db.session.query(CasePayee).order_by(CasePayee.id).all()[place]


def sign(walker: Walker) -> None:
    walker.verified_resident()
    hand_in(at_account(walker))
    walker.wait().press("提交并签名").press("确定").wait()


def test_name_number_and_amount_are_corrected_and_what_stood_there_is_kept(correcting: Walker, app: Flask) -> None:
    correcting.press("保存更正", name="何志濠", number="440301198501010022", amount="99.50")
    assert "请写明原因" in correcting.errors[0]
    correcting.press("保存更正", reason=WHY)
    assert "何志濠" in correcting.text
    assert correcting.path.endswith("/people/1")
    shown = correcting.press("更正名册").page.cssselect("td.changed")[0].text_content()
    assert all(old in shown for old in ("何志豪", "440301198501010014", "100.50"))
    with app.app_context():
        row = db.session.query(audit.AuditEntry).filter_by(action="cases.corrected").one()
        kept = db.session.get_one(PayeeCorrection, row.detail["correction"])
        assert {key: kept.before[key] for key in ("name", "number", "amount")} == {
            "name": "何志豪", "number": "440301198501010014", "amount": "10050",
        }  # fmt: skip
        assert (row.detail["fen_before"], row.detail["fen_after"]) == (10050, 9950)
        assert "何志" not in str(row.detail)
        assert kept.reason == WHY
    correcting.open(correcting.path.rsplit("/people", 1)[0] + "/people").press("查找", q="濠")
    assert names(correcting) == ["何志濠"]
    correcting.press("查找", q="440301198501010022")
    assert names(correcting) == ["何志濠"]
    correcting.press("查找", q="440301198501010014")
    assert names(correcting) == []


def test_who_is_named_by_the_right_number_finds_the_case_and_who_was_by_the_wrong_one_does_not(
    correcting: Walker, walker: Walker, app: Flask
) -> None:
    walker.verified_resident()
    assert "示例集资案" in walker.open("/cases").text
    correcting.press("保存更正", number="440301198501010022", reason=WHY)
    assert "示例集资案" not in walker.open("/cases").text
    with app.app_context():
        assert entry(app).stage == "none"
    correcting.press("更正名册").press("保存更正", number="440301198501010014", reason=WHY)
    assert "示例集资案" in walker.open("/cases").text
    with app.app_context():
        assert entry(app).stage == "verified"


def test_a_password_is_asked_for_first(desk: Walker, clock: TestClock) -> None:
    person(desk, "何志豪")
    clock.move(minutes=6)
    desk.press("更正名册")
    assert desk.path == "/desk/prove"
    desk.press("确认", password=PASSWORD)
    assert desk.path.endswith("/correct")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("number", "440301198501010015", "这不是所选证件的号码"), ("number", "44030119850101009x", "本案已有这个证件号码的人"),
     ("name", "1", "请写完整的姓名"), ("amount", "1.234", "金额请写成"), ("phone", "123", "不是能收短信的手机号码")],
)  # fmt: skip
def test_what_can_t_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    correcting: Walker, field: str, value: str, words: str, app: Flask
) -> None:
    typed: dict[str, Any] = {field: value, "reason": WHY}
    correcting.press("保存更正", **typed)
    assert correcting.response.status_code == 422
    assert words in correcting.errors[0]
    assert correcting.page.cssselect("#reason")[0].text.strip() == WHY
    with app.app_context():
        assert entry(app).name == "何志豪"


def test_nothing_changed_is_no_correction(correcting: Walker) -> None:
    correcting.press("保存更正", reason=WHY)
    assert "没有改动任何一项" in correcting.text


def test_a_signed_letter_holds_name_and_number_but_not_the_amount(
    correcting: Walker, walker: Walker, app: Flask
) -> None:
    sign(walker)
    for change in ({"name": "何志濠"}, {"number": "440301198501010022"}):
        typed: dict[str, Any] = {"name": "何志豪", "number": "440301198501010014", **change, "reason": WHY}
        correcting.press("保存更正", **typed)
        assert "已经按原来的姓名和号码签署确认书" in correcting.text
    correcting.press("保存更正", name="何志豪", number="440301198501010014", amount="120", reason=WHY)
    assert amounts(app)["何志豪"] == 12000
    with app.app_context():
        assert db.session.query(Letter).one().state == "current"
        with unit_of_work():
            db.session.query(Submission).update({"state": "returned"})
    correcting.press("更正名册").press("保存更正", name="何志濠", reason=WHY)
    assert "何志濠" in amounts(app)
    with app.app_context():
        letter = db.session.query(Letter).one()
        assert letter.pdf_key, "a signed letter is never lost"
        assert letter.content["party"]["name"] == "何志豪"


def test_an_account_that_was_handed_in_under_the_wrong_number_must_go_back_first(
    correcting: Walker, walker: Walker
) -> None:
    walker.verified_resident()
    hand_in(at_account(walker))
    correcting.press("保存更正", number="440301198501010022", reason=WHY)
    assert "有人已经用原来的号码提交收款账户" in correcting.errors[0]


@pytest.mark.parametrize("name", ["何志豪", "吴用"])
def test_who_is_named_by_the_right_number_meets_nothing_of_who_was_by_the_wrong_one(
    correcting: Walker, walker: Walker, app: Flask, name: str
) -> None:
    sign(walker)
    with app.app_context(), unit_of_work():
        db.session.query(Submission).update({"state": "returned"})
    correcting.press("保存更正", number="440301198501010022", reason=WHY)
    with app.app_context():
        letter = db.session.query(Letter).one()
        assert (letter.state, bool(letter.pdf_key)) == ("replaced", True)
        number = letter.number
        row = db.session.query(audit.AuditEntry).filter_by(action="cases.corrected").one()
        assert row.detail["letters"] == [number]
        with unit_of_work():  # the person of the right number has proved who they are: the same name, or another
            theirs = db.session.query(Identity).one()
            columns = {c.key: getattr(theirs, c.key) for c in Identity.__table__.columns if c.key != "id"}
            earlier = Identity(**columns | {"superseded_at": theirs.proved_at})
            theirs.match_hash, theirs.name = document_hash("resident_id", "440301198501010022"), name
            db.session.add(earlier)
            db.session.flush()
            db.session.query(Submission).update({"identity_id": earlier.id, "account_id": another_account()})
    public_id = correcting_public_id(app)
    assert walker.open("/cases").text.count("待登记") == 1
    shown = walker.open(f"/cases/{public_id}/letter")
    assert number not in shown.text
    assert "6299" not in walker.open(f"/cases/{public_id}/account?again=1").text


def test_an_account_that_comes_while_the_number_is_corrected_isn_t_taken(
    correcting: Walker, walker: Walker, app: Flask, clock: TestClock
) -> None:
    at_account(walker.verified_resident())
    correcting.press("保存更正", number="440301198501010022", reason=WHY)
    with app.app_context(), pytest.raises(CannotSign), unit_of_work():
        given = AccountGiven(
            "6299990000000000012", b"1" * 32, "SPECIMEN", "支行", "+8610000000001", None, None, None, False
        )
        submit_account(entry(app), db.session.query(Identity).one(), given, now=clock())


def another_account() -> str:
    one = db.session.query(Account).first()
    columns = {c.key: getattr(one, c.key) for c in Account.__table__.columns if c.key != "id"}
    db.session.add(other := Account(**columns))
    db.session.flush()
    return other.id


def correcting_public_id(app: Flask) -> str:
    with app.app_context():
        return entry(app).public_id


def test_money_that_was_sent_holds_the_number(desk: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.amending.usecases.lines_of", lambda _payee: [object()])
    person(desk, "何志豪").press("更正名册").press("保存更正", number="440301198501010022", reason=WHY)
    assert "另立一条" in desk.text
    desk.press("保存更正", number="440301198501010014", name="何志濠")
    assert "何志濠" in desk.text


def test_a_number_that_somebody_else_names_at_this_very_moment_is_told_beside_its_field(
    correcting: Walker, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    monkeypatch.setattr("webapp.amending.usecases.entry_by_hash", lambda _case, _digest: None)
    correcting.press("保存更正", name="何志濠", number="44030119850101009x", reason=WHY)
    assert "本案已有这个证件号码的人" in correcting.errors[0]
    assert amounts(app)["何志豪"] == 10050


def test_the_case_is_held_before_its_index_of_names(desk: Walker, app: Flask, clock: TestClock) -> None:
    """As whoever adds somebody does it: two managers who took both in two orders would stop each other."""
    with app.app_context():
        written: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: written.append(args[2]))
        with unit_of_work():
            right = Right("何志濠", "resident_id", "440301198501010014", 1)
            by = db.session.query(AClerk).first()
            correct_entry(db.session.query(Case).one(), entry(app).id, right, WHY, clerk_id=by.id, now=clock())
        case = next(n for n, sql in enumerate(written) if sql.startswith("UPDATE court_case"))
        index = next(n for n, sql in enumerate(written) if "name_posting" in sql)
        assert case < index


def test_the_amount_is_never_less_than_what_went_out(desk: Walker, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.amending.usecases.spent_of", lambda _payee: 5000)
    person(desk, "何志豪").press("更正名册").press("保存更正", amount="49.99", reason=WHY)
    assert "已经发放或正在发放 50.00 元" in desk.errors[0]
    desk.press("保存更正", amount="50")
    assert amounts(app)["何志豪"] == 5000


def test_a_register_that_waits_comes_first(
    desk: Walker, app: Flask, monkeypatch: pytest.MonkeyPatch, clock: TestClock
) -> None:
    monkeypatch.setattr("webapp.amending.usecases.pending_import", lambda _case: object())
    with app.app_context(), pytest.raises(CannotCorrect, match="pending"), unit_of_work():
        right = Right("何志濠", "resident_id", "440301198501010014", 1)
        correct_entry(db.session.query(Case).one(), entry(app).id, right, WHY, clerk_id="x", now=clock())


def test_reviewers_can_t_correct(clerk: Clerk, desk: Walker) -> None:
    person(desk, "何志豪")
    reviewer = clerk().open(desk.path)
    assert "更正名册" not in reviewer.text
    assert reviewer.client.get(f"{desk.path}/correct").status_code == 404
