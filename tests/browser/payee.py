"""A payee at a phone, who knows nothing but the words on the screen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drawing.face_clips import RATE as CLIP_RATE
from drawing.face_clips import live
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, SPECIMENS, Camera, Demo
from tests.browser.studio import until
from webapp.adapters.sandbox.moving_face import as_webm


@dataclass
class Words:
    """The visible names that a walk goes by, in one language."""

    not_verified: str = "未认证"
    language: str = "简体中文"
    go_on: str = "继续"
    agree_rules: str = "我已阅读并同意"
    start: str = "同意，开始认证"
    phone: str = "手机号码"
    get_code: str = "获取验证码"
    code: str = "短信验证码"
    next: str = "下一步"
    document_type: str = "证件类型"
    name: str = "姓名"
    number: str = "证件号码"
    nationality: str = "国籍"
    confirm_identity: str = "同意，确认身份信息"
    take_photo: str = "拍照"
    shutter: str = "拍照"
    record: str = "录制视频"
    start_recording: str = "开始录制"
    ready: str = "准备好了"
    cannot_blink: str = "我做不了“眨一下眼睛”，换一个"
    submit: str = "提交认证"
    sign: str = "同意并签名"
    done: str = "身份认证完成"
    cases: str = "涉众案件登记"
    confirm: str = "确认"
    card_number: str = "银行卡号"
    branch: str = "开户支行"
    read_back: str = "核对无误，提交"
    preview: str = "预览及签名"
    submit_and_sign: str = "提交并签名"
    ok: str = "确定"
    signed: str = "确认书已签署"
    save: str = "保存至本机"
    view: str = "查看签名"


ENGLISH = Words(
    language="English", start="Agree and start", phone="Phone number", get_code="Get a code", code="Code from the text message", next="Next",
    document_type="Type of document", name="Name", number="Document number", nationality="Nationality",
    confirm_identity="Agree and confirm my details", take_photo="Take a photo", shutter="Take a photo", start_recording="Start recording",
    ready="I’m ready", cannot_blink="I can’t do “Blink”: choose another", submit="Submit",
    sign="Agree and sign", done="Your identity is verified", cases="Register for my case",
    confirm="Confirm", card_number="Card number", branch="Branch", preview="Preview and sign", submit_and_sign="Submit and sign", ok="OK",
    read_back="All correct: submit", signed="The letter is signed", save="Save to this device", view="View the signed letter",
)  # fmt: skip


@dataclass
class Payee:
    """Walks through pages by the names that are seen on them; `script` is False in a browser without JavaScript."""

    page: Page
    demo: Demo
    camera: Camera
    words: Words = field(default_factory=Words)
    script: bool = True

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        ).first.click()

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()

    def begin(self, phone: str) -> None:
        w = self.words
        self.page.goto(self.demo.address)
        self.press(w.not_verified)
        self.page.get_by_role("radio", name=w.language).last.check()
        self.page.get_by_role("button", name=w.go_on).last.click()
        self.page.get_by_role("checkbox").check()
        self.press(w.start)
        before = sum("#" in text for text in self.demo.sms(f"+86{phone}"))
        self.page.get_by_label(w.phone, exact=True).fill(phone)
        self.press(w.get_code)
        self.page.get_by_label(w.code).fill(self.demo.code(f"+86{phone}", after=before))
        self.press(w.next)
        self.page.get_by_role("radio").first.check()
        self.press(w.next)

    def choose_court(self) -> None:
        """The first of the list: none is chosen beforehand."""
        self.page.locator("#court").select_option(index=1)

    def document(self, kind: str, name: str, number: str, nationality: str) -> None:
        w = self.words
        self.page.get_by_label(w.document_type).select_option(kind)
        self.page.get_by_label(w.name, exact=True).fill(name)
        self.page.get_by_label(w.number).fill(number)
        self.page.get_by_label(w.nationality).select_option(nationality)
        self.press(w.confirm_identity)

    def photograph(self, place: int, picture: str) -> None:
        """The `place`-th picture of the page, by the camera in the page; as a file without JavaScript."""
        box = self.page.locator("[data-capture]").nth(place)
        if not self.script:
            box.locator("input[type=file]").set_input_files(SPECIMENS / picture)
            return
        self.shoot(place, picture)
        expect(box.locator(".shot img")).to_be_visible()

    def shoot(self, place: int, picture: str) -> None:
        """Opens the camera and presses the shutter, if it hasn't released by itself: until the camera is closed."""
        self.camera.show(picture)
        self.page.locator("[data-capture]").nth(place).locator("[data-open]").click()
        shutter = "document.querySelector('dialog.lens .shut:not(:disabled)')?.click()"
        until(self.page, f"({shutter}, !document.querySelector('dialog.lens'))", PATIENCE)

    def film(self, told: Callable[[], None] = lambda: None) -> None:
        """Has gestures drawn, and does them before the camera; without JavaScript hands in a film that was made elsewhere.

        Blinks are passed over: how many frames a second this machine's browser records depends on what else runs.
        `told` is called while the first gesture is shown.
        """
        w, box = self.words, self.page.locator("[data-record]")
        ready = self.page.get_by_role("button", name=w.ready, exact=True)
        expect(ready.or_(box).first).to_be_visible()
        if ready.is_visible():  # else gestures were drawn before, and still stand
            self.press(w.ready)
        while (gestures := self.asked()) and "blink" in gestures:
            self.press(w.cannot_blink)
            expect(box).not_to_have_attribute("data-gestures", ",".join(gestures))
        if not self.script:
            path = self.camera.clip.with_name(f"{'-'.join(gestures)}.webm")
            path.write_bytes(as_webm(live("collins", gestures, seed=secrets.randbits(32)), CLIP_RATE))
            box.locator("input[type=file]").set_input_files(path)
            return
        self.camera.perform(gestures)
        box.locator("[data-open]").click()
        self.page.locator("dialog.lens").get_by_role("button", name=w.start_recording).click()
        self.page.locator("dialog.lens .cue").wait_for()
        told()
        expect(box.locator(".shot video")).to_be_visible()

    def film_until(self, heading: str) -> None:
        """Films and hands in, up to three times: a busy browser may record too few pictures for a gesture to be seen."""
        onward = self.page.get_by_role("heading", name=heading).first
        again = self.page.get_by_role("button", name=self.words.ready, exact=True)
        for _ in range(3):
            self.film()
            self.press(self.words.submit)
            expect(onward.or_(again).first).to_be_visible()
            if onward.is_visible():
                return
        raise AssertionError(f"no film was good enough: {self.page.locator('main').inner_text()[:300]}")

    def asked(self) -> list[str]:
        """The gestures that the page asks for, in order."""
        return str(self.page.locator("[data-record]").get_attribute("data-gestures")).split(",")

    def sign(self) -> None:
        if not self.script:
            self.page.locator("details").last.locator("summary").click()
            self.page.get_by_label("不能手写的，请输入您的姓名代替").fill(self.name)
            self.page.get_by_label("我确认：用输入的姓名代替手写签名").check()
            self.press(self.words.sign)
            return
        pad = self.page.locator("[data-sign] canvas").first
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        for (x1, y1), (x2, y2) in (((0.1, 0.3), (0.9, 0.35)), ((0.5, 0.1), (0.3, 0.9)), ((0.5, 0.4), (0.85, 0.85))):
            self.page.mouse.move(box["x"] + x1 * box["width"], box["y"] + y1 * box["height"])
            self.page.mouse.down()
            self.page.mouse.move(box["x"] + x2 * box["width"], box["y"] + y2 * box["height"], steps=12)
            self.page.mouse.up()
        self.press(self.words.sign)

    name: str = ""

    def collect(self, card: str, card_number: str, documents: list[str], folder: Path) -> bytes:
        """From the done page to the saved PDF."""
        w = self.words
        self.hand_in(card, card_number, documents)
        self.press(w.submit_and_sign)
        self.page.get_by_role("button", name=w.ok, exact=True).last.click()
        self.sees(w.signed)
        with self.page.expect_download() as saved:
            self.page.get_by_role("link", name=w.save).first.click()
        target = folder / "letter.pdf"
        saved.value.save_as(target)
        return target.read_bytes()

    def hand_in(self, card: str, card_number: str, documents: list[str]) -> None:
        """From the done page to the preview of the letter."""
        w = self.words
        self.press(w.cases)
        self.page.get_by_role("link", name="（2023）粤0399执1234号").click()
        self.page.get_by_role("checkbox").check()
        self.press(w.confirm)
        if self.script:
            self.photograph(0, card)
            expect(self.page.get_by_label(w.card_number, exact=True)).to_have_value(card_number)
            expect(self.page.locator("#bank-found")).not_to_be_empty()  # asked for by the number, in a POST
        else:
            self.page.get_by_label(w.card_number, exact=True).fill(card_number)
        self.page.get_by_label(w.branch).fill("深圳福田支行")
        for place, picture in enumerate(documents, start=1):
            self.photograph(place, picture)
        self.press(w.next)
        self.press(w.read_back)
        self.sees(w.preview)
