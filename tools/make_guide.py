"""Makes static/guide anew: one small picture of each step of the way, in every language, for the guide on the help page.

Usage: make guide   (needs Debian's chromium; takes about twelve minutes), or, for some languages alone,
python tools/make_guide.py en ar
One payee of a fresh demo walks the way once; at each step the page is shown in one language after the other.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
OUT = ROOT / "static" / "guide"

from PIL import Image  # noqa: E402 (the path must be set first)
from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

from tests.browser.conftest import FLAGS, PATIENCE, Camera, Demo, new_context  # noqa: E402
from tests.browser.payee import Payee  # noqa: E402
from tools.make_screens import draw, fresh_demo  # noqa: E402
from webapp.home.guide import HEIGHT, WIDTH  # noqa: E402
from webapp.web.locale import LANGUAGES  # noqa: E402

SCREEN = {"width": 390, "height": round(390 * HEIGHT / WIDTH)}
QUALITY = 60


class Book:
    """Takes the picture of the step that a page shows, in each language; the page is in Chinese again afterwards."""

    def __init__(self, page: Page, demo: Demo, languages: Sequence[str]) -> None:
        self.page, self.demo, self.languages = page, demo, languages

    def take(self, name: str, ready: Callable[[], None] = lambda: None) -> None:
        """`ready` does what the picture is to show, in any language."""
        path = urlsplit(self.page.url).path
        for code in self.languages:
            self._speak(code, path)
            ready()
            self.page.wait_for_timeout(400)
            self._keep(name, code)
        self._speak("zh_Hans", path)

    def _speak(self, code: str, path: str) -> None:
        self.page.goto(f"{self.demo.address}/language?next={path}")
        self.page.locator(f"main input[value={code}]").check()
        self.page.locator("main form:has(input[name=language]) button.btn").click()
        self.page.wait_for_url(f"{self.demo.address}{path}")
        self.page.wait_for_load_state()

    def _keep(self, name: str, code: str) -> None:
        shot = Image.open(io.BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
        target = OUT / code / f"{name}.webp"
        target.parent.mkdir(parents=True, exist_ok=True)
        shot.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(target, quality=QUALITY, method=6)


def until_verified(payee: Payee, book: Book) -> None:
    """From the language to the signature."""
    page = payee.page
    page.goto(f"{payee.demo.address}/language")
    book.take(
        "language", lambda: page.locator("main input:checked").evaluate("one => one.scrollIntoView({block: 'center'})")
    )
    page.goto(f"{payee.demo.address}/verify/rules")
    book.take("rules")
    page.get_by_role("checkbox").check()
    payee.press("同意，开始认证")
    page.get_by_label("手机号码", exact=True).wait_for()
    book.take("phone")
    page.get_by_label("手机号码", exact=True).fill("10000000001")
    payee.press("获取验证码")
    page.get_by_label("短信验证码").fill(payee.demo.code("+8610000000001"))
    payee.press("下一步")
    page.get_by_role("radio").first.check()
    payee.press("下一步")
    page.get_by_label("证件类型").wait_for()
    book.take("document")
    payee.document("resident_id", "何志豪", "440301198501010014", "CHN")
    page.get_by_role("checkbox").check()
    payee.press("下一步")
    payee.press("准备好了")
    page.locator("[data-record]").wait_for()

    def camera() -> None:
        page.locator("[data-record] [data-open]").click()
        page.locator("dialog.lens video").wait_for()
        page.wait_for_timeout(1500)

    book.take("face", camera)
    page.goto(f"{payee.demo.address}/verify")
    payee.film_until("阅读告知书并签名")
    book.take("signature", lambda: draw(page))


def until_signed(payee: Payee, book: Book) -> None:
    """From the cases to the signed letter."""
    page = payee.page
    draw(page)
    payee.press("同意并签名")
    payee.sees("身份认证完成")
    payee.press("涉众案件登记")
    expect(page.get_by_role("link", name="（2023）粤0399执1234号")).to_be_visible()
    book.take("cases")
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    page.get_by_role("checkbox").check()
    payee.press("确认")
    payee.photograph(0, "bank-card-flat-19.jpg")

    def read() -> None:
        expect(page.locator("#card_number")).to_have_value("6299 9900 0000 0000 012", timeout=PATIENCE * 1000)
        page.locator(".field:has(#card_number)").evaluate("field => field.scrollIntoView({block: 'start'})")

    read()
    book.take("card", read)
    read()
    page.get_by_label("开户支行").fill("深圳福田支行")
    payee.photograph(1, "resident-he-front.jpg")
    payee.photograph(2, "resident-back.jpg")
    payee.press("下一步")
    payee.sees("请再核对一遍")
    payee.press("核对无误，提交")
    payee.sees("预览及签名")
    book.take("preview")
    payee.press("提交并签名")
    page.get_by_role("button", name="确定", exact=True).last.click()
    payee.sees("确认书已签署")
    book.take("signed")


def main() -> int:
    """Serves a fresh demo, and takes the pictures."""
    known = [language.code for language in LANGUAGES]
    languages = sys.argv[1:] or known
    if unknown := set(languages) - set(known):
        print(f"no language of ours: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    with fresh_demo() as (demo, folder), sync_playwright() as playwright:
        camera = Camera(folder / "now.mjpeg")
        camera.show("face.jpg")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-video-capture={camera.clip}"]
        )
        page = new_context(browser, size=SCREEN).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        payee, book = Payee(page, demo, camera), Book(page, demo, languages)
        until_verified(payee, book)
        until_signed(payee, book)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
