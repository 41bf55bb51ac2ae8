"""A phone without a network, or with one that comes and goes: what was typed is there, and nothing personal stays on it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, StorageState, expect
from werkzeug.serving import make_server

from tests.browser.conftest import PATIENCE, Camera, Demo, new_context, patiently
from tests.browser.payee import Payee
from tests.browser.wire import Wire
from tests.guards.test_routes import database_url

__all__ = ["database_url"]
pytestmark = pytest.mark.browser

NAME, CARD = "阿卜来提·如则托合提", "6299990000000000038"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; V2048A Build/SP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/116.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240301 MicroMessenger/8.0.48.2580(0x28003035) WeChat/arm64"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
    " Mobile/15E148 Safari/604.1"
)
KEPT = """async () => { const found = []; for (const name of await caches.keys()) { const shelf = await caches.open(name);
  for (const request of await shelf.keys()) { const page = await shelf.match(request); if (page) found.push([name, request.url, await page.text()]); } }
  return found; }"""
"""What every shelf holds; a shelf may be cleared away while one looks."""
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput)
  window.shifts.push([one.value, ...one.sources.map((s) => s.node?.outerHTML?.slice(0, 80))]); }).observe({ type: "layout-shift", buffered: true });"""
"""Each movement of what was drawn already, that nobody's hand caused."""
ADDRESSES = ("/", "/cases", "/messages", "/phones", "/signature", "/consents", "/help")


@dataclass
class Settled:
    """A verified payee whose letter waits to be signed: cookies, and the addresses of the account, the preview and the letter."""

    state: StorageState
    account: str
    preview: str

    @property
    def letter(self) -> str:
        return self.preview.removesuffix("/preview")


@pytest.fixture(scope="module")
def settled(browser: Browser, demo: Demo, camera: Camera) -> Settled:
    """Walked without a script, which is the quickest."""
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    payee = Payee(page, demo, camera, script=False, name=NAME)
    w = payee.words
    payee.begin("10000000003")
    payee.document("resident_id", NAME, "440301199003070019", "CHN")
    page.get_by_role("checkbox").check()
    payee.press(w.next)
    payee.film_until("阅读告知书并签名")
    payee.sign()
    payee.sees(w.done)
    payee.press(w.cases)
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    page.get_by_role("checkbox").check()
    payee.press(w.confirm)
    account = urlsplit(page.url).path
    page.get_by_label(w.card_number, exact=True).fill(CARD)
    page.get_by_label(w.branch).fill("深圳福田支行")
    for place, picture in enumerate(("resident-ablet-front.jpg", "resident-back.jpg"), start=1):
        payee.photograph(place, picture)
    payee.press(w.next)
    payee.press(w.read_back)
    payee.sees(w.preview)
    found = Settled(context.storage_state(), account, urlsplit(page.url).path)
    context.close()
    return found


@pytest.fixture
def wire(demo: Demo) -> Iterator[Wire]:
    wire = Wire(urlsplit(demo.address).port or 0)
    yield wire
    wire.close()


def served_by(page: Page) -> None:
    """Waits until the service worker has taken the page over."""
    page.wait_for_function("() => navigator.serviceWorker.controller", timeout=PATIENCE * 1000)


def kept(response: Response) -> bool:
    return response.url.endswith("/typed") and response.status == 204


def test_what_was_typed_is_there_after_a_reload(phone: Page, demo: Demo, camera: Camera) -> None:
    payee = Payee(phone, demo, camera)
    payee.begin("10000000051")
    name, number = phone.get_by_label(payee.words.name, exact=True), phone.get_by_label(payee.words.number)
    name.fill("何志豪")
    with phone.expect_response(kept):
        number.fill("4403011985")
    phone.reload()
    expect(name).to_have_value("何志豪")
    expect(number).to_have_value("4403011985")
    expect(phone.get_by_text("已填入您上次没有提交的内容。")).to_be_visible()


def test_what_was_typed_without_a_network_goes_when_it_is_back(
    browser: Browser, demo: Demo, camera: Camera, wire: Wire
) -> None:
    context = new_context(browser, has_touch=True)
    page = context.new_page()
    payee = Payee(page, replace(demo, address=f"http://127.0.0.1:{wire.port}"), camera)
    payee.begin("10000000052")
    number = page.get_by_label(payee.words.number)
    with page.expect_response(kept):
        number.fill("4403")
    wire.cut()
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/typed")):
        number.fill("4403011986")
    expect(number).to_have_value("4403011986")
    with page.expect_response(kept):
        wire.mend()
    assert device(page) == {"local": {}, "session": {}, "databases": []}
    page.reload()
    expect(number).to_have_value("4403011986")
    context.close()


def device(page: Page) -> dict[str, Any]:
    """What this origin has written to the device, besides the caches; htmx notes the tab's path, which holds random names alone."""
    found: dict[str, Any] = page.evaluate(
        "async () => ({ local: { ...localStorage }, session: { ...sessionStorage }, databases: (await indexedDB.databases()).map((d) => d.name) })"
    )
    path = found["session"].pop("htmx-current-path-for-history", "/")
    assert path.startswith("/") and "?" not in path.replace("?again=1", ""), path
    return found


def nobody(found: list[list[str]]) -> None:
    for _shelf, url, text in found:
        assert not any(one in text for one in (NAME, CARD, "10000000003", 'name="csrf_token"')), url


def test_without_a_network_the_offline_page_comes_with_its_style(browser: Browser, demo: Demo, wire: Wire) -> None:
    context = new_context(browser, service_workers="allow")
    page = context.new_page()
    address = f"http://127.0.0.1:{wire.port}"
    page.goto(address)
    served_by(page)
    wire.cut()
    page.goto(f"{address}/help")
    expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--paper')"), "its style came from the shelf"
    wire.mend()
    page.get_by_role("link", name="重试").click()
    expect(page.get_by_role("heading", name="您好")).to_be_visible()
    context.close()


def test_in_wechat_without_a_service_worker_all_is_the_same(
    browser: Browser, demo: Demo, camera: Camera, settled: Settled
) -> None:
    context = new_context(browser, has_touch=True, user_agent=WECHAT, storage_state=settled.state)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{demo.address}/cases")
    expect(page.get_by_role("heading", name="与您有关的案件")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.goto(demo.address + settled.account + "?again=1")
    with page.expect_response(kept):
        page.get_by_label("开户支行").fill("深圳罗湖支行")
    page.reload()
    expect(page.get_by_label("开户支行")).to_have_value("深圳罗湖支行")
    context.close()
    assert faults == []


OFFER = """window.asked = 0; dispatchEvent(Object.assign(new Event("beforeinstallprompt", { cancelable: true }),
  { prompt: async () => { window.asked += 1; }, userChoice: Promise.resolve({ outcome: "dismissed" }) }))"""
"""What Chromium does when it would offer to install, which it never does by itself in a test. False: it was held back."""


def test_nothing_moves_after_it_was_drawn(browser: Browser, demo: Demo, settled: Settled, camera: Camera) -> None:
    """Not even where the scripts come long after the page, as on a slow network."""
    context = new_context(browser, storage_state=settled.state)
    nothing_moves(context, demo, "/", "/cases", settled.account + "?again=1", settled.preview, "/messages")
    context.close()
    context = new_context(browser)
    Payee(context.new_page(), demo, camera).begin("10000000053")
    nothing_moves(context, demo, "/verify/document")
    context.close()


def nothing_moves(context: BrowserContext, demo: Demo, *addresses: str) -> None:
    context.add_init_script(SHIFTS)
    page, held = context.new_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/static/js/app.js*", hold)
    for address in addresses:
        with page.expect_request("**/static/js/app.js*"):
            page.goto(demo.address + address, wait_until="commit")
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
        held.pop().continue_()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        assert page.evaluate("window.shifts") == [], address
    page.close()


def test_a_new_page_begins_at_its_head_and_a_part_moves_neither_place_nor_focus(
    browser: Browser, demo: Demo, settled: Settled
) -> None:
    context = new_context(browser, storage_state=settled.state)
    page = context.new_page()
    page.goto(demo.address)
    link = page.get_by_role("link", name="帮助与联系法院").last
    link.scroll_into_view_if_needed()
    link.click()
    expect(page.get_by_role("heading", name="帮助与联系法院").first).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.goto(demo.address + settled.account + "?again=1")
    number = page.get_by_label("银行卡号", exact=True)
    number.fill("6299990000000000020")
    branch = page.get_by_label("开户支行")
    with page.expect_response(lambda r: r.url.endswith("/banks/branches") or "branches" in r.url):
        branch.press_sequentially("深圳")
    before = page.evaluate("scrollY")
    page.wait_for_load_state("networkidle")
    expect(branch).to_be_focused()
    assert page.evaluate("scrollY") == before > 0
    context.close()


MARKED = ("app", "sheet")


@dataclass
class Deployment:
    """A server whose version of the product can be changed while pages are open."""

    app: Flask
    folder: Path
    address: str

    def deploy(self, version: str) -> None:
        """Every script of this version says so on the page that runs it."""
        static = self.folder / version
        shutil.copytree(self.folder / "original", static)
        for name in MARKED:
            with (static / "js" / f"{name}.js").open("a") as file:
                file.write(f"\ndocument.documentElement.dataset.{name} = {version!r};\n")
        with (static / "app.css").open("a") as file:
            file.write(f"\n:root {{ --deployed: {version}; }}\n")
        self.app.static_folder = str(static)
        self.app.extensions.pop("assets_version", None)


@pytest.fixture
def deployment(app: Flask, tmp_path: Path) -> Iterator[Deployment]:
    original = tmp_path / "versions" / "original"
    shutil.copytree(Path(app.static_folder or ""), original, ignore=shutil.ignore_patterns("fonts", "specimens"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Deployment(app, original.parent, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


def versions(page: Page) -> set[str]:
    """The versions of the styles and of every script on this page."""
    page.wait_for_function("() => document.documentElement.dataset.app && document.documentElement.dataset.sheet")
    found: list[str] = page.evaluate(
        "[...Object.values({ ...document.documentElement.dataset }), getComputedStyle(document.documentElement).getPropertyValue('--deployed').trim()]"
    )
    return set(found)


def test_a_page_has_the_scripts_of_one_version_also_when_the_next_one_came_meanwhile(
    browser: Browser, deployment: Deployment
) -> None:
    deployment.deploy("older")
    context: BrowserContext = new_context(browser, service_workers="allow")
    page = context.new_page()
    page.goto(deployment.address)
    served_by(page)
    assert versions(page) == {"older"}
    deployment.deploy("newer")
    page.get_by_role("link", name="帮助与联系法院").last.click()  # within the page, by htmx
    expect(page.get_by_role("heading", name="帮助与联系法院").first).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_role("heading", name="您好")).to_be_visible()
    assert versions(page) == {"newer"}

    def settled_down() -> bool | None:
        page.wait_for_timeout(500)
        texts = [text for _shelf, _url, text in page.evaluate(KEPT)]
        older = any("--deployed: older" in text or "= 'older'" in text for text in texts)
        fits = any("--deployed: newer" in text for text in texts) and not older
        return fits or None

    patiently(settled_down, "the shelf of the older version never went")
    page.reload()
    assert versions(page) == {"newer"}
    context.close()


def test_faults_told_by_a_newer_version_come_with_its_scripts_and_what_was_typed(
    browser: Browser, deployment: Deployment
) -> None:
    deployment.deploy("older")
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{deployment.address}/signin")
    page.get_by_label("手机号码", exact=True).fill("123")
    deployment.deploy("newer")
    page.get_by_role("button", name="获取验证码").click()
    expect(page.locator(".summary")).to_be_visible()
    expect(page.get_by_label("手机号码", exact=True)).to_have_value("123")
    page.evaluate("import(document.body.dataset.jsSheet)")
    assert versions(page) == {"newer"}
    page.get_by_role("button", name="获取验证码").click()  # and its forms work
    expect(page.locator(".summary")).to_be_visible()
    assert page.locator("header.bar").count() == 1
    context.close()


def test_the_offline_page_speaks_the_language_that_was_chosen(browser: Browser, demo: Demo) -> None:
    context = new_context(browser, service_workers="allow")
    page = context.new_page()
    page.goto(demo.address)
    served_by(page)
    page.goto(f"{demo.address}/language?next=/help")
    page.locator("main input[value=ar]").check()
    page.locator("main form:has(input[name=language]) button.btn").click()
    page.wait_for_url(f"{demo.address}/help")
    page.wait_for_function("""async () => {
      for (const shelf of await caches.keys())
        for (const { url } of await (await caches.open(shelf)).keys()) if (url.endsWith("/offline?language=ar")) return true; }""")
    page.wait_for_function("() => navigator.serviceWorker.controller?.scriptURL.endsWith('language=ar')")
    context.set_offline(True)
    page.goto(f"{demo.address}/cases")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.get_by_role("heading", name="لا توجد شبكة")).to_be_visible()
    expect(page.locator(".person a[href^='tel:']")).to_be_visible()
    context.close()


@pytest.fixture(scope="module")
def signed(browser: Browser, demo: Demo, camera: Camera, settled: Settled) -> Settled:
    """The same payee, whose letter is signed now."""
    context = new_context(browser, java_script_enabled=False, storage_state=settled.state)
    page = context.new_page()
    page.goto(demo.address + settled.preview)
    payee = Payee(page, demo, camera, script=False, name=NAME)
    payee.press(payee.words.submit_and_sign)
    payee.press(payee.words.ok)
    payee.sees(payee.words.signed)
    context.close()
    return settled


def test_the_offer_to_install_waits_until_something_is_done_and_takes_no_for_an_answer(
    browser: Browser, demo: Demo, signed: Settled
) -> None:
    context = new_context(browser, storage_state=signed.state)
    page = context.new_page()
    page.goto(demo.address)
    assert page.evaluate(OFFER) is False, "the browser's own banner is held back"
    line = page.locator("[data-install]")
    expect(line).to_have_count(0)
    page.get_by_role("link", name="查看我的案件").click()
    expect(page.get_by_role("heading", name="与您有关的案件")).to_be_visible()
    expect(line).to_have_count(0)  # another case asks something: first that
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    line.get_by_role("button", name="添加到桌面").click()
    page.wait_for_function("() => window.asked === 1")
    expect(line).to_be_hidden()
    page.reload()
    page.evaluate(OFFER)
    page.wait_for_function("() => document.querySelector('[data-install]').dataset.armedFor")
    expect(line).to_be_hidden()
    context.close()


def test_on_an_iphone_a_sheet_says_how_it_is_done(browser: Browser, demo: Demo, signed: Settled) -> None:
    context = new_context(browser, user_agent=IPHONE, storage_state=signed.state)
    page = context.new_page()
    page.goto(demo.address + signed.letter)
    page.locator("[data-install]").get_by_role("button", name="添加到桌面").click()
    expect(page.get_by_text("2. 选“添加到主屏幕”，再点“添加”。")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="不用了").click()
    expect(page.locator("[data-install]")).to_be_hidden()
    assert device(page)["local"] == {"install-declined": "1"}
    context.close()


def test_in_wechat_nobody_is_offered_what_it_can_not_do(browser: Browser, demo: Demo, signed: Settled) -> None:
    context = new_context(browser, has_touch=True, user_agent=WECHAT, storage_state=signed.state)
    page = context.new_page()
    page.goto(demo.address + signed.letter)
    page.evaluate(OFFER)
    page.wait_for_function("() => document.querySelector('[data-install]').dataset.armedFor")
    expect(page.locator("[data-install]")).to_be_hidden()
    context.close()


def test_nothing_personal_is_kept_by_the_service_worker_or_left_after_the_sign_out(
    browser: Browser, demo: Demo, settled: Settled
) -> None:
    """Stands last: it ends the session that the tests before it use."""
    context = new_context(browser, service_workers="allow", storage_state=settled.state)
    page = context.new_page()
    page.goto(demo.address)
    served_by(page)
    for address in (*ADDRESSES, settled.account + "?again=1", settled.preview):
        page.goto(demo.address + address)
        page.wait_for_load_state("networkidle")
    page.goto(demo.address + settled.account + "?again=1")
    with page.expect_response(kept):
        page.get_by_label("开户支行").fill("深圳南山支行")
    found = page.evaluate(KEPT)
    paths = [urlsplit(url) for _shelf, url, _text in found]
    assert any("app.css" in one.path for one in paths) and "/offline" in [one.path for one in paths]
    assert [
        one.geturl()
        for one in paths
        if one.path != "/offline" and not (one.path.startswith("/static/") and "v=" in one.query)
    ] == []
    nobody(found)
    assert device(page) == {"local": {}, "session": {}, "databases": []}
    page.goto(demo.address)
    page.evaluate("window.before = true")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("link", name="以前认证过？用手机号登录")).to_be_visible()
    assert page.evaluate("window.before") is None, "the page's memory went with it"
    nobody(page.evaluate(KEPT))
    assert device(page) == {"local": {}, "session": {}, "databases": []}
    context.close()
