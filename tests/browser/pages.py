"""Every page that a payee can see, and the desk's main ones, each with a person to whom it shows itself at once.

The people are walked there without a browser, in an application of this process with fakes for all seams; Chromium then only
opens the pages. So a page costs one request in each language.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update
from stdnum.iso7064 import mod_11_2
from werkzeug.serving import make_server

from tests.conftest import worker_of
from tests.databases import ROOT
from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_verification import PASSPORT
from webapp.accounts.models import Account, Clerk, Role
from webapp.cases.models import Case
from webapp.charts.usecases import count_case
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.payee.models import Letter
from webapp.ports.account_check import AccountVerdict
from webapp.ports.letter_renderer import LetterRenderer
from webapp.staff.usecases import create_clerk, hash_password
from webapp.texts.bodies import publish_bodies
from webapp.texts.models import TextKind

PAGE = (ROOT / "static" / "specimens" / "passport-mueller.jpg").read_bytes()
PASSWORD = "a long enough password"
QUEUED = ("FIRST ANNA", "SECOND BERTA", "THIRD CLARA", "FOURTH DORA", "FIFTH EMMA", "SIXTH FRIDA")
"""Who waits at the desk for the tests that decide; nobody else's page shows them."""


@dataclass(frozen=True)
class Sight:
    """One page as one person sees it; `sends` names the form that is sent empty, to see its faults."""

    name: str
    path: str
    who: Walker
    sends: str = ""


@dataclass
class Court:
    """A served application, and what can be seen in it."""

    app: Flask
    address: str = ""
    payee: list[Sight] = field(default_factory=list)
    desk: list[Sight] = field(default_factory=list)

    def speak(self, context: BrowserContext, language: str) -> None:
        """Everybody's language from now on, as the language sheet sets it: the account's, and the browser's cookie."""
        with self.app.app_context(), unit_of_work():
            db.session.execute(update(Account).values(language=language))
            db.session.execute(update(Clerk).values(language=language))
        context.add_cookies([{"name": "language", "value": language, "url": self.address}])

    def enter(self, context: BrowserContext, sight: Sight) -> None:
        """Makes the browser that of the sight's person."""
        kept = [cookie for cookie in context.cookies() if cookie["name"] == "language"]
        context.clear_cookies()
        own = [(cookie.key, cookie.value) for cookie in sight.who.client._cookies.values() if cookie.key != "language"]
        context.add_cookies([{"name": key, "value": value, "url": self.address} for key, value in own])
        context.add_cookies([{"name": c["name"], "value": c["value"], "url": self.address} for c in kept])

    def show(self, page: Page, sight: Sight) -> None:
        """Opens the page, and its faults where it has them to show."""
        page.goto(self.address + sight.path, wait_until="load")
        if sight.sends:
            with page.expect_navigation(wait_until="load"):
                page.evaluate("id => HTMLFormElement.prototype.submit.call(document.getElementById(id))", sight.sends)


@contextmanager
def open_court(folder: Path, letters: LetterRenderer | None = None) -> Iterator[Court]:
    """An application on the migrated, empty database in `folder`, with its people at their pages, served. `letters` draws real ones."""
    settings = Settings(
        env=Environment.TEST, data_dir=folder, database_url="", models_dir=ROOT / "models", undo_seconds=0
    )
    fakes, clock = Fakes(), TestClock()
    seams = fakes.seams()
    app = create_app(settings, seams=replace(seams, letters=letters or seams.letters), clock=clock)
    with app.app_context(), unit_of_work():
        publish_bodies(court="深圳市中级人民法院", platform="深圳移动微法院", now=clock())
    court, work = Court(app), worker_of(app)
    _fill(court, lambda: Walker(app.test_client(), fakes, work), clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    court.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield court
    finally:
        server.shutdown()
        thread.join()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _fill(court: Court, new: Callable[[], Walker], clock: TestClock) -> None:
    _strangers(court, new)
    _residents(court, new)
    _passports(court, new)
    _clerks(court, new, clock)
    _collecting(court, new, clock)
    with court.app.app_context():
        count_case(db.session.query(Case.id).one().id, now=clock())
    manager = next(sight.who for sight in court.desk if sight.name == "accounts")
    accounts = manager.open("/desk/accounts").page.cssselect("a[href^='/desk/review/']")
    court.desk.append(Sight("evidence of an account", accounts[0].get("href"), manager))


def _strangers(court: Court, new: Callable[[], Walker]) -> None:
    nobody = new()
    for name, path, sends in (
        ("home", "/", ""),
        ("language", "/language?next=/", ""),
        ("rules", "/verify/rules", ""),
        ("rules not ticked", "/verify/rules", "form"),
        *((f"text {kind.value}", f"/texts/{kind.value}", "") for kind in TextKind),
        ("sign in", "/signin", ""),
        ("sign in without a number", "/signin", "form"),
        ("help", "/help", ""),
        ("letters", "/letters", ""),
        ("a letter that isn't known", "/letters/AAAA-BBBB-CCCC", ""),
        ("not found", "/nope", ""),
        ("hand-over that has gone", "/handover/nope", ""),
        ("offline", "/offline", ""),
    ):
        court.payee.append(Sight(name, path, nobody, sends))


def _residents(court: Court, new: Callable[[], Walker]) -> None:
    def seen(name: str, who: Walker, sends: str = "") -> None:
        court.payee.append(Sight(name, who.path, who, sends))

    phone = new().accept_rules()
    seen("phone", phone)
    seen("phone without a number", phone, "form")
    document = _at_document(new(), "10000000012")
    seen("document", document)
    seen("document without answers", document, "form")
    agreement = _at_document(new(), "10000000013").give_document(number="44030119850101009X")
    seen("face agreement", agreement)
    face = _at_document(new(), "10000000014").give_document(number="440301199003070019").press("下一步", agree="y")
    seen("face", face)
    seen("face, gestures asked", face.press("准备好了"))
    signing = _at_document(new(), "10000000015").give_document(number=resident_number(15)).show_face().wait()
    seen("sign", signing)


def _at_document(walker: Walker, phone: str) -> Walker:
    return walker.accept_rules().prove_phone(phone, f"+86{phone}").press("下一步")


def _passports(court: Court, new: Callable[[], Walker]) -> None:
    def seen(name: str, who: Walker, sends: str = "") -> None:
        court.payee.append(Sight(name, who.path, who, sends))

    evidence = _at_document(new(), "10000000021").give_document(**{**PASSPORT, "number": "C01X00T47"})
    seen("document photos", evidence)
    seen("document photos forgotten", evidence, "form")
    video = _at_document(new(), "10000000022").give_document(**PASSPORT).show_document(PAGE).wait()
    seen("video", video)
    waiting = (
        _at_document(new(), "10000000023").give_document(**PASSPORT).show_document(PAGE).wait().show_video().wait()
    )
    seen("court decides", waiting)
    for place, name in enumerate(QUEUED):  # more for the desk, one after the other
        late = {**PASSPORT, "name": name, "number": f"C01X00T6{place}"}
        _at_document(new(), f"1000000006{place}").give_document(**late).show_document(PAGE).wait().show_video().wait()


def _collecting(court: Court, new: Callable[[], Walker], clock: TestClock) -> None:
    def seen(name: str, who: Walker, path: str = "", sends: str = "") -> None:
        court.payee.append(Sight(name, path or who.path, who, sends))

    def verified(place: int) -> Walker:
        """A payee of the case at its privacy page, another one for each `place`."""
        number = resident_number(place)
        name_in_case(court.app, clock, number)
        payee = _at_document(new(), f"100000000{place}").give_document(number=number).show_face().wait().sign()
        return payee.open("/cases")

    payee = verified(31)
    case = next(a.get("href") for a in payee.page.cssselect("a[href^='/cases/']"))
    for name, path in (
        ("home of a payee", "/"), ("verified", "/verify/done"), ("cases", "/cases"), ("messages", "/messages"),
        ("phones", "/phones"), ("signature", "/signature"), ("agreements", "/consents"), ("privacy", f"{case}/privacy"),
    ):  # fmt: skip
        seen(name, payee, path)
    account = at_account(verified(32))
    seen("account", account)
    seen("account without answers", account, sends="form")
    preview = hand_in(at_account(verified(33))).wait()
    seen("preview", preview)
    seen("last question", preview, preview.path.replace("/preview", "/sign"))
    signed = hand_in(at_account(verified(34))).wait().press("提交并签名").press("确定").wait()
    seen("signed", signed)
    seen("letter in words", signed, f"{signed.path}/text")
    with court.app.app_context():
        code = db.session.query(Letter).one().verification_code
    seen("a genuine letter", signed, f"/letters/{code}")
    unsure = at_account(verified(38))  # the bank leaves it to a clerk: the desk's longest words about it
    unsure.fakes.bank.verdict = AccountVerdict.UNSUPPORTED_DOCUMENT
    hand_in(unsure).wait().press("提交并签名").press("确定").wait()
    unsure.fakes.bank.verdict = AccountVerdict.AGREED
    making = hand_in(at_account(verified(35))).wait()
    checking = at_account(verified(36))
    face = _at_document(new(), "10000000037").give_document(number=resident_number(37)).press("下一步", agree="y")
    # from here on nobody works, so what waits goes on waiting
    seen("face is compared", face.film())
    seen("letter is made", making.press("提交并签名").press("确定"))
    seen("bank is asked", hand_in(checking))


def resident_number(place: int) -> str:
    """A number of nobody's with the right check digit."""
    body = f"44030119850101{place:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def _clerks(court: Court, new: Callable[[], Walker], clock: TestClock) -> None:
    name_in_case(court.app, clock, resident_number(40))
    with court.app.app_context(), unit_of_work():
        for name, role in (
            ("limin", Role.REVIEWER),
            ("wangfang", Role.MANAGER),
            ("sunli", Role.ADMINISTRATOR),
            ("shenji", Role.AUDITOR),
        ):
            courts = court.app.extensions["settings"].court_list
            create_clerk(
                name,
                display_name=name,
                password_hash=hash_password(PASSWORD, username=name),
                role=role,
                courts=courts,
                now=clock(),
            )
    manager = new().open("/desk/").press("登录", username="wangfang", password=PASSWORD)
    auditor = new().open("/desk/").press("登录", username="shenji", password=PASSWORD)
    admin = new().open("/desk/").press("登录", username="sunli", password=PASSWORD)
    case = next(
        a.get("href")
        for a in manager.open("/desk/cases").page.cssselect("main a[href^='/desk/cases/']")
        if a.get("href") != "/desk/cases/new"
    )
    court.desk.append(Sight("register", f"{case}/register", manager))
    item = next(a.get("href") for a in manager.open("/desk/identity").page.cssselect("a[href^='/desk/review/']"))
    for name, path in (
        ("identities", "/desk/identity"), ("evidence", item), ("accounts", "/desk/accounts"), ("cases", "/desk/cases"),
        ("case", case), ("people of a case", f"{case}/people"), ("new case", "/desk/cases/new"), ("charts", "/desk/charts"),
        ("chart of a case", case.replace("/cases/", "/charts/")), ("payouts", "/desk/payouts/"), ("texts", "/desk/texts"),
        ("reasons", "/desk/reasons"), ("workload", "/desk/workload"), ("messages", "/desk/messages"), ("security", "/desk/security"),
    ):  # fmt: skip
        court.desk.append(Sight(name, path, manager))
    court.desk += [Sight("staff", "/desk/staff", admin), Sight("trail", "/desk/trail", auditor)]
    court.desk.append(Sight("door of the desk", "/desk/sign-in", new()))
