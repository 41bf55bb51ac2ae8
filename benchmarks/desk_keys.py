"""How many reviews a clerk gets through by keys alone: Chromium before a running demo, `a` pressed as soon as a page is there.

Usage: DATA_DIR=… python -m benchmarks.desk_keys http://127.0.0.1:8000 [decisions]   (adds the people it decides on)
Prints decisions a minute, and how long each took from the key to the next item on the screen. A person looks longer than
this script does: what it measures is what the desk itself takes away from them.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.desk_people import add_passports
from webapp.core.clock import system_clock
from webapp.core.settings import Settings
from webapp.demo_people import CLERKS
from webapp.factory import create_app

NEXT = "name => document.querySelector('.item-head h1')?.textContent + location.pathname !== name"
READY = "() => document.querySelector('[data-ahead]') && document.querySelector('[data-key=a]')"


def main(address: str, wanted: int) -> None:
    """Signs in as the demo's reviewer, decides `wanted` times, and tells how it went."""
    app = create_app(Settings.from_env(os.environ))
    with app.app_context():
        add_passports(wanted + 5, now=system_clock(), seed=int(time.time()))
    with sync_playwright() as played:
        browser = played.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page.set_default_timeout(60_000)
        sign_in(page, address)
        started = time.monotonic()
        times = [decide(page) for _ in range(wanted)]
        minutes = (time.monotonic() - started) / 60
        browser.close()
    fastest = sorted(times)[: max(1, wanted // 2)]
    print(
        f"{wanted} decisions, {wanted / minutes:.0f} a minute; from the key to the next item: median"
        f" {statistics.median(times):.0f} ms, the faster half {statistics.mean(fastest):.0f} ms, slowest {max(times):.0f} ms"
    )


def sign_in(page: Page, address: str) -> None:
    """As the demo's reviewer, to the first item of the queue."""
    page.goto(f"{address}/desk/")
    page.fill("[name=username]", CLERKS[0].username)
    page.fill("[name=password]", CLERKS[0].password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity*")
    page.keyboard.press("n")
    page.wait_for_function(READY)


def decide(page: Page) -> float:
    """Presses `a` and waits for the next item; returns milliseconds."""
    page.wait_for_function(READY)
    name = page.locator(".item-head h1").text_content() or ""
    here = name + page.evaluate("location.pathname")
    started = time.monotonic()
    page.keyboard.press("a")
    page.wait_for_function(NEXT, arg=here)
    return 1000 * (time.monotonic() - started)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]) if len(sys.argv) > 2 else 30)
