"""Arabic letters joined, and lines in the order in which they are drawn."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from tests.databases import ROOT
from webapp.core.joining import drawn_order, joined
from webapp.identity.rules.strokes import draw_name

FONTS = tuple(str(ROOT / f"static/fonts/letter/{name}.ttf") for name in ("song", "song-latin", "song-arabic"))


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("محمد", "\ufee3\ufea4\ufee4\ufeaa"),  # first, middle, middle, last
        ("علي", "\ufecb\ufee0\ufef2"),
        ("پاک", "\ufb58\ufe8e\ufb8e"),  # Persian letters too
        ("何 Ali", "何 Ali"),
    ],
)
def test_letters_take_the_form_of_their_place(name: str, forms: str) -> None:
    assert joined(name) == forms


@pytest.mark.parametrize(
    ("text", "drawn"), [("محمد علي", "يلع دمحم"), ("李محمد", "李دمحم"), ("何 Ali", "何 Ali"), ("علي 12", "12 يلع")]
)
def test_a_line_is_drawn_from_the_left(text: str, drawn: str) -> None:
    assert drawn_order(text) == drawn


def test_a_typed_signature_in_arabic_is_one_stroke_where_letters_join() -> None:
    """محمد joins all its letters, so no empty column parts them; drawn letter by letter there would be three."""
    picture = Image.open(io.BytesIO(draw_name("محمد", FONTS))).getchannel("A")
    inked = [picture.crop((x, 0, x + 1, picture.height)).getbbox() is not None for x in range(picture.width)]
    assert all(inked)
    other = Image.open(io.BytesIO(draw_name("دمحم", FONTS))).getchannel("A").resize(picture.size)
    assert ImageChops.difference(picture, other).getbbox() is not None
