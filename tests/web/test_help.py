"""The help page: the guide's pictures, the questions, a person to talk to; and the way there from each page."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.conftest import MakeApp
from tests.walker import Walker
from tools.update_translations import source_strings
from webapp.core.hours import OfficeHours
from webapp.core.settings import BadSettings, Settings
from webapp.home.guide import HEIGHT, OF_PAGES, OF_STEPS, PARTS, WIDTH
from webapp.identity.words import STEPS
from webapp.web.locale import LANGUAGES, Language

GUIDE = Path(__file__).parents[2] / "static" / "guide"


def test_help_shows_each_step_with_a_picture_that_has_its_place_and_words(walker: Walker) -> None:
    walker.open("/help")
    for part in PARTS:
        (step,) = walker.page.cssselect(f"#guide-{part.name}")
        assert str(part.title) in step.text_content()
        (picture,) = step.cssselect("img")
        assert picture.get("alt")
        assert picture.get("loading") == "lazy"
        assert (picture.get("width"), picture.get("height")) == (str(WIDTH), str(HEIGHT))


def test_each_part_has_its_picture_in_every_language_and_no_picture_is_left_over() -> None:
    wanted = {f"{language.code}/{part.name}.webp" for language in LANGUAGES for part in PARTS}
    there = {str(path.relative_to(GUIDE)) for path in GUIDE.rglob("*") if path.is_file()}
    assert there == wanted


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_help_shows_the_pictures_of_the_readers_language(client: FlaskClient, language: Language) -> None:
    page = client.get("/help", headers={"Accept-Language": language.tag}).text
    for part in PARTS:
        assert f"/static/guide/{language.code}/{part.name}.webp?v=" in page


def test_the_guides_pictures_are_small_and_all_of_one_size() -> None:
    pictures = sorted(GUIDE.glob("*/*.webp"))
    assert [picture.name for picture in pictures if picture.stat().st_size > 40_000] == []
    assert sum(picture.stat().st_size for picture in pictures) < 6_000_000
    for picture in pictures:
        with Image.open(picture) as image:
            assert image.size == (WIDTH, HEIGHT), picture


def joined(text: str) -> str:
    """Without what keeps a span of time on one line."""
    return text.replace("\u2060", "")


def test_the_courts_telephone_stands_with_its_hours_wherever_it_does_not_go_on(walker: Walker, app: Flask) -> None:
    phone = app.extensions["settings"].court_phone
    for address in ("/help", "/no-such-page", "/offline", "/handover/gone", "/letters/AAAA-BBBB-CCCC"):
        walker.open(address)
        (person,) = walker.page.cssselect(".person")
        assert person.cssselect(f"a[href='tel:{phone}']"), address
        assert "周一至周五 09:00–12:00和14:00–18:00（北京时间，法定节假日除外）" in joined(person.text_content()), (
            address
        )


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", "Mon to Fri 09:00–12:00 and 14:00–18:00 (Beijing time"),
        ("de", "Mo. bis Fr. 09:00–12:00 und 14:00–18:00"),
        ("ar", "\u206609:00–12:00\u2069"),
    ],
)
def test_the_hours_are_said_in_the_readers_language(client: FlaskClient, tag: str, words: str) -> None:
    assert words in joined(client.get("/help", headers={"Accept-Language": tag}).text)


def test_a_court_has_its_own_hours_and_address_or_says_nothing_of_them(make_app: MakeApp) -> None:
    own = make_app(court_hours=OfficeHours.parse("mon-thu 09:00-12:00; sat 10:00-11:30"), court_address="示例路 1 号")
    page = joined(own.test_client().get("/help").text)
    assert "周一至周四 09:00–12:00和周六 10:00–11:30" in page and "示例路 1 号" in page
    silent = make_app(court_hours=OfficeHours.parse("off")).test_client().get("/help").text
    assert "接听时间" not in silent and "法院地址" not in silent


@pytest.mark.parametrize(
    "written",
    ["mon-fri", "fri-mon 09:00-12:00", "mon 12:00-09:00", "someday 09:00-10:00", "mon 9-10", "mon 09:00+08:00-12:00"],
)
def test_hours_that_make_no_sense_are_refused_at_the_start(written: str) -> None:
    with pytest.raises(BadSettings, match="COURT_HOURS"):
        Settings.from_env({"COURT_HOURS": written})


def test_help_says_the_address_by_which_the_real_site_is_known(walker: Walker, app: Flask) -> None:
    host = urlsplit(app.extensions["settings"].public_url).netloc
    questions = {
        one.text_content(): one.getparent().text_content() for one in walker.open("/help").page.cssselect("summary")
    }
    assert host in questions["怎么知道不是诈骗？"]
    for question in (
        "为什么要拍我的脸？谁能看到，保存多久？",
        "接受哪些证件？我的证件不在里面怎么办？",
        "签署之后，银行卡丢了或者换了怎么办？",
        "可以让子女或亲友代我办吗？",
    ):
        assert len(questions[question]) > 60


def test_help_names_only_buttons_that_exist(walker: Walker) -> None:
    named = set(re.findall(r"点“([^”]+)”", walker.open("/help").text))
    said = {message.id for message in source_strings() if isinstance(message.id, str)}
    assert named and named <= said


@pytest.mark.parametrize(("address", "part"), [("/verify/rules", "rules"), ("/language", "language")])
def test_a_pages_help_leads_to_the_part_about_that_page(walker: Walker, address: str, part: str) -> None:
    walker.open(address)
    assert [link.get("href") for link in walker.page.cssselect(".bar-end a")] == [f"/help#guide-{part}"]


def test_a_page_that_no_part_is_about_leads_to_the_top_of_help(walker: Walker) -> None:
    walker.open("/no-such-page")
    assert [link.get("href") for link in walker.page.cssselect(".bar-end a")] == ["/help"]


def test_each_page_and_step_that_the_guide_names_exists(app: Flask) -> None:
    names = {part.name for part in PARTS}
    assert set(OF_PAGES) <= set(app.view_functions)
    assert set(OF_STEPS) <= set(STEPS)
    assert {*OF_PAGES.values(), *OF_STEPS.values()} <= names
