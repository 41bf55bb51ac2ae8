"""Every page that a payee can see, and the desk's main ones, each with a person to whom it shows itself at once.

The people are walked there without a browser, in an application of this process with fakes for all seams; Chromium then only
opens the pages. So a page costs one request in each language.
"""

from __future__ import annotations

import re
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
from tests.walker import Walker, picture_bytes
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_photo_first import photograph, reads
from tests.web.test_typed import type_in
from tests.web.test_verification import PASSPORT
from webapp.accounts.models import Account, Clerk, Role
from webapp.cases.models import Case, CasePayee
from webapp.charts.usecases import count_case
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.evidence.models import PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.factory import create_app
from webapp.identity.models import Identity
from webapp.identity.usecases import document_hash
from webapp.payee.models import Letter
from webapp.ports.account_check import AccountVerdict
from webapp.ports.document_reader import DocumentReading, DocumentSide
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
    code = new().accept_rules().press("获取验证码", phone="10000000011")
    sent = code.response.request.full_path
    for name, sends in (("code of a phone", ""), ("code of a phone forgotten", "form")):
        court.payee.append(Sight(name, sent, code, sends))
    document = _at_document(new(), "10000000012")
    seen("document", document)
    seen("document without answers", document, "form")
    seen("document that its photo contradicts", _contradicted_document(court, new()), "form")
    agreement = _at_document(new(), "10000000013").give_document(number="44030119850101009X")
    seen("face agreement", agreement)
    face = _at_document(new(), "10000000014").give_document(number="440301199003070019").press("下一步", agree="y")
    seen("face", face)
    seen("face, gestures asked", face.press("准备好了"))
    signing = _at_document(new(), "10000000015").give_document(number=resident_number(15)).show_face().wait()
    seen("sign", signing)


def _at_document(walker: Walker, phone: str) -> Walker:
    return walker.accept_rules().prove_phone(phone, f"+86{phone}").press("下一步")


def _contradicted_document(court: Court, walker: Walker) -> Walker:
    """Has typed another name and number than stand on the document that was photographed."""
    fields = {"name": "何志豪", "number": "440301198501010014"}
    _at_document(walker, "10000000016")
    reads(court.app, DocumentSide.RESIDENT_FRONT, DocumentReading(None, fields))
    photograph(walker, "resident_id")
    walker.fakes.documents.readings.clear()
    typed = {"document_type": "resident_id", "name": "何志强", "number": "44030119850101009X", "nationality": "CHN"}
    type_in(walker, **typed)
    return walker


def _contradicted_account(court: Court, walker: Walker, clock: TestClock) -> Walker:
    """Has typed another card number than stands on the card that was photographed, and chosen another bank than its own."""
    with court.app.app_context(), unit_of_work():
        owner = db.session.query(Identity).order_by(Identity.proved_at.desc(), Identity.id).first()
        assert owner is not None
        photo = store_photo(
            owner.account_id, PhotoKind.BANK_CARD, picture_bytes(), "image/jpeg", size=(8, 8), store=walker.fakes.store, now=clock()
        )  # fmt: skip
        photo.reading = {"number": "6299990000000000012", "kind": "debit", "bank": "SPECIMEN", "bank_seen": "agrees"}
        db.session.add(photo)
        db.session.flush()
        photo_id = photo.id
    type_in(walker, card_number="6299 9900 0000 0000 020", bank="ICBC", branch="深圳福田支行", card_photo=photo_id)
    return walker


def _passports(court: Court, new: Callable[[], Walker]) -> None:
    def seen(name: str, who: Walker, sends: str = "") -> None:
        court.payee.append(Sight(name, who.path, who, sends))

    evidence = _at_document(new(), "10000000021").give_document(**{**PASSPORT, "number": "C01X00T47"})
    seen("document photos", evidence)
    seen("document photos forgotten", evidence, "form")
    other = _at_document(new(), "10000000024").give_document(**{**PASSPORT, "name": "SCHMIDT ANNA"})
    shown = {"name": "MUELLER ANNA KATHARINA", "number": "C01X00T39"}
    other.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(None, shown, mrz_valid=True)
    seen("document photos that contradict", other.show_document(PAGE).wait())
    other.fakes.documents.readings.clear()
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
    clock.move(seconds=1)
    other = _contradicted_account(court, at_account(verified(39)), clock)
    seen("account that its photo contradicts", other, sends="form")
    preview = hand_in(at_account(verified(33))).wait()
    seen("preview", preview)
    seen("last question", preview, preview.path.replace("/preview", "/sign"))
    signed = hand_in(at_account(verified(34))).wait().press("提交并签名").press("确定").wait()
    seen("signed", signed)
    seen("letter in words", signed, f"{signed.path}/text")
    with court.app.app_context():
        code = db.session.query(Letter).one().verification_code
    seen("a genuine letter", signed, f"/letters/{code}")
    clock.move(seconds=61)  # else a code to a phone that has just got one would have to wait
    _at_the_counter(court, new(), new(), resident_number(34))
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


def _at_the_counter(court: Court, tablet: Walker, stranger: Walker, number: str) -> None:
    """A tablet that asks for a code to the phone of this payee, and one whose time is over."""
    manager = next(sight.who for sight in court.desk if sight.name == "accounts")
    with court.app.app_context():
        payee = db.session.query(CasePayee).filter_by(number_hash=document_hash("resident_id", number)).one()
        offer = f"/desk/cases/{payee.case_id}/people/{payee.id}/counter"
    over, code = (
        re.findall(r"/counter/[2-9A-Z]{10}", manager.open(offer).press("生成二维码", seen="y").text)[0]
        for _code in range(2)
    )
    tablet.open(code).press("获取验证码")
    court.payee.append(Sight("tablet", code, tablet))
    court.payee.append(Sight("tablet without a code", code, tablet, "form"))
    court.payee.append(Sight("tablet whose time is over", over, stranger))
    court.desk.append(Sight("at the counter", offer, manager))
    court.desk.append(Sight("at the counter, not ticked", offer, manager, "form"))


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
