"""Draws the demo's pictures into static/specimens: cards, documents, faces and a face film, each marked SPECIMEN 样本.

Needs the network once (pip fetches the two packages that carry the photographs), ffmpeg, and the fonts that the tests
need too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageFilter

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from specimen_art import cards, documents, faces  # noqa: E402 (the paths above must come first)
from specimen_art.documents import Bearer, Look  # noqa: E402
from specimen_art.paper import photographed, save  # noqa: E402

from webapp.demo_people import PEOPLE, DemoPerson  # noqa: E402

OUT = ROOT / "static" / "specimens"
BLUE, GREEN, ROSE = (
    ((226, 236, 246), (204, 220, 238)),
    ((228, 240, 230), (204, 226, 212)),
    ((246, 232, 232), (236, 214, 218)),
)
RESIDENT = Look(*BLUE, (44, 92, 138), 2)
PERMIT = Look(*GREEN, (36, 112, 92), 4)
TAIWAN = Look(*ROSE, (134, 66, 92), 6)
PERMANENT = Look((238, 236, 224), (222, 218, 198), (112, 96, 52), 3)
PASSPORT = Look((240, 234, 244), (218, 212, 234), (82, 66, 122), 5)
NAVY, STEEL, WINE, TEAL = (
    ((34, 92, 150), (16, 44, 96)),
    ((120, 128, 140), (70, 78, 92)),
    ((150, 52, 70), (92, 24, 44)),
    ((28, 128, 126), (12, 74, 84)),
)
HE, OUYANG, ABLET, CHEN, LIN, ZHOU, SMITH, MUELLER = PEOPLE
CARDS = (
    ("bank-card-flat-19", HE.card, "借记卡", NAVY, False),
    ("bank-card-embossed-19", OUYANG.card, "借记卡", STEEL, True),
    ("bank-card-embossed-16", "6299991234567896", "借记卡", TEAL, True),
    ("bank-card-credit", "6299980000005678", "信用卡", WINE, True),
    ("bank-card-not-agreed", "6299990000000090013", "借记卡", NAVY, False),
)


def main() -> None:
    """Draws everything anew."""
    OUT.mkdir(exist_ok=True)
    photos = faces.fetch()
    draw_faces(photos)
    draw_cards()
    draw_documents(faces.portrait(photos["astronaut"], "astronaut", documents.PORTRAIT))
    draw_wrong_ones(
        faces.portrait(photos["astronaut"], "astronaut", documents.PORTRAIT),
        faces.portrait(photos["admiral"], "admiral", documents.PORTRAIT),
    )


def draw_faces(photos: dict[str, Image.Image]) -> None:
    """The live face that belongs to all documents, another person's, two bad shots, and the film."""
    still = faces.live(photos["astronaut"], "astronaut")
    save(still, OUT / "face.jpg", most=100_000)
    save(faces.live(photos["admiral"], "admiral"), OUT / "face-of-another.jpg", most=100_000)
    save(still.point(lambda level: level // 7), OUT / "face-too-dark.jpg")
    save(still.filter(ImageFilter.GaussianBlur(8)), OUT / "face-blurred.jpg")
    faces.write_film(still, OUT / "face.webm")


def draw_cards() -> None:
    """The bank cards."""
    for seed, (name, number, kind, colours, embossed) in enumerate(CARDS, start=1):
        page = cards.bank_card(number, kind, colours=colours, embossed=embossed, seed=seed)
        _photograph(page, name, seed)


def draw_documents(portrait: Image.Image) -> None:
    """Each person's document, with the portrait that agrees with the live face."""
    for name, person in (("he", HE), ("ouyang", OUYANG), ("ablet", ABLET)):
        page = documents.identity_front("居民身份证 · 样本", _resident(person), portrait, RESIDENT)
        _photograph(page, f"resident-{name}-front", len(name))
    _photograph(documents.resident_back(RESIDENT), "resident-back", 4)
    chen = Bearer(CHEN.name, CHEN.number, "CHN", "1978-03-15", "2034-06-01", "CHEN<<DAWEN", "M")
    lin = Bearer(LIN.name, LIN.number, "CHN", "1982-11-02", "2033-09-30", "LIN<<MEILING")
    permits = (
        ("hk-permit", "港澳居民来往内地通行证 · 样本", chen, PERMIT),
        ("taiwan-permit", "台湾居民来往大陆通行证 · 样本", lin, TAIWAN),
    )
    for name, title, bearer, look in permits:
        _photograph(documents.identity_front(title, bearer, portrait, look), f"{name}-front", look.seed)
        _photograph(documents.permit_back(title, bearer, look), f"{name}-back", look.seed + 1)
    smith, title = (
        Bearer(SMITH.name, SMITH.number, "CAN", "1981-08-03", "2033-12-01", "SMITH<<JOHN", "M"),
        "外国人永久居留身份证 · 样本",
    )
    _photograph(documents.identity_front(title, smith, portrait, PERMANENT), "permanent-resident-front", 3)
    _photograph(documents.plain_back(title, smith, PERMANENT), "permanent-resident-back", 4)
    zhou = Bearer(ZHOU.name, ZHOU.number, "CHN", "1975-04-18", "2032-02-28", "ZHOU<<HAI")
    _photograph(documents.data_page("护照 PASSPORT · 样本", zhou, portrait, PASSPORT), "passport-zhou", 5)
    _photograph(documents.data_page("PASSPORT · 样本", _mueller(), portrait, PASSPORT), "passport-mueller", 6)


def draw_wrong_ones(portrait: Image.Image, other: Image.Image) -> None:
    """Somebody else's portrait on the document, and a picture that nobody can read."""
    page = documents.identity_front("居民身份证 · 样本", _resident(HE), other, RESIDENT)
    _photograph(page, "resident-he-other-face", 7)
    _photograph(documents.data_page("PASSPORT · 样本", _mueller(), other, PASSPORT), "passport-mueller-other-face", 8)
    page = documents.identity_front("居民身份证 · 样本", _resident(HE), portrait, RESIDENT)
    blurred = photographed(page, corner=56, turn=1.4, seed=9).filter(ImageFilter.GaussianBlur(13))
    save(blurred, OUT / "resident-he-blurred.jpg")


def _resident(person: DemoPerson) -> Bearer:
    born = person.number[6:14]
    return Bearer(person.name, person.number, "CHN", f"{born[:4]}-{born[4:6]}-{born[6:]}", "2036-05-20", "")


def _mueller() -> Bearer:
    return Bearer("MÜLLER ANNA KATHARINA", MUELLER.number, "DEU", "1980-08-12", "2033-01-31", "MUELLER<<ANNA<KATHARINA")


def _photograph(page: Image.Image, name: str, seed: int) -> None:
    turn = (-1.2, 0.7, -0.4, 1.1)[seed % 4]
    save(photographed(page, corner=20 if page.height > 1000 else 56, turn=turn, seed=seed), OUT / f"{name}.jpg")


if __name__ == "__main__":
    main()
