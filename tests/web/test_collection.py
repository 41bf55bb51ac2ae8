"""From the case list to the signed letter: chapter 3 of the manual, with the weather of the bank."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from webapp.cases.models import Case, CasePayee
from webapp.core.db import db, unit_of_work
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.models import Identity, ReservedSignature
from webapp.identity.usecases import document_hash
from webapp.payee.models import Letter, Submission
from webapp.payee.usecases import read_card
from webapp.ports.account_check import AccountVerdict
from webapp.ports.card_reader import BankSeen, CardKind, CardPhotoFault, CardReading
from webapp.texts.models import TextVersion

CARD = "6299 9900 0000 0000 012"
GOES_ON = {
    AccountVerdict.AGREED,
    AccountVerdict.UNSUPPORTED_DOCUMENT,
    AccountVerdict.UNSUPPORTED_ISSUER,
    AccountVerdict.NAME_UNCLEAR,
}


def name_in_case(
    app: Flask,
    clock: TestClock,
    number: str = "440301198501010014",
    kind: str = "resident_id",
    case_number: str = "（2023）粤0399执1234号",
) -> None:
    with app.app_context(), unit_of_work():
        case = db.session.query(Case).filter_by(number=case_number).one_or_none()
        if case is None:
            case = Case(
                number=case_number,
                code=f"CASE{len(case_number)}{case_number[-3]}",
                title="示例集资案",
                court="深圳市中级人民法院",
                partner_bank="样本银行",
                opened_at=clock(),
            )
            db.session.add(case)
            db.session.flush()
        case.people = (case.people or 0) + 1
        db.session.add(
            CasePayee(
                case_id=case.id,
                number_hash=document_hash(kind, number),
                name="何志豪",
                number=number,
                document_type=kind,
                amount=1200000,
            )
        )


def at_account(walker: Walker) -> Walker:
    walker.open("/cases")
    walker.open(next(a.get("href") for a in walker.page.cssselect("a[href^='/cases/']")))
    return walker.press("确认", agree="y")


def hand_in(walker: Walker, **changed: object) -> Walker:
    fields = {"card_number": CARD, "bank": "SPECIMEN", "branch": "深圳福田支行", **changed}
    files = {
        e.get("name"): picture_bytes()
        for e in walker.page.cssselect("input[type=file]")
        if e.get("name") in ("front", "back", "data_page")
    }
    return read_back(walker.press("下一步", files=files, **fields))


BY_SCRIPT = {"HX-Request": "true"}
FILLED = ("card_number", "card_photo", "branch", "kept_front", "kept_back")


def photograph(walker: Walker) -> TestResponse:
    """Sends a photo of the card as the page's script does."""
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    action = walker.page.cssselect("[data-send$='/card']")[0].get("data-send")
    data = {"csrf_token": token, "card_picture": (io.BytesIO(picture_bytes()), "card.jpg")}
    return walker.client.post(action, data=data, headers=BY_SCRIPT, follow_redirects=True)


def read_back(walker: Walker) -> Walker:
    """Says that the number is right, where the page asks for it."""
    return walker.press("核对无误，提交") if walker.page.cssselect("[name=read_back]") else walker


def test_a_payee_goes_from_the_case_list_to_the_signed_letter(verified: Walker) -> None:
    at_account(verified)
    assert "（2023）粤0399执1234号" in verified.text
    assert "4403**********0014" in verified.text
    hand_in(verified)
    assert "正在向银行核实账户" in verified.text
    verified.wait()
    assert verified.path.endswith("/letter/preview")
    assert "6299 9900 0000 0000 012" in verified.text
    verified.press("提交并签名").press("确定")
    assert "正在生成确认书" in verified.text
    verified.wait()
    assert "确认书已签署" in verified.text
    letter_path = verified.path
    assert verified.client.get(f"{letter_path}.pdf").data.startswith(b"%PDF")
    verified.press("返回案件")
    assert "已提交" in verified.text
    assert "已签署" in verified.fakes.sms.last("+8610000000001")


def test_the_letters_hash_stands_in_the_audit_chain(verified: Walker, app: Flask) -> None:
    from webapp.core import audit  # noqa: PLC0415

    hand_in(at_account(verified)).wait().press("提交并签名").press("确定")
    verified.wait()
    with app.app_context():
        letter = db.session.query(Letter).one()
        rows = db.session.query(audit.AuditEntry).filter_by(action="payee.letter_made").all()
        assert [row.detail["sha256"] for row in rows] == [letter.pdf_sha256]
        assert audit.verify_chain().broken_at is None


def test_nobody_sees_a_case_that_does_not_name_them(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    name_in_case(app, clock, "44030119850101009X", case_number="（2024）粤0399执99号")
    verified.open("/cases")
    assert "（2024）粤0399执99号" not in verified.text
    with app.app_context():
        foreign = (
            db.session.query(CasePayee)
            .filter_by(number_hash=document_hash("resident_id", "44030119850101009X"))
            .one()
            .public_id
        )
    for path in (
        "",
        "/privacy",
        "/account",
        "/card",
        "/letter",
        "/letter/preview",
        "/letter/text",
        "/letter/sign",
        "/letter.pdf",
    ):
        assert verified.client.get(f"/cases/{foreign}{path}").status_code == 404, path


def test_who_is_not_verified_is_led_to_the_verification(walker: Walker) -> None:
    walker.accept_rules().open("/cases")
    assert "先完成身份认证" in walker.text


def test_the_old_number_of_15_digits_finds_the_same_person(walker: Walker, app: Flask, clock: TestClock) -> None:
    name_in_case(app, clock, "440301850101001")
    walker.verified_resident().open("/cases")
    assert "（2023）粤0399执1234号" in walker.text


def test_back_from_the_comparison_leads_to_the_form_with_everything_in_it(verified: Walker) -> None:
    at_account(verified)
    fields = {
        **dict(verified.page.forms[-1].form_values()),
        "card_number": CARD,
        "bank": "SPECIMEN",
        "branch": "福田支行",
    }
    fields |= {name: (io.BytesIO(picture_bytes()), "photo.jpg") for name in ("front", "back")}
    here = verified.path
    reply = verified.client.post(here, data=fields, headers=BY_SCRIPT)
    assert "请再核对一遍" in reply.text
    assert reply.headers["HX-Push-Url"] == f"{here}?comparing=1", "a page of its own in the history"
    verified.open(here)
    values = {name: verified.page.cssselect(f"form#form [name={name}]")[0].get("value") for name in FILLED}
    assert (values["card_number"], values["branch"]) == (CARD, "福田支行")
    assert values["kept_front"] and values["kept_back"]


def test_who_has_agreed_to_the_policy_is_not_asked_again(verified: Walker) -> None:
    case = at_account(verified).path.removesuffix("/account")
    verified.open(f"{case}/privacy")
    assert not verified.page.cssselect("[name=agree]")
    assert verified.press("下一步").path == f"{case}/account"


def test_without_javascript_a_number_goes_with_its_photo_and_one_that_was_typed_stays(verified: Walker) -> None:
    at_account(verified).press("识别卡号", files={"card_picture": picture_bytes()}).wait()
    verified.fakes.cards.reading = CardReading(None, 0.1, fault=CardPhotoFault.GLARE)
    verified.press("识别卡号", files={"card_picture": picture_bytes(colour="#112233")}).wait()
    assert not verified.page.cssselect("[name=card_number]")[0].get("value")
    again = {"card_picture": picture_bytes(colour="#332211")}
    verified.press("识别卡号", files=again, card_number="6299 9900 0000 0000 020").wait()
    assert verified.page.cssselect("[name=card_number]")[0].get("value") == "6299 9900 0000 0000 020"


def test_the_privacy_policy_comes_first_and_is_asked_once(verified: Walker) -> None:
    verified.open("/cases")
    address = next(a.get("href") for a in verified.page.cssselect("a[href^='/cases/']"))
    assert verified.open(f"{address}/account").path.endswith("/privacy")
    verified.press("确认")
    assert "请先阅读，再勾选同意。" in verified.errors
    verified.press("确认", agree="y")
    assert verified.open(address).path.endswith("/account")


@pytest.mark.parametrize(
    "verdict", [v for v in AccountVerdict if v not in GOES_ON and v is not AccountVerdict.LIMIT_REACHED]
)
def test_each_no_of_the_bank_comes_back_beside_its_field_with_everything_kept(
    verified: Walker, verdict: AccountVerdict
) -> None:
    verified.fakes.bank.verdict = verdict
    hand_in(at_account(verified)).wait()
    assert verified.path.endswith("/account")
    assert len(verified.errors) == 1
    assert verified.page.cssselect("[name=card_number]")[0].get("value") == CARD
    assert verified.page.cssselect("[name=branch]")[0].get("value") == "深圳福田支行"
    assert verified.page.cssselect("[name=kept_front]")[0].get("value")
    verified.fakes.bank.verdict = AccountVerdict.AGREED
    verified.press("下一步").wait()
    assert verified.path.endswith("/letter/preview")


@pytest.mark.parametrize(
    "verdict", [AccountVerdict.UNSUPPORTED_DOCUMENT, AccountVerdict.UNSUPPORTED_ISSUER, AccountVerdict.NAME_UNCLEAR]
)
def test_what_the_bank_cannot_say_goes_to_a_clerk_and_the_payee_signs_meanwhile(
    verified: Walker, app: Flask, verdict: AccountVerdict
) -> None:
    verified.fakes.bank.verdict = verdict
    hand_in(at_account(verified)).wait()
    assert verified.path.endswith("/letter/preview")
    with app.app_context():
        assert db.session.query(Submission).one().needs_review


def test_what_is_pasted_along_unseen_is_left_out_and_what_cannot_be_shown_is_told_beside_its_field(
    verified: Walker, app: Flask
) -> None:
    verified.fakes.letters.missing_characters = "😀"
    hand_in(at_account(verified), branch="深圳😀支行")
    assert "确认书里不能显示这些字符：😀" in verified.errors[0]
    assert verified.fakes.bank.asked == []
    read_back(verified.press("下一步", branch="深圳\u200b福田\u202c支行\u202e\x07")).wait()
    with app.app_context():
        assert db.session.query(Submission).one().branch == "深圳福田支行"


def test_a_letter_that_could_never_be_made_is_not_signed(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait().press("提交并签名")
    verified.fakes.letters.missing_characters = "福"
    verified.press("确定")
    assert "确认书里还不能显示这些字" in verified.text
    assert verified.page.xpath("//button[contains(., '确定')]") == []
    with app.app_context():
        assert db.session.query(Letter).count() == 0


def test_another_branch_costs_no_check_and_the_bank_is_not_asked_again(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait()
    for branch in ("深圳南山支行", "深圳宝安支行", "深圳罗湖支行", "深圳龙岗支行", "深圳光明支行", "深圳坪山支行"):
        verified.press("返回修改").press("下一步", branch=branch).wait()
        assert verified.path.endswith("/letter/preview")
    assert len(verified.fakes.bank.asked) == 1
    assert "还可以向银行核实 4 次" in verified.press("返回修改").text


def test_with_no_check_left_what_stands_is_kept(verified: Walker, app: Flask, clock: TestClock) -> None:
    verified.fakes.bank.verdict = AccountVerdict.NOT_AGREED
    hand_in(at_account(verified)).wait()
    for _ in range(3):
        verified.press("下一步").wait()
    verified.fakes.bank.verdict = AccountVerdict.AGREED
    verified.press("下一步").wait()
    assert verified.path.endswith("/letter/preview")
    verified.press("返回修改").press("下一步", card_number="6299 9900 0000 0000 020")
    assert "今天的核验次数已用完" in verified.errors[0]
    with app.app_context():
        states = [s.state for s in db.session.query(Submission).order_by(Submission.version)]
    assert states == ["replaced"] * 4 + ["checked"]


def test_an_unreachable_bank_makes_the_page_wait_and_retry(verified: Walker, clock: TestClock) -> None:
    verified.fakes.bank.down = True
    hand_in(at_account(verified)).wait()
    assert "正在向银行核实账户" in verified.text
    verified.fakes.bank.down = False
    clock.move(minutes=1)
    verified.wait()
    assert verified.path.endswith("/letter/preview")


def test_after_five_checks_a_day_the_page_says_until_when(verified: Walker, clock: TestClock) -> None:
    verified.fakes.bank.verdict = AccountVerdict.NOT_AGREED
    hand_in(at_account(verified)).wait()
    for _ in range(4):
        verified.press("下一步").wait()
    assert "今天的核实次数已用完，北京时间 2026年11月24日" in verified.text
    verified.press("下一步").wait()
    assert len(verified.fakes.bank.asked) == 5
    clock.move(days=1, minutes=1)
    verified.fakes.bank.verdict = AccountVerdict.AGREED
    verified.press("下一步").wait()
    assert verified.path.endswith("/letter/preview")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "请输入银行卡号"),
        ("62999900", "不完整"),
        ("440301198501010014", "身份证号码"),
        ("6299 9800 0000 0000 013", "信用卡"),
        ("6299990000000000019", "逐组核对"),
        ("6222abc0000000422", "只有数字"),
    ],
)
def test_a_card_that_cannot_be_paid_to_is_refused_with_words(verified: Walker, number: str, words: str) -> None:
    from stdnum import luhn  # noqa: PLC0415

    if "信用卡" in words:
        body = "629998000000000001"
        number = body + luhn.calc_check_digit(body)
    hand_in(at_account(verified), card_number=number)
    assert any(words in error for error in verified.errors), verified.errors
    assert verified.fakes.bank.asked == []


def test_an_old_card_that_fails_luhn_may_be_insisted_on(verified: Walker) -> None:
    hand_in(at_account(verified), card_number="6222021234567890123", bank="ICBC")
    assert "卡号可能有一位输错了" in verified.errors[0]
    read_back(verified.press("下一步", card_confirmed="y")).wait()
    assert verified.path.endswith("/letter/preview")


def test_the_bank_is_chosen_by_the_cards_prefix(verified: Walker) -> None:
    hand_in(at_account(verified), bank="").wait()
    assert "样本银行" in verified.text


def test_photos_that_came_with_a_faulty_form_need_not_be_taken_again(verified: Walker) -> None:
    hand_in(at_account(verified), branch="")
    assert verified.response.status_code == 422
    assert verified.page.cssselect("[name=kept_front]")[0].get("value")
    read_back(verified.press("下一步", branch="深圳福田支行")).wait()
    assert verified.path.endswith("/letter/preview")


def test_the_number_on_a_photographed_card_is_offered_for_checking(verified: Walker) -> None:
    reply = photograph(at_account(verified))
    assert "正在识别卡号" in reply.text
    verified.work()
    assert "6299 9900 0000 0000 012" in verified.client.get(reply.request.path, headers=BY_SCRIPT).text


def test_without_javascript_a_photographed_card_leads_back_to_the_filled_in_page(verified: Walker) -> None:
    typed = {"branch": "深圳福田支行", "bank": "ICBC"}
    at_account(verified).press("识别卡号", files={"card_picture": picture_bytes(), "front": picture_bytes()}, **typed)
    assert "正在识别卡号" in verified.text
    verified.wait()
    assert verified.path.endswith("/account")
    assert "已由照片识别，请与卡面逐组核对" in verified.text
    fields = {name: verified.page.cssselect(f"form#form [name={name}]")[0].get("value") for name in FILLED}
    assert fields["card_number"] == "6299 9900 0000 0000 012"
    assert fields["branch"] == "深圳福田支行"
    assert fields["card_photo"] and fields["kept_front"] and not fields["kept_back"]
    assert verified.page.cssselect("[name=bank] option[selected]")[0].get("value") == "SPECIMEN"
    hand_in(verified, card_number="6299 9900 0000 0000 012").wait()
    assert verified.path.endswith("/letter/preview")


def test_without_javascript_a_card_that_cannot_be_read_costs_nothing_that_was_typed(verified: Walker) -> None:
    verified.fakes.cards.reading = CardReading(None, 0.1, fault=CardPhotoFault.GLARE)
    at_account(verified).press("识别卡号", files={"card_picture": picture_bytes()}, card_number="6299 99", bank="ICBC")
    verified.wait()
    assert verified.path.endswith("/account") and "照片反光" in verified.text
    assert verified.page.cssselect("[name=card_number]")[0].get("value") == "6299 99"
    assert verified.page.cssselect("[name=bank] option[selected]")[0].get("value") == "ICBC"


@pytest.mark.parametrize(
    ("files", "words"), [({}, "请拍银行卡有卡号的一面。"), ({"card_picture": b"x"}, "这个文件不是照片")]
)
def test_without_javascript_no_photo_is_said_beside_the_card_with_everything_kept(
    verified: Walker, files: dict[str, bytes], words: str
) -> None:
    at_account(verified).press(
        "识别卡号", files={**files, "front": picture_bytes()}, card_number="6299 99", branch="福田"
    )
    assert verified.response.status_code == 422
    assert len(verified.errors) == 1 and words in verified.errors[0]
    assert verified.page.cssselect("[name=card_number]")[0].get("value") == "6299 99"
    assert verified.page.cssselect("[name=branch]")[0].get("value") == "福田"
    assert verified.page.cssselect("[name=kept_front]")[0].get("value")
    assert verified.open(verified.path).path.endswith("/account"), "and loading it anew leads to the form"


@pytest.mark.parametrize(
    ("reading", "words", "filled"),
    [
        (
            CardReading("6299990000000000012", 0.98, kind=CardKind.DEBIT, bank_seen=BankSeen.AGREES),
            "请与卡面逐组核对",
            True,
        ),
        (
            CardReading("6299990000000000012", 0.98, kind=CardKind.DEBIT, bank_seen=BankSeen.DIFFERS),
            "卡号所属的银行不一致",
            False,
        ),
        (CardReading("6299980000005678", 0.98, kind=CardKind.CREDIT), "这是信用卡", False),
        (CardReading("6299980000005678", 0.98, kind=CardKind.PREPAID), "这是预付卡", False),
        (CardReading(None, 0.1, fault=CardPhotoFault.GLARE), "照片反光", False),
        (CardReading(None, 0.1, fault=CardPhotoFault.UPSIDE_DOWN), "银行卡拍倒了", False),
    ],
)
def test_a_number_is_filled_in_only_where_money_can_go(
    verified: Walker, reading: CardReading, words: str, filled: bool
) -> None:
    verified.fakes.cards.reading = reading
    at_account(verified)
    reply = photograph(verified)
    verified.work()
    part = verified.client.get(reply.request.path, headers=BY_SCRIPT).text
    assert words in part
    assert ("data-card=" in part) is filled


def test_the_frames_taken_along_are_read_and_nothing_but_them(verified: Walker, app: Flask, clock: TestClock) -> None:
    fakes = verified.fakes
    with app.app_context():
        account_id = db.session.query(Identity).first().account_id
        kinds = (PhotoKind.BANK_CARD, PhotoKind.BANK_CARD, PhotoKind.FACE)
        photos = [
            store_photo(account_id, kind, data, "image/jpeg", store=fakes.store, now=clock())
            for kind, data in zip(kinds, (b"photo", b"frame", b"a face"), strict=True)
        ]
        first, *others = [photo.id for photo in photos]
        with unit_of_work():
            db.session.add_all(photos)
        db.session.commit()
        for _ in range(2):
            read_card(first, [*others, first, "gone"], seams=app.extensions["seams"], now=clock())
        reading = db.session.get_one(Photo, first).reading or {}
    assert fakes.cards.seen == [[b"photo", b"frame"]]
    assert (reading["number"], reading["fault"], reading["bank_seen"]) == (fakes.cards.number, None, "unread")


def test_a_correction_makes_a_new_letter_and_marks_the_old_one_replaced(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait().press("提交并签名").press("确定")
    verified.wait().press("账户有误？重新提交")
    assert "旧的作废" in verified.text
    verified.press("下一步", branch="深圳南山支行").wait().press("提交并签名").press("确定")
    verified.wait()
    with app.app_context():
        letters = db.session.query(Letter).order_by(Letter.signed_at, Letter.version).all()
        assert [(letter.version, letter.state) for letter in letters] == [(1, "replaced"), (2, "current")]
        assert letters[1].content["previous_letter"] == letters[0].number


def test_signing_the_same_letter_from_two_tabs_signs_once(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait()
    tab = Walker(verified.client, verified.fakes, verified.work).open(verified.path).press("提交并签名")
    verified.press("提交并签名").press("确定").wait()
    tab.press("确定")
    assert "确认书已签署" in tab.text
    assert tab.open(tab.path + "/sign").path == verified.path
    with app.app_context():
        assert db.session.query(Letter).count() == 1


def test_only_what_was_shown_is_signed_when_another_tab_hands_in_another_account(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait()
    tab = Walker(verified.client, verified.fakes, verified.work).open(verified.path)
    asked = Walker(verified.client, verified.fakes, verified.work).open(verified.path).press("提交并签名")
    verified.press("返回修改")
    read_back(verified.press("下一步", branch="深圳南山支行"))
    asked.press("确定")  # while the bank is still asked
    assert "正在向银行核实账户" in asked.text
    verified.wait()
    tab.press("提交并签名")
    assert tab.path.endswith("/letter/preview")
    assert "确认书的内容有了变化" in tab.text
    assert "深圳南山支行" in tab.text
    with app.app_context():
        assert db.session.query(Letter).count() == 0
    tab.press("提交并签名").press("确定").wait()
    with app.app_context():
        assert db.session.query(Letter).one().content["account"]["branch"] == "深圳南山支行"


def test_a_text_or_a_signature_that_is_new_since_the_preview_is_shown_before_it_is_signed(
    verified: Walker, app: Flask, clock: TestClock
) -> None:
    hand_in(at_account(verified)).wait().press("提交并签名")
    with app.app_context(), unit_of_work():
        old = db.session.query(TextVersion).filter_by(kind="letter", language="zh_Hans").one()
        facts = {"kind": "letter", "language": "zh_Hans", "title": old.title, "sha256": "-", "effective_at": clock()}
        db.session.add(TextVersion(version=old.version + 1, body="只有一条新的承诺。", **facts))
    verified.press("确定")
    assert (verified.path.rsplit("/", 1)[1], "只有一条新的承诺。" in verified.text) == ("preview", True)
    assert "确认书的内容有了变化" in verified.text
    verified.press("提交并签名")
    with app.app_context(), unit_of_work():
        reserved = db.session.query(ReservedSignature).one()
        reserved.made_by = "typed"
    verified.press("确定")
    assert "确认书的内容有了变化" in verified.text
    with app.app_context():
        assert db.session.query(Letter).count() == 0
    clock.move(hours=20)  # the day of signing is no part of what was shown
    verified.open(verified.path).press("提交并签名").press("确定").wait()
    assert "确认书已签署" in verified.text


def test_nobody_makes_up_what_was_shown(verified: Walker, app: Flask) -> None:
    hand_in(at_account(verified)).wait().press("提交并签名")
    right = verified.page.cssselect("[name=shown]")[0].get("value")
    assert not re.search(r"6299|0014|何志豪", right)
    submission, digest = right.split(".")
    for made_up in (None, "", submission, f"{submission}.", f"x.{digest}", f"{submission}.{'0' * 64}", "é" * 90):
        walker = Walker(verified.client, verified.fakes, verified.work).open(verified.path + f"?shown={right}")
        walker.press("确定", shown=made_up)
        assert walker.path.endswith("/letter/preview")
    with app.app_context():
        assert db.session.query(Letter).count() == 0


def test_a_closed_case_says_so(verified: Walker, app: Flask, clock: TestClock) -> None:
    with app.app_context(), unit_of_work():
        db.session.query(Case).one().closed_at = clock()
    verified.open("/cases")
    assert "登记已截止" in verified.text
    at_account(verified)
    assert "您的份额仍然保留" in verified.text


def test_a_posters_code_leads_to_the_cases(verified: Walker, app: Flask) -> None:
    with app.app_context():
        code = db.session.query(Case).one().code
    assert verified.open(f"/c/{code.lower()}").path == "/cases"
    assert verified.client.get("/c/NOSUCH").status_code == 404


@pytest.mark.parametrize("typed", ["工商", "gongshang", "zggsyh", "ICBC", "industrial and commercial bank of china"])
def test_the_list_of_banks_is_searched_in_every_way_people_type(verified: Walker, typed: str) -> None:
    found = verified.client.get("/banks/search", query_string={"bank_search": typed}).text
    assert "中国工商银行" in found
    assert "招商银行" not in found
