"""The whole way in a real browser, by visible names alone: a resident, a Hong Kong permit, a passport refused once and then
approved by a clerk in a second browser, each to a signed letter whose PDF is opened and checked; and once without JavaScript."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Camera, Demo, new_context
from tests.browser.payee import ENGLISH, Payee

pytestmark = pytest.mark.browser

FLAT, FLAT_NUMBER = "bank-card-flat-19.jpg", "6299 9900 0000 0000 012"
EMBOSSED, EMBOSSED_NUMBER = "bank-card-embossed-19.jpg", "6299 9900 0000 0000 020"


def check_letter(pdf: bytes, demo: Demo, name: str, account: str, tmp_path: Path) -> None:
    """Text, embedded fonts, the signature's image, and the file's hash in the audit chain."""
    reader = PdfReader(io.BytesIO(pdf))
    text = "".join(page.extract_text() for page in reader.pages)
    folded = "".join(text.split())
    for words in (
        "执行款收款账户确认书",
        "（2023）粤0399执1234号",
        "".join(name.split()),
        "".join(account.split()),
        "深圳福田支行",
        "样本银行",
    ):
        assert words in folded, f"{words} is not in the letter"
    (tmp_path / "letter.pdf").write_bytes(pdf)
    fonts = subprocess.run(
        ["/usr/bin/pdffonts", str(tmp_path / "letter.pdf")], check=True, capture_output=True, text=True
    ).stdout
    assert "yes yes yes" in fonts
    images = [image for page in reader.pages for image in page.images]
    assert any(image.image is not None and image.image.width > 100 for image in images), "no signature in the letter"
    with sqlite3.connect(demo.folder / "lingkuan.db") as connection:
        details = [
            row[0] for row in connection.execute("SELECT detail FROM audit_entry WHERE action = 'payee.letter_made'")
        ]
    assert any(hashlib.sha256(pdf).hexdigest() in detail for detail in details)


def test_a_resident_by_camera(phone: Page, demo: Demo, camera: Camera, tmp_path: Path) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000001")
    payee.document("resident_id", "何志豪", "440301198501010014", "CHN")
    phone.get_by_role("checkbox").check()
    payee.press(payee.words.next)
    payee.film_until("阅读告知书并签名")
    payee.sign()
    payee.sees(payee.words.done)
    pdf = payee.collect(FLAT, FLAT_NUMBER, ["resident-he-front.jpg", "resident-back.jpg"], tmp_path)
    check_letter(pdf, demo, "何志豪", FLAT_NUMBER, tmp_path)


def test_a_hong_kong_permit_in_which_the_immigration_authority_is_asked(
    phone: Page, demo: Demo, camera: Camera, tmp_path: Path
) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000004")
    payee.document("hk_macao_permit", "陈大文", "H12345678", "CHN")
    payee.sees("受诉法院和证件照片")
    payee.choose_court()
    payee.photograph(0, "hk-permit-front.jpg")
    payee.photograph(1, "hk-permit-back.jpg")
    payee.press(payee.words.next)
    payee.sees("录制视频")
    payee.film_until("阅读告知书并签名")
    payee.sign()
    payee.sees(payee.words.done)
    pdf = payee.collect(EMBOSSED, EMBOSSED_NUMBER, ["hk-permit-front.jpg", "hk-permit-back.jpg"], tmp_path)
    check_letter(pdf, demo, "陈大文", EMBOSSED_NUMBER, tmp_path)


def test_a_foreign_permanent_resident_in_english(phone: Page, demo: Demo, camera: Camera, tmp_path: Path) -> None:
    payee = Payee(phone, demo, camera, ENGLISH)
    payee.begin("10000000007")
    payee.document("foreign_permanent_resident", "SMITH JOHN", "911124198108030024", "CAN")
    payee.sees("Court and document photos")
    payee.choose_court()
    payee.photograph(0, "permanent-resident-front.jpg")
    payee.photograph(1, "permanent-resident-back.jpg")
    payee.press(ENGLISH.next)
    payee.sees("Record a video")
    payee.film_until("Read the notice and sign")
    payee.sign()
    payee.sees(ENGLISH.done)
    pdf = payee.collect(
        EMBOSSED, EMBOSSED_NUMBER, ["permanent-resident-front.jpg", "permanent-resident-back.jpg"], tmp_path
    )
    check_letter(pdf, demo, "SMITH JOHN", EMBOSSED_NUMBER, tmp_path)


def hand_in_passport(payee: Payee) -> None:
    payee.sees("受诉法院和证件照片")
    payee.choose_court()
    payee.photograph(0, "passport-mueller.jpg")
    payee.press(payee.words.next)
    payee.sees("录制视频")
    payee.film_until("已提交法院审核")


def test_a_foreign_passport_refused_once_and_then_approved(
    phone: Page, desk: Page, demo: Demo, camera: Camera, tmp_path: Path
) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000008")
    payee.document("passport", "MUELLER ANNA KATHARINA", "C01X00T47", "DEU")
    hand_in_passport(payee)

    desk.goto(f"{demo.address}/desk/identity")
    desk.get_by_role("link", name="MUELLER ANNA KATHARINA").click()
    expect(desk.get_by_role("heading", name="MUELLER ANNA KATHARINA")).to_be_visible()
    expect(desk.get_by_role("cell", name="C0*****47").first).to_be_visible()
    desk.keyboard.press("s")
    expect(desk.get_by_role("cell", name="C01X00T47").first).to_be_visible()
    desk.get_by_label("不通过的原因").select_option(label="证件照片不清楚。")
    desk.get_by_label("补充说明（会写进短信）").fill("请重新拍资料页。")
    desk.get_by_role("button", name="确认不通过").click()
    expect(desk.get_by_text("已退回。可以撤销，稍后通知当事人。")).to_be_visible()

    expect(phone.get_by_text("证件照片不清楚。请重新拍资料页。")).to_be_visible()
    message = demo.sms_with("审核未通过", "+8610000000008")
    assert message.startswith("【深圳法院】MUELLER ANNA KATHARINA，您在 ")
    assert "提交的身份信息审核未通过，详情：证件照片不清楚。请重新拍资料页。" in message
    payee.press(payee.words.confirm_identity)
    hand_in_passport(payee)

    desk.goto(f"{demo.address}/desk/identity")
    desk.get_by_role("link", name="MUELLER ANNA KATHARINA").click()
    expect(desk.get_by_text("以前的提交")).to_be_visible()
    desk.keyboard.press("a")
    expect(desk.get_by_text("已通过。可以撤销，稍后通知当事人。")).to_be_visible()

    payee.sees("阅读告知书并签名")
    payee.sign()
    payee.sees(payee.words.done)
    pdf = payee.collect(EMBOSSED, EMBOSSED_NUMBER, ["passport-mueller.jpg"], tmp_path)
    check_letter(pdf, demo, "MUELLER ANNA KATHARINA", EMBOSSED_NUMBER, tmp_path)


def test_a_resident_without_javascript(browser: Browser, demo: Demo, camera: Camera, tmp_path: Path) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    payee = Payee(page, demo, camera, script=False, name="欧阳䶮")
    payee.begin("10000000002")
    payee.document("resident_id", "欧阳䶮", "44030119850101009X", "CHN")
    page.get_by_role("checkbox").check()
    payee.press(payee.words.next)
    payee.film_until("阅读告知书并签名")
    payee.sign()
    payee.sees(payee.words.done)
    pdf = payee.collect("", EMBOSSED_NUMBER, ["resident-ouyang-front.jpg", "resident-back.jpg"], tmp_path)
    check_letter(pdf, demo, "欧阳䶮", EMBOSSED_NUMBER, tmp_path)
    context.close()
