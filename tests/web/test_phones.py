"""Proving a phone: codes, limits that say when to come back, and the numbers of an account."""

from __future__ import annotations

import contextlib
import threading

import pytest
from babel import Locale
from flask import Flask
from flask_babel import force_locale

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from webapp.accounts.models import Account, Phone, PhoneCode, WebSession
from webapp.accounts.phones import Asker, CodeOutcome, MustWait, check_code, extend_code, send_code
from webapp.accounts.words import next_code_here
from webapp.core.db import db, unit_of_work
from webapp.web.locale import LANGUAGES

PHONE, E164 = "10000000001", "+8610000000001"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def device_of(walker: Walker) -> str:
    cookie = walker.client.get_cookie("device")
    assert cookie is not None
    return cookie.value


def ask_as_strangers(app: Flask, clock: TestClock, times: int, *, address: str = "") -> int:
    """Asks for codes to the payee's number from one address, or each time from another; returns how many were sent."""
    sent = 0
    for place in range(times):
        clock.move(minutes=13)
        with app.app_context(), contextlib.suppress(MustWait), unit_of_work():
            send_code(E164, Asker(address or f"198.51.100.{place}", f"stranger {place}"), words=str, now=clock())
            sent += 1
    return sent


def test_strangers_who_use_a_numbers_day_up_do_not_keep_its_holder_out(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    walker.accept_rules().prove_phone().open("/").press("退出登录")
    assert ask_as_strangers(app, clock, 30) == 9, "ten a day, of which the first was the holder's own"
    walker.open("/signin").press("获取验证码", phone=PHONE)
    walker.work()
    walker.press("下一步", code=walker.fakes.sms.code(E164))
    assert walker.open("/phones").path == "/phones"


def test_one_address_cannot_use_a_numbers_day_up(app: Flask, clock: TestClock) -> None:
    assert ask_as_strangers(app, clock, 30, address="203.0.113.9") == 6
    assert ask_as_strangers(app, clock, 1) == 1


def test_a_code_that_a_stranger_asks_for_leaves_the_holders_own_valid(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    own = walker.fakes.sms.code(E164)
    clock.move(seconds=61)
    with app.app_context(), unit_of_work():
        send_code(E164, Asker("198.51.100.1", "a stranger"), words=str, now=clock())
    with app.app_context(), unit_of_work():
        assert check_code(E164, own, device="a stranger", now=clock()) is not CodeOutcome.RIGHT
    assert walker.press("下一步", code=own).path == "/verify/phone"


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


def test_every_country_can_be_chosen_in_the_order_of_the_pages_language(walker: Walker) -> None:
    walker.client.set_cookie("language", "ar")
    regions = [option.get("value") for option in walker.open("/signin").page.cssselect("[name=region] option")]
    assert regions[:5] == ["CN", "HK", "MO", "TW", "US"]
    assert len(regions) == len(set(regions)) > 240
    assert {"SA", "AE", "EG", "MA", "IQ", "JO", "BR", "NG", "PH"} <= set(regions)
    walker.client.set_cookie("language", "en")
    rest = [o.text_content() for o in walker.open("/signin").page.cssselect("[name=region] option")][21:]
    assert rest[0].startswith("Afghanistan +93") and rest[-1].startswith("Zimbabwe +263")


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
    assert walker.path == "/verify/phone/code"
    assert "40 秒后" in walker.text
    for _ in range(4):
        clock.move(seconds=61)
        walker.open("/verify/phone").press("获取验证码", phone=PHONE)
    clock.move(minutes=6)
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


def test_whoever_types_slowly_gets_more_time_ten_times_and_no_more_guesses(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    walker.work()
    code, page = walker.fakes.sms.code("+8610000000001"), walker.path
    assert walker.page.cssselect("[role=status] [data-slow='240'][hidden]")  # the warning, a minute before the end
    walker.press("下一步", code=wrong(code))
    for _time in range(10):
        clock.move(minutes=4, seconds=50)
        walker.press("我需要更多时间")
        assert "好的，又有 5 分钟。" in walker.text
        assert walker.path == page
    clock.move(minutes=4, seconds=50)
    walker.press("下一步", code=code)
    assert "短信验证码" not in walker.text


def test_a_code_does_not_last_for_ever_and_one_that_ran_out_stays_so(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    walker.work()
    code = walker.fakes.sms.code("+8610000000001")
    for _time in range(11):
        clock.move(minutes=4, seconds=59)
        walker.press("我需要更多时间")
    clock.move(minutes=1)
    walker.press("我需要更多时间")
    assert "不能再延长了。时间到后请重新开始。" in walker.text
    walker.press("下一步", code=code)
    assert "验证码已经过期，请重新获取。" in walker.errors


def test_a_spent_code_gets_no_more_time(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    walker.work()
    code = walker.fakes.sms.code("+8610000000001")
    for _guess in range(5):
        walker.press("下一步", code=wrong(code))
    assert "我需要更多时间" not in walker.text
    with app.app_context(), unit_of_work():
        assert not extend_code(E164, device=device_of(walker), now=clock())


def test_another_code_is_had_where_a_dead_one_was_typed(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    dead, page = walker.fakes.sms.code(E164), walker.path
    for _guess in range(5):
        walker.press("下一步", code=wrong(dead))
    walker.press("获取验证码")
    assert "验证码发送太频繁" in walker.text and len(walker.fakes.sms.sent) == 1
    clock.move(seconds=61)
    walker.press("获取验证码").work()
    assert (walker.path, walker.errors) == (page, []) and len(walker.fakes.sms.sent) == 2
    assert "我需要更多时间" in walker.text
    assert walker.press("下一步", code=walker.fakes.sms.code(E164)).path == "/verify/phone"


@pytest.mark.parametrize(
    ("region", "typed", "e164"),
    [("CN", PHONE, E164), ("HK", "91234567", "+85291234567"), ("CN", "+1 416 967 1111", "+14169671111")],
)
def test_the_number_that_was_typed_is_there_on_the_way_back(
    walker: Walker, clock: TestClock, region: str, typed: str, e164: str
) -> None:
    walker.open("/signin").press("获取验证码", region=region, phone=typed)
    walker.work()
    walker.open(walker.page.cssselect(".bar a")[0].get("href"))
    assert walker.path == "/signin"
    clock.move(seconds=61)
    walker.press("获取验证码").work()
    assert len([sms for sms in walker.fakes.sms.sent if sms.phone == e164]) == 2


def test_nobody_else_can_lengthen_a_code(walker: Walker, app: Flask, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    stranger = app.test_client().get("/signin")
    assert stranger.status_code == 200
    with app.app_context(), unit_of_work():
        assert not extend_code("+8610000000001", device="another browser", now=clock())


def test_a_code_works_once_even_when_many_use_it_at_the_same_moment(
    app: Flask, clock: TestClock, fakes: object
) -> None:
    sent: list[str] = []

    def words(code: str) -> str:
        sent.append(code)
        return code

    with app.app_context(), unit_of_work():
        send_code(E164, Asker("c"), words=words, now=clock())
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
                send_code(f"+86100{place:08d}", Asker("one address"), words=str, now=clock())
        with pytest.raises(MustWait), unit_of_work():
            send_code("+8610099999999", Asker("one address"), words=str, now=clock())
        with unit_of_work():
            send_code("+8610099999999", Asker("another address"), words=str, now=clock())


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
    right, device = walker.fakes.sms.code(E164), device_of(walker)
    start = threading.Barrier(8)

    def guess() -> None:
        with app.app_context():
            start.wait()
            with unit_of_work():
                check_code(E164, wrong(right), device=device, now=clock())

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.query(PhoneCode).one().tries == 5
        with unit_of_work():
            assert check_code(E164, right, device=device, now=clock()) is CodeOutcome.TOO_MANY_TRIES


def test_a_code_in_full_width_or_arabic_digits_is_right(walker: Walker) -> None:
    walker.accept_rules().press("获取验证码", phone="１００００００００01")
    walker.work()
    typed = walker.fakes.sms.code(E164).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert walker.press("下一步", code=typed).path == "/verify/phone"


def test_who_asks_again_too_soon_is_led_to_the_code_that_was_sent(walker: Walker) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    walker.work()
    walker.open("/verify").press("获取验证码", phone=PHONE)
    assert walker.path == "/verify/phone/code"
    assert walker.press("下一步", code=walker.fakes.sms.code(E164)).path == "/verify/phone"


def test_the_language_chosen_before_signing_in_stays(walker: Walker) -> None:
    walker.accept_rules().prove_phone().open("/").press("退出登录")
    walker.open("/language").press("继续", language="en")
    walker.open("/signin").press("Get a code", phone=PHONE)
    walker.work()
    walker.press("Next", code=walker.fakes.sms.code(E164))
    assert walker.open("/").page.get("lang") == "en"


def test_a_language_isnt_put_on_somebody_who_only_shares_the_phone(
    walker: Walker, app: Flask, fakes: Fakes, clock: TestClock
) -> None:
    """Before a person says which of the two they are, nobody's letters and messages change their language."""
    walker.accept_rules().prove_phone()
    clock.move(minutes=2)
    other = Walker(app.test_client(), fakes, walker.work).accept_rules()
    other.press("获取验证码", phone=PHONE)
    other.work()
    other.press("下一步", code=fakes.sms.code(E164)).press("继续", who="new")
    clock.move(minutes=2)
    third = Walker(app.test_client(), fakes, walker.work)
    third.open("/language").press("继续", language="fr")
    third.open("/signin").press("Recevoir un code", phone=PHONE)
    third.work()
    third.press("Continuer", code=fakes.sms.code(E164))
    assert third.path == "/signin/who"
    with app.app_context():
        assert {account.language for account in db.session.query(Account)} == {"zh_Hans"}


def test_a_masked_number_reads_from_its_start_in_arabic_too(verified: Walker) -> None:
    verified.open("/phones")
    assert [one.text for one in verified.page.cssselect(".cells .num bdi")] == ["100****0001"]


@pytest.mark.parametrize("language", [language.code for language in LANGUAGES])
def test_what_the_page_counts_down_is_what_the_server_would_say(app: Flask, language: str) -> None:
    """The page puts the seconds into the sentence of their plural category (CLDR), as Intl.PluralRules names it."""
    with app.test_request_context(), force_locale(language):
        category = Locale.parse(language).plural_form
        ticking = next_code_here(60).ticking
        shown = [ticking[category(n)].replace("#", str(n)) for n in range(1, 61)]
        assert shown == [next_code_here(n).said for n in range(1, 61)]
        assert "59" in shown[58]


def test_half_a_second_before_its_time_a_code_is_not_offered_yet(walker: Walker, clock: TestClock) -> None:
    walker.accept_rules().press("获取验证码", phone=PHONE)
    clock.move(seconds=59.5)
    walker.open(walker.response.request.full_path)
    assert walker.page.cssselect("[data-countdown]")[0].get("data-countdown") == "1"


def test_a_wait_of_an_hour_is_not_told_in_seconds(app: Flask) -> None:
    with app.test_request_context():
        assert "50 分钟" in next_code_here(3000).said


def test_a_phone_number_in_a_sentence_stays_on_one_line(verified: Walker, clock: TestClock) -> None:
    clock.move(hours=2)
    for page in ("/phones/prove?next=/phones", "/signature/renew"):
        sentence = verified.open(page).page.cssselect("main p:has(.unbroken)")[0]
        assert "需要向" in sentence.text_content() and "*" in sentence.cssselect(".unbroken")[0].text_content()
