"""A page with one camera field and nothing else, served to the browser without a server: the macro's own markup, our
scripts and styles, our security policy. What the camera shows is written as a film before the lens is opened."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.conftest import PATIENCE, new_context
from tests.browser.faces import faces
from tests.browser.films import Held, film
from tests.databases import ROOT

HOME = "https://lens.test/"
FIELD = """{% from "ui/capture.html" import shoot with context %}<!doctype html><html lang="zh-Hans"><head><title>t</title>
<link rel="stylesheet" href="/static/app.css"></head><body class="payee" data-js-camera="/static/js/camera.js" data-faces="/static/vendor/face-cascade.bin">
<main id="page"><h1>拍照</h1>
<form id="f"><input type="hidden" name="csrf_token" value="t">{{ shoot('shot', 'shot', '银行卡', shape, frames=shape == 'card', send=send, kind='bank_card') }}
<button>下一步</button></form></main><script type="module" src="/boot.js"></script></body></html>"""
BOOT = """import { arm } from "/static/js/camera.js";
const field = document.querySelector("[data-capture]");
window.looks = []; window.pictures = [];
document.addEventListener("picture", (e) => pictures.push([performance.now(), e.detail.size]));
const meet = (lens) => { lens.seen = true; lens.addEventListener("judged", ({ detail: { at, word } }) => looks.push([at, word])); };
const watch = () => { const lens = document.querySelector("dialog.lens"); if (lens && !lens.seen) meet(lens); };
new MutationObserver(watch).observe(document.body, { childList: true });
const armed = arm(field); window.armed = true;"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'"
)
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "bin": "application/octet-stream"}


@dataclass
class Studio:
    """A browser whose camera we direct."""

    browser: Browser
    app: Flask
    clip: Path

    def show(self, frames: Iterable[Held]) -> None:
        """What the camera will show when it is opened next."""
        film(frames, self.clip)

    def show_faces(self, name: str) -> None:
        """The same, of tests/browser/faces.py."""
        faces(name, self.clip)

    def context(self, **options: Any) -> BrowserContext:
        return new_context(self.browser, has_touch=True, **options)

    def page(self, context: BrowserContext, *, shape: str = "card", home: str = HOME, send: str = "") -> Page:
        """The page, armed."""
        page = context.new_page()
        page.route(f"{home}**", lambda route: self._serve(route, shape, send))
        page.goto(home)
        until(page, "window.armed === true")
        return page

    def _serve(self, route: Route, shape: str, send: str) -> None:
        path = route.request.url.split("/", 3)[3].split("?")[0].split("#")[0]
        if not path:
            with self.app.test_request_context("/", base_url="https://lens.test"):
                body = render_template_string(FIELD, shape=shape, send=send)
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
            route.fulfill(body=body, headers=headers)
        elif path == "boot.js":
            route.fulfill(body=BOOT, content_type="text/javascript")
        elif path.startswith("static/"):
            route.fulfill(path=ROOT / path, content_type=TYPES[path.rsplit(".", 1)[1]])
        else:
            route.fulfill(status=404)


def until(page: Page, truth: str, seconds: float = PATIENCE) -> None:
    """Waits until an expression is true. (Playwright's own way needs eval, which our policy forbids.)"""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if page.evaluate(f"() => Boolean({truth})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {truth}")


def words_of(page: Page) -> str:
    """What the lens says in big type now."""
    return page.locator("dialog.lens .say").text_content() or ""
