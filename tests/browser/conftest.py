"""A demo served as `make run` serves it, and a phone-sized Chromium whose camera shows what a test holds before it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from drawing.face_clips import actor
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.pages import Court, open_court
from tests.databases import ROOT
from tools.make_camera_clip import make_camera_clip, write_camera_clip
from webapp.adapters.sandbox.moving_face import Script, film

SPECIMENS = ROOT / "static" / "specimens"
PATIENCE = 180.0  # seconds that anything may take on a machine that is busy with other things
T = TypeVar("T")
PLAYED, CLIP_SECONDS = 20, 11  # frames a second as Chromium plays a clip; it begins anew at its end
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip


expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of one file share a demo, so they go to one worker."""
    for item in items:
        if "demo" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """These tests talk to a server on 127.0.0.1."""


@dataclass
class Demo:
    """A running demo: its address, its folder, and the SMS that its phones got."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def desk(self) -> str:
        """The desk's own address: passkeys belong to a host name, not to a bare address."""
        return self.address.replace("127.0.0.1", "localhost")

    def code(self, phone: str, *, after: int = 0) -> str:
        """The newest code that this phone got, waited for."""
        from webapp.adapters.sandbox.sms import SandboxSms  # noqa: PLC0415

        box = SandboxSms(self.folder / "sandbox")

        def newest() -> str | None:
            codes = [m.group(1) for sms in box.inbox(phone) if (m := re.search(r"#(\d{6})", sms.text))]
            return codes[0] if len(codes) > after else None

        return patiently(newest, f"{phone} never got a code")

    def sms_with(self, words: str, phone: str) -> str:
        """The newest SMS of this phone that says `words`, waited for: the worker sends it a moment after the deed."""
        return patiently(
            lambda: next((text for text in self.sms(phone) if words in text), None), f"{phone} was never told {words}"
        )

    def sms(self, phone: str) -> list[str]:
        from webapp.adapters.sandbox.sms import SandboxSms  # noqa: PLC0415

        return [sms.text for sms in SandboxSms(self.folder / "sandbox").inbox(phone)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A file's own: its people are known to nobody before them."""
    with served(tmp_path_factory.mktemp("demo")) as running:
        yield running


@contextmanager
def served(folder: Path) -> Iterator[Demo]:
    """A fresh demo in this folder, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "DATA_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SANDBOX_SLOW_SECONDS": "2",
        "UNDO_SECONDS": "3",
        "DEMO_STORY": "off",  # the desk is as empty as the people are new
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
    try:
        until_up(address, process, folder)
        yield Demo(address, folder, process)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def patiently(found: Callable[[], T | None], words: str, seconds: float = PATIENCE) -> T:
    """The first answer that isn't None; fails with `words` when there is none for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (answer := found()) is not None:
            return answer
        time.sleep(0.1)
    raise AssertionError(words)


def until_up(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Waits until the server answers; fails with its log when it ends instead."""

    def up() -> bool | None:
        assert process.poll() is None, (folder / "log").read_text()[-3000:]
        with suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
        return None

    patiently(up, f"the demo never answered: {(folder / 'log').read_text()[-3000:]}", 300)


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

    def perform(self, gestures: Sequence[str]) -> None:
        """A person does these gestures, slowly, after two and a half calm seconds."""
        script = Script(gestures, calm=2.5, each=2.0)
        acted = film(actor("collins"), script.pose, CLIP_SECONDS, seed=secrets.randbits(32), rate=PLAYED)
        write_camera_clip((Image.fromarray(frame[..., ::-1]) for frame in acted), self.clip)


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
    options.setdefault("service_workers", "block")
    context = browser.new_context(viewport=size or PHONE, locale=language, **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
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


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Court]:
    """Every page with a person who sees it at once; see pages.py."""
    folder = tmp_path_factory.mktemp("court")
    for part in sqlite_template.parent.glob("lingkuan.db*"):
        shutil.copy(part, folder / part.name)
    with open_court(folder) as opened:
        yield opened
