"""Reading documents off photos: what is sure is told, what isn't is left out, and a bad photo says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PIL import Image

from tests.seams.vision_pictures import (
    MODELS,
    blurred,
    data_page,
    desk,
    dimmed,
    glaring,
    jpeg,
    permit_back,
    photographed,
    resident_back,
    resident_front,
)
from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.ports.document_reader import DocumentReader, DocumentSide, PictureFault

NUMBER = "110101199003076376"
ERIKSSON = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
ANNA = {
    "nationality": "UTO",
    "name": "ERIKSSON ANNA MARIA",
    "birth_date": "1974-08-12",
    "expiry_date": "2012-04-15",
    "sex": "F",
}
Damage = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def reader() -> DocumentReader:
    return OnnxDocumentReader(MODELS, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("name", ["张晓明", "王一", "欧阳娜娜", "阿不都·热合曼"])
def test_a_resident_card_tells_its_name_and_number(reader: DocumentReader, name: str) -> None:
    seen = reader.read(jpeg(photographed(resident_front(name, NUMBER), tilt=-3)), DocumentSide.RESIDENT_FRONT)
    assert seen.fault is None
    assert {k: seen.fields[k] for k in ("name", "number")} == {"name": name, "number": NUMBER}
    assert all(0.8 < trust <= 1 for trust in seen.confidences.values())


def test_a_residence_permit_is_read_like_a_resident_card(reader: DocumentReader) -> None:
    seen = reader.read(jpeg(photographed(resident_front("陈大文", "810000199408230021"))), DocumentSide.PERMIT_FRONT)
    assert (seen.fields["name"], seen.fields["number"]) == ("陈大文", "810000199408230021")


def test_a_number_whose_check_digit_is_wrong_is_left_out(reader: DocumentReader) -> None:
    seen = reader.read(jpeg(photographed(resident_front("张晓明", NUMBER[:-1] + "5"))), DocumentSide.RESIDENT_FRONT)
    assert seen.fault is None
    assert seen.fields["name"] == "张晓明"
    assert "number" not in seen.fields


@pytest.mark.parametrize(
    ("span", "fields"),
    [
        ("2020.01.02-2040.01.02", {"expiry_date": "2040-01-02"}),
        ("2015.06.30-长期", {"expiry_date": "9999-12-31"}),
        ("2020.01.02-2040.02.31", {}),
        ("2040.01.02-2020.01.02", {}),
    ],
)
def test_the_back_tells_its_last_day_if_there_is_such_a_day(
    reader: DocumentReader, span: str, fields: dict[str, str]
) -> None:
    seen = reader.read(jpeg(photographed(resident_back(span))), DocumentSide.RESIDENT_BACK)
    assert seen.fault is None
    assert seen.fields.get("expiry_date") == fields.get("expiry_date")


@pytest.mark.parametrize("tilt", [-4.0, 0.0, 3.0])
def test_a_passport_is_read_by_its_two_lines(reader: DocumentReader, tilt: float) -> None:
    seen = reader.read(jpeg(photographed(data_page(*ERIKSSON), tilt=tilt)), DocumentSide.DATA_PAGE)
    assert seen.fault is None
    assert seen.mrz_valid is True
    assert seen.fields == {"number": "L898902C3", **ANNA}


def test_a_card_is_read_by_its_three_lines(reader: DocumentReader) -> None:
    seen = reader.read(jpeg(photographed(permit_back(CARD))), DocumentSide.PERMIT_BACK)
    assert seen.mrz_valid is True
    assert seen.fields == {"number": "D23145890", **ANNA}


@pytest.mark.parametrize("side", [DocumentSide.PERMIT_FRONT, DocumentSide.PERMIT_BACK])
def test_an_outbound_permit_is_read_so_that_its_holder_can_be_told_it_is_the_wrong_card(
    reader: DocumentReader, side: DocumentSide
) -> None:
    seen = reader.read(jpeg(photographed(permit_back(("CSC123456788<3101012<8501019<0",)))), side)
    assert seen.mrz_valid is True
    assert seen.fields == {"number": "C12345678", "expiry_date": "2031-01-01", "birth_date": "1985-01-01"}


def test_a_german_passport_is_of_germany_in_three_letters(reader: DocumentReader) -> None:
    lines = ("P<D<<MUELLER<<JUERGEN<<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4")
    assert reader.read(jpeg(data_page(*lines)), DocumentSide.DATA_PAGE).fields["nationality"] == "DEU"


@pytest.mark.parametrize(
    "bottom",
    [
        "L898902C35UTO7408122F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408212F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<11",
    ],
    ids=["number", "birth date", "composite"],
)
def test_of_a_passport_with_a_wrong_check_digit_nothing_is_believed(reader: DocumentReader, bottom: str) -> None:
    seen = reader.read(jpeg(photographed(data_page(ERIKSSON[0], bottom))), DocumentSide.DATA_PAGE)
    assert seen.mrz_valid is False
    assert seen.fields == {}


def test_a_resident_card_shown_for_a_passport_has_no_zone(reader: DocumentReader) -> None:
    seen = reader.read(jpeg(photographed(resident_front("张晓明", NUMBER))), DocumentSide.DATA_PAGE)
    assert seen.mrz_valid is None
    assert seen.fields == {}


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda page: page.resize((640, 420)), PictureFault.TOO_SMALL),
        (lambda page: dimmed(page, 0.12), PictureFault.TOO_DARK),
        (lambda page: dimmed(page, 4.0), PictureFault.TOO_BRIGHT),
        (lambda page: blurred(page, 9), PictureFault.BLURRED),
        (glaring, PictureFault.GLARE),
        (lambda page: photographed(desk()), PictureFault.NO_DOCUMENT),
    ],
    ids=["small", "dark", "bright", "blurred", "glare", "nothing there"],
)
def test_each_fault_of_a_photo_has_its_own_name(reader: DocumentReader, spoil: Damage, fault: PictureFault) -> None:
    photo = spoil(photographed(resident_front("张晓明", NUMBER)))
    assert reader.read(jpeg(photo), DocumentSide.RESIDENT_FRONT).fault is fault


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page,
        lambda page: blurred(page, 2.5),
        lambda page: dimmed(page, 0.5),
        lambda page: dimmed(page, 1.25),
        lambda page: page.resize((1000, 650)),
    ],
    ids=["as it is", "a little soft", "evening", "noon", "a cheap phone"],
)
def test_an_ordinary_photo_is_not_sent_back(reader: DocumentReader, spoil: Damage) -> None:
    photo = spoil(photographed(resident_front("张晓明", NUMBER)))
    seen = reader.read(jpeg(photo, quality=70), DocumentSide.RESIDENT_FRONT)
    assert seen.fault is None
    assert seen.fields["number"] == NUMBER


@pytest.mark.parametrize("side", list(DocumentSide))
@pytest.mark.parametrize("picture", [b"", b"nonsense", jpeg(desk())[:700]])
def test_a_broken_file_is_a_fault_and_not_a_crash(reader: DocumentReader, picture: bytes, side: DocumentSide) -> None:
    seen = reader.read(picture, side)
    assert seen.fault is not None
    assert seen.fields == {}
