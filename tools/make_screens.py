"""Makes docs/screens anew: walks a fresh demo in Chromium and takes a picture of every page, in Chinese and English.

Usage: make screens   (needs Debian's chromium; takes about three minutes)
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
OUT = ROOT / "docs" / "screens"

from PIL import Image  # noqa: E402 (the path must be set first)
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright  # noqa: E402

from tests.browser.conftest import DESK, FLAGS, Camera, Demo, new_context, until_up  # noqa: E402
from tests.browser.payee import Payee  # noqa: E402

BESIDE = (
    ("/", "home-verified"), ("/messages", "messages"), ("/phones", "phones"), ("/signature", "my-signature"),
    ("/help", "help"), ("/nope", "not-found"),
)  # fmt: skip


class Album:
    """Takes pictures of a page, each in the languages and looks that are wanted."""

    def __init__(self, page: Page, prefix: str) -> None:
        self.page, self.prefix, self.count = page, prefix, 0

    def take(self, name: str) -> None:
        """One picture of what is on the screen, as a small PNG."""
        self.count += 1
        self.page.wait_for_timeout(350)
        path = OUT / f"{self.prefix}-{self.count:02d}-{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=192).save(path, optimize=True)


def resident(browser: Browser, demo: Demo, camera: Camera) -> None:
    """The way of a resident, page by page."""
    page = new_context(browser).new_page()
    payee, album = Payee(page, demo, camera), Album(page, "payee")
    page.goto(demo.address)
    album.take("home")
    payee.press("未认证")
    album.take("language-sheet")
    page.keyboard.press("Escape")
    page.goto(f"{demo.address}/verify/rules")
    album.take("rules")
    payee.begin("10000000001")
    album.take("document")
    payee.document("resident_id", "何志豪", "44030119850101001", "CHN")
    page.locator(".summary").wait_for()
    album.take("document-error")
    payee.document("resident_id", "何志豪", "440301198501010014", "CHN")
    album.take("face-agreement")
    page.get_by_role("checkbox").check()
    payee.press("下一步")
    album.take("face")
    payee.film(lambda: album.take("face-camera"))
    album.take("face-taken")
    payee.press("提交认证")
    album.take("waiting")
    payee.sees("阅读告知书并签名")
    draw(page)
    album.take("signature")
    payee.press("同意并签名")
    payee.sees("身份认证完成")
    album.take("done")
    collection(payee, album)


def draw(page: Page) -> None:
    """A signature on the pad."""
    pad = page.locator("[data-sign] canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box() or {"x": 0, "y": 0, "width": 1, "height": 1}
    for line in (
        ((0.15, 0.3), (0.5, 0.25), (0.3, 0.8)),
        ((0.4, 0.5), (0.65, 0.45), (0.6, 0.8)),
        ((0.7, 0.3), (0.9, 0.4), (0.75, 0.85)),
    ):
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=9)
        page.mouse.up()


def collection(payee: Payee, album: Album) -> None:
    """Cases, account, letter."""
    page = payee.page
    payee.press("涉众案件登记")
    expect(page.get_by_role("link", name="（2023）粤0399执1234号")).to_be_visible()
    album.take("cases")
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    page.get_by_role("checkbox").wait_for()
    album.take("privacy")
    page.get_by_role("checkbox").check()
    payee.press("确认")
    payee.photograph(0, "bank-card-flat-19.jpg")
    expect(page.get_by_label("银行卡号", exact=True)).to_have_value("6299 9900 0000 0000 012", timeout=40_000)
    album.take("card-read")
    page.get_by_label("开户支行").fill("深圳福田支行")
    payee.photograph(1, "resident-he-front.jpg")
    payee.photograph(2, "resident-back.jpg")
    album.take("documents")
    payee.press("下一步")
    payee.sees("请再核对一遍")
    album.take("read-back")
    payee.press("核对无误，提交")
    payee.sees("预览及签名")
    album.take("preview")
    payee.press("提交并签名")
    album.take("confirm")
    page.get_by_role("button", name="确定", exact=True).last.click()
    payee.sees("确认书已签署")
    album.take("signed")
    others(payee, album)


def others(payee: Payee, album: Album) -> None:
    """The pages beside the way, and other languages and looks."""
    page, address = payee.page, payee.demo.address
    for path, name in BESIDE:
        page.wait_for_timeout(800)
        page.goto(address + path)
        album.take(name)
    page.goto(f"{address}/language")
    page.get_by_role("radio", name="English").check()
    page.get_by_role("button", name="继续").click()
    for path, name in (("/", "home-english"), ("/cases", "cases-english"), ("/help", "help-english")):
        page.goto(address + path)
        album.take(name)
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    album.take("home-dark")


def passport(browser: Browser, demo: Demo, camera: Camera) -> None:
    """A passport in English up to the clerk, and the desk."""
    page = new_context(browser).new_page()
    payee, album = Payee(page, demo, camera), Album(page, "passport")
    payee.begin("10000000008")
    payee.document("passport", "MUELLER ANNA KATHARINA", "C01X00T47", "DEU")
    payee.photograph(0, "passport-mueller.jpg")
    album.take("evidence")
    payee.press("下一步")
    payee.sees("录制视频")
    payee.film()
    album.take("video")
    payee.press("提交认证")
    payee.sees("已提交法院审核")
    album.take("waits-for-the-court")
    desk(new_context(browser, size=DESK), demo)


def desk(context: BrowserContext, demo: Demo) -> None:
    """The clerk's pages at 1280 × 800."""
    page = context.new_page()
    album = Album(page, "desk")
    page.goto(f"{demo.address}/desk/")
    album.take("sign-in")
    page.get_by_label("用户名").fill("limin")
    page.get_by_label("密码").fill("demo-limin-2026")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="MUELLER ANNA KATHARINA").wait_for()
    album.take("queue")
    page.get_by_role("link", name="MUELLER ANNA KATHARINA").click()
    page.get_by_text("C01X00T47").first.wait_for()
    album.take("evidence")
    for path, name in (("/desk/accounts", "accounts"), ("/desk/cases", "cases")):
        page.goto(demo.address + path)
        album.take(name)
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    page.get_by_role("heading", name="（2023）粤0399执1234号").wait_for()
    album.take("case")
    page.goto(f"{demo.address}/desk/language/en")
    album.take("queue-english")
    page.goto(f"{demo.address}/desk/language/zh_Hans")
    for path, name in (("/desk/seams", "seams"), ("/desk/jobs", "jobs"), ("/desk/letters", "find-letter")):
        page.goto(demo.address + path)
        album.take(name)


@contextmanager
def fresh_demo() -> Iterator[tuple[Demo, Path]]:
    """A demo that nobody has used yet, served for as long as the block lasts, and its folder."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environ = {**os.environ, "DATA_DIR": folder, "HOST": "127.0.0.1", "PORT": str(port)}
        log = Path(folder) / "log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [sys.executable, "tools/serve.py"],
                cwd=ROOT,
                env=environ,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        demo = Demo(f"http://127.0.0.1:{port}", Path(folder), server)
        try:
            until_up(demo.address, server, Path(folder))
            yield demo, Path(folder)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)


def main() -> int:
    """Serves a fresh demo and takes all pictures."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with fresh_demo() as (demo, folder):
        take_all(demo, folder)
    return 0


def take_all(demo: Demo, folder: Path) -> None:
    """Both walks in one browser."""
    camera = Camera(folder / "now.mjpeg")
    camera.show("face.jpg")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-video-capture={camera.clip}"]
        )
        resident(browser, demo, camera)
        passport(browser, demo, camera)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
