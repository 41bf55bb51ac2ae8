"""Each reason why there is no picture has its own words and its own way on, and nothing is done unsaid instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import FLAGS
from tests.browser.studio import HOME, Studio, until
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app

pytestmark = pytest.mark.browser

REFUSE = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '%s'));"
WITHOUT = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
DRAWN = """const canvas = document.createElement('canvas'); Object.assign(canvas, { width: 640, height: 480 });
const brush = canvas.getContext('2d'); window.shown = 'rgb(0,0,%d)';
setInterval(() => { brush.fillStyle = shown; brush.fillRect(0, 0, 640, 480); }, 50);
navigator.mediaDevices.getUserMedia = async () => { window.asked = (window.asked || 0) + 1; window.stream = canvas.captureStream(20); return stream; };"""
ANDROID = "Mozilla/5.0 (Linux; Android 12; Pixel 4) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1"
WECHAT = f"{ANDROID} MicroMessenger/8.0.40"


@pytest.fixture(scope="module")
def studio(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield Studio(browser, create_app(Settings(env=Environment.TEST, data_dir=folder)), folder / "none.mjpeg")
    browser.close()


@pytest.fixture
def contexts(studio: Studio) -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


def opened(
    studio: Studio, contexts: list[BrowserContext], script: str, *, agent: str = ANDROID, home: str = HOME
) -> Page:
    """The page of a phone whose camera does what `script` says, with the lens opened."""
    context = studio.context(permissions=["camera"] if home == HOME else None, user_agent=agent)
    context.add_init_script(script)
    contexts.append(context)
    page = studio.page(context, home=home)
    page.locator("[data-open]").click()
    return page


@pytest.mark.parametrize(
    ("script", "agent", "home", "words", "again"),
    [
        (REFUSE % "NotAllowedError", ANDROID, HOME, "浏览器没有允许本网站使用摄像头", True),
        (REFUSE % "NotFoundError", ANDROID, HOME, "没有找到摄像头", True),
        (REFUSE % "NotReadableError", ANDROID, HOME, "摄像头正被别的程序使用", True),
        (WITHOUT, WECHAT, HOME, "微信里不能使用摄像头", False),
        (WITHOUT, ANDROID, HOME, "这个浏览器不能在网页里使用摄像头", False),
        ("", ANDROID, "http://lens.test/", "这个网址不是安全连接", False),
    ],
    ids=["refused", "none", "in use", "wechat", "old browser", "insecure"],
)
def test_each_reason_has_its_words_and_its_way_on(
    studio: Studio, contexts: list[BrowserContext], script: str, agent: str, home: str, words: str, again: bool
) -> None:
    page = opened(studio, contexts, script, agent=agent, home=home)
    panel = page.locator("dialog.lens .panel")
    expect(panel.locator("p").first).to_contain_text(words)
    expect(page.locator(".say-now")).to_contain_text(words)
    expect(panel.get_by_role("button", name="选择照片")).to_be_visible()
    expect(panel.get_by_role("button", name="再试一次")).to_have_count(1 if again else 0)
    expect(panel.get_by_role("button", name="用手机自带的相机拍")).to_have_count(0 if again else 1)


@pytest.mark.parametrize(
    ("agent", "words"), [(ANDROID, "安卓："), (IPHONE, "iPhone："), (WECHAT, "微信："), ("Mozilla/5.0 (X11)", "电脑：")]
)
def test_who_has_refused_is_told_how_to_allow_it_in_this_browser(
    studio: Studio, contexts: list[BrowserContext], agent: str, words: str
) -> None:
    page = opened(studio, contexts, REFUSE % "NotAllowedError", agent=agent)
    expect(page.locator("dialog.lens .how")).to_contain_text(words)


def test_after_three_failures_the_phones_own_camera_is_offered(studio: Studio, contexts: list[BrowserContext]) -> None:
    page = opened(studio, contexts, REFUSE % "NotReadableError")
    own = page.get_by_role("button", name="用手机自带的相机拍")
    again = page.get_by_role("button", name="再试一次")
    for _ in range(2):
        expect(again).to_be_visible()
        expect(own).to_have_count(0)
        again.click()
    with page.expect_file_chooser():
        own.click()
    assert page.locator("input[type=file]").get_attribute("capture") == "environment"


def test_a_camera_that_ends_is_told(studio: Studio, contexts: list[BrowserContext]) -> None:
    page = opened(studio, contexts, DRAWN % 200)
    until(page, "document.querySelector('dialog.lens .shut:not(:disabled)')")
    page.evaluate("stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("dialog.lens .panel p").first).to_contain_text("摄像头中断了")


def test_a_camera_that_shows_nothing_but_black_is_told(studio: Studio, contexts: list[BrowserContext]) -> None:
    page = opened(studio, contexts, DRAWN % 0)
    expect(page.locator("dialog.lens .panel p").first).to_contain_text("摄像头没有画面")
    expect(page.get_by_role("button", name="再试一次")).to_be_visible()


def test_a_hidden_page_closes_the_camera_and_opens_it_again(studio: Studio, contexts: list[BrowserContext]) -> None:
    page = opened(studio, contexts, DRAWN % 200)
    until(page, "document.querySelector('dialog.lens .shut:not(:disabled)')")
    hide = "(yes) => { Object.defineProperty(document, 'hidden', { value: yes, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, True)
    expect(page.locator("dialog.lens .say")).to_contain_text("您离开了本页")
    assert page.evaluate("stream.getVideoTracks()[0].readyState") == "ended"
    page.evaluate(hide, False)
    until(page, "window.asked === 2 && document.querySelector('dialog.lens .shut:not(:disabled)')")
