"""Every route × every role × every foreign object, and what must come back. A route without a line in the table fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.conftest import MakeApp
from tests.fakes import Fakes, TestClock
from tests.guards.route_table import Named, Row, rows
from tests.guards.test_routes import FRAMEWORK, database_url
from tests.walker import Walker
from tests.web.conftest import PASSWORD
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.accounts.loading import COOKIES
from webapp.accounts.models import Account, Clerk, Phone, Role
from webapp.accounts.sessions import find_by_token, open_session
from webapp.cases.counter import VISIT
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db, unit_of_work
from webapp.docket.models import DocketItem
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import DRAFT_LIFE, store_photo
from webapp.handover.models import Handover
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.payee.models import Letter, Submission
from webapp.staff.usecases import create_clerk, hash_password
from webapp.texts.models import Consent, TextVersion
from webapp.trail.usecases import ask_for_proof
from webapp.wording.usecases import propose

__all__ = ["database_url"]
MINE, OTHERS = "深圳市中级人民法院", "深圳市福田区人民法院"
ROLES = ("payee", "helped", "reviewer", "manager", "auditor", "administrator", "newcomer")
NOBODY = "A" * 22
NOBODYS = {"payee_id": "999999"}
"""Ids that are numbers."""


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in FRAMEWORK]


def test_every_route_has_a_line_that_says_what_its_mark_says(app: Flask) -> None:
    table, found = rows(), {rule.endpoint: rule for rule in rules(app)}
    assert set(found) - set(table) == set(), "a route without a line in tests/guards/route_table.py"
    assert set(table) - set(found) == set(), "a line without a route"
    for endpoint, row in table.items():
        assert app.view_functions[endpoint].__access__ == row.who, endpoint
        assert {named.name for named in row.names} == found[endpoint].arguments, endpoint


@dataclass
class World:
    """Two courts with a payee each, and staff of the first: who asks, and whose objects there are."""

    app: Flask
    asks: dict[str, FlaskClient]
    own: dict[str, str]
    foreign: dict[str, str]

    def address(self, rule: Rule, row: Row, objects: dict[str, str]) -> str:
        words = {
            "kind": "rules",
            "language": "zh_Hans",
            "deed": "choose",
            "key": "phone",
            "field": "front",
            "to": "en",
            "code": "court:expired",
        }
        words |= {"poster": {"kind": "pdf"}, "take_next": {"kind": "identity"}}.get(rule.endpoint.split(".")[1], {})
        words |= {"desk_reasons": {"kind": "identity"}, "desk_charts": {"key": "days"}}.get(
            rule.endpoint.split(".")[0], {}
        )
        values = {
            name.name: objects.get(name.name, words.get(name.name, NOBODYS.get(name.name, NOBODY)))
            for name in row.names
        }
        with self.app.test_request_context():
            return self.app.url_map.bind("").build(rule.endpoint, values)


@pytest.fixture
def world(make_app: MakeApp, fakes: Fakes, clock: TestClock) -> World:
    from tests.conftest import worker_of  # noqa: PLC0415 (a fixture of its own app)

    app = make_app()
    work = worker_of(app)
    own = payee_of(app, fakes, clock, work, MINE, "1", PERMIT)
    other = {**PERMIT, "number": "H87654321", "name": "陈小文"}
    foreign = payee_of(app, fakes, clock, work, OTHERS, "2", other)
    waiting_at(app, fakes, work, MINE, "3", PASSPORT)
    waiting_at(app, fakes, work, OTHERS, "4", {**PASSPORT, "number": "C01X00T48"})
    asks = {role: staff(app, clock, fakes, role) for role in ROLES[2:]} | {
        "payee": own.client,
        "helped": helped(app, own, clock),
    }
    with app.app_context():
        objects = {court: objects_of(court) for court in (MINE, OTHERS)}
        handovers = {row.account_id: row.id for row in db.session.query(Handover)}
        objects[MINE] |= shared(clock)
        objects[MINE]["handover_id"] = handovers[objects[MINE]["account_id"]]
        objects[OTHERS]["handover_id"] = handovers[objects[OTHERS]["account_id"]]
    assert foreign.client is not own.client
    app.config["WTF_CSRF_ENABLED"] = False
    return World(app, asks, objects[MINE], objects[OTHERS])


def payee_of(
    app: Flask, fakes: Fakes, clock: TestClock, work: object, court: str, last: str, document: dict[str, str]
) -> Walker:
    """A payee who has signed a letter in a case of this court."""
    name_in_case(app, clock, document["number"], document["kind"], f"（2023）粤039{last}执1234号")
    with app.app_context(), unit_of_work():
        db.session.query(Case).filter(Case.number.contains(f"039{last}")).one().court = court
        db.session.query(Case).filter(Case.number.contains(f"039{last}")).one().code = f"CODE{last}"
    walker = Walker(app.test_client(), fakes, work)  # type: ignore[arg-type]  # the worker's run
    at_document(walker, f"1000000000{last}").give_document(**document).show_document().wait().show_video().wait().sign()
    at_account(walker)
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    walker.client.post(walker.path.replace("/account", "/handover"), data={"csrf_token": token, "once": last})
    hand_in(walker).wait().press("提交并签名").press("确定")
    return walker.wait()


def waiting_at(app: Flask, fakes: Fakes, work: object, court: str, last: str, document: dict[str, str]) -> None:
    """A payee whose passport waits for a clerk of this court."""
    walker = Walker(app.test_client(), fakes, work)  # type: ignore[arg-type]  # the worker's run
    at_document(walker, f"1000000000{last}").give_document(**document)
    from tests.walker import picture_bytes  # noqa: PLC0415 (used here alone)

    walker.press("下一步", court=court, files={"data_page": picture_bytes()}).wait().show_video().wait()


def helped(app: Flask, payee: Walker, clock: TestClock) -> FlaskClient:
    """The same payee at a tablet, with a reviewer of the first court beside."""
    with app.app_context(), unit_of_work():
        browser = payee.client.get_cookie(COOKIES["payee"])
        account_id = find_by_token(browser.value if browser else "").account_id
        clerk_id = db.session.query(Clerk).filter_by(username="reviewer").one().id
        token = open_session(
            "payee", lifetime=VISIT, browser="tablet", now=clock(), account_id=account_id, clerk_id=clerk_id
        )
    tablet = app.test_client()
    tablet.set_cookie(COOKIES["payee"], token)
    return tablet


def staff(app: Flask, clock: TestClock, fakes: Fakes, role: str) -> FlaskClient:
    """A clerk of the first court who has signed in."""
    known = Role.REVIEWER if role == "newcomer" else Role(role)
    until = clock().replace(year=2027) if role == "newcomer" else None
    with app.app_context(), unit_of_work():
        create_clerk(
            role,
            display_name=role,
            password_hash=hash_password(PASSWORD, username=role),
            role=known,
            courts=[MINE],
            now=clock(),
            temporary_until=until,
        )
    walker = Walker(app.test_client(), fakes, lambda: 0)
    walker.open("/desk/sign-in").press("登录", username=role, password=PASSWORD)
    assert walker.path != "/desk/sign-in", role
    return walker.client


def objects_of(court: str) -> dict[str, str]:
    """One object of each kind that belongs to this court, by the variable that names it in addresses."""
    letter = db.session.query(Letter).join(Case, Case.id == Letter.case_id).filter(Case.court == court).one()
    account = letter.account_id
    submission = db.session.get_one(Submission, letter.submission_id)
    record = db.session.query(StepRecord).filter_by(step="court_review", court=court).one()
    assert db.session.query(Verification).filter_by(id=record.verification_id).count() == 1
    assert db.session.query(Identity).filter_by(account_id=account).count() == 1
    return {
        "account_id": account,
        "case_id": letter.case_id,
        "consent_id": db.session.query(Consent).filter_by(account_id=account, kind="rules").one().id,
        "letter_id": letter.id,
        "phone_id": db.session.query(Phone).filter_by(account_id=account).one().id,
        "photo_id": db.session.query(Photo).filter_by(id=submission.front_photo_id).one().id,
        "public_id": db.session.get_one(CasePayee, letter.case_payee_id).public_id,
        "item_id": db.session.query(DocketItem).filter_by(subject_id=record.id).one().id,
        "payee_id": str(letter.case_payee_id),
        "submission_id": submission.id,
    }


def shared(clock: TestClock) -> dict[str, str]:
    """What belongs to the whole deployment."""
    from webapp.accounts.models import Clerk  # noqa: PLC0415 (beside the walkers' own Clerk)

    clerks = {clerk.username: clerk.id for clerk in db.session.query(Clerk)}
    assert db.session.query(Account).count() == 4
    text = db.session.query(TextVersion).filter_by(kind="rules", language="zh_Hans").one().id
    db.session.rollback()
    with unit_of_work():
        writer = clerks["auditor"]
        draft = propose("rules", "zh_Hans", title="规程", body="新的", effective_at=None, clerk_id=writer, now=clock())
        proof = ask_for_proof(writer, now=clock())
        return {"clerk_id": clerks["reviewer"], "draft_id": draft.id, "proof_id": proof.id, "text_id": text}


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def test_every_role_is_let_in_or_turned_away_as_the_table_says(world: World) -> None:
    table, wrong = rows(), []
    for rule in rules(world.app):
        row = table[rule.endpoint]
        if "everyone" in row.who:
            continue
        path = world.address(rule, row, world.own)
        missing = {one.code for one in row.names if one.kind == "any" and one.name not in world.own}
        missing |= {404} if rule.endpoint == "desk_charts.table" else set()  # nothing is counted yet
        for role in ROLES:
            allowed = may(role, row) and (role, rule.endpoint) != ("helped", "handover.desk")  # another browser's
            for method in methods(rule):
                if allowed and method == "POST":
                    continue  # a deed: its own tests do it
                reply = world.asks[role].open(path, method=method)
                reply.close()
                if allowed and reply.status_code in missing:
                    continue  # this world has no such object
                if not fits(reply.status_code, reply.headers.get("Location", ""), role, path, allowed=allowed):
                    wrong.append((method, path, role, allowed, reply.status_code, reply.headers.get("Location")))
    assert wrong == []


def may(role: str, row: Row) -> bool:
    """Whether the table lets somebody of this role in; `helped` is the payee with a clerk beside."""
    known = {"payee": {"payee", "alone"}, "helped": {"payee"}}.get(role, {role})
    return bool(known & row.who)


def fits(code: int, onward: str, role: str, path: str, *, allowed: bool) -> bool:
    """Let in; or, turned away: to the door of the other application, to what is due first, or 404 as if it didn't exist."""
    if allowed:
        return code in (200, 302, 303, 422) and "sign" not in onward.split("?", maxsplit=1)[0].replace(
            "/letter/sign", ""
        )
    if (role in ("payee", "helped")) == path.startswith("/desk"):
        return code == 303 and onward.startswith(("/signin", "/desk/sign-in"))
    return (code == 303 and onward == "/desk/security/password") if role == "newcomer" else code == 404


def test_nobody_reaches_another_s_object_and_what_is_not_there_looks_the_same(world: World) -> None:
    table, wrong, tried = rows(), [], 0
    for rule in rules(world.app):
        row = table[rule.endpoint]
        for named in (one for one in row.names if one.kind != "word"):
            for role in [one for one in ROLES if may(one, row)] or ["payee"]:
                if role == "newcomer":
                    continue
                for method in methods(rule):
                    for objects in strangers(world, named):
                        path = world.address(rule, row, objects)
                        reply = world.asks[role].open(path, method=method)
                        code = reply.status_code
                        reply.close()
                        tried += 1
                        if code != named.code:
                            wrong.append((method, path, role, code))
    assert wrong == []
    assert tried > 100


PART = {"HX-Request": "true"}


def test_with_a_clerk_beside_only_photos_that_this_clerk_may_see_or_that_are_of_this_visit_are_there(
    world: World, clock: TestClock
) -> None:
    shown = {name: photos_of(world, name, clock) for name in ("account", "identity", "draft")}
    with world.app.app_context(), unit_of_work():
        db.session.query(Photo).update({"taken_at": clock() - timedelta(minutes=1)})  # before the visit
    addresses = [
        rule
        for rule in rules(world.app)
        if rule.endpoint in ("evidence.photo", "photo_first.read", "cards.card_read") and "GET" in (rule.methods or ())
    ]
    assert len(addresses) == 3
    with_account = {("account", True), ("identity", False), ("draft", False)}
    for court, expected in ((MINE, with_account), (OTHERS, {(name, False) for name in shown})):
        with world.app.app_context(), unit_of_work():
            db.session.get_one(Case, world.own["case_id"]).court = court
        for name, there in expected:
            for rule in addresses:
                path = world.address(rule, rows()[rule.endpoint], {**world.own, "photo_id": shown[name]})
                reply = world.asks["helped"].get(path, headers=PART)
                case_is_there = court == MINE or rule.endpoint != "cards.card_read"
                assert reply.status_code == (200 if there and case_is_there else 404), (court, name, path)
                assert world.asks["payee"].get(path, headers=PART).status_code == 200, (court, name, path)
    clock.move(minutes=1)
    taken = photos_of(world, "draft", clock)
    assert world.asks["helped"].get(f"/photos/{taken}").status_code == 200, "taken since the visit began"


def photos_of(world: World, name: str, clock: TestClock) -> str:
    """A photo of this payee: with the account, of the document when they were verified, or one that no form has taken in."""
    with world.app.app_context():
        if name == "account":
            return world.own["photo_id"]
        if name == "identity":
            verification = db.session.query(Verification).filter_by(account_id=world.own["account_id"]).one()
            record = db.session.query(StepRecord).filter_by(verification_id=verification.id, step="evidence").one()
            return str(record.answer["photos"]["front"])
        store = world.app.extensions["seams"].store
        photo = store_photo(
            world.own["account_id"], PhotoKind.BANK_CARD, b"card", "image/jpeg", store=store, now=clock()
        )
        photo.draft_until = clock() + DRAFT_LIFE
        photo_id = photo.id
        with unit_of_work():
            db.session.add(photo)
        return photo_id


def strangers(world: World, named: Named) -> list[dict[str, str]]:
    """The objects of an address with this one another's, and with this one nobody's."""
    nobody = {**world.own, named.name: NOBODYS.get(named.name, NOBODY)}
    return [nobody] if named.kind == "any" else [{**world.own, named.name: world.foreign[named.name]}, nobody]
