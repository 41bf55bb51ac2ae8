"""The help page: the guide's pictures, the questions, a person to talk to; and the way there from each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from tests.walker import Walker
from webapp.home.guide import HEIGHT, OF_PAGES, OF_STEPS, PARTS, WIDTH
from webapp.identity.words import STEPS

GUIDE = Path(__file__).parents[2] / "static" / "guide"


def test_help_shows_each_step_with_a_picture_that_has_its_place_and_words(walker: Walker) -> None:
    walker.open("/help")
    for part in PARTS:
        (step,) = walker.page.cssselect(f"#guide-{part.name}")
        assert str(part.title) in step.text_content()
        for picture in step.cssselect("img"):
            assert picture.get("alt")
            assert picture.get("loading") == "lazy"
            assert (picture.get("width"), picture.get("height")) == (str(WIDTH), str(HEIGHT))


def test_the_guides_pictures_are_small_and_all_of_one_size() -> None:
    pictures = sorted(GUIDE.glob("*/*.webp"))
    assert pictures
    assert {picture.stem for picture in pictures} <= {part.name for part in PARTS}
    assert [picture.name for picture in pictures if picture.stat().st_size > 40_000] == []
    assert sum(picture.stat().st_size for picture in pictures) < 6_000_000
    for picture in pictures:
        with Image.open(picture) as image:
            assert image.size == (WIDTH, HEIGHT), picture


def test_help_gives_the_courts_telephone_to_tap(walker: Walker, app: Flask) -> None:
    phone = app.extensions["settings"].court_phone
    for address in ("/help", "/no-such-page"):
        walker.open(address)
        assert walker.page.cssselect(f"a[href='tel:{phone}']")


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
