"""A form that is sent after the clerk's proof has run out goes through as it was typed, once they have proved who they are."""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask_babel import force_locale
from lxml import html

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_corrections import WHY, correcting, entry
from tests.web.test_people_of_a_case import desk, person
from tests.web.test_sign_in import add_app
from webapp.accounts.models import Clerk as AClerk
from webapp.accounts.models import ClerkCourt, Role
from webapp.accounts.sessions import end_sessions_of_clerk
from webapp.cases.people_models import PayeeCorrection
from webapp.core.db import db, unit_of_work
from webapp.staff.words import DEEDS
from webapp.web import kept
from webapp.web.access import ProofWanted

__all__ = ["correcting", "desk"]
ASKED = "请再确认一次是您本人"
GONE = "刚才填写的内容没有保留下来"


@pytest.fixture
def asked(correcting: Walker, clock: TestClock) -> Walker:
    """A manager who typed a correction, sent it too late for the last proof, and is asked for another."""
    clock.move(minutes=6)
    correcting.press("保存更正", name="何志濠", number="440301198501010022", amount="99.50", reason=WHY)
    assert ASKED in correcting.text
    return correcting


def made(app: Flask) -> int:
    with app.app_context():
        return db.session.query(PayeeCorrection).count()


def ticket(walker: Walker) -> str:
    return str(walker.page.cssselect("#form [name=kept_form]")[0].get("value"))


def sent(walker: Walker, to: str, kept_form: str, **fields: str) -> Any:
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    return walker.client.post(to, data={"csrf_token": token, "kept_form": kept_form, **fields})


def test_what_was_typed_goes_through_after_a_wrong_and_a_right_password(asked: Walker, app: Flask) -> None:
    assert "刚才提交的内容还在" in asked.text
    assert WHY not in asked.response.text
    assert "没有通过" in asked.press("确认", password="not this one").text
    assert made(app) == 0
    asked.press("确认", password=PASSWORD)
    assert (asked.path, "何志濠" in asked.text) == ("/desk/cases/" + asked.path.split("/")[3] + "/people/1", True)
    with app.app_context():
        assert (db.session.query(PayeeCorrection).one().reason, entry(app).amount) == (WHY, 9950)


def test_a_fault_is_said_in_the_form_with_what_was_typed(correcting: Walker, clock: TestClock, app: Flask) -> None:
    clock.move(minutes=6)
    correcting.press("保存更正", amount="1.234", reason=WHY).press("确认", password=PASSWORD)
    assert (correcting.response.status_code, made(app)) == (422, 0)
    assert correcting.page.cssselect("#reason")[0].text.strip() == WHY
    correcting.press("保存更正", amount="99.50")
    assert made(app) == 1


def test_a_kept_form_that_is_sent_twice_acts_once(asked: Walker, app: Flask) -> None:
    kept_form, form = ticket(asked), asked.page.cssselect("#form")[0]
    asked.press("确认", password=PASSWORD)
    again = sent(asked, form.get("action"), kept_form, password=PASSWORD)
    assert again.status_code == 307
    assert sent(asked, again.headers["Location"], kept_form).status_code == 303
    assert made(app) == 1


def test_a_kept_form_is_no_proof(asked: Walker, app: Flask) -> None:
    at = f"/desk/cases/{asked.path.split('/')[3]}/people/1/correct"
    reply = sent(asked, at, ticket(asked))
    assert (ASKED in reply.text, made(app)) == (True, 0)
    asked.response, asked.page = reply, html.fromstring(reply.text)
    asked.press("确认", password=PASSWORD)
    assert made(app) == 1


@pytest.mark.parametrize("harm", [lambda t: t[:-6] + "AAAAAA", lambda t: "B" + t[1:], lambda t: t[:40], lambda _t: "%"])
def test_a_changed_one_is_refused(asked: Walker, app: Flask, harm: Callable[[str], str]) -> None:
    reply = sent(asked, "/desk/prove", harm(ticket(asked)), password=PASSWORD)
    assert (reply.status_code, GONE in reply.text, made(app)) == (400, True, 0)


def test_one_that_lay_too_long_is_refused(asked: Walker, app: Flask, clock: TestClock) -> None:
    clock.move(minutes=16)
    asked.press("确认", password=PASSWORD)
    assert (asked.response.status_code, GONE in asked.text, made(app)) == (400, True, 0)


def test_another_clerk_or_session_can_do_nothing_with_it(asked: Walker, clerk: Clerk, app: Flask) -> None:
    at, kept_form = f"/desk/cases/{asked.path.split('/')[3]}/people/1/correct", ticket(asked)
    other = clerk("zhaolei", Role.MANAGER)
    for to in (at, "/desk/prove"):
        reply = sent(other, to, kept_form, password=PASSWORD)
        assert (reply.status_code, GONE in reply.text) == (400, True), to
    anew = other.press("退出").press("登录", username="wangfang", password=PASSWORD)
    assert sent(anew, at, kept_form).status_code == 400, "the same clerk, in another session"
    proof = asked.page
    asked.open("/desk/").press("退出").press("登录", username="zhaolei", password=PASSWORD)
    asked.page = proof
    asked.press("确认", password=PASSWORD)
    assert (asked.response.status_code, GONE in asked.text, made(app)) == (400, True, 0)


def test_it_fits_no_other_address(asked: Walker, app: Flask) -> None:
    at = f"/desk/cases/{asked.path.split('/')[3]}/people/2/correct"
    assert (sent(asked, at, ticket(asked)).status_code, made(app)) == (400, 0)


def test_htmx_gets_the_page_as_a_part_and_the_deed_after_it(correcting: Walker, clock: TestClock, app: Flask) -> None:
    clock.move(minutes=6)
    form = dict(correcting._form_of(correcting.page.cssselect("#reason")[0]).form_values())
    asks_part = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "page"}
    at = correcting.path
    reply = correcting.client.post(at, data={**form, "amount": "99.50", "reason": WHY}, headers=asks_part)
    part = html.fromstring(reply.text)
    assert (reply.status_code, "<html" in reply.text, ASKED in reply.text) == (200, False, True)
    assert reply.headers["HX-Push-Url"] == f"/desk/prove?next={at}"
    proof = dict(part.cssselect("#form")[0].form_values())
    to = part.cssselect("#form")[0].get("action")
    done = correcting.client.post(to, data={**proof, "password": PASSWORD}, headers=asks_part)
    assert (done.status_code, urlsplit(done.headers["Location"]).path) == (307, at)
    assert correcting.client.post(at, data={**proof, "password": PASSWORD}, headers=asks_part).status_code == 303
    assert made(app) == 1


def test_somebody_is_named_with_all_that_was_typed(desk: Walker, clock: TestClock) -> None:
    case = re.match(r"/desk/cases/[^/]+", person(desk, "何志豪").path)
    assert case is not None
    desk.open(f"{case[0]}/people/add")
    clock.move(minutes=6)
    form = desk._form_of(desk.page.cssselect("#reason")[0])
    typed = {"name": "欧阳娜", "document_type": "passport", "number": "E12345678", "amount": "9", "reason": WHY}
    data = {**dict(form.form_values()), **typed}
    desk.response = desk.client.post(desk.path, data=data, follow_redirects=True)
    desk._arrived().press("确认", password=PASSWORD)
    assert "欧阳娜" in desk.text


def test_rights_over_several_courts_are_given_whole(clerk: Clerk, clock: TestClock, app: Flask) -> None:
    clerk("limin")
    admin = clerk("zhangwei", Role.ADMINISTRATOR)
    with app.app_context():
        limin = db.session.query(AClerk).filter_by(username="limin").one().id
        courts = app.extensions["settings"].court_list
    admin.open(f"/desk/staff/{limin}")
    clock.move(minutes=6)
    admin.press("保存", role="manager", display_name="李敏", courts=list(courts)).press("确认", password=PASSWORD)
    assert admin.response.request.args["done"] == "yes"
    with app.app_context():
        assert db.session.get_one(AClerk, limin).role == "manager"
        assert db.session.query(ClerkCourt).filter_by(clerk_id=limin).count() == len(courts)


def test_what_is_longer_than_any_form_is_asked_for_as_before(
    correcting: Walker, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 50)
    clock.move(minutes=6)
    at = correcting.path
    assert correcting.press("保存更正", reason=WHY).path == "/desk/prove"
    assert correcting.press("确认", password=PASSWORD).path == at


def test_the_language_may_be_changed_where_a_deed_waits_for_the_proof(clerk: Clerk, clock: TestClock) -> None:
    """The deed's own address shows no page."""
    admin = clerk("zhangwei", Role.ADMINISTRATOR)
    clerk("limin")
    admin.open("/desk/staff").press("limin")
    page = admin.path
    clock.move(minutes=6)
    admin.press("重置登录方式")
    assert ASKED in admin.text
    admin.press("English")
    assert (admin.response.status_code, admin.path) == (200, "/desk/prove")
    assert admin.press("Confirm", password=PASSWORD).path == page


def test_the_page_that_asks_names_the_deed_and_what_was_too_long(
    correcting: Walker, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.move(minutes=6)
    page, said = correcting.path, "等待确认的操作：更正名册里的一个人"
    correcting.press("保存更正", reason=WHY)
    assert said in correcting.text
    assert "太长" not in correcting.text
    assert said in correcting.press("确认", password="not this one").text
    assert said in correcting.open(page).text, "also where nothing was sent yet"
    assert "刚才提交的内容还在" not in correcting.text
    correcting.press("确认", password=PASSWORD)
    clock.move(minutes=6)
    monkeypatch.setattr(kept, "MOST", 50)
    correcting.press("保存更正", reason=WHY)
    assert "刚才填写的内容太长，没有保留，确认后请重新填写。" in correcting.text
    assert "太长" in correcting.press("确认", password="not this one").text


def takes_a_proof(view: FunctionType, seen: set[FunctionType]) -> bool:
    """Whether a function, or one of ours that it calls by name, raises ProofWanted."""
    if view in seen:
        return False
    seen.add(view)
    called = [view.__globals__.get(name) for name in names_in(view.__code__)]
    return ProofWanted in called or any(
        takes_a_proof(inspect.unwrap(one), seen)
        for one in called
        if isinstance(one, FunctionType) and one.__module__.startswith("webapp")
    )


def names_in(code: CodeType) -> list[str]:
    inner = [names_in(one) for one in code.co_consts if isinstance(one, CodeType)]
    called = [one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"]
    return [*called, *(name for names in inner for name in names)]


def test_every_deed_that_takes_a_proof_has_words_in_both_languages(app: Flask) -> None:
    asking = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and takes_a_proof(inspect.unwrap(view), set())
    }
    assert {"desk_payouts.release", "desk_trail.export", "desk_staff.clerk"} <= asking
    assert asking == set(DEEDS)
    with app.test_request_context(), force_locale("en"):
        assert [str(words) for words in DEEDS.values() if not str(words).isascii()] == []


DOOR = "审核台登录"
WAITS = "登录已经结束"


@pytest.fixture
def late(correcting: Walker, clock: TestClock) -> Walker:
    """A manager who typed a correction, and sent it after the session had ended by itself."""
    clock.move(hours=9)
    correcting.press("保存更正", name="何志濠", number="440301198501010022", amount="99.50", reason=WHY)
    assert (DOOR in correcting.text, WAITS in correcting.text) == (True, True)
    return correcting


def test_a_form_that_is_sent_after_the_session_ended_goes_through_after_signing_in(late: Walker, app: Flask) -> None:
    assert WHY not in late.response.text
    late.press("登录", username="wangfang", password="not this one")
    assert (late.response.status_code, WAITS in late.text, made(app)) == (422, True, 0)
    late.press("登录", username="wangfang", password=PASSWORD)
    assert (made(app), "何志濠" in late.text) == (1, True)


def test_another_clerk_who_signs_in_there_does_nothing_with_it(late: Walker, clerk: Clerk, app: Flask) -> None:
    clerk("zhaolei", Role.MANAGER)
    at, kept_form = late.last_action, ticket(late)
    late.press("登录", username="zhaolei", password=PASSWORD)
    assert (late.response.status_code, GONE in late.text, made(app)) == (400, True, 0)
    late.open("/desk/")
    assert DOOR not in late.text
    assert (sent(late.open("/desk/security"), at, kept_form).status_code, made(app)) == (400, 0)


def test_the_second_factor_is_asked_before_a_late_form_goes_through(
    correcting: Walker, clock: TestClock, app: Flask
) -> None:
    at = correcting.path
    _secret, codes = add_app(correcting.open("/desk/security/second-factor"), clock)
    correcting.open(at)
    clock.move(hours=9)
    correcting.press("保存更正", name="何志濠", number="440301198501010022", amount="99.50", reason=WHY)
    correcting.press("登录", username="wangfang", password=PASSWORD)
    assert ("第二步验证" in correcting.text, made(app)) == (True, 0)
    correcting.press("用恢复码登录", recovery="wrong")
    correcting.press("用恢复码登录", recovery=codes[0])
    assert (made(app), "何志濠" in correcting.text) == (1, True)


def test_what_a_script_sends_and_what_a_stranger_sends_waits_for_nobody(
    correcting: Walker, clock: TestClock, app: Flask
) -> None:
    form = dict(correcting._form_of(correcting.page.cssselect("#reason")[0]).form_values())
    at, came_from = correcting.path, {"Referer": f"http://localhost{correcting.path}"}
    clock.move(hours=9)
    for headers in ({"X-Background": "1", "HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"}):
        reply = correcting.client.post(at, data=form, headers={**came_from, **headers})
        assert (reply.status_code, reply.headers["Location"]) == (303, f"/desk/sign-in?next={at}")
    correcting.client.delete_cookie("desk_session", path="/desk")
    reply = correcting.client.post(at, data=form, headers=came_from)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/desk/sign-in?next={at}")
    elsewhere = correcting.client.post(at, data=form, headers={"Referer": "http://evil.example/desk/"})
    assert elsewhere.headers["Location"] == "/desk/sign-in"
    assert made(app) == 0


def test_a_form_from_a_session_that_was_ended_on_purpose_does_not_wait(
    correcting: Walker, clock: TestClock, app: Flask
) -> None:
    with app.app_context(), unit_of_work():
        clerk_id = db.session.query(AClerk).filter_by(username="wangfang").one().id
        end_sessions_of_clerk(clerk_id, now=clock())
    correcting.press("保存更正", name="何志濠", number="440301198501010022", amount="99.50", reason=WHY)
    assert (DOOR in correcting.text, WAITS in correcting.text) == (True, False)


def test_the_door_and_a_form_without_its_cookie_speak_the_clerks_language(
    correcting: Walker, clock: TestClock, app: Flask
) -> None:
    at = correcting.path
    correcting.press("English").open(at)
    form = dict(correcting._form_of(correcting.page.cssselect("#reason")[0]).form_values())
    clock.move(hours=9)
    assert "Sign in" in correcting.open("/desk/").page.cssselect("h1")[0].text_content()
    correcting.client.delete_cookie("desk_form", path="/desk")
    correcting.response = correcting.client.post(at, data=form, headers={"Referer": f"http://localhost{at}"})
    correcting._arrived()
    assert correcting.response.status_code == 400
    assert "This page has been open too long" in correcting.text
    assert correcting.page.cssselect("main a.btn")[0].get("href") == at
