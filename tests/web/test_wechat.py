"""Inside WeChat: the phone that the shell's page tells, messages as long as they are allowed, and the share menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.conftest import MakeApp, worker_of
from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.test_messages import tell_somebody
from webapp.accounts.models import Phone
from webapp.core.db import db
from webapp.ports.wechat import MessageVerdict
from webapp.wechat.models import WeChatReader
from webapp.wechat.rules import field_map, filled

PHONE = "+8613800000001"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    addresses = {"public_url": "https://pay.court.example", "desk_url": "https://desk.court.example"}
    return make_app(wechat_app_id="app", wechat_secret="s", wechat_template="T1", **addresses)


@pytest.fixture
def work(app: Flask) -> Callable[[], int]:
    return worker_of(app)


def shell_comes_back(walker: Walker, **brought: Any) -> Walker:
    """The native page was opened from this page, and leads back to it."""
    address = parse_qs(urlsplit(walker.page.cssselect("[data-wechat=shell]")[0].get("data-page")).query)["back"][0]
    home = urlsplit(address)
    walker.open(f"{home.path}?{home.query}")
    return walker.press("继续", **brought)


def test_the_phone_of_wechat_is_proved_without_an_sms(walker: Walker, app: Flask) -> None:
    shell_comes_back(walker.accept_rules(), code="code-13800000001")
    assert walker.path == "/verify/phone"
    walker.work()
    assert walker.fakes.sms.sent == []
    with app.app_context():
        assert [phone.number for phone in db.session.query(Phone)] == [PHONE]


def test_a_code_that_was_used_is_told_and_the_sms_stays_open(walker: Walker) -> None:
    walker.fakes.wechat.spent.add("code-13800000001")
    shell_comes_back(walker.accept_rules(), code="code-13800000001")
    assert "这次授权已经失效" in walker.text
    assert walker.press("返回").path == "/verify/phone"


def test_a_wechat_that_is_down_is_told(walker: Walker) -> None:
    walker.fakes.wechat.down = True
    assert "微信暂时没有回应" in shell_comes_back(walker.accept_rules(), code="code-13800000001").text


def test_what_came_for_another_account_is_not_taken(walker: Walker, second: Walker, app: Flask) -> None:
    walker.accept_rules()
    page = walker.page.cssselect("[data-wechat=shell]")[0].get("data-page")
    home = urlsplit(parse_qs(urlsplit(page).query)["back"][0])
    second.accept_rules().open(f"{home.path}?{home.query}")
    assert second.path == "/verify/phone"
    with app.app_context():
        assert db.session.query(Phone).count() == 0


def test_another_number_is_not_put_on_an_account_that_has_one_without_a_fresh_code(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    walker.accept_rules().prove_phone()
    clock.move(hours=1)
    shell_comes_back(walker.open("/messages"), code="code-13800000001")
    assert walker.path == "/phones/prove"
    with app.app_context():
        assert db.session.query(Phone).count() == 1


def allow(walker: Walker, login: str = "login-somebody") -> Walker:
    return shell_comes_back(walker.open("/messages"), login=login)


def test_a_result_reaches_wechat_as_often_as_it_was_allowed(walker: Walker, app: Flask, clock: TestClock) -> None:
    allow(walker.accept_rules().prove_phone())
    assert "微信还会通知您 1 次" in walker.text
    for _ in range(2):
        tell_somebody(app, clock)
        walker.work()
    ((openid, said),) = walker.fakes.wechat.told
    assert openid == "somebody"
    assert said == {"thing1": "身份审核有了结果，需要您修改。", "time2": "2026-11-23 10:00"}
    assert "何志豪" not in str(said)


def test_a_reader_who_refuses_is_asked_anew(walker: Walker, app: Flask, clock: TestClock) -> None:
    allow(allow(walker.accept_rules().prove_phone()), "login-somebody")
    walker.fakes.wechat.verdict = MessageVerdict.REFUSED
    tell_somebody(app, clock)
    walker.work()
    with app.app_context():
        assert db.session.query(WeChatReader).one().allowed == 0


def test_an_outage_is_waited_out_and_at_night_nothing_rings(walker: Walker, app: Flask, clock: TestClock) -> None:
    allow(walker.accept_rules().prove_phone())
    walker.fakes.wechat.down = True
    tell_somebody(app, clock)
    walker.work()
    walker.fakes.wechat.down = False
    clock.move(hours=12)
    walker.work()
    assert walker.fakes.wechat.told == []
    clock.move(hours=11)
    walker.work()
    assert len(walker.fakes.wechat.told) == 1


def test_messages_in_wechat_are_stopped(walker: Walker, app: Flask, clock: TestClock) -> None:
    allow(walker.accept_rules().prove_phone()).press("不再用微信通知")
    assert "不再用微信通知" not in walker.text
    tell_somebody(app, clock)
    walker.work()
    assert walker.fakes.wechat.told == []


def test_only_pages_at_the_public_address_are_signed(walker: Walker) -> None:
    walker.accept_rules()
    good = walker.client.get("/wechat/signature", query_string={"url": "https://pay.court.example/cases/x/letter"})
    assert set(good.json or {}) == {"appId", "timestamp", "nonceStr", "signature"}
    for strange in (
        "https://evil.example/",
        "https://pay.court.example.evil.example/",
        "https://pay.court.example@evil.example/",
        "http://pay.court.example/",
        "https://desk.court.example/desk",
        "http://localhost/cases/x/letter",  # the host of this very request
    ):
        assert walker.client.get("/wechat/signature", query_string={"url": strange}).status_code == 422, strange


def test_a_host_that_a_request_names_is_not_ours_for_that(walker: Walker) -> None:
    session = walker.accept_rules().client.get_cookie("payee_session")
    assert session is not None
    walker.client.set_cookie("payee_session", session.value, domain="evil.example")
    asked = {"url": "https://evil.example/cases/x/letter"}
    reply = walker.client.get("/wechat/signature", query_string=asked, base_url="https://evil.example")
    assert reply.status_code == 422


def test_without_an_app_there_is_no_wechat(make_app: MakeApp, fakes: Fakes, work: Callable[[], int]) -> None:
    plain = Walker(make_app().test_client(), fakes, work).accept_rules()
    assert plain.page.cssselect("[data-wechat]") == []
    assert plain.client.get("/wechat/signature?url=http://localhost/").status_code == 404


def test_a_templates_fields_are_cut_to_what_wechat_takes() -> None:
    fields = field_map("thing1:headline, time2:time")
    said = filled(fields, {"headline": "很" * 30, "time": "2026-11-23 10:00", "platform": ""})
    assert said == {"thing1": "很" * 19 + "…", "time2": "2026-11-23 10:00"}
    with pytest.raises(ValueError, match="headline"):
        field_map("thing1=headline")
