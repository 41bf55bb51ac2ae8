"""The whole way without a pointer: a resident by keys alone, and a permit's holder by what a screen reader offers alone."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PATIENCE, Camera, Demo, patiently

pytestmark = pytest.mark.browser

MOST_TABS = 120
GESTURES = {"慢慢向左转头": "turn_left", "慢慢向右转头": "turn_right", "慢慢点一下头": "nod", "张大嘴巴": "open_mouth"}
SEEN = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  if (here === document.body) return "nothing has the focus";
  const covers = [...document.querySelectorAll(".bar, .foot")].filter((e) => !e.contains(here) && getComputedStyle(e).position === "sticky");
  const hidden = (y) => y < 0 || y > innerHeight || covers.some((e) => y > e.getBoundingClientRect().top && y < e.getBoundingClientRect().bottom);
  return hidden(box.top + 1) && hidden(box.bottom - 1) && !document.querySelector("dialog[open]") ? `hidden: ${here.outerHTML.slice(0, 120)}` : "";
}"""
"""WCAG 2.2, 2.4.11: what has the focus isn't covered by the bars that stay."""


class Hands:
    """A payee who has a keyboard and no pointer."""

    def __init__(self, page: Page, demo: Demo, camera: Camera) -> None:
        self.page, self.demo, self.camera = page, demo, camera

    def to(self, goal: Locator) -> None:
        """Tabs on until it has the focus; on the way nothing that has the focus is hidden."""
        goal.wait_for()
        for _tab in range(MOST_TABS):
            if goal.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            if self.page.evaluate(
                "document.activeElement !== document.body"
            ):  # at the end comes the browser's own frame
                assert self.page.evaluate(SEEN) == ""
        raise AssertionError(f"no way by Tab to {goal}")

    def enter(self, role: str, name: str) -> None:
        self.to(self.found(role, name))
        self.page.keyboard.press("Enter")

    def space(self, role: str, name: str | re.Pattern[str]) -> None:
        self.to(self.found(role, name))
        self.page.keyboard.press("Space")

    def write(self, name: str, words: str) -> None:
        self.to(self.page.get_by_label(name, exact=True))
        self.page.keyboard.insert_text(words)

    def found(self, role: str, name: str | re.Pattern[str]) -> Locator:
        within = self.page.locator("dialog[open]")
        place = within.last if within.count() else self.page.locator("body")
        return place.get_by_role(role, name=name, exact=isinstance(name, str)).first  # type: ignore[arg-type]

    def arrives(self, heading: str) -> None:
        """The page is there, and the focus is on its heading, where a screen reader begins to read."""
        title = self.page.get_by_role("heading", name=heading, level=1)
        expect(title).to_be_focused()

    def photograph(self, field: str, picture: str, *, timer: bool = False) -> None:
        """Opens the camera by keys, and presses the shutter or its timer unless it is quicker; the focus comes back."""
        self.camera.show(picture)
        group = self.page.get_by_role("group", name=field)
        self.to(group.get_by_role("button", name="拍照"))
        self.page.keyboard.press("Enter")
        lens, wanted = self.page.locator("dialog.lens"), ".timer" if timer else ".shut"
        lens.wait_for()

        pressed: list[bool] = []

        def closed() -> bool | None:
            reached = f"document.activeElement.matches('dialog.lens {wanted}:not(:disabled)')"
            if (
                self.page.evaluate("Boolean(document.querySelector('dialog.lens .shut:not(:disabled)'))")
                and not pressed
            ):
                there = self.page.evaluate(reached)
                self.page.keyboard.press("Space" if there else "Tab")
                pressed.extend([True] * there)
            return None if lens.count() else True

        patiently(closed, "no photo was taken")
        expect(group.get_by_role("img", name="照片已拍好")).to_be_visible()
        if pressed:  # a camera that released by itself may have been quicker than the last Tab
            expect(group.locator("[data-open]")).to_be_focused()

    def film(self) -> None:
        self.enter("button", "准备好了")
        box = self.page.locator("[data-record]")
        while "blink" in (gestures := self.asked()):
            self.enter("button", "我做不了“眨一下眼睛”，换一个")
            expect(box).not_to_have_attribute("data-gestures", ",".join(gestures))
        self.enter("button", "我需要更多时间")
        expect(self.page.get_by_text("好的，又有 5 分钟。")).to_be_visible()
        assert self.asked() == gestures
        self.camera.perform(gestures)
        self.enter("button", "录制视频")
        self.to(self.page.locator("dialog.lens .choose"))
        self.page.locator("dialog.lens .shut:not(:disabled)").wait_for()
        self.page.keyboard.press("Tab")  # the red button comes next, at once: the person before the camera has begun
        self.page.keyboard.press("Enter")
        expect(box.locator(".shot video")).to_be_visible()
        self.enter("button", "提交认证")

    def asked(self) -> list[str]:
        return str(self.page.locator("[data-record]").get_attribute("data-gestures")).split(",")

    def film_until(self, heading: str) -> None:
        """Up to three times: a busy browser may record too few pictures for a gesture to be seen."""
        onward = self.page.get_by_role("heading", name=heading).first
        again = self.page.get_by_role("button", name="准备好了", exact=True)
        for _film in range(3):
            self.film()
            expect(onward.or_(again).first).to_be_visible()
            if onward.is_visible():
                return
        raise AssertionError("no film was good enough")


def test_a_resident_goes_the_whole_way_by_keys_alone(phone: Page, demo: Demo, camera: Camera) -> None:
    hands = Hands(phone, demo, camera)
    phone.goto(demo.address)
    hands.enter("link", "未认证")
    expect(
        phone.get_by_role("dialog").get_by_role("button", name="大字版")
    ).to_be_focused()  # a sheet has the focus inside
    hands.enter("button", "继续")
    phone.get_by_role("heading", name=re.compile("在线诉讼规程|须知|规")).first.wait_for()
    hands.enter("button", "同意，开始认证")
    expect(phone.get_by_role("alert")).to_be_focused()  # the summary of what is missing, with a link to it
    hands.to(phone.get_by_role("alert").get_by_role("link").first)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("checkbox")).to_be_focused()
    phone.keyboard.press("Space")
    hands.enter("button", "同意，开始认证")
    hands.write("手机号码", "10000000003")
    hands.enter("button", "获取验证码")
    hands.arrives("输入验证码")
    hands.write("短信验证码", demo.code("+8610000000003"))  # as a paste comes: at once, in one piece
    hands.enter("button", "下一步")
    phone.get_by_role("radio").first.wait_for()
    hands.space("radio", re.compile("100"))
    hands.enter("button", "下一步")
    phone.get_by_label("证件号码").wait_for()
    hands.write("姓名", "阿卜来提·如则托合提")
    hands.write("证件号码", "440301199003070019")
    hands.enter("button", "同意，确认身份信息")
    phone.get_by_role("checkbox").wait_for()
    hands.space("checkbox", re.compile("."))
    hands.enter("button", "下一步")
    hands.arrives("人脸识别")
    hands.film_until("阅读告知书并签名")
    hands.to(phone.locator("summary", has_text="不能手写？"))
    phone.keyboard.press("Enter")
    hands.write("不能手写的，请输入您的姓名代替", "阿卜来提·如则托合提")
    hands.space("checkbox", "我确认：用输入的姓名代替手写签名")
    hands.enter("button", "同意并签名")
    hands.arrives("身份认证完成")
    hands.enter("link", "涉众案件登记")
    phone.get_by_role("link", name="（2023）粤0399执1234号").wait_for()
    hands.enter("link", re.compile("1234号"))  # type: ignore[arg-type]
    phone.get_by_role("checkbox").wait_for()
    hands.space("checkbox", re.compile("."))
    hands.enter("button", "确认")
    hands.arrives("身份信息")
    hands.photograph("拍银行卡，自动填写卡号", "bank-card-flat-19.jpg")
    expect(phone.get_by_label("银行卡号", exact=True)).to_have_value("6299 9900 0000 0000 012")
    expect(phone.locator("#bank-found")).not_to_be_empty()
    hands.write("开户支行", "深圳福田支行")
    hands.photograph("证件正面", "resident-ablet-front.jpg", timer=True)
    hands.photograph("证件背面", "resident-back.jpg")
    hands.enter("button", "下一步")
    hands.arrives("请再核对一遍")
    hands.enter("button", "核对无误，提交")
    phone.get_by_role("heading", name="预览及签名").wait_for()
    hands.enter("link", "提交并签名")
    expect(phone.get_by_role("dialog", name="提示")).to_contain_text("这个签名是输入的姓名，确认书里会注明。")
    hands.enter("button", "确定")
    phone.get_by_role("heading", name="确认书已签署").wait_for(timeout=PATIENCE * 1000)
    letter = phone.request.get(f"{phone.url.split('?')[0]}.pdf").body()
    words = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(letter)).pages).split())
    assert "（不能手写，以本人输入的姓名代替）" in words


class Ears:
    """A payee who has nothing but roles and names, as a screen reader tells them."""

    def __init__(self, page: Page, demo: Demo, camera: Camera) -> None:
        self.page, self.demo, self.camera = page, demo, camera

    def press(self, name: str, role: Any = "button", *, within: Any = None) -> None:
        (within or self.page).get_by_role(role, name=name, exact=True).click()

    def write(self, name: str, words: str) -> None:
        self.page.get_by_role("textbox", name=name, exact=True).or_(
            self.page.get_by_role("combobox", name=name, exact=True)
        ).fill(words)

    def choose(self, name: str, option: str) -> None:
        self.page.get_by_role("combobox", name=name, exact=True).select_option(label=option)

    def hears(self, words: str) -> None:
        """It is said by itself: in a live region, which needs no looking for."""
        said = self.page.get_by_role("status").or_(self.page.get_by_role("alert"))
        expect(said.filter(has_text=words).first).to_be_attached()

    def arrives(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()

    def photograph(self, field: str, picture: str) -> None:
        """The camera is a dialog of the field's name; what is in its way is said while it is open."""
        self.camera.show(picture)
        group = self.page.get_by_role("group", name=field, exact=True)
        self.press("拍照", within=group)
        lens = self.page.get_by_role("dialog", name=field, exact=True)
        taken = group.get_by_role("img", name="照片已拍好")
        shutter = lens.get_by_role("button", name="拍照", exact=True)

        def done() -> bool | None:
            with suppress(Error):  # a camera that releases by itself may be quicker
                if shutter.count() and shutter.is_enabled():
                    shutter.click(timeout=2000)
            return True if not lens.count() and taken.count() else None

        patiently(done, f"no photo of {field} was taken")

    def film(self) -> None:
        self.press("准备好了")
        box = self.page.get_by_role("group", name="人脸视频")
        asked = self.page.get_by_role("listitem")
        expect(asked).to_have_count(2)
        while any("眨" in text for text in asked.all_inner_texts()):
            self.press("我做不了“眨一下眼睛”，换一个")
            expect(asked.filter(has_text="眨")).to_have_count(0)
        self.camera.perform([GESTURES[text.strip()] for text in asked.all_inner_texts()])
        self.press("录制视频", within=box)
        self.press("开始录制", within=self.page.get_by_role("dialog", name="人脸视频"))
        self.hears("视频已录好，可以播放查看")
        self.press("提交认证")


def test_a_permits_holder_goes_the_whole_way_by_what_a_screen_reader_offers_alone(
    phone: Page, demo: Demo, camera: Camera
) -> None:
    ears = Ears(phone, demo, camera)
    phone.goto(demo.address)
    ears.press("未认证", "link")
    ears.press("继续", within=phone.get_by_role("dialog"))
    phone.get_by_role("checkbox").check()
    ears.press("同意，开始认证")
    ears.write("手机号码", "1")
    ears.press("获取验证码")
    ears.hears("请看一看下面的内容")
    expect(phone.get_by_role("textbox", name="手机号码")).to_have_accessible_description(re.compile("手机号"))
    ears.write("手机号码", "10000000005")
    ears.press("获取验证码")
    ears.write("短信验证码", demo.code("+8610000000005"))
    ears.press("下一步")
    phone.get_by_role("radio").first.check()
    ears.press("下一步")
    ears.choose("证件类型", "台湾居民来往大陆通行证")
    ears.write("姓名", "林美玲")
    ears.write("证件号码", "12345678")
    ears.press("同意，确认身份信息")
    ears.arrives("受诉法院和证件照片")
    ears.choose("受诉法院", "深圳市中级人民法院")
    ears.photograph("证件正面", "taiwan-permit-front.jpg")
    ears.photograph("证件背面", "taiwan-permit-back.jpg")
    ears.press("下一步")
    ears.arrives("录制视频")
    for _film in range(3):
        ears.film()
        onward = phone.get_by_role("heading", name="阅读告知书并签名")
        expect(onward.or_(phone.get_by_role("button", name="准备好了", exact=True)).first).to_be_visible()
        if onward.is_visible():
            break
    ears.press("同意并签名")
    ears.hears("还没有签名")  # the pad is an image with a name; that it is blank is said
    phone.get_by_text("不能手写？", exact=True).click()
    ears.write("不能手写的，请输入您的姓名代替", "林美玲")
    phone.get_by_role("checkbox", name="我确认：用输入的姓名代替手写签名").check()
    ears.press("同意并签名")
    ears.arrives("身份认证完成")
    ears.press("涉众案件登记", "link")
    phone.get_by_role("link", name="（2023）粤0399执1234号").click()
    phone.get_by_role("checkbox").check()
    ears.press("确认")
    ears.arrives("身份信息")
    ears.photograph("拍银行卡，自动填写卡号", "bank-card-embossed-19.jpg")
    expect(phone.get_by_role("textbox", name="银行卡号", exact=True)).to_have_value("6299 9900 0000 0000 020")
    ears.write("开户支行", "深圳福田支行")
    ears.photograph("证件正面照片", "taiwan-permit-front.jpg")
    ears.photograph("证件背面照片", "taiwan-permit-back.jpg")
    ears.press("下一步")
    ears.press("核对无误，提交")
    ears.arrives("预览及签名")
    ears.press("提交并签名", "link")
    ears.press("确定", within=phone.get_by_role("dialog", name="提示"))
    ears.arrives("确认书已签署")
    expect(phone.get_by_role("link", name="保存至本机").first).to_be_visible()
