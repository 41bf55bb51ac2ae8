"""What a browser may do after which proof: sessions that change hands, numbers, names, doubts."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_desk import open_first
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.accounts.models import Phone, WebSession
from webapp.core.audit import AuditEntry
from webapp.core.db import db, unit_of_work
from webapp.identity.models import StepRecord, Verification
from webapp.payee.models import Submission
from webapp.ports.document_reader import DocumentReading, DocumentSide, PictureFault
from webapp.ports.face_checker import FaceComparison, Likeness

PHONE = "+8610000000001"


def cookie_of(walker: Walker) -> str:
    cookie = walker.client.get_cookie("payee_session")
    return cookie.value if cookie else ""


def stranger_with(cookie: str, walker: Walker, app: Flask) -> Walker:
    other = Walker(app.test_client(), walker.fakes, walker.work)
    other.client.set_cookie("payee_session", cookie)
    return other


def test_a_cookie_planted_before_the_phone_was_proved_is_worth_nothing(walker: Walker, app: Flask) -> None:
    walker.accept_rules()
    planted = cookie_of(walker)
    walker.prove_phone()
    assert stranger_with(planted, walker, app).open("/phones").path == "/signin"
    assert walker.open("/phones").path == "/phones"


def test_a_cookie_from_before_the_identity_was_proved_sees_no_case(walker: Walker, app: Flask) -> None:
    at_document(walker).give_document().show_face().wait()
    earlier = cookie_of(walker)
    walker.sign()
    assert walker.path == "/verify/done"
    assert stranger_with(earlier, walker, app).open("/cases").path == "/signin"


def two_phones(walker: Walker) -> Walker:
    return (
        walker.accept_rules().prove_phone().open("/phones").prove_phone("10000000002", "+8610000000002").open("/phones")
    )


def ask_to_add(walker: Walker, number: str = "10000000007") -> Walker:
    return walker.open("/phones").press("获取验证码", phone=number)


def test_a_number_is_added_only_by_who_holds_a_known_one(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.verified_resident()
    clock.move(minutes=11)
    ask_to_add(walker)
    assert walker.path == "/phones/prove"
    assert "100****0001" in walker.text
    walker.press("获取验证码")
    walker.work()
    walker.press("下一步", code=walker.fakes.sms.code(PHONE))
    assert walker.path == "/phones"
    clock.move(minutes=2)
    ask_to_add(walker)
    walker.work()
    walker.press("下一步", code=walker.fakes.sms.code("+8610000000007"))
    walker.work()
    assert "刚刚添加了手机号 100****0007" in walker.fakes.sms.last(PHONE)
    with app.app_context():
        assert {phone.number for phone in db.session.query(Phone)} == {PHONE, "+8610000000007"}


@pytest.mark.parametrize("page", ["/verify/phone/code", "/phones/code", "/signin/who"])
def test_a_code_got_elsewhere_puts_no_number_on_somebodys_account(
    walker: Walker, app: Flask, clock: TestClock, fakes: Fakes, page: str
) -> None:
    walker.verified_resident()
    clock.move(minutes=30)
    thief = Walker(app.test_client(), fakes, walker.work)
    thief.open("/signin").press("获取验证码", phone="10000000007")
    thief.work()
    ticket, code = thief.response.request.args["number"], fakes.sms.code("+8610000000007")
    walker.open(f"{page}?{urlencode({'number': ticket})}")
    token = walker.client.get("/phones").text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "code": code, "who": "new"}
    walker.client.post(f"{page}?{urlencode({'number': ticket})}", data=data)
    with app.app_context():
        assert {phone.number for phone in db.session.query(Phone)} == {PHONE}


@pytest.mark.parametrize("deed", ["choose", "remove"])
def test_no_number_is_chosen_or_removed_by_an_unlocked_phone_left_lying(
    walker: Walker, app: Flask, clock: TestClock, deed: str
) -> None:
    two_phones(walker)
    clock.move(minutes=11)
    with app.app_context():
        second = db.session.query(Phone).filter_by(primary=False).one().id
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    reply = walker.client.post(f"/phones/{second}/{deed}", data={"csrf_token": token})
    assert reply.headers["Location"].startswith("/phones/prove")
    with app.app_context():
        phone = db.session.get_one(Phone, second)
        assert (phone.primary, phone.removed_at) == (False, None)


def test_removing_a_number_warns_it_and_signs_other_browsers_out(
    walker: Walker, app: Flask, clock: TestClock, fakes: Fakes
) -> None:
    two_phones(walker)
    clock.move(minutes=2)
    other = Walker(app.test_client(), fakes, walker.work)
    other.open("/signin").press("获取验证码", phone="10000000001")
    other.work()
    other.press("下一步", code=fakes.sms.code(PHONE))
    assert other.open("/phones").path == "/phones"
    walker.open("/phones").press("删除 100****0001")
    walker.work()
    assert "刚刚删除了手机号 100****0001" in fakes.sms.last(PHONE)
    assert other.open("/phones").path == "/signin"
    assert walker.open("/phones").path == "/phones"


def test_a_right_code_beside_a_cookie_that_needs_a_touch_is_no_error(
    walker: Walker, app: Flask, clock: TestClock, fakes: Fakes
) -> None:
    walker.accept_rules().prove_phone()
    clock.move(minutes=2)
    other = Walker(app.test_client(), fakes, walker.work)
    other.open("/signin").press("获取验证码", phone="10000000001")
    other.work()
    with app.app_context():
        proved = db.session.query(WebSession).one()
        with unit_of_work():
            db.session.get_one(WebSession, proved.id).expires_at = clock()
    clock.move(minutes=2)
    other.client.set_cookie("payee_session", cookie_of(walker))
    other.press("下一步", code=fakes.sms.code(PHONE))
    assert other.response.status_code == 200
    assert other.open("/phones").path == "/phones"


def test_after_two_bad_photos_a_person_looks_before_the_authority_alone_decides(
    walker: Walker,
    app: Flask,
    clerk: Clerk,
) -> None:
    walker.fakes.documents.readings[DocumentSide.PERMIT_FRONT] = DocumentReading(PictureFault.BLURRED, {})
    at_document(walker).give_document(**PERMIT)
    for _ in range(3):
        walker.show_document().wait()
    walker.show_video().wait()
    assert "已提交法院审核" in walker.text
    assert walker.fakes.immigration.asked == []
    desk = open_first(clerk())
    assert "机器拿不准：照片模糊" in desk.text
    desk.press("通过 A")
    assert walker.open("/verify").path == "/verify/signature"


@pytest.mark.parametrize("likeness", [Likeness.UNSURE, Likeness.DIFFER, Likeness.NO_FACE])
def test_a_face_that_is_not_clearly_the_portraits_is_never_passed_by_a_machine(
    walker: Walker,
    app: Flask,
    clerk: Clerk,
    likeness: Likeness,
) -> None:
    walker.fakes.faces.comparison = FaceComparison(likeness, 0.3)
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    assert "已提交法院审核" in walker.text
    assert walker.fakes.immigration.asked == []
    assert "视频里的脸与证件照片" in open_first(clerk()).text


def test_another_document_type_leaves_nothing_of_the_old_one_standing(walker: Walker, app: Flask) -> None:
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    walker.open("/verify/document").give_document()
    assert walker.path == "/verify/face/agreement"
    with app.app_context():
        standing = db.session.query(StepRecord).filter(StepRecord.superseded_at.is_(None))
        assert {record.step for record in standing} == {"phone", "document"}


def test_choosing_the_courts_way_always_leads_somewhere(walker: Walker, app: Flask) -> None:
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    token = walker.client.get("/phones").text.split('name="csrf_token" value="')[1].split('"')[0]
    walker.client.post("/verify/by-court", data={"csrf_token": token})
    walker.open("/verify")
    assert "已提交法院审核" in walker.text
    with app.app_context():
        assert db.session.query(Verification).one().means == "court"


def test_who_is_named_otherwise_in_the_register_is_looked_at_by_a_person(
    walker: Walker,
    app: Flask,
    clock: TestClock,
    clerk: Clerk,
) -> None:
    name_in_case(app, clock)
    walker.verified_resident(name="王小明")
    hand_in(at_account(walker)).wait()
    assert "登记的姓名与您的证件写法不同" in walker.text
    assert "何志豪" not in walker.text
    with app.app_context():
        assert db.session.query(Submission).one().needs_review
    walker.press("提交并签名").press("确定").wait()
    desk = open_first(clerk(), "/desk/accounts")
    assert "登记册姓名" in desk.text
    assert "何志豪" in desk.text


def test_the_first_account_is_told_when_another_proves_the_same_number(
    walker: Walker, app: Flask, clock: TestClock, fakes: Fakes
) -> None:
    walker.verified_resident()
    clock.move(minutes=2)
    second = Walker(app.test_client(), fakes, walker.work)
    second.verified_resident("10000000005")
    second.work()
    assert "另一个账户上通过了身份认证" in fakes.sms.last(PHONE)
    assert "另一个账户" not in fakes.sms.last("+8610000000005")
    assert "身份认证已完成" in fakes.sms.last("+8610000000005")
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="identity.proved_twice").count() == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/a\r\nSet-Cookie:x=1",
        "",
    ],
)
def test_the_way_back_is_always_our_own(app: Flask, target: str) -> None:
    from webapp.web.access import safe_next  # noqa: PLC0415

    assert safe_next(target, "/home") == "/home"


def test_another_number_on_the_photo_of_an_account_is_for_a_person_to_see(
    verified: Walker, app: Flask, clerk: Clerk
) -> None:
    """The bank agreed, but the document in the picture isn't the one that was verified: no machine passes that."""
    other = DocumentReading(None, {"number": "440301199001010018"})
    verified.fakes.documents.readings = dict.fromkeys(DocumentSide, other)
    hand_in(at_account(verified)).wait().press("提交并签名").press("确定")
    verified.wait()
    with app.app_context():
        assert db.session.query(Submission).one().needs_review
    desk = open_first(clerk(), "/desk/accounts")
    assert "证件照片上读到的是另一个号码" in desk.text


def test_the_same_number_on_the_photo_of_an_account_needs_no_person(verified: Walker, app: Flask) -> None:
    same = DocumentReading(None, {"number": "440301198501010014"})
    verified.fakes.documents.readings = dict.fromkeys(DocumentSide, same)
    hand_in(at_account(verified)).wait()
    with app.app_context():
        assert not db.session.query(Submission).one().needs_review
