"""A demo served as `make run` serves it, and a phone-sized Chromium whose camera shows what a test holds before it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.databases import ROOT
from tools.make_camera_clip import make_camera_clip

SPECIMENS = ROOT / "static" / "specimens"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """These tests talk to a server on 127.0.0.1."""


@dataclass
class Demo:
    """A running demo: its address, its folder, and the SMS that its phones got."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def code(self, phone: str, *, after: int = 0) -> str:
        """The newest code that this phone got, waited for."""
        from webapp.adapters.sandbox.sms import SandboxSms  # noqa: PLC0415

        box = SandboxSms(self.folder / "sandbox")
        for _ in range(150):
            codes = [m.group(1) for sms in box.inbox(phone) if (m := re.search(r"#(\d{6})", sms.text))]
            if len(codes) > after:
                return codes[0]
            time.sleep(0.1)
        raise AssertionError(f"{phone} never got a code")

    def sms_with(self, words: str, phone: str) -> str:
        """The newest SMS of this phone that says `words`, waited for: the worker sends it a moment after the deed."""
        for _ in range(200):
            found = [text for text in self.sms(phone) if words in text]
            if found:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"{phone} was never told {words}")

    def sms(self, phone: str) -> list[str]:
        from webapp.adapters.sandbox.sms import SandboxSms  # noqa: PLC0415

        return [sms.text for sms in SandboxSms(self.folder / "sandbox").inbox(phone)]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "DATA_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SANDBOX_SLOW_SECONDS": "2",
    }
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tools" / "serve.py")],
        cwd=ROOT,
        env=environ,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    log.close()
    address = f"http://127.0.0.1:{port}"
    until_up(address, process, folder)
    yield Demo(address, folder, process)
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until_up(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Waits until the server answers; fails with its log when it ends instead."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            time.sleep(0.2)
    raise AssertionError((folder / "log").read_text()[-3000:])


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made


@dataclass
class Camera:
    """What the fake camera sees: a picture is put before it by writing the clip that Chromium opens at the next start."""

    clip: Path
    made: dict[str, Path] = field(default_factory=dict)

    def show(self, name: str) -> None:
        if name not in self.made:
            target = self.clip.with_name(f"{name}.mjpeg")
            make_camera_clip(SPECIMENS / name, target)
            self.made[name] = target
        shutil.copy(self.made[name], self.clip)


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    camera = Camera(tmp_path_factory.mktemp("camera") / "now.mjpeg")
    camera.show("face.jpg")
    return camera


@pytest.fixture(scope="session")
def browser(playwright: Playwright, camera: Camera) -> Iterator[Browser]:
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera.clip}"]
    launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    yield launched
    launched.close()


def new_context(
    browser: Browser, *, language: str = "zh-CN", size: dict[str, int] | None = None, **options: Any
) -> BrowserContext:
    """A fresh browser profile; every console error and failed script in it fails the test that made it."""
    context = browser.new_context(viewport=size or PHONE, locale=language, service_workers="block", **options)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return context


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A payee's phone."""
    context = new_context(browser, has_touch=True)
    page = context.new_page()
    faults: list[str] = []
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" and "422" not in message.text else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def desk(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A clerk's desk, signed in."""
    context = new_context(browser, size=DESK)
    page = context.new_page()
    page.goto(f"{demo.address}/desk/")
    page.get_by_label("用户名").fill("limin")
    page.get_by_label("密码").fill("demo-limin-2026")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="身份审核")).to_be_visible()
    yield page
    context.close()
