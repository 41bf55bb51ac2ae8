"""Firefox and WebKit, driven by the commands of the W3C's WebDriver, which both speak without anything in between; docs/adr/0060."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.browser.conftest import patiently

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element."""
SILENCE = 300.0  # seconds after which an engine that doesn't answer is given up
PASSING = {
    "element click intercepted",
    "element not interactable",
    "javascript error",
    "no such element",
    "stale element reference",
    "unknown error",
}
"""What an engine says while the page is being changed under its hands: it is asked again."""


class EngineError(Exception):
    """The engine refused a command; `kind` is WebDriver's own name for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Engine(ABC):
    """A browser with one window. Its profile and its downloads are in `folder`, its output in `folder/log`."""

    name = ""
    packages = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        self.log = folder / "log"
        self.heard = 0  # lines of the log that were asked for before

    @abstractmethod
    def command(self, name: str, **words: Any) -> Any:
        """Has a command of WebDriver carried out, and returns its value."""

    def run(self, script: str, *args: Any) -> Any:
        """The value of a function body in the page; an element comes as its id."""
        return _id_of(self.command("ExecuteScript", script=script, args=list(args)))

    def screenshot(self, path: Path) -> None:
        path.write_bytes(b64decode(self.command("TakeScreenshot")))

    @abstractmethod
    def output(self) -> list[str]:
        """The faults that the browser itself wrote down since it was last asked."""


def _id_of(value: Any) -> Any:
    return value[ELEMENT] if isinstance(value, dict) and ELEMENT in value else value


def _environ(folder: Path) -> dict[str, str]:
    """A home of its own: nothing of the user's is read or written."""
    home = folder / "home"
    (home / ".config").mkdir(parents=True)
    (home / ".config" / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{folder / "downloads"}"\n')
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache"),
           "XDG_DATA_HOME": str(home / ".local"), "LANG": "C.UTF-8"}  # fmt: skip
    return {**os.environ, **own}


@contextmanager
def _started(command: list[str], log: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process, and all that it starts itself, until the end of the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out, start_new_session=True)
    try:
        yield process
    finally:
        for sent in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sent)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Firefox(Engine):
    """Firefox by Marionette, the socket in it that geckodriver also talks to."""

    name = "firefox"
    packages = "firefox-esr"
    wire: socket.socket

    def connect(self, port: int, process: subprocess.Popen[bytes]) -> None:
        def connected() -> socket.socket | None:
            assert process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), timeout=SILENCE)
            return None

        self.wire = patiently(connected, "Firefox never listened", SILENCE)
        self.stream = self.wire.makefile("rb")
        self.sent = 0
        assert self._read()["marionetteProtocol"] == 3
        self.command("NewSession", capabilities={"strictFileInteractability": False, "pageLoadStrategy": "eager"})

    def _read(self) -> Any:
        length = b""
        while (byte := self.stream.read(1)) != b":":
            assert byte, "Firefox hung up"
            length += byte
        return json.loads(self.stream.read(int(length)))

    def command(self, name: str, **words: Any) -> Any:
        self.sent += 1
        text = json.dumps([0, self.sent, f"WebDriver:{name}", words]).encode()
        self.wire.sendall(b"%d:%s" % (len(text), text))
        _kind, number, error, answer = self._read()
        assert number == self.sent
        if error:
            raise EngineError(error["error"], error["message"])
        return answer["value"] if isinstance(answer, dict) and set(answer) == {"value"} else answer

    def output(self) -> list[str]:
        told = ("JavaScript error: http", 'console.error: "')
        lines = self.log.read_text(errors="replace").splitlines()
        fresh, self.heard = lines[self.heard :], len(lines)
        return [line for line in fresh if line.startswith(told)]


PREFERENCES: dict[str, str | int | bool] = {
    "devtools.console.stdout.content": True,  # the pages' consoles, and their uncaught errors, go to the log
    "browser.dom.window.dump.enabled": True,
    "browser.download.folderList": 2,
    "browser.helperApps.neverAsk.saveToDisk": "application/pdf",
    "pdfjs.disabled": True,
    "browser.download.alwaysOpenPanel": False,
    "intl.accept_languages": "zh-CN",
    "intl.locale.requested": "en-US",
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#",  # asks nobody outside
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.aboutwelcome.enabled": False,
}


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    engine, port, profile = Firefox(folder), _free_port(), folder / "profile"
    profile.mkdir()
    chosen = {**PREFERENCES, "marionette.port": port, "browser.download.dir": str(engine.downloads)}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in chosen.items())
    (profile / "user.js").write_text("".join(lines))
    command = ["/usr/bin/firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(profile),
               "--width", "500", "--height", "900"]  # fmt: skip
    with _started(command, engine.log, _environ(folder)) as process:
        engine.connect(port, process)
        try:
            yield engine
        finally:
            engine.stream.close()
            engine.wire.close()


PATHS = {
    "NewSession": "POST /session",
    "DeleteSession": "DELETE /session/{session}",
    "Navigate": "POST /session/{session}/url",
    "SetWindowRect": "POST /session/{session}/window/rect",
    "ExecuteScript": "POST /session/{session}/execute/sync",
    "TakeScreenshot": "GET /session/{session}/screenshot",
    "PerformActions": "POST /session/{session}/actions",
    "ElementClick": "POST /session/{session}/element/{id}/click",
    "ElementClear": "POST /session/{session}/element/{id}/clear",
    "ElementSendKeys": "POST /session/{session}/element/{id}/value",
    "GetComputedLabel": "GET /session/{session}/element/{id}/computedlabel",
    "DeleteAllCookies": "DELETE /session/{session}/cookie",
}


class WebKit(Engine):
    """WebKitGTK by its own WebDriver, over HTTP."""

    name = "webkit"
    packages = "webkit2gtk-driver"
    address = ""
    session = ""

    def connect(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.address = f"http://127.0.0.1:{port}"

        def ready() -> bool | None:
            assert process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/status", timeout=SILENCE):
                return True
            return None

        patiently(ready, "WebKitWebDriver never answered", SILENCE)
        self.session = self.command("NewSession", capabilities={})["sessionId"]
        self.command("SetWindowRect", width=390, height=844)

    def command(self, name: str, **words: Any) -> Any:
        method, path = PATHS[name].split(" ")
        place = self.address + path.format(session=self.session, id=words.pop("id", ""))
        body = json.dumps(words).encode() if method == "POST" else None
        ask = urllib.request.Request(place, data=body, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(ask, timeout=SILENCE) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as refused:
            with refused:
                fault = json.load(refused)["value"]
            raise EngineError(fault["error"], fault["message"]) from None

    def output(self) -> list[str]:
        return []  # WebKit's console is silent in the private sessions that are all its driver opens


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    engine, port = WebKit(folder), _free_port()
    environ = {
        **_environ(folder),
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # a container has no user namespaces; pages are only our own
        "GTK_USE_PORTAL": "0",
        "LANGUAGE": "zh_CN",
    }
    driver = ["/usr/bin/WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
    command = ["/usr/bin/xvfb-run", "-a", "-s", "-screen 0 800x1200x24 -nolisten tcp", *driver]
    with _started(command, engine.log, environ) as process:
        engine.connect(port, process)
        try:
            yield engine
        finally:
            with suppress(EngineError, OSError):
                engine.command("DeleteSession")


def again_while_passing(deed: Callable[[], bool], words: Callable[[], str], seconds: float) -> None:
    """Does the deed until the engine takes it; a page that is being changed refuses for a moment. Else the words are told."""
    until = time.monotonic() + seconds
    while True:
        try:
            if deed():
                return
            last = "not found"
        except EngineError as error:
            if error.kind not in PASSING:
                raise
            last = str(error)
        assert time.monotonic() < until, f"{words()}: {last}"
        time.sleep(0.1)
