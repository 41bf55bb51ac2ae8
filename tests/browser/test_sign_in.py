"""A clerk's browser at the desk's door: a passkey that Chromium makes and uses, and the warning before the idle end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, Demo, new_context

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def clerk(browser: Browser) -> Iterator[Page]:
    """A browser with an authenticator of its own, nobody's yet."""
    context = new_context(browser, size=DESK)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()
    assert faults == []


def sign_in(page: Page, demo: Demo, username: str) -> None:
    page.goto(f"{demo.desk}/desk/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(f"demo-{username}-2026")
    page.get_by_role("button", name="登录").click()


def test_a_passkey_is_made_and_lets_in(clerk: Page, demo: Demo) -> None:
    sign_in(clerk, demo, "zhaojun")
    clerk.get_by_role("link", name="登录与安全").click()
    clerk.get_by_role("link", name="添加").click()
    clerk.get_by_label("给它起个名字").fill("办公室电脑")
    clerk.get_by_role("button", name="添加通行密钥").click()
    expect(clerk.locator(".codes li")).to_have_count(10)
    clerk.get_by_role("link", name="我已经保存好了").click()
    expect(clerk.get_by_role("cell", name="通行密钥 · 办公室电脑")).to_be_visible()
    clerk.locator(".desk-out").click()
    sign_in(clerk, demo, "zhaojun")
    clerk.get_by_role("button", name="使用通行密钥").click()
    expect(clerk.get_by_role("heading", name="身份审核")).to_be_visible()


def test_a_clerk_is_warned_before_the_idle_end_and_stays(clerk: Page, demo: Demo) -> None:
    sign_in(clerk, demo, "limin")
    expect(clerk.get_by_role("heading", name="身份审核")).to_be_visible()
    warning = clerk.get_by_role("alertdialog", name="即将自动退出")
    clerk.route("**/desk/time-left", lambda route: route.fulfill(json={"left": 90, "longest": 30000}))
    clerk.evaluate("document.getElementById('idle').dataset.left = '1'")
    clerk.evaluate("import(document.body.dataset.jsIdle).then((m) => m.arm(document.getElementById('idle')))")
    expect(warning).to_be_visible()
    expect(clerk.get_by_role("button", name="继续保持登录")).to_be_focused()
    clerk.get_by_role("button", name="继续保持登录").click()
    expect(warning).to_be_hidden()


def test_who_was_signed_out_meanwhile_is_led_to_the_door_and_back(clerk: Page, demo: Demo) -> None:
    sign_in(clerk, demo, "limin")
    clerk.get_by_role("link", name="涉众案件").click()
    expect(clerk.get_by_role("heading", name="涉众案件")).to_be_visible()
    clerk.context.clear_cookies(name="desk_session")
    clerk.evaluate("document.getElementById('idle').dataset.left = '1'")
    clerk.evaluate("import(document.body.dataset.jsIdle).then((m) => m.arm(document.getElementById('idle')))")
    expect(clerk.get_by_role("heading", name="审核台登录")).to_be_visible()
    clerk.get_by_label("用户名").fill("limin")
    clerk.get_by_label("密码").fill("demo-limin-2026")
    clerk.get_by_role("button", name="登录").click()
    expect(clerk.get_by_role("heading", name="涉众案件")).to_be_visible()
