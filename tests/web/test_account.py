"""The account: read back, checked five times a day, refused with its causes, and looked at by a clerk where a machine can't."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import Clerk
from tests.web.test_collection import CARD, at_account, hand_in, name_in_case, read_back
from webapp.core.db import db, unit_of_work
from webapp.evidence.models import PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.models import Identity
from webapp.payee.models import Submission
from webapp.payee.queries import checks_left
from webapp.payee.usecases import for_this_name
from webapp.ports.account_check import AccountVerdict

CAO, CAO_PHONE = "44030119850101009X", "10000000002"


def press_next(walker: Walker, **changed: object) -> Walker:
    fields: dict[str, Any] = {"card_number": CARD, "bank": "SPECIMEN", "branch": "深圳福田支行", **changed}
    return walker.press("下一步", **fields)


def second_payee(app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]) -> Walker:
    """Another person of the same case, in a browser of their own."""
    name_in_case(app, clock, CAO)
    other = Walker(app.test_client(), fakes, work)
    return other.verified_resident(CAO_PHONE, number=CAO)


def signed(walker: Walker, **changed: object) -> Walker:
    return hand_in(at_account(walker), **changed).wait().press("提交并签名").press("确定").wait()


def test_the_number_is_read_back_in_groups_before_the_bank_hears_of_it(verified: Walker) -> None:
    hand_in(at_account(verified), branch="")
    press_next(verified)
    assert [group.text for group in verified.page.cssselect(".card-groups li")] == [
        "6299",
        "9900",
        "0000",
        "0000",
        "012",
    ]
    assert "户名" in verified.text
    verified.work()
    assert verified.fakes.bank.asked == []
    read_back(verified).wait()
    assert [asked.card_number for asked in verified.fakes.bank.asked] == ["6299990000000000012"]


def test_going_back_from_the_reading_keeps_what_was_filled_in(verified: Walker) -> None:
    hand_in(at_account(verified), branch="")
    press_next(verified).press("返回修改")
    assert verified.page.cssselect("[name=card_number]")[0].get("value").replace(" ", "") == CARD.replace(" ", "")
    assert verified.page.cssselect("[name=branch]")[0].get("value") == "深圳福田支行"
    assert verified.page.cssselect("[name=kept_front]")[0].get("value")
    assert verified.errors == []


def test_another_number_than_the_one_read_back_is_read_back_again(verified: Walker) -> None:
    hand_in(at_account(verified), branch="")
    press_next(verified)
    verified.press("核对无误，提交", card_number="6299990000000000020")
    assert verified.page.cssselect("[name=read_back]")[0].get("value") == "6299990000000000020"
    assert verified.fakes.bank.asked == []


def test_a_refusal_tells_its_usual_causes(verified: Walker) -> None:
    verified.fakes.bank.verdict = AccountVerdict.NOT_AGREED
    hand_in(at_account(verified)).wait()
    for cause in ("旧的 15 位身份证", "3 个工作日", "副卡", "过户"):
        assert cause in verified.text


def test_the_page_says_how_many_checks_are_left_and_from_when_there_are_more(verified: Walker) -> None:
    assert "今天还可以向银行核实 5 次。" in at_account(verified).text
    verified.fakes.bank.verdict = AccountVerdict.DORMANT
    hand_in(verified).wait()
    assert "今天还可以向银行核实 4 次，北京时间 2026年11月24日 10:00 起恢复 1 次。" in verified.text


def test_checks_are_counted_for_the_person_whatever_the_sign_in(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    verified.fakes.bank.verdict = AccountVerdict.NOT_AGREED
    hand_in(at_account(verified)).wait()
    elsewhere = Walker(app.test_client(), fakes, work).verified_resident("10000000003")
    elsewhere.open("/cases")
    address = next(a.get("href") for a in elsewhere.page.cssselect("a[href^='/cases/']"))
    elsewhere.open(f"{address}/privacy").press("确认", agree="y")
    assert "今天还可以向银行核实 4 次" in elsewhere.text


def test_checks_are_counted_for_the_card_whoever_holds_it(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    fakes.bank.verdict = AccountVerdict.NAME_DIFFERS
    hand_in(at_account(verified)).wait()
    other = second_payee(app, clock, fakes, work)
    hand_in(at_account(other)).wait()
    with app.app_context():
        card = db.session.query(Submission).first().card_hash
        assert checks_left(b"nobody", card, now=clock())[0] == 3


@pytest.mark.parametrize("verdict", [AccountVerdict.NAME_DIFFERS, AccountVerdict.NOT_AGREED])
@pytest.mark.parametrize("name", ["阿依古丽·买买提", "王䶮", "鍾国强", "MUELLER ANNA"])
def test_a_name_that_banks_write_otherwise_goes_to_staff(name: str, verdict: AccountVerdict) -> None:
    assert for_this_name(verdict, name) is AccountVerdict.NAME_UNCLEAR
    assert for_this_name(AccountVerdict.LOST, name) is AccountVerdict.LOST


def test_a_plain_name_that_differs_is_refused() -> None:
    assert for_this_name(AccountVerdict.NAME_DIFFERS, "何志豪") is AccountVerdict.NAME_DIFFERS


def test_the_same_account_of_two_people_in_a_case_goes_to_a_clerk_and_neither_is_told(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int], clerk: Clerk
) -> None:
    signed(verified)
    other = signed(second_payee(app, clock, fakes, work))
    for walker in (verified, other):
        walker.open("/cases")
        assert "已提交" in walker.text or "审核中" in walker.text
        assert "相同" not in walker.text
    desk = clerk().open("/desk/accounts")
    assert len(desk.page.cssselect("tr[data-row]")) == 2
    assert desk.text.count("另一个人也用这个账户收款") >= 2
    desk.open(desk.page.cssselect("tr[data-row] a")[0].get("href"))
    assert "另一个人也用这个账户收款" in desk.page.cssselect(".warned")[0].text_content()
    assert re.search(r"4403\*{10}\d{3}[\dX]", desk.text)


def test_two_accounts_of_two_people_need_no_clerk(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    signed(verified)
    signed(second_payee(app, clock, fakes, work), card_number="6299990000000000020")
    with app.app_context():
        assert [s.needs_review for s in db.session.query(Submission)] == [False, False]


def test_a_branch_is_suggested_once_two_people_wrote_it_and_to_those_of_its_city(
    verified: Walker, app: Flask, clock: TestClock, fakes: Fakes, work: Callable[[], int]
) -> None:
    signed(verified)
    address = verified.path.removesuffix("/letter")
    assert "深圳福田支行" not in suggested(verified, address, ""), "one person's words stay with that person"
    signed(second_payee(app, clock, fakes, work), card_number="6299990000000000020")
    for typed in ("", "深圳", "广东省深圳市", "样本银行深圳"):
        assert "深圳福田支行" in suggested(verified, address, typed), typed
    assert "深圳福田支行" not in suggested(verified, address, "北京")


def suggested(walker: Walker, address: str, typed: str) -> str:
    token = walker.open(f"{address}/account?again=1").page.cssselect("[name=csrf_token]")[0].get("value")
    data = {"bank": "SPECIMEN", "branch": typed, "csrf_token": token}
    return walker.client.post("/banks/branches", data=data).text


@pytest.mark.parametrize("typed", ["工行", "gs", "icbc", "INDUSTRIAL"])
def test_a_bank_is_found_as_people_call_it_and_shown_with_a_mark_of_ours(verified: Walker, typed: str) -> None:
    found = verified.client.get("/banks/search", query_string={"bank_search": typed}).text
    assert "中国工商银行" in found
    assert 'class="bank-mark tint-' in found


def test_the_photo_of_another_card_is_not_kept_with_the_account(verified: Walker, app: Flask, clock: TestClock) -> None:
    at_account(verified)
    with app.app_context(), unit_of_work():
        owner = db.session.query(Identity).one().account_id
        photo = store_photo(
            owner,
            PhotoKind.BANK_CARD,
            picture_bytes(),
            "image/jpeg",
            size=(8, 8),
            store=verified.fakes.store,
            now=clock(),
        )
        photo.reading = {"number": "6299990000000000020", "kind": "credit"}
        db.session.add(photo)
        db.session.flush()
        photo_id = photo.id
    hand_in(verified, card_photo=photo_id)
    with app.app_context():
        assert db.session.query(Submission).one().card_photo_id is None


def test_an_account_that_a_clerk_gave_back_shows_the_listed_reason_and_the_words_beside_it(
    verified: Walker, app: Flask
) -> None:
    signed(verified)
    with app.app_context(), unit_of_work():
        given = db.session.query(Submission).one()
        given.state, given.reason, given.reason_words = "returned", "account:card_unclear", "请到窗口来。"
    told = verified.open(verified.path.removesuffix("/letter")).text
    assert "银行卡照片不清楚，看不清卡号。" in told
    assert "请到窗口来。" in told
    home = verified.open("/")
    assert "收款账户没有通过核实，需要您修改。" in home.page.cssselect(".returned")[0].text_content()
    assert home.press("请更正收款账户").path.endswith("/account")
