"""Clerks see the cases and the people of their own courts, and nothing of others'."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import PASSWORD
from tests.web.test_desk import signed_permit
from tests.web.test_verification import PASSPORT, at_document
from webapp.accounts.models import Clerk, ClerkCourt, Role
from webapp.cases.models import Case
from webapp.core.db import db, unit_of_work
from webapp.docket.models import DocketItem
from webapp.identity.journeys import JOURNEYS
from webapp.identity.models import StepRecord
from webapp.payee.models import Letter, Submission
from webapp.review.holding import assign
from webapp.review.models import Opinion
from webapp.review.opinions import ask
from webapp.staff.administration import give_rights, switch
from webapp.staff.usecases import create_clerk, hash_password

MIDDLE, FUTIAN = "深圳市中级人民法院", "深圳市福田区人民法院"
Enter = Callable[..., Walker]


@pytest.fixture
def clerk_of(app: Flask, fakes: Fakes, clock: TestClock) -> Enter:
    """Signs in a clerk of these courts."""

    def enter(*courts: str, role: Role = Role.MANAGER) -> Walker:
        name = f"clerk{len(courts)}{courts[0][3] if courts else ''}".encode().hex()
        with app.app_context(), unit_of_work():
            create_clerk(
                name,
                display_name=name,
                password_hash=hash_password(PASSWORD, username=name),
                role=role,
                courts=courts,
                now=clock(),
            )
        return (
            Walker(app.test_client(), fakes, lambda: 0).open("/desk/").press("登录", username=name, password=PASSWORD)
        )

    return enter


@pytest.fixture
def futian(walker: Walker) -> Walker:
    """A passport that waits for the court of Futian."""
    at_document(walker).give_document(**PASSPORT)
    return walker.press("下一步", court=FUTIAN, files={"data_page": picture_bytes()}).wait().show_video().wait()


def counts(desk: Walker) -> list[str]:
    return [b.text_content() for b in desk.page.cssselect(".desk-nav b")]


def test_a_passport_waits_for_the_clerks_of_the_court_that_its_holder_named(
    futian: Walker, clerk_of: Enter, app: Flask
) -> None:
    theirs, others = clerk_of(FUTIAN, MIDDLE), clerk_of(MIDDLE)
    assert "MUELLER ANNA" in theirs.open("/desk/identity").text
    assert counts(theirs)[0] == "1"
    assert "没有待审的身份认证" in others.open("/desk/identity").text
    assert counts(others)[0] == "0"
    with app.app_context():
        item = db.session.query(DocketItem).one().id
    page = theirs.open(f"/desk/review/{item}")
    photo = page.page.cssselect("figure img")[0].get("src")
    assert theirs.client.get(photo).status_code == 200
    assert others.client.get(photo).status_code == 404
    assert others.client.get(f"/desk/review/{item}").status_code == 404


def test_nobody_decides_for_another_court(futian: Walker, clerk_of: Enter, app: Flask) -> None:
    others = clerk_of(MIDDLE).open("/desk/identity")
    token = others.page.cssselect("[name=csrf_token]")[0].get("value")
    with app.app_context():
        record = db.session.query(StepRecord).filter_by(step="court_review").one().id
        item = db.session.query(DocketItem).filter_by(subject_id=record).one().id
    for deed in ("decide", "take", "keep", "reveal", "note", "ask", "assign", "preview"):
        data = {"csrf_token": token, "once": "x", "decision": "approve", "hold": "x", "note": "x", "to": "x"}
        assert others.client.post(f"/desk/review/{item}/{deed}", data=data).status_code == 404, deed
    with app.app_context():
        assert db.session.get_one(StepRecord, record).state == "answered"


def test_a_case_its_accounts_letters_and_photos_belong_to_its_court(
    walker: Walker, clerk_of: Enter, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    theirs, others = clerk_of(MIDDLE, role=Role.REVIEWER), clerk_of(FUTIAN)
    with app.app_context():
        case, letter = db.session.query(Case).one().id, db.session.query(Letter).one()
        submission = db.session.query(Submission).one()
        photos = [f"/desk/photos/{one}" for one in (submission.front_photo_id, submission.card_photo_id) if one]
        item = db.session.query(DocketItem).filter_by(subject_id=submission.id).one().id
        own = [f"/desk/cases/{case}", f"/desk/review/{item}", f"/desk/letters/{letter.id}.pdf", *photos]
        code = letter.verification_code
    for path in own:
        assert theirs.client.get(path).status_code == 200, path
        assert others.client.get(path).status_code == 404, path
    assert theirs.open("/desk/cases").page.cssselect("tr[data-row]")
    assert "还没有案件" in others.open("/desk/cases").text
    assert "没有待审的收款账户" in others.open("/desk/accounts").text
    assert "没有找到" in others.open(f"/desk/letters?code={code}").text
    assert "有效" in theirs.open(f"/desk/letters?code={code}").text


def test_nothing_is_handed_to_a_clerk_who_may_not_see_it(futian: Walker, clerk_of: Enter, app: Flask) -> None:
    theirs = clerk_of(FUTIAN, MIDDLE)
    clerk_of(MIDDLE)
    colleague = clerk_of(FUTIAN, role=Role.REVIEWER)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        stranger, named = (
            db.session.query(Clerk).join(ClerkCourt).filter(ClerkCourt.court == court, Clerk.username.like(like)).one()
            for court, like in ((MIDDLE, "636c65726b31%"), (FUTIAN, "636c65726b31%"))
        )
        item, stranger_id, named_id = db.session.query(DocketItem).one().id, stranger.id, named.id
    offered = {one.get("value") for one in theirs.open(f"/desk/review/{item}").page.cssselect("select option")}
    assert named_id in offered
    assert stranger_id not in offered
    for deed in ("assign", "ask"):
        data = {"to": stranger_id, "colleague": stranger_id, "question": "?", "once": deed}
        theirs.client.post(f"/desk/review/{item}/{deed}", data=data)
    theirs.client.post("/desk/queue/assign", data={"to": stranger_id, "item": item})
    with app.app_context():
        assert db.session.get_one(DocketItem, item).assigned_to is None
        assert db.session.query(Opinion).count() == 0
        with pytest.raises(LookupError), unit_of_work():
            ask(item, stranger_id, "?", by=named_id, now=db.session.get_one(DocketItem, item).since)
    theirs.client.post(f"/desk/review/{item}/assign", data={"to": named_id})
    assert "MUELLER ANNA" in colleague.open("/desk/identity?tab=mine").text


def test_a_manager_hands_out_nothing_of_another_court(futian: Walker, clerk_of: Enter, app: Flask) -> None:
    others = clerk_of(MIDDLE)
    clerk_of(FUTIAN, role=Role.REVIEWER)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        item = db.session.query(DocketItem).one().id
        to = db.session.query(ClerkCourt).filter_by(court=FUTIAN).one().clerk_id
    others.client.post("/desk/queue/assign", data={"to": to, "item": item})
    with app.app_context():
        assert db.session.get_one(DocketItem, item).assigned_to is None


@pytest.mark.parametrize("loss", ["disabled", "court", "role"])
def test_what_was_assigned_to_a_clerk_who_may_come_no_more_is_anybodys_again(
    futian: Walker, clerk_of: Enter, app: Flask, clock: TestClock, loss: str
) -> None:
    theirs = clerk_of(FUTIAN, role=Role.REVIEWER)
    with app.app_context():
        item, clerk_id = db.session.query(DocketItem).one().id, db.session.query(Clerk).one().id
        with unit_of_work():
            assign(item, clerk_id, by=clerk_id, now=clock())
        theirs.open(f"/desk/review/{item}")
        assert db.session.get_one(DocketItem, item, populate_existing=True).holder_id == clerk_id
    clerk_of(MIDDLE, role=Role.ADMINISTRATOR)
    with app.app_context(), unit_of_work():
        by = db.session.query(Clerk).filter_by(role="administrator").one().id
        if loss == "disabled":
            switch(clerk_id, on=False, by=by, now=clock())
        else:
            role, court = (Role.AUDITOR, FUTIAN) if loss == "role" else (Role.REVIEWER, MIDDLE)
            give_rights(clerk_id, role, [court], by=by, now=clock())
    with app.app_context():
        freed = db.session.get_one(DocketItem, item)
        assert (freed.assigned_to, freed.assigned_by, freed.holder_id, freed.hold_token) == (None, None, None, None)


def test_what_a_clerk_may_still_see_stays_theirs_when_their_courts_change(
    futian: Walker, clerk_of: Enter, app: Flask, clock: TestClock
) -> None:
    clerk_of(FUTIAN, MIDDLE)
    clerk_of(MIDDLE, role=Role.ADMINISTRATOR)
    with app.app_context(), unit_of_work():
        item = db.session.query(DocketItem).one().id
        who, by = (db.session.query(Clerk).filter_by(role=role).one().id for role in ("manager", "administrator"))
        assign(item, who, by=who, now=clock())
        give_rights(who, Role.REVIEWER, [FUTIAN], by=by, now=clock())
    with app.app_context():
        assert db.session.get_one(DocketItem, item).assigned_to == who


def test_a_warning_names_nobody_of_another_court(walker: Walker, second: Walker, clerk_of: Enter, app: Flask) -> None:
    walker.fakes.faces.description = (3, 1, 4)
    at_document(walker).give_document(**PASSPORT)
    walker.press("下一步", court=MIDDLE, files={"data_page": picture_bytes()}).wait().show_video().wait()
    second.accept_rules().prove_phone("10000000002", "+8610000000002").press("下一步")
    second.give_document(**{**PASSPORT, "name": "MUELLER BERTA", "number": "C01X00T48"})
    second.press("下一步", court=FUTIAN, files={"data_page": picture_bytes()}).wait().show_video().wait()
    theirs, both = clerk_of(FUTIAN), clerk_of(FUTIAN, MIDDLE)
    for desk, named in ((theirs, False), (both, True)):
        desk.open("/desk/identity?flag=same_face").press("MUELLER BERTA")
        warned = desk.page.cssselect(".warned")[0]
        assert "另一个身份有相似的脸" in warned.text_content()
        assert ("MUELLER ANNA" in desk.text, bool(warned.cssselect("a"))) == (named, named)
        assert ("其他法院的当事人" in warned.text_content()) is not named


def test_who_has_no_court_sees_nobody(futian: Walker, clerk_of: Enter) -> None:
    desk = clerk_of()
    assert counts(desk)[:2] == ["0", "0"]
    assert "没有待审的身份认证" in desk.open("/desk/identity").text


def test_another_court_is_seen_from_the_next_click_on(futian: Walker, clerk_of: Enter, app: Flask) -> None:
    desk = clerk_of(MIDDLE)
    with app.app_context(), unit_of_work():
        db.session.add(ClerkCourt(clerk_id=db.session.query(Clerk).one().id, court=FUTIAN))
    assert "MUELLER ANNA" in desk.open("/desk/identity").text


def test_every_journey_asks_for_the_court_before_a_court_reviews() -> None:
    for journey in JOURNEYS.values():
        keys = [step.key for step in journey.steps]
        if "court_review" in keys:
            assert "evidence" in keys[: keys.index("court_review")], journey.key
