"""Pictures that are sent as they are taken: kept once, for their own account and kind alone, and not for ever."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.test_collection import at_account, name_in_case
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.core.db import db, unit_of_work
from webapp.core.jobs import Job
from webapp.evidence.models import Photo
from webapp.evidence.usecases import MOST_DRAFTS, sweep_drafts
from webapp.identity.models import StepRecord


def post(
    walker: Walker, kind: str = "data_page", key: str = "", data: bytes | None = None, frames: int = 0
) -> TestResponse:
    """Sends a picture as the page's script does."""
    token = walker.page.cssselect("input[name=csrf_token]")[0].get("value")
    fields: dict[str, object] = {
        "picture": (io.BytesIO(picture_bytes() if data is None else data), "photo.jpg"),
        "kind": kind,
        "key": key,
        "frames": [(io.BytesIO(picture_bytes(colour=f"#33{n}{n}55")), "frame.jpg") for n in range(frames)],
    }
    return walker.client.post("/photos", data=fields, headers={"Accept": "application/json", "X-CSRFToken": token})


def send(walker: Walker, kind: str = "data_page", key: str = "", frames: int = 0) -> str:
    """The same; the photo's id."""
    response = post(walker, kind, key, frames=frames)
    assert response.status_code == 201, response.text
    return str(json.loads(response.text)["id"])


@pytest.fixture
def at_photos(walker: Walker) -> Walker:
    return at_document(walker).give_document(**PASSPORT)


def test_a_form_takes_in_the_id_of_what_was_sent_already(at_photos: Walker, app: Flask) -> None:
    photo = send(at_photos)
    at_photos.press("下一步", court="深圳市南山区人民法院", kept_data_page=photo)
    assert at_photos.response.status_code == 200 and not at_photos.errors
    with app.app_context():
        assert db.session.get_one(Photo, photo).draft_until is None


def test_nobody_keeps_pictures_here_without_a_phone(walker: Walker, app: Flask) -> None:
    walker.accept_rules()
    assert post(walker).status_code == 404
    with app.app_context():
        assert db.session.query(Photo).count() == 0


def test_a_picture_that_is_sent_twice_is_one_picture(at_photos: Walker, app: Flask) -> None:
    first, second = send(at_photos, key="abcdefghij1"), send(at_photos, key="abcdefghij1")
    assert first == second != ""
    with app.app_context():
        assert db.session.query(Photo).count() == 1


def test_what_is_no_picture_is_told_in_words_and_nothing_is_kept(at_photos: Walker, app: Flask) -> None:
    refused = post(at_photos, data=b"nonsense")
    assert refused.status_code == 422
    assert "不是照片" in json.loads(refused.text)["words"]
    with app.app_context():
        assert db.session.query(Photo).count() == 0


def test_a_picture_of_another_kind_or_account_is_not_taken_in(at_photos: Walker, app: Flask, second: Walker) -> None:
    at_document(second, "10000000002").give_document(**PASSPORT | {"number": "E99999999"})
    for photo in (send(at_photos, kind="bank_card"), send(second)):
        at_photos.press("下一步", court="深圳市南山区人民法院", kept_data_page=photo)
        assert at_photos.response.status_code == 422
        assert "请拍" in at_photos.errors[0]


def test_a_draft_lasts_a_day_and_its_file_goes_after_it(
    at_photos: Walker, app: Flask, clock: TestClock, fakes: Fakes
) -> None:
    photo = send(at_photos, frames=2)
    with app.app_context():
        store = app.extensions["seams"].store
        assert sweep_drafts(store=store, now=clock()) == 0
        assert sweep_drafts(store=store, now=clock() + timedelta(days=1, hours=2)) == 3
        swept = db.session.get_one(Photo, photo)
        assert swept.deleted_at is not None
        with pytest.raises(KeyError):
            store.get(swept.object_key)
    at_photos.press("下一步", court="深圳市南山区人民法院", kept_data_page=photo)
    assert at_photos.response.status_code == 422


def test_nobody_sends_pictures_without_end(at_photos: Walker, app: Flask) -> None:
    photo = send(at_photos)
    with app.app_context():
        one = db.session.get_one(Photo, photo)
        copy = {c.name: getattr(one, c.name) for c in Photo.__table__.columns if c.name not in ("id", "object_key")}
        db.session.add_all([Photo(**copy, object_key=f"photos/{n}") for n in range(MOST_DRAFTS - 1)])
        db.session.commit()
    assert post(at_photos).status_code == 429


def test_further_looks_at_a_card_go_to_the_reader_with_it(verified: Walker, app: Flask) -> None:
    at_account(verified)
    card = verified.page.cssselect("[data-send$='/card']")[0]
    token = verified.page.cssselect("[name=csrf_token]")[0].get("value")
    frames = [(io.BytesIO(picture_bytes(colour=f"#1{n}2233")), "frame.jpg") for n in range(6)]
    fields = {
        "card_picture": (io.BytesIO(picture_bytes()), "photo.jpg"),
        "frames": [*frames, (io.BytesIO(b"junk"), "f.jpg")],
        "csrf_token": token,
    }
    assert verified.client.post(card.get("data-send"), data=fields).status_code in (302, 303)
    with app.app_context():
        job = db.session.query(Job).filter_by(kind="read_card").one()
        assert len(job.payload["frames"]) == 4, "four at most"
        assert all(db.session.get_one(Photo, f).frame_of == job.payload["photo"] for f in job.payload["frames"])


def test_the_card_form_keeps_what_was_sent_over_a_fault(verified: Walker) -> None:
    at_account(verified)
    front, back = send(verified, kind="resident_front"), send(verified, kind="resident_back")
    verified.press(
        "下一步", card_number="6299", bank="SPECIMEN", branch="深圳福田支行", kept_front=front, kept_back=back
    )
    assert verified.response.status_code == 422
    kept = {e.get("name"): e.get("value") for e in verified.page.cssselect("input[data-kept]")}
    assert (kept["kept_front"], kept["kept_back"]) == (front, back)


def test_a_photo_that_arrived_when_the_page_was_drawn_already_is_not_asked_for(at_photos: Walker) -> None:
    send(at_photos)
    at_photos.press("下一步", court="深圳市南山区人民法院")
    assert at_photos.response.status_code == 200 and not at_photos.errors


def test_a_photo_that_came_with_a_faulty_form_is_not_asked_for_again(walker: Walker) -> None:
    at_document(walker).give_document(**PERMIT)
    walker.press("下一步", court="深圳市南山区人民法院", files={"front": picture_bytes()})
    assert walker.response.status_code == 422 and walker.errors == ["请拍证件的背面。"]
    walker.press("下一步", court="深圳市南山区人民法院", files={"back": picture_bytes()})
    assert walker.response.status_code == 200 and not walker.errors


def test_a_photo_from_before_a_refusal_does_not_come_back(at_photos: Walker, app: Flask, clock: TestClock) -> None:
    """Of two tries the later one was handed in, and refused: the earlier one is no newer."""
    send(at_photos)
    clock.move(seconds=20)
    at_photos.press("下一步", court="深圳市南山区人民法院", kept_data_page=send(at_photos))
    with app.app_context():
        answer = db.session.query(StepRecord).filter_by(step="evidence").one().answer
    clock.move(minutes=1)
    at_photos.open("/verify/document").give_document(**PASSPORT | {"number": "C01X00T48"})
    kept = at_photos.page.cssselect("input[name=kept_data_page]")
    assert [e.get("value") for e in kept] == [answer["photos"]["data_page"]]


def test_the_account_page_that_is_opened_anew_has_the_photos_that_were_taken_for_it(
    verified: Walker, clock: TestClock
) -> None:
    at_account(verified)
    clock.move(seconds=20)
    front, card = send(verified, kind="resident_front"), send(verified, kind="bank_card")
    verified.open(verified.path)
    assert verified.page.cssselect("input[name=kept_front]")[0].get("value") == front
    assert card in verified.page.cssselect("#card-result")[0].get("hx-vals"), "it is read once more"


def test_a_photo_of_a_card_stays_with_the_case_it_was_taken_for(verified: Walker, app: Flask, clock: TestClock) -> None:
    at_account(verified)
    clock.move(seconds=20)
    card = send(verified, kind="bank_card")
    assert card in verified.open(verified.path).page.cssselect("#card-result")[0].get("hx-vals")
    clock.move(seconds=20)
    name_in_case(app, clock, case_number="（2024）粤0399执99号")
    other = next(a for a in verified.open("/cases").page.cssselect("a[href^='/cases/']") if "99号" in a.text_content())
    verified.open(other.get("href")).press("确认", agree="y")
    assert verified.path.endswith("/account")
    assert verified.page.cssselect("#card-result")[0].get("hx-vals") is None


def test_a_photo_on_which_no_number_was_found_does_not_come_back(
    verified: Walker, app: Flask, clock: TestClock
) -> None:
    at_account(verified)
    clock.move(seconds=20)
    card = send(verified, kind="bank_card")
    with app.app_context(), unit_of_work():
        db.session.get_one(Photo, card).reading = {"number": None, "fault": "glare"}
    assert verified.open(verified.path).page.cssselect("#card-result")[0].get("hx-vals") is None
