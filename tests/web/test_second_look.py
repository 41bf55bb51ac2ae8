"""A contradiction between what was typed and what was surely read is told at hand-in, once, with two ways on."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import html

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import Clerk
from tests.web.test_collection import CARD, at_account, hand_in, read_back
from tests.web.test_photo_first import FIELDS, photograph, reads
from tests.web.test_verification import at_document
from webapp.core.db import db, unit_of_work
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.models import Identity, StepRecord
from webapp.payee.models import Submission
from webapp.ports.account_check import AccountVerdict
from webapp.ports.document_reader import DocumentReading, DocumentSide

READ, TYPED = CARD.replace(" ", ""), "6299990000000000020"
SURE = {"number": READ, "kind": "debit", "bank": "SPECIMEN", "bank_seen": "agrees"}


@pytest.fixture
def card_photo(verified: Walker, app: Flask, clock: TestClock) -> Callable[[dict[str, Any] | None], str]:
    """A photo of a card that the payee took, with what was read of it."""

    def take(reading: dict[str, Any] | None) -> str:
        with app.app_context(), unit_of_work():
            owner = db.session.query(Identity).one().account_id
            photo = store_photo(
                owner, PhotoKind.BANK_CARD, picture_bytes(), "image/jpeg", size=(8, 8), store=verified.fakes.store, now=clock()
            )  # fmt: skip
            photo.reading = reading
            db.session.add(photo)
            db.session.flush()
            return photo.id

    return take


def asked(walker: Walker) -> list[str]:
    """Which fields the page asks about."""
    return [str(button.get("value")) for button in walker.page.cssselect("button[name=take]")]


def submissions(app: Flask) -> list[Submission]:
    with app.app_context():
        return list(db.session.query(Submission).order_by(Submission.version))


def test_another_number_on_the_cards_photo_is_asked_about_and_nothing_is_lost(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any]], str]
) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(SURE))
    assert verified.response.status_code == 422
    assert verified.errors == [
        "照片上读到的卡号是 6299 9900 0000 0000 012，您填写的是 6299 9900 0000 0000 020。请与卡面逐组核对。"
    ]
    assert asked(verified) == ["card_number"]
    assert verified.page.cssselect("[name=card_number]")[0].get("value") == TYPED
    assert verified.page.cssselect("[name=branch]")[0].get("value") == "深圳福田支行"
    assert verified.page.cssselect("[name=kept_front]")[0].get("value")
    assert submissions(app) == []


def test_what_was_read_is_taken_with_one_tap(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any]], str]
) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(SURE))
    verified.press(f"改用照片上的：{CARD}")
    assert verified.page.cssselect("[name=read_back]")[0].get("value") == READ
    read_back(verified).wait()
    (one,) = submissions(app)
    assert (one.card_number, one.insisted) == (READ, "")
    assert one.card_photo_id


def test_what_was_typed_is_confirmed_and_the_clerk_sees_that_and_the_photo(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any]], str], clerk: Clerk
) -> None:
    verified.fakes.bank.verdict = AccountVerdict.UNSUPPORTED_ISSUER  # a clerk has to look
    photo = card_photo(SURE)
    hand_in(at_account(verified), card_number=TYPED, card_photo=photo)
    read_back(verified.press("下一步", meant_card_number=READ)).wait().press("提交并签名").press("确定").wait()
    (one,) = submissions(app)
    assert (one.card_number, one.insisted, one.card_photo_id) == (TYPED, "card_number", photo)
    desk = clerk().open("/desk/accounts?flag=insisted")
    desk.open(desk.page.cssselect("tr[data-row] a")[0].get("href"))
    assert "当事人确认填写无误：银行卡号" in desk.page.cssselect(".warned")[0].text_content()


def test_what_was_confirmed_is_not_asked_again_when_the_account_is_corrected(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any]], str]
) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(SURE))
    read_back(verified.press("下一步", meant_card_number=READ)).wait()
    assert verified.path.endswith("/preview")
    verified.open(verified.path.replace("/letter/preview", "/account?again=1"))
    hand_in(verified, card_number=TYPED, branch="深圳罗湖支行").wait()
    assert [(one.branch, one.insisted) for one in submissions(app)] == [
        ("深圳福田支行", "card_number"),
        ("深圳罗湖支行", "card_number"),
    ]


def test_a_tick_that_answers_for_another_reading_counts_for_nothing(
    verified: Walker, card_photo: Callable[[dict[str, Any]], str]
) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(SURE))
    verified.press("下一步", meant_card_number="6299990000000000038")
    assert asked(verified) == ["card_number"]


@pytest.mark.parametrize(
    "reading",
    [
        None,
        {"number": None, "fault": "unsure"},
        {**SURE, "bank_seen": "differs"},
        {**SURE, "kind": "credit"},
        {**SURE, "number": TYPED},
    ],
)
def test_what_is_unsure_unread_or_the_same_never_stands_in_the_way(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any] | None], str], reading: dict[str, Any] | None
) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(reading))
    assert [one.card_number for one in submissions(app)] == [TYPED]


def test_without_javascript_the_photo_that_was_sent_before_is_compared(
    verified: Walker, app: Flask, card_photo: Callable[[dict[str, Any]], str], clock: TestClock
) -> None:
    at_account(verified)
    photo = card_photo(SURE)
    with app.app_context(), unit_of_work():
        draft = db.session.get_one(Photo, photo)
        draft.taken_at, draft.draft_until = clock() + timedelta(seconds=1), clock() + timedelta(days=1)
    hand_in(verified, card_number=TYPED)
    assert asked(verified) == ["card_number"]


def test_another_bank_than_the_numbers_own_is_taken_or_confirmed_for_a_clerk(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified), bank="ICBC")
    assert asked(verified) == ["bank"]
    read_back(verified.press("下一步", meant_bank="SPECIMEN")).wait()
    (one,) = submissions(app)
    assert (one.bank_code, one.insisted, one.needs_review) == ("ICBC", "bank", True)


def test_the_numbers_own_bank_is_taken_with_one_tap(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified), bank="ICBC")
    take = next(b.text_content() for b in verified.page.cssselect("button[name=take]"))
    assert take.startswith("改选：")
    read_back(verified.press(take)).wait()
    (one,) = submissions(app)
    assert (one.bank_code, one.insisted, one.needs_review) == ("SPECIMEN", "", False)


def test_enter_in_a_field_takes_nothing(verified: Walker, card_photo: Callable[[dict[str, Any]], str]) -> None:
    hand_in(at_account(verified), card_number=TYPED, card_photo=card_photo(SURE))
    form = next(form for form in verified.page.forms if form.get("id") == "form")
    first = next(button for button in form.cssselect("button") if button.get("type") != "button")
    assert first.get("name") is None


@pytest.fixture
def passport(walker: Walker, app: Flask) -> Walker:
    """At the document step, with a passport photographed that is surely read."""
    at_document(walker)
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, FIELDS, mrz_valid=True))
    photograph(walker)
    return walker


def give(walker: Walker, **changed: str) -> Walker:
    fields: dict[str, Any] = {
        "document_type": "passport",
        "name": "MUELLER ANNA",
        "number": "C01X00T47",
        "nationality": "DEU",
        **changed,
    }
    return walker.press("同意，确认身份信息", **fields)


def answer(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return dict(db.session.query(StepRecord).filter_by(step="document").one().answer)


def test_a_document_that_agrees_with_its_photo_goes_on(passport: Walker, app: Flask) -> None:
    give(passport)
    assert answer(app)["insisted"] == {}


def test_another_name_and_number_on_the_photo_are_asked_about_both_named(passport: Walker) -> None:
    give(passport, name="SCHMIDT ANNA", number="C01X00T39")
    assert passport.errors == [
        "照片上的姓名是 MUELLER ANNA，您填写的是 SCHMIDT ANNA。请与证件核对。",
        "照片上的证件号码是 C01X00T47，您填写的是 C01X00T39。请与证件逐位核对。",
    ]
    assert asked(passport) == ["name", "number"]


def test_what_the_document_says_is_filled_in_and_looked_at_before_it_is_handed_in(passport: Walker, app: Flask) -> None:
    give(passport, name="SCHMIDT ANNA").press("改用照片上的：MUELLER ANNA")
    assert passport.page.cssselect("[name=name]")[0].get("value") == "MUELLER ANNA"
    assert passport.errors == []
    assert "已由照片填写" in passport.text
    passport.press("同意，确认身份信息")
    assert (answer(app)["name"], answer(app)["insisted"]) == ("MUELLER ANNA", {})


def test_a_name_that_is_confirmed_goes_on_and_is_written_down(passport: Walker, app: Flask) -> None:
    give(passport, name="SCHMIDT ANNA").press("同意，确认身份信息", meant_name="MUELLER ANNA")
    assert (answer(app)["name"], answer(app)["insisted"]) == ("SCHMIDT ANNA", {"name": "MUELLER ANNA"})


def test_a_number_whose_check_digits_were_not_read_is_not_asked_about(walker: Walker, app: Flask) -> None:
    at_document(walker)
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, {**FIELDS, "name": ""}, mrz_valid=False))
    photograph(walker)
    give(walker, number="C01X00T39")
    assert answer(app)["insisted"] == {}


def test_a_photo_that_is_still_being_read_is_not_waited_for(walker: Walker, app: Flask) -> None:
    at_document(walker)
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, FIELDS, mrz_valid=True))
    form = next(form for form in walker.page.forms if form.get("id") == "document-photo")
    token = form.cssselect("[name=csrf_token]")[0].get("value")
    data = {"document_picture": (io.BytesIO(picture_bytes()), "photo.jpg"), "kind": "passport", "csrf_token": token}
    walker.client.post(form.get("action"), data=data)
    give(walker, name="SCHMIDT ANNA")
    assert answer(app)["insisted"] == {}


def test_a_confirmed_number_is_for_a_clerk_and_not_sent_back_again(
    passport: Walker, app: Flask, fakes: Fakes, clerk: Clerk
) -> None:
    give(passport, number="C01X00T39").press("同意，确认身份信息", meant_number="C01X00T47")
    passport.show_document().wait().show_video().wait()
    assert "已提交法院审核" in passport.text
    desk = clerk().open("/desk/")
    desk.open(desk.page.cssselect("tr[data-row] a")[0].get("href"))
    warned = [notice.text_content() for notice in desk.page.cssselect(".warned")]
    assert any("当事人确认填写无误：证件号码" in words for words in warned)


def test_htmx_gets_the_same_form_back(passport: Walker) -> None:
    form = next(form for form in passport.page.forms if form.get("id") == "form")
    data = {**dict(form.form_values()), "document_type": "passport", "name": "SCHMIDT ANNA", "number": "C01X00T47"}
    reply = passport.client.post(passport.path, data={**data, "nationality": "DEU"}, headers={"HX-Request": "true"})
    assert reply.status_code == 422
    part = html.fromstring(reply.text)
    assert [button.get("value") for button in part.cssselect("button[name=take]")] == ["name"]
    assert not part.cssselect("body.payee")


def at_photos(walker: Walker, **typed: str) -> Walker:
    """At the photos' step, with answers given before any photo was there; the data page that comes next is surely read."""
    give(at_document(walker), **typed)
    walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(None, FIELDS, mrz_valid=True)
    return walker


def test_a_photo_with_another_name_comes_back_once_and_names_both(walker: Walker) -> None:
    at_photos(walker, name="SCHMIDT ANNA").show_document().wait()
    assert walker.path == "/verify/evidence"
    assert "照片上的姓名是 MUELLER ANNA，您填写的是 SCHMIDT ANNA。请与证件核对。" in walker.errors
    walker.press("下一步").wait()  # neither one nor the other: it isn't asked again, a clerk sees it
    assert walker.path == "/verify/video"


def test_the_name_on_the_photo_is_taken_into_the_document_with_one_tap(walker: Walker, app: Flask) -> None:
    at_photos(walker, name="SCHMIDT ANNA").show_document().wait().press("改用照片上的：MUELLER ANNA")
    assert walker.path == "/verify/document"
    assert walker.page.cssselect("[name=name]")[0].get("value") == "MUELLER ANNA"
    assert walker.page.cssselect("[name=number]")[0].get("value") == "C01X00T47"
    walker.press("同意，确认身份信息")
    assert walker.path == "/verify/evidence"
    walker.press("下一步").wait()
    assert walker.path == "/verify/video"
    with app.app_context():
        standing = db.session.query(StepRecord).filter_by(step="evidence", superseded_at=None).one()
        assert "doubt" not in standing.answer or not standing.answer["doubt"]


def test_a_name_that_is_confirmed_beside_its_photo_is_shown_to_the_clerk_as_confirmed(
    walker: Walker, clerk: Clerk
) -> None:
    at_photos(walker, name="SCHMIDT ANNA").show_document().wait()
    walker.press("下一步", meant_name="MUELLER ANNA").wait().show_video().wait()
    assert "已提交法院审核" in walker.text
    desk = clerk().open("/desk/identity?flag=insisted")
    desk.open(desk.page.cssselect("tr[data-row] a")[0].get("href"))
    warned = [notice.text_content() for notice in desk.page.cssselect(".warned")]
    assert any("当事人确认填写无误：姓名" in words for words in warned)


def test_a_number_that_is_confirmed_beside_its_photo_is_not_sent_back_again(walker: Walker) -> None:
    at_photos(walker, number="C01X00T39").show_document().wait()
    assert any("C01X00T47" in words and "C01X00T39" in words for words in walker.errors)
    walker.press("下一步", meant_number="C01X00T47").wait()
    assert walker.path == "/verify/video"


def test_going_back_to_the_document_with_the_same_name_is_asked_about_there(walker: Walker) -> None:
    at_photos(walker, name="SCHMIDT ANNA").show_document().wait().press("返回修改")
    give(walker, name="SCHMIDT ANNA")
    assert asked(walker) == ["name"]


def test_what_was_confirmed_at_the_document_is_not_asked_about_beside_its_photo(passport: Walker) -> None:
    give(passport, name="SCHMIDT ANNA").press("同意，确认身份信息", meant_name="MUELLER ANNA")
    passport.show_document().wait()
    assert passport.path == "/verify/video"
