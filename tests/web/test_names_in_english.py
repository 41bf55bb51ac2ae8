"""Courts and partner banks are called in Chinese, and in English as well for whoever reads another language."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.walker import Walker
from tests.web.test_verification import PASSPORT, at_document
from webapp.accounts.models import Account
from webapp.core.db import db, unit_of_work
from webapp.payee.rules.banks import english_of

COURT, ENGLISH = "深圳市中级人民法院", "Shenzhen Intermediate People's Court"
BOTH = f"{COURT} ({ENGLISH})"
READERS = [("zh_Hans", False), ("zh_Hant", False), ("en", True), ("ar", True), ("ja", True)]


def speak(app: Flask, language: str) -> None:
    with app.app_context(), unit_of_work():
        for account in db.session.query(Account):
            account.language = language


@pytest.mark.parametrize(("language", "both"), READERS)
def test_a_payees_case_names_its_court_and_bank(verified: Walker, app: Flask, language: str, both: bool) -> None:
    speak(app, language)
    listed = verified.open("/cases").page.cssselect(".cells .cell small")[0].text_content()
    assert (BOTH in listed, COURT in listed) == (both, True)
    case = verified.page.cssselect("a[href^='/cases/']")[0].get("href")
    heading = verified.open(f"{case}/privacy").page.cssselect("h1")[0].text_content()
    assert ("样本银行 (Specimen Bank)" in heading, "样本银行" in heading) == (both, True)
    assert (BOTH in verified.open("/help").text, COURT in verified.text) == (both, True)


def test_who_chooses_a_court_reads_its_name_and_sends_the_chinese_one(walker: Walker, app: Flask) -> None:
    at_document(walker).give_document(**PASSPORT)
    speak(app, "en")
    chosen = walker.open(walker.path).page.cssselect("#court option")[2]
    assert (chosen.get("value"), chosen.text_content()) == (
        "深圳市福田区人民法院", "深圳市福田区人民法院 (Futian District People's Court of Shenzhen)",
    )  # fmt: skip


def test_names_in_a_sentence_from_right_to_left_keep_their_order(verified: Walker, app: Flask) -> None:
    speak(app, "ar")
    assert f"\u2066{BOTH}\u2069" in verified.open("/help").text


def test_a_court_without_an_english_name_is_called_as_it_is(make_app: MakeApp) -> None:
    page = make_app(courts_english="另一个法院=Another").test_client().get("/help", headers={"Accept-Language": "en"})
    assert COURT in page.text
    assert ENGLISH not in page.text


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("中国工商银行", "Industrial and Commercial Bank of China"),
        ("招商银行股份有限公司", "China Merchants Bank"),
        ("没有的银行", ""),
    ],
)
def test_a_partner_bank_is_found_as_courts_write_it(name: str, english: str) -> None:
    assert english_of(name) == english
