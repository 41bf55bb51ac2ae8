"""Two tabs of one payee: whatever the other one did meanwhile, 「确定」 signs what its own page showed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Camera, Demo
from tests.browser.payee import Payee

pytestmark = pytest.mark.browser


def test_the_account_of_another_tab_is_shown_before_it_is_signed(phone: Page, demo: Demo, camera: Camera) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000001")
    payee.document("resident_id", "何志豪", "440301198501010014", "CHN")
    phone.get_by_role("checkbox").check()
    payee.press(payee.words.next)
    payee.script = False  # the film is a file: what this is about comes after it
    payee.film_until("阅读告知书并签名")
    payee.script = True
    payee.sign()
    payee.hand_in("bank-card-flat-19.jpg", "6299 9900 0000 0000 012", ["resident-he-front.jpg", "resident-back.jpg"])
    payee.sees(payee.words.preview)

    tab = phone.context.new_page()
    other = Payee(tab, demo, camera)
    tab.goto(phone.url)
    other.press("返回修改")
    tab.get_by_label(payee.words.branch).fill("深圳南山支行")
    tab.get_by_label(payee.words.branch).press("Tab")
    other.press(payee.words.next)
    expect(tab.get_by_text("深圳南山支行")).to_be_visible()

    expect(phone.get_by_text("深圳福田支行")).to_be_visible()
    payee.press(payee.words.submit_and_sign)
    phone.get_by_role("button", name=payee.words.ok, exact=True).last.click()
    expect(phone.get_by_role("alert")).to_contain_text("确认书的内容有了变化")
    expect(phone.get_by_text("深圳南山支行")).to_be_visible()
    payee.press(payee.words.submit_and_sign)
    phone.get_by_role("button", name=payee.words.ok, exact=True).last.click()
    payee.sees(payee.words.signed)
