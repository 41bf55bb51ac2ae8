"""What is typed into a long form comes back, sealed in between, until the form is handed in or its payee has signed out."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.test_collection import CARD, at_account, hand_in
from tests.web.test_verification import at_document
from webapp.core.db import db, unit_of_work
from webapp.ports.account_check import AccountVerdict
from webapp.typed.models import TypedForm
from webapp.typed.usecases import LIFE, MOST_FORMS, forget_old_typed

NAME, NUMBER = "欧阳建国", "440301195203070032"
TYPED = {"document_type": "resident_id", "name": NAME, "number": "4403011952", "nationality": "CHN"}


def type_in(walker: Walker, **fields: str) -> TestResponse:
    """Sends the page's long form as its script does while somebody types."""
    form = walker.page.cssselect("form[data-typed]")[0]
    token = form.cssselect("[name=csrf_token]")[0].get("value")
    given = {"typed_at": form.get("data-place"), "typed_drawn": form.get("data-drawn"), **fields}
    return walker.client.post(form.get("data-typed"), data=given, headers={"X-CSRFToken": token})


def value(walker: Walker, name: str) -> str | None:
    field = walker.page.cssselect(f"form[data-typed] [name={name}]")[0]
    chosen = field.cssselect("option[selected]")
    return str(chosen[0].get("value")) if chosen else field.get("value")


def test_a_half_typed_document_comes_back_when_the_page_is_opened_again(walker: Walker) -> None:
    at_document(walker)
    assert type_in(walker, **TYPED).status_code == 204
    walker.open("/verify/document")
    assert (value(walker, "name"), value(walker, "number")) == (NAME, "4403011952")
    assert "已填入您上次没有提交的内容" in walker.text


def test_nothing_is_called_filled_in_that_was_only_chosen_by_the_page(verified: Walker) -> None:
    at_account(verified)
    type_in(verified, card_number="", branch="", bank="", card_photo="", phone=value(verified, "phone") or "")
    assert "已填入您上次没有提交的内容" not in verified.open(verified.path).text
    type_in(verified, card_number="6299", branch="", bank="", phone=value(verified, "phone") or "")
    assert "已填入您上次没有提交的内容" in verified.open(verified.path).text


def test_an_untouched_document_is_not_called_filled_in(walker: Walker) -> None:
    at_document(walker)
    type_in(walker, document_type="resident_id", name="", number="", nationality="CHN")
    assert "已填入您上次没有提交的内容" not in walker.open("/verify/document").text


def test_a_refusal_of_the_bank_is_not_said_of_the_number_typed_after_it(verified: Walker) -> None:
    verified.fakes.bank.verdict = AccountVerdict.NAME_DIFFERS
    hand_in(at_account(verified)).wait()
    assert len(verified.errors) == 1 and "常见原因" in verified.text
    other = "6299 9900 0000 0000 020"
    type_in(verified, card_number=other, bank="SPECIMEN", branch="深圳福田支行", phone=value(verified, "phone") or "")
    verified.open(verified.path)
    assert (value(verified, "card_number"), verified.errors) == (other, [])
    assert "常见原因" not in verified.text
    type_in(verified, card_number=CARD, bank="SPECIMEN", branch="深圳福田支行", phone=value(verified, "phone") or "")
    assert len(verified.open(verified.path).errors) == 1


def test_it_comes_back_in_another_browser_of_the_same_payee(walker: Walker, second: Walker, clock: TestClock) -> None:
    at_document(walker)
    type_in(walker, **TYPED)
    clock.move(minutes=2)
    second.open("/signin?next=/verify/document").prove_phone()
    assert second.path == "/verify/document"
    assert (value(second, "name"), value(second, "number")) == (NAME, "4403011952")


def test_a_half_typed_account_comes_back_and_goes_when_it_is_handed_in(verified: Walker, app: Flask) -> None:
    at_account(verified)
    type_in(verified, card_number="6299 9900", bank="SPECIMEN", branch="深圳福", phone="")
    verified.open(verified.path)
    assert (value(verified, "card_number"), value(verified, "branch")) == ("6299 9900", "深圳福")
    assert value(verified, "bank") == "SPECIMEN"
    assert verified.page.cssselect("[name=card_confirmed]") == [], "a tick is not kept"
    hand_in(verified).wait()
    with app.app_context():
        assert [row.fields for row in db.session.query(TypedForm)] == [None, None]


def test_what_comes_late_from_a_form_that_was_handed_in_is_not_kept(
    walker: Walker, clock: TestClock, app: Flask
) -> None:
    at_document(walker)
    drawn = walker.page
    clock.move(seconds=30)
    walker.give_document()
    walker.page = drawn
    assert type_in(walker, **TYPED).status_code == 409
    walker.open("/verify/document")
    assert value(walker, "name") == "何志豪"
    clock.move(seconds=30)
    assert type_in(walker.open("/verify/document"), **TYPED).status_code == 204


def test_a_faulty_form_keeps_what_was_sent_and_not_what_was_typed_before(walker: Walker) -> None:
    at_document(walker)
    type_in(walker, **TYPED)
    walker.give_document(number="440301198501010015")
    assert walker.response.status_code == 422
    assert (value(walker, "name"), value(walker, "number")) == ("何志豪", "440301198501010015")
    assert "已填入您上次没有提交的内容" not in walker.text


def test_an_account_that_is_handed_in_anew_begins_with_what_was_handed_in(verified: Walker) -> None:
    at_account(verified)
    type_in(verified, card_number=CARD, bank="SPECIMEN", branch="深圳福田支行")
    verified.open(verified.path)
    assert value(verified, "branch") == "深圳福田支行"
    here = verified.path
    hand_in(verified, branch="深圳南山支行").wait()
    verified.open(f"{here}?again=1")
    assert value(verified, "branch") == "深圳南山支行", "what was handed in, not what was typed before"


def test_a_card_number_lies_sealed_and_is_never_logged(
    verified: Walker, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at_account(verified)
    type_in(verified, card_number=CARD, bank="SPECIMEN", branch="深圳福田支行")
    with app.app_context():
        (kept,) = db.session.execute(text("SELECT fields FROM typed_form WHERE fields IS NOT NULL")).one()
        assert CARD.encode() not in bytes(kept) and "福田".encode() not in bytes(kept)
        rows = db.session.execute(text("SELECT * FROM typed_form")).all()
        assert all(CARD not in str(row) for row in rows)
    assert CARD not in caplog.text


def test_signing_out_forgets_what_was_typed(walker: Walker, app: Flask) -> None:
    at_document(walker)
    type_in(walker, **TYPED)
    walker.open("/").press("退出登录")
    with app.app_context():
        assert db.session.query(TypedForm).count() == 0


def test_nobody_gets_what_another_typed(walker: Walker, second: Walker) -> None:
    at_document(walker)
    at_document(second, "10000000002")
    type_in(walker, **TYPED)
    second.open("/verify/document")
    assert not value(second, "name")
    owners = {one.page.cssselect("form[data-typed]")[0].get("data-owner") for one in (walker, second)}
    assert len(owners) == 2, "what waits in a page is filled in for its own account alone"


def test_what_was_typed_lasts_a_day(walker: Walker, app: Flask, clock: TestClock) -> None:
    at_document(walker)
    type_in(walker, **TYPED)
    with app.app_context():
        with unit_of_work():
            forget_old_typed(now=clock() + LIFE - timedelta(minutes=1))
        assert db.session.query(TypedForm).count() == 1
        with unit_of_work():
            forget_old_typed(now=clock() + LIFE + timedelta(minutes=1))
        assert db.session.query(TypedForm).count() == 0


def test_only_the_fields_of_a_form_of_ours_are_kept_and_not_without_end(walker: Walker, app: Flask) -> None:
    at_document(walker)
    assert type_in(walker, typed_at="diary", name="x").status_code == 422
    assert type_in(walker, typed_drawn="soon", **TYPED).status_code == 422
    assert type_in(walker, **TYPED, secret="x", branch="y").status_code == 204
    assert type_in(walker, **TYPED | {"name": "王" * 5000}).status_code == 204
    with app.app_context():
        kept = db.session.query(TypedForm).one().fields
        assert kept is not None and set(kept) == set(TYPED) and len(kept["name"]) == 200
    codes = [type_in(walker, typed_at=f"account/{n}", branch="x").status_code for n in range(MOST_FORMS)]
    assert codes[-1] == 409


def test_rubbish_that_was_kept_does_not_break_the_page(walker: Walker) -> None:
    at_document(walker)
    type_in(walker, document_type="library_card", name="\x00<b>", nationality="XXX")
    walker.open("/verify/document")
    assert walker.response.status_code == 200
    assert value(walker, "document_type") == "resident_id"
