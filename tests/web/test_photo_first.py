"""Photographing the document first: the form fills itself in, and a document that runs out is told."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from tests.walker import Walker, picture_bytes
from tests.web.test_verification import PASSPORT, at_document
from webapp.ports.document_reader import DocumentReading, DocumentSide, PictureFault

FIELDS = {"name": "MUELLER ANNA", "number": "C01X00T47", "nationality": "DEU", "expiry_date": "2033-01-31", "sex": "F"}


def photograph(walker: Walker, kind: str = "passport", data: bytes | None = None) -> str:
    """Takes the photo as the page's script does; what the answer says, once the worker has read it."""
    form = next(form for form in walker.page.forms if form.get("id") == "document-photo")
    fields = {
        "document_picture": (io.BytesIO(picture_bytes() if data is None else data), "photo.jpg"),
        "kind": kind,
        "csrf_token": form.cssselect("[name=csrf_token]")[0].get("value"),
    }
    sent = walker.client.post(form.get("action"), data=fields, headers={"HX-Request": "true"}, follow_redirects=True)
    if sent.status_code != 200:
        return sent.text
    assert "正在识别证件" in sent.text
    walker.work()
    return str(walker.client.get(sent.request.path, headers={"HX-Request": "true"}).text)


@pytest.fixture
def page(walker: Walker) -> Walker:
    return at_document(walker)


def reads(app: Flask, side: DocumentSide, reading: DocumentReading) -> None:
    app.extensions["seams"].documents.readings[side] = reading


def test_what_was_read_is_handed_to_the_form(page: Walker, app: Flask) -> None:
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, FIELDS, mrz_valid=True))
    said = photograph(page)
    for name in ("name", "number", "nationality"):
        assert f'data-{name}="{FIELDS[name]}"' in said
    assert "逐项核对" in said
    assert "到期" not in said


@pytest.mark.parametrize(
    ("day", "words"), [("2026-12-20", "2026-12-20 到期"), ("2026-11-01", "已经过期"), ("2033-01-31", "")]
)
def test_a_document_that_has_run_out_or_soon_will_is_told(page: Walker, app: Flask, day: str, words: str) -> None:
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, {**FIELDS, "expiry_date": day}, mrz_valid=True))
    said = photograph(page)
    assert words in said
    assert ("到期" in said or "过期" in said) == bool(words)


def test_the_type_is_asked_for_before_its_photo(page: Walker) -> None:
    kind, picture = page.page.cssselect("#document_type, #document_picture")
    assert (kind.get("id"), picture.get("id")) == ("document_type", "document_picture")
    assert picture.get("form") == "document-photo", "the photo is no part of the form that it fills in"


def test_a_photo_of_which_nothing_is_read_says_why(page: Walker, app: Flask) -> None:
    reads(app, DocumentSide.RESIDENT_FRONT, DocumentReading(PictureFault.GLARE))
    said = photograph(page, "resident_id")
    assert "反光" in said
    assert "data-name" not in said


def test_what_is_no_photo_is_told(page: Walker) -> None:
    assert "不是照片" in photograph(page, data=b"nonsense")


def test_nobody_else_sees_what_was_read(page: Walker, app: Flask, second: Walker) -> None:
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, FIELDS, mrz_valid=True))
    form = next(form for form in page.page.forms if form.get("id") == "document-photo")
    token = form.cssselect("[name=csrf_token]")[0].get("value")
    fields = {"document_picture": (io.BytesIO(picture_bytes()), "p.jpg"), "kind": "passport", "csrf_token": token}
    address = page.client.post(form.get("action"), data=fields).location
    at_document(second, "10000000002")
    assert second.client.get(address).status_code == 404


def test_the_photo_is_there_when_the_photos_are_asked_for(page: Walker, app: Flask) -> None:
    reads(app, DocumentSide.DATA_PAGE, DocumentReading(None, {**FIELDS, "expiry_date": "2026-12-20"}, mrz_valid=True))
    photograph(page)
    page.give_document(**PASSPORT)
    assert page.page.cssselect("[data-field=data_page] .shot img")
    page.press("下一步", court="深圳市南山区人民法院").wait()
    assert "2026-12-20 到期" in page.text


def test_a_stranger_without_a_proved_phone_keeps_no_worker_busy(walker: Walker) -> None:
    walker.accept_rules()
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    sent = {
        "csrf_token": token,
        "kind": "hk_macao_permit",
        "key": "",
        "document_picture": (io.BytesIO(picture_bytes()), "a.jpg"),
    }
    assert walker.client.post("/verify/document/photo", data=sent).status_code == 404


def test_no_court_is_chosen_for_anybody(page: Walker) -> None:
    page.give_document(**PASSPORT)
    chosen = page.page.cssselect("#court option[selected]") or page.page.cssselect("#court option")[:1]
    assert [option.get("value") for option in chosen] == [""]
    page.show_document(court="")
    assert "请选择受诉法院。" in page.errors
    assert page.page.cssselect("[name=kept_data_page]")[0].get("value"), "the photo is kept"
