"""A desk without a good camera: a phone scans its code, takes a picture, and the desk goes on with it, on the same journey."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, Camera, Demo, new_context
from tests.browser.payee import Payee
from tests.browser.test_quick_hands import BACK, FRONT, PERMIT, Gate, choose, kept

pytestmark = pytest.mark.browser


def scanned(desk: Page) -> str:
    """What a phone's camera reads off the desk's screen."""
    shown = desk.locator(".qr")
    expect(shown).to_be_visible()
    picture = cv2.imdecode(np.frombuffer(shown.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    link, _corners, _code = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(link)


def test_a_phone_takes_one_side_while_the_desk_sends_the_other(browser: Browser, demo: Demo, camera: Camera) -> None:
    at_desk, in_hand = new_context(browser, size=DESK), new_context(browser, has_touch=True)
    desk, phone = at_desk.new_page(), in_hand.new_page()
    payee, helper = Payee(desk, demo, camera), Payee(phone, demo, camera)
    payee.begin("10000000051")
    payee.document(*PERMIT)
    payee.sees("受诉法院和证件照片")
    payee.choose_court()
    gate = Gate(desk)
    gate.close("POST /photos")
    choose(payee, 1, BACK)
    gate.until(1)

    payee.press("用手机拍照")
    link = scanned(desk)
    phone.goto(link)
    expect(phone.get_by_text("这部手机只能拍照，看不到案件和账户。")).to_be_visible()
    phone.get_by_label("电脑上显示的 4 位数字").fill(desk.locator(".desk-code").inner_text())
    helper.press("下一步")
    expect(desk.get_by_text("手机已连接，请在手机上拍照。")).to_be_visible()
    helper.photograph(0, FRONT)
    helper.press("完成")
    helper.sees("手机上的部分完成了")

    expect(desk.locator("[data-capture]").first.locator(".shot img")).to_be_visible()
    gate.open(0)
    expect(desk.locator("[data-capture]").nth(1).locator(".say-now")).to_have_text("照片已保存")
    assert kept(desk, "front") and kept(desk, "back") == gate.photo(0)
    payee.press(payee.words.next)
    payee.sees("录制视频")
    phone.goto(link)
    helper.sees("这个二维码已经不能用了")
    for context in (at_desk, in_hand):
        context.close()
