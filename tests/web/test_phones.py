"""Proving a phone: codes, limits that say when to come back, and the numbers of an account."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.fakes import TestClock
from tests.walker import Walker
from webapp.accounts.models import Phone, PhoneCode, WebSession
from webapp.accounts.phones import CodeOutcome, MustWait, check_code, send_code
from webapp.core.db import db, unit_of_work

PHONE, E164 = "10000000001", "+8610000000001"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_sms_carries_a_code_bound_to_this_site(walker: Walker) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    assert walker.fakes.sms.last(E164).splitlines()[-1].startswith("@127.0.0.1 #")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请输入手机号码"),
        ("1380013800", "手机号码"),
        ("12345678901", "没有这样的手机号码"),
        ("abc", "不是手机号码"),
    ],
)
def test_a_bad_number_is_told_beside_its_field(walker: Walker, typed: str, words: str) -> None:
    walker.accept_rules().press("获取验证码", phone=typed)
    assert words in walker.errors[0]


def test_a_hong_kong_mobile_works_and_a_landline_is_told(walker: Walker) -> None:
    walker.accept_rules().press("获取验证码", phone="21234567", region="HK")
    assert "固定电话" in walker.errors[0]
    walker.press("获取验证码", phone="91234567", region="HK")
    walker.work()
    assert walker.fakes.sms.sent[-1].phone == "+85291234567"


def test_the_next_code_must_wait_and_the_page_says_how_long(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    clock.move(seconds=20)
    walker.open("/verify/phone").press("获取验证码", phone=PHONE)
    assert "请 40 秒后再试" in walker.errors[0]
    for _ in range(4):
        clock.move(seconds=61)
        walker.open("/verify/phone").press("获取验证码", phone=PHONE)
    clock.move(seconds=61)
    walker.open("/verify/phone").press("获取验证码", phone=PHONE)
    assert "分钟后再试" in walker.errors[0]


def test_five_wrong_tries_use_a_code_up(walker: Walker) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    code = walker.fakes.sms.code(E164)
    for _ in range(5):
        walker.press("下一步", code=wrong(code))
    assert "错的次数太多" in walker.errors[0]
    walker.press("下一步", code=code)
    assert "错的次数太多" in walker.errors[0]


def test_a_code_runs_out_after_five_minutes_and_an_older_one_stops_working(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    old = walker.fakes.sms.code(E164)
    clock.move(minutes=2)
    walker.open("/verify/phone").press("获取验证码", phone=PHONE)
    walker.work()
    new = walker.fakes.sms.code(E164)
    if old != new:
        walker.press("下一步", code=old)
        assert "验证码不对" in walker.errors[0]
    clock.move(minutes=6)
    walker.press("下一步", code=new)
    assert "过期" in walker.errors[0]


def test_a_code_works_once_even_when_many_use_it_at_the_same_moment(
    app: Flask, clock: TestClock, fakes: object
) -> None:
    sent: list[str] = []

    def words(code: str) -> str:
        sent.append(code)
        return code

    with app.app_context(), unit_of_work():
        send_code(E164, account_id=None, client="c", words=words, now=clock())
    outcomes: list[CodeOutcome] = []

    def use() -> None:
        with app.app_context(), unit_of_work():
            outcomes.append(check_code(E164, sent[0], now=clock()))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(CodeOutcome.RIGHT) == 1


def test_a_client_that_asks_for_many_numbers_must_wait(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        for place in range(40):
            with unit_of_work():
                send_code(f"+86100{place:08d}", account_id=None, client="one address", words=str, now=clock())
        with pytest.raises(MustWait), unit_of_work():
            send_code("+8610099999999", account_id=None, client="one address", words=str, now=clock())
        with unit_of_work():
            send_code("+8610099999999", account_id=None, client="another address", words=str, now=clock())


def test_a_sms_that_comes_too_late_is_not_sent(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    clock.move(minutes=6)
    walker.work()
    assert walker.fakes.sms.sent == []


def test_numbers_are_added_chosen_and_removed_but_never_the_last(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().prove_phone()
    assert walker.open("/phones").page.xpath("//button[contains(., '删除')]") == []
    walker.prove_phone("10000000002", "+8610000000002").open("/phones").press("设为常用")
    with app.app_context():
        assert {p.number: p.primary for p in db.session.query(Phone)} == {E164: False, "+8610000000002": True}
    walker.press("删除 100****0001")
    assert "100****0001" not in walker.open("/phones").text


def test_signing_out_ends_the_session_for_good(walker: Walker, app: Flask) -> None:
    walker.accept_rules().prove_phone()
    cookie = walker.client.get_cookie("payee_session")
    walker.open("/").press("退出登录")
    assert cookie is not None
    walker.client.set_cookie("payee_session", cookie.value)
    assert walker.open("/phones").path == "/signin"


def test_a_revoked_session_is_out_at_once(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().prove_phone()
    with app.app_context(), unit_of_work():
        db.session.query(WebSession).one().revoked_at = clock()
    assert walker.open("/phones").path == "/signin"


def test_nobody_is_led_off_to_another_site(walker: Walker) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        walker.open(f"/language?next={target}").press("继续", language="zh_Hans")
        assert walker.response.request.host == "localhost"


def test_no_code_is_kept_in_the_clear(walker: Walker, app: Flask) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    code = walker.fakes.sms.code(E164).encode()
    with app.app_context():
        assert code not in db.session.query(PhoneCode).one().code_hash


def test_a_proof_of_one_number_does_not_put_another_on_the_account(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    walker.accept_rules().prove_phone()
    clock.move(minutes=5)
    thief = Walker(app.test_client(), walker.fakes, walker.work)
    thief.accept_rules().press("获取验证码", phone="10000000009")
    unproved = thief.response.request.args["number"]
    thief.open("/verify/phone").prove_phone()
    assert "这个手机号以前用过" in thief.text
    thief.open(f"/signin/who?number={unproved}")
    assert "为另一个人认证" not in thief.text
    token = thief.page.cssselect("[name=csrf_token]")[0].get("value")
    thief.client.post(f"/signin/who?number={unproved}", data={"csrf_token": token, "who": "new"})
    with app.app_context():
        assert {phone.number for phone in db.session.query(Phone)} == {E164}


def test_wrong_codes_at_the_same_moment_are_all_counted(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    right = walker.fakes.sms.code(E164)
    start = threading.Barrier(8)

    def guess() -> None:
        with app.app_context():
            start.wait()
            with unit_of_work():
                check_code(E164, wrong(right), now=clock())

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.query(PhoneCode).one().tries == 5
        with unit_of_work():
            assert check_code(E164, right, now=clock()) is CodeOutcome.TOO_MANY_TRIES
