"""What an attacker tried once, and must never achieve again."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_desk import open_first
from tests.web.test_trust import cookie_of, stranger_with
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.accounts.models import Role
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db, unit_of_work
from webapp.evidence.models import Photo
from webapp.payee.models import Submission
from webapp.payee.words import LOOKED_AT
from webapp.payouts.queries import passed_alone
from webapp.ports.account_check import AccountVerdict
from webapp.ports.document_reader import DocumentReading, DocumentSide
from webapp.ports.face_checker import FaceComparison, Likeness
from webapp.web.present import client


def films(walker: Walker) -> Walker:
    return walker.show_document().wait().show_video().wait().wait()


def test_a_planted_cookie_is_worth_nothing_once_its_victim_has_typed_a_code(
    app: Flask, walker: Walker, clock: TestClock, fakes: Fakes
) -> None:
    walker.verified_resident()
    clock.move(minutes=5)
    attacker = Walker(app.test_client(), fakes, walker.work).accept_rules()
    victim = stranger_with(cookie_of(attacker), walker, app)
    victim.open("/verify").press("获取验证码", phone="10000000001").work()
    victim.press("下一步", code=fakes.sms.code("+8610000000001"))
    assert victim.path == "/signin/who"
    assert attacker.open("/signin/who").path != "/signin/who"
    assert attacker.open("/phones").path != "/phones"


def test_an_authoritys_yes_needs_a_photo_on_which_the_number_is_read(walker: Walker, fakes: Fakes) -> None:
    fakes.documents.readings[DocumentSide.PERMIT_FRONT] = DocumentReading(None, {})  # any card with two lines of print
    at_document(walker).give_document(**PERMIT)
    for _try in range(2):
        walker.show_document().wait()
        assert walker.path == "/verify/evidence"
        assert "照片上的证件号码没有看清" in walker.text
    films(walker)
    assert walker.path == "/verify/court_review", "after two tries a person looks, never nobody"


def test_a_photo_with_another_name_goes_before_a_person(walker: Walker, fakes: Fakes) -> None:
    shown = {"number": "H12345678", "name": "王小明"}
    fakes.documents.readings[DocumentSide.PERMIT_FRONT] = DocumentReading(None, shown)
    at_document(walker).give_document(**PERMIT).show_document().wait()
    assert walker.path == "/verify/evidence", "asked about once"
    walker.press("下一步", meant_name="王小明").wait().show_video().wait().wait()
    assert walker.path == "/verify/court_review"


def test_a_chinese_passport_whose_zone_is_in_latin_letters_needs_nobody(walker: Walker, fakes: Fakes) -> None:
    shown = {"number": "EA1234567", "name": "ZHOU HAI"}
    fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(None, shown, True)
    typed = {"kind": "overseas_chinese_passport", "name": "周海", "number": "EA1234567", "nationality": "CHN"}
    films(at_document(walker).give_document(**typed))
    assert walker.path == "/verify/signature"


def test_a_doubt_isnt_escaped_by_answering_the_document_again(walker: Walker, fakes: Fakes) -> None:
    fakes.faces.comparison = FaceComparison(Likeness.DIFFER, 0.1)
    films(at_document(walker).give_document(**PERMIT))
    assert walker.path == "/verify/court_review"
    fakes.faces.comparison = FaceComparison(Likeness.AGREE, 0.6)
    films(walker.open("/verify/document").press("同意，确认身份信息"))
    assert walker.path == "/verify/court_review"


def test_a_clerks_refusal_isnt_escaped_by_answering_the_document_again(
    walker: Walker, fakes: Fakes, clerk: Clerk
) -> None:
    fakes.faces.comparison = FaceComparison(Likeness.DIFFER, 0.1)
    films(at_document(walker).give_document(**PERMIT))
    open_first(clerk()).press("确认不通过", reason="court:unclear", words="像另一个人。")
    walker.work()
    fakes.faces.comparison = FaceComparison(Likeness.AGREE, 0.6)
    films(walker.open("/verify").press("同意，确认身份信息"))
    assert walker.path == "/verify/court_review"


@pytest.fixture
def visited(app: Flask, clock: TestClock, fakes: Fakes, clerk: Clerk, walker: Walker) -> tuple[Walker, Walker]:
    """A reviewer's desk, and a tablet at which the same reviewer opened somebody's pages."""
    name_in_case(app, clock, number="H12345678", kind="hk_macao_permit")
    with app.app_context(), unit_of_work():
        payee = db.session.query(CasePayee).one()
        payee.name = "陈大文"
        about = (payee.case_id, payee.id)
    films(at_document(walker).give_document(**PERMIT)).sign()
    assert walker.path == "/verify/done"
    desk = clerk("mallory", Role.REVIEWER)
    desk.open("/desk/cases/{}/people/{}/counter".format(*about)).press("生成二维码", seen="y")
    code = re.findall(r"/counter/([2-9A-Z]{10})", desk.text)[0]
    tablet = Walker(app.test_client(), fakes, walker.work)
    clock.move(minutes=2)  # since the payee's own code
    tablet.open(f"/counter/{code}").press("获取验证码").work()
    token = tablet.page.cssselect("[name=csrf_token]")[0].get("value")
    typed = {"csrf_token": token, "cases": "1", "code": fakes.sms.code("+8610000000001")}
    tablet.client.post(f"/counter/{code}", data=typed, follow_redirects=True)
    return desk, tablet


def test_a_clerk_alone_opens_nobodys_account_without_its_phone_except_for_a_reason_that_others_read(
    visited: tuple[Walker, Walker], app: Flask, fakes: Fakes, clock: TestClock, clerk: Clerk
) -> None:
    desk, first = visited
    first.open("/cases").press("结束")
    clock.move(minutes=2)
    desk.open(desk.path).press("生成二维码", seen="y")
    address = "/counter/" + re.findall(r"/counter/([2-9A-Z]{10})", desk.text)[0]
    alone = Walker(app.test_client(), fakes, desk.work).open(address)
    token = alone.page.cssselect("[name=csrf_token]")[0].get("value")
    for sent in ({}, {"code": ""}, {"code": "123456"}, {"cases": "1"}, {"phone": "without", "reason": "手机丢了。"}):
        alone.client.post(address, data={"csrf_token": token, **sent})
        assert alone.client.get_cookie("payee_session") is None, sent
    assert alone.open("/cases").path == "/signin"
    alone.open(address).press("获取验证码").work()
    code = fakes.sms.code("+8610000000001")
    for guess in {f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 7)}:
        alone.press("开始办理", code=guess)
    assert alone.client.get_cookie("payee_session") is None
    desk.open(desk.path).press("生成二维码", seen="y", phone="without", reason="手机丢了。")
    address = "/counter/" + re.findall(r"/counter/([2-9A-Z]{10})", desk.text)[0]
    alone.open(address).press("开始办理").work()
    assert "没有用短信验证码" in fakes.sms.last("+8610000000001"), "the phone is told at once"
    for page, status in (("/phones", 404), ("/verify/phone/code", 303), ("/signature/renew", 404)):
        assert alone.client.get(page).status_code == status, "no number of the clerk's own gets onto the account"
    hand_in(at_account(alone)).wait()
    alone.press("提交并签名").press("确定").wait()
    other = open_first(clerk("chenjing", Role.REVIEWER), "/desk/accounts")
    assert "没有经过本人手机验证：手机丢了。（mallory）" in other.text


def test_who_sat_beside_a_payee_cannot_accept_the_account(
    visited: tuple[Walker, Walker], app: Flask, fakes: Fakes, clerk: Clerk
) -> None:
    desk, tablet = visited
    fakes.bank.verdict = AccountVerdict.UNSUPPORTED_DOCUMENT
    hand_in(at_account(tablet), card_number="6299 9900 0000 0000 038").wait()
    tablet.press("提交并签名").press("确定").wait()
    open_first(desk, "/desk/accounts").press("接受 A")
    assert desk.response.status_code == 409
    assert "由另一位同事通过" in desk.text
    with app.app_context():
        assert db.session.query(Submission).one().state == "signed"
    open_first(clerk("chenjing", Role.REVIEWER), "/desk/accounts").press("接手").press("接受 A")
    tablet.work()
    with app.app_context():
        assert db.session.query(Submission).one().state == "accepted"


def test_a_visit_opens_the_cases_of_the_clerks_courts_and_nothing_else(
    visited: tuple[Walker, Walker], app: Flask, clock: TestClock, walker: Walker
) -> None:
    _desk, tablet = visited
    number = "（2023）粤0399执1254号"
    name_in_case(app, clock, number="H12345678", kind="hk_macao_permit", case_number=number)
    with app.app_context(), unit_of_work():
        far = db.session.query(Case).filter_by(number=number).one()
        far.court = "广州市中级人民法院"
        there = db.session.query(CasePayee).filter_by(case_id=far.id).one().public_id
    assert number in walker.open("/cases").text
    assert number not in tablet.open("/cases").text
    assert "执1234号" in tablet.text
    walker.open(f"/cases/{there}").press("确认", agree="y")
    hand_in(walker).wait().press("提交并签名").press("确定").wait()
    assert walker.path == f"/cases/{there}/letter"
    for page in (
        "",
        "/privacy",
        "/account",
        "/letter",
        "/letter/preview",
        "/letter/text",
        "/letter/sign",
        "/letter.pdf",
    ):
        assert walker.client.get(f"/cases/{there}{page}", follow_redirects=True).status_code == 200, page
        assert tablet.client.get(f"/cases/{there}{page}").status_code == 404, page
    app.config["WTF_CSRF_ENABLED"] = False
    for page in ("/privacy", "/account", "/handover", "/letter/sign", "/letter/keep", "/letter/mail"):
        assert tablet.client.post(f"/cases/{there}{page}", data={"once": page}).status_code == 404, page


def test_what_is_a_payees_own_is_not_shown_beside_a_clerk(visited: tuple[Walker, Walker], walker: Walker) -> None:
    _desk, tablet = visited
    for page in (
        "/messages",
        "/phones",
        "/phones/prove",
        "/consents",
        "/signature",
        "/signature.png",
        "/signature/renew",
    ):
        assert walker.client.get(page).status_code in (200, 303), page
        assert tablet.client.get(page).status_code == 404, page
    links = {link.get("href") for link in tablet.open("/").page.cssselect("main a")}
    assert {link for link in links if link.startswith(("/messages", "/phones", "/consents", "/signature"))} == set()
    assert "/cases" in links


def test_what_was_signed_beside_a_clerk_waits_for_another_one_though_the_bank_agreed(
    visited: tuple[Walker, Walker], app: Flask, clerk: Clerk
) -> None:
    desk, tablet = visited
    hand_in(at_account(tablet)).wait()
    tablet.press("提交并签名").press("确定").wait()
    with app.app_context():
        given = db.session.query(Submission).one()
        assert (given.verdict, given.state, given.needs_review) == (AccountVerdict.AGREED, "signed", True)
    open_first(desk, "/desk/accounts")
    assert "在柜台由工作人员陪同办理：mallory" in " ".join(desk.page.cssselect(".warned")[0].text_content().split())
    desk.press("接受 A")
    assert desk.response.status_code == 409
    open_first(clerk("chenjing", Role.REVIEWER), "/desk/accounts").press("接手").press("接受 A")
    tablet.work()
    with app.app_context():
        assert db.session.query(Submission).one().state == "accepted"


def test_an_account_handed_in_alone_and_signed_beside_a_clerk_waits_too(
    visited: tuple[Walker, Walker], app: Flask, walker: Walker
) -> None:
    desk, tablet = visited
    hand_in(at_account(walker)).wait()
    with app.app_context():
        assert not db.session.query(Submission).one().needs_review
    assert str(LOOKED_AT) not in walker.text
    assert str(LOOKED_AT) in tablet.open(walker.path).text
    tablet.press("提交并签名").press("确定").wait()
    open_first(desk, "/desk/accounts").press("接受 A")
    assert desk.response.status_code == 409


def test_the_same_number_of_another_countrys_passport_shows_nobody_elses_card(
    app: Flask, clock: TestClock, fakes: Fakes, walker: Walker, clerk: Clerk
) -> None:
    name_in_case(app, clock, number="C01X00T47", kind="passport")
    with app.app_context(), unit_of_work():
        db.session.query(CasePayee).one().name = "MUELLER ANNA"
    desk = clerk()
    films(at_document(walker).give_document(**PASSPORT))
    open_first(desk).press("通过 A")
    walker.work()
    walker.open("/verify").sign()
    hand_in(at_account(walker), branch="ANNA BRANCH").wait().press("提交并签名").press("确定").wait()
    clock.move(minutes=2)
    other = Walker(app.test_client(), fakes, walker.work)
    typed = {"kind": "passport", "name": "DUPONT JEAN", "number": "C01X00T47", "nationality": "DEU"}
    films(at_document(other, "10000000007").give_document(**typed))
    open_first(desk).press("通过 A")
    other.work()
    other.open("/verify").sign()
    case = next(link.get("href") for link in other.open("/cases").page.cssselect("a[href^='/cases/']"))
    assert "另一位证件号码相同的当事人" in other.open(case).text
    for page in ("/letter.pdf", "/letter", "/account?again=1", "/letter/text"):
        answer = other.client.get(case + page)
        assert answer.status_code in (404, 409), page
        assert "MUELLER" not in answer.text
        assert "ANNA" not in answer.text


@pytest.fixture
def judged(app: Flask, clock: TestClock, fakes: Fakes, walker: Walker, clerk: Clerk) -> tuple[Walker, Walker]:
    """A reviewer who took somebody for who they say, and that payee, whose account no bank could check."""
    name_in_case(app, clock, number="C01X00T47", kind="passport")
    with app.app_context(), unit_of_work():
        db.session.query(CasePayee).one().name = "MUELLER ANNA"
    desk = clerk("mallory", Role.REVIEWER)
    films(at_document(walker).give_document(**PASSPORT))
    open_first(desk).press("通过 A")
    walker.work()
    fakes.bank.verdict = AccountVerdict.UNSUPPORTED_DOCUMENT
    hand_in(at_account(walker.open("/verify").sign())).wait().press("提交并签名").press("确定").wait()
    return desk, walker


def accounts_of(app: Flask) -> list[tuple[str, bool]]:
    """How each account stands, and whether the payment of it would name one clerk alone."""
    with app.app_context():
        accounts = db.session.query(Submission).all()
        return [(one.state, one.id in passed_alone([one.case_payee_id])) for one in accounts]


def test_who_passed_somebodys_identity_does_not_accept_their_account(
    judged: tuple[Walker, Walker], app: Flask, clerk: Clerk
) -> None:
    desk, walker = judged
    other = clerk("chenjing", Role.REVIEWER)
    open_first(desk, "/desk/accounts").press("接受 A")
    assert desk.response.status_code == 409
    assert "这个人的身份由您审核通过，账户请由另一位同事审核" in desk.text
    assert accounts_of(app) == [("signed", False)]
    assert desk.open("/desk/queue/account/next").path == "/desk/accounts", "it isn't handed out to the same clerk"
    assert other.open("/desk/queue/account/next").path.startswith("/desk/review/")
    other.press("接受 A")
    walker.work()
    assert accounts_of(app) == [("accepted", False)]


def test_in_a_court_of_one_reviewer_the_release_tells_who_passed_both(
    judged: tuple[Walker, Walker], app: Flask
) -> None:
    desk, walker = judged
    assert desk.open("/desk/queue/account/next").press("接受 A").response.status_code == 200
    walker.work()
    assert accounts_of(app) == [("accepted", True)]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:1::1", "2001:db8:1:1::/64"),
        ("2001:db8:1:1:ffff::2", "2001:db8:1:1::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
    ],
)
def test_limits_take_a_whole_network_of_the_long_addresses_for_one_asker(
    app: Flask, address: str, counted: str
) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client() == counted


def test_photos_of_a_faulty_account_form_wait_as_drafts_until_it_is_handed_in(verified: Walker, app: Flask) -> None:
    files = {name: picture_bytes() for name in ("front", "back")}
    at_account(verified).press("下一步", files=files, card_number="1", bank="SPECIMEN", branch="深圳福田支行")
    with app.app_context():
        faulty = [photo for photo in db.session.query(Photo) if photo.kind.startswith("resident")]
        assert len(faulty) == 2
        assert all(photo.draft_until is not None for photo in faulty)
    hand_in(verified)
    with app.app_context():
        taken = db.session.query(Submission).one()
        kept = {taken.front_photo_id, taken.back_photo_id}
        photos = db.session.query(Photo).filter(Photo.id.in_(kept)).all()
        assert [photo.draft_until for photo in photos] == [None, None]
