"""A phone takes the pictures for a desk: the link opens nothing without the desk's digits, and nothing but the camera."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.test_verification import PASSPORT, at_document
from webapp.core.audit import AuditEntry
from webapp.core.db import db
from webapp.handover import views


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The links that were drawn as QR codes, the newest last."""
    drawn: list[str] = []
    draw = views._qr

    def note(address: str) -> object:
        drawn.append(address)
        return draw(address)

    monkeypatch.setattr(views, "_qr", note)
    return drawn


@pytest.fixture
def desk(walker: Walker, link: list[str]) -> Walker:
    return at_document(walker).give_document(**PASSPORT).press("用手机拍照")


@pytest.fixture
def phone(app: Flask, fakes: Fakes, work: Callable[[], int]) -> Walker:
    return Walker(app.test_client(), fakes, work)


def code_of(desk: Walker) -> str:
    return str(desk.page.cssselect(".desk-code")[0].text_content())


def path(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


def test_a_phone_takes_the_picture_and_the_desk_goes_on_with_it(
    desk: Walker, phone: Walker, link: list[str], app: Flask
) -> None:
    assert desk.page.cssselect(".qr svg")
    phone.open(path(link[-1]))
    assert "海" not in phone.text, "the name is masked"
    phone.press("下一步", code=code_of(desk)).press("上传", files={"picture": picture_bytes()})
    assert phone.response.status_code == 200, phone.errors
    phone.press("完成")
    assert "请回到电脑上继续" in phone.text
    poll = desk.page.cssselect("[hx-get]")[0].get("hx-get")
    desk.open(poll)
    assert "已经放进本页" in desk.text
    desk.press("带着照片返回").press("下一步", court="深圳市南山区人民法院")
    assert desk.response.status_code == 200 and not desk.errors
    with app.app_context():
        done = [a.action for a in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert [a for a in done if a.startswith("handover")] == [
        "handover.offered",
        "handover.confirmed",
        "handover.photo",
        "handover.done",
    ]


def test_the_link_alone_shows_no_camera_and_dies_after_three_wrong_codes(
    desk: Walker, phone: Walker, link: list[str]
) -> None:
    right = code_of(desk)
    wrong = f"{(int(right) + 1) % 10000:04d}"
    for _ in range(2):
        phone.open(path(link[-1])).press("下一步", code=wrong)
        assert "数字不对" in phone.errors[0]
    phone.press("下一步", code=wrong)
    assert phone.response.status_code == 410
    assert phone.open(path(link[-1])).response.status_code == 410
    assert phone.open("/handover/photos").response.status_code == 410
    assert "作废" in desk.open(desk.page.cssselect("[hx-get]")[0].get("hx-get")).text


def test_a_link_works_once_and_five_minutes(
    desk: Walker, phone: Walker, second: Walker, link: list[str], clock: TestClock
) -> None:
    phone.open(path(link[-1])).press("下一步", code=code_of(desk))
    assert second.open(path(link[-1])).response.status_code == 410, "it was used"
    desk.open("/verify/evidence").press("用手机拍照")
    assert phone.open("/handover/photos").response.status_code == 410, "a new one ends the old"
    clock.move(minutes=6)
    assert second.open(path(link[-1])).response.status_code == 410, "it is too old"


def test_who_is_slow_with_one_picture_has_a_quarter_of_an_hour_for_the_next(
    desk: Walker, phone: Walker, link: list[str], clock: TestClock
) -> None:
    phone.open(path(link[-1])).press("下一步", code=code_of(desk))
    for _picture in range(8):
        clock.move(minutes=14)
        phone.press("上传", files={"picture": picture_bytes()})
        assert phone.response.status_code == 200
    assert phone.open(phone.path).page.cssselect("[data-capture]")
    clock.move(minutes=16)
    assert not phone.open(phone.path).page.cssselect("[data-capture]")


def test_the_phone_sees_nothing_else_of_the_account(desk: Walker, phone: Walker, link: list[str]) -> None:
    phone.open(path(link[-1])).press("下一步", code=code_of(desk))
    for private in ("/cases", "/verify/evidence"):
        phone.open(private)
        assert phone.path == "/signin"


def test_the_desk_takes_it_back(desk: Walker, phone: Walker, link: list[str]) -> None:
    phone.open(path(link[-1])).press("下一步", code=code_of(desk))
    desk.press("取消用手机拍照")
    assert "已取消" in desk.text
    assert phone.open("/handover/photos").response.status_code == 410


def test_another_payee_cannot_look_at_the_desk(desk: Walker, second: Walker) -> None:
    at_document(second, "10000000002")
    address = desk.page.cssselect("[hx-get]")[0].get("hx-get").split("?")[0]
    assert second.open(address).response.status_code == 404
