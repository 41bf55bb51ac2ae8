"""What was wrong is not said any more once it is mended: not beside the field, and struck out at the top of the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SPECIMENS, Camera, Demo
from tests.browser.payee import Payee

pytestmark = pytest.mark.browser


def test_what_is_filled_in_is_not_called_empty(phone: Page, demo: Demo, camera: Camera) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000061")
    payee.press(payee.words.confirm_identity)
    name, number = phone.get_by_label("姓名", exact=True), phone.get_by_label("证件号码")
    expect(phone.locator(".field .err")).to_have_count(2)
    name.fill("何志豪")
    expect(phone.locator(".field .err")).to_have_count(1)
    expect(name).not_to_have_attribute("aria-invalid", "true")
    expect(phone.locator(".summary a[href='#name']")).to_have_class(re.compile("mended"))
    expect(phone.locator(".summary a[href='#number']")).not_to_have_class(re.compile("mended"))
    expect(phone.locator(".summary")).not_to_have_class(re.compile("quiet"))
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-front.jpg")
    expect(number).to_have_value("440301198501010014")
    expect(phone.locator(".field .err")).to_have_count(0)
    expect(phone.locator(".summary")).to_have_class(re.compile("quiet"))
    expect(phone.locator(".summary h2 svg")).to_be_hidden()


def test_what_contradicts_the_photo_is_asked_about_and_the_photo_taken_at_its_word(
    phone: Page, demo: Demo, camera: Camera
) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000064")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-front.jpg")
    number = phone.get_by_label("证件号码")
    expect(number).to_have_value("440301198501010014")
    number.fill("44030119850101009X")
    phone.get_by_label("姓名", exact=True).fill("何志强")
    payee.press(payee.words.confirm_identity)
    expect(phone.locator(".field .err")).to_contain_text(["何志豪", "440301198501010014"])
    number.press("Enter")  # the form is sent as it stands: nothing is taken by a key
    expect(phone.locator(".field .err")).to_have_count(2)
    expect(number).to_have_value("44030119850101009X")
    payee.press("改用照片上的：440301198501010014")
    expect(number).to_have_value("440301198501010014")
    expect(phone.locator(".two-ways")).to_have_count(0)
    payee.press(payee.words.confirm_identity)
    expect(phone.locator(".field .err")).to_have_count(1)
    phone.get_by_role("checkbox", name="我填写的没有错").check()
    payee.press(payee.words.confirm_identity)
    payee.sees("人脸信息处理同意书")


def test_a_photo_that_came_before_its_script_is_taken_in(phone: Page, demo: Demo, camera: Camera) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.route("**/static/js/camera.js*", hold)
    with phone.expect_request("**/static/js/camera.js*"):
        Payee(phone, demo, camera).begin("10000000063")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-front.jpg")
    expect(phone.get_by_label("证件号码")).to_have_value("")
    held.pop().continue_()
    expect(phone.get_by_label("证件号码")).to_have_value("440301198501010014")


def test_a_photo_that_came_before_its_type_is_read_again(phone: Page, demo: Demo, camera: Camera) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000062")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "passport-mueller.jpg")
    expect(phone.locator("#document-read")).to_contain_text("照片里没有看清证件")
    phone.get_by_label("证件类型").select_option("passport")
    expect(phone.get_by_label("证件号码")).to_have_value("C01X00T47")
