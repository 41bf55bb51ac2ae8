"""Identity documents of the demo's people: a reader finds what it needs, and nothing is laid out as a state does it."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from specimen_art.paper import BOLD, INK, MONO, SANS, Colour, field, font, mark, printed, spaced, write

CARD, PAGE = (1480, 934), (1480, 1042)
PORTRAIT = (340, 425)
ISSUER = "UTO"  # Utopia, the state of every specimen in ICAO Doc 9303


@dataclass(frozen=True, slots=True)
class Look:
    """The paper of one kind of document."""

    light: Colour
    dark: Colour
    accent: Colour
    seed: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """What is printed. Dates are YYYY-MM-DD; `latin` is SURNAME<<GIVEN as the machine-readable lines have it."""

    name: str
    number: str
    nationality: str
    birth: str
    expiry: str
    latin: str
    sex: str = "F"


def identity_front(title: str, bearer: Bearer, portrait: Image.Image, look: Look) -> Image.Image:
    """The face of a card: name, dates, number, portrait."""
    page = _card(title, look)
    page.paste(portrait.resize(PORTRAIT), (1046, 190))
    write(page, (104, 214), f"姓名 {bearer.name}", (BOLD, _name_size(bearer.name)))
    field(page, (104, 336), "出生 Date of birth", bearer.birth.replace("-", "."))
    field(page, (480, 336), "国籍 Nationality", bearer.nationality)
    field(page, (104, 466), "住址 Address", "样本市样本区样本路 1 号", 36)
    page = mark(page, (720, 470), 100)
    write(page, (104, 690), "证件号码 Number", (SANS, 26), (96, 104, 120))
    write(page, (104, 728), bearer.number, (BOLD, 66))
    return page


def resident_back(look: Look) -> Image.Image:
    """The other face of a resident's card: who issued it, and until when it is good."""
    page = mark(_card("居民身份证 · 样本", look), (780, 400), 130)
    write(page, (300, 640), "签发机关  样本市样本局", (BOLD, 46))
    write(page, (300, 728), "有效期限  2016.05.20-2036.05.20", (BOLD, 46))
    return page


def permit_back(title: str, bearer: Bearer, look: Look) -> Image.Image:
    """The back of a permit, with three machine-readable lines (TD1)."""
    page = _card(title, look)
    field(page, (104, 200), "姓名 Name", bearer.latin.replace("<<", " ").replace("<", " "))
    field(page, (104, 320), "证件号码 Number", bearer.number)
    field(page, (640, 320), "有效期至 Expiry", bearer.expiry.replace("-", "."))
    page = mark(page, (1060, 330), 92)
    ImageDraw.Draw(page).rectangle((0, 560, page.width, page.height), fill=(250, 250, 246))
    for row, line in enumerate(td1(bearer)):
        spaced(page, (84, 610 + 92 * row), line, (MONO, 64), 43.8)
    return page


def plain_back(title: str, bearer: Bearer, look: Look) -> Image.Image:
    """The back of a card that has no machine-readable lines."""
    page = mark(_card(title, look), (1000, 420), 110)
    field(page, (104, 240), "证件号码 Number", bearer.number)
    field(page, (104, 370), "有效期至 Expiry", bearer.expiry.replace("-", "."))
    field(page, (104, 500), "签发机关 Authority", "样本机关 Specimen Office")
    write(page, (104, 740), "本图片仅供演示，不是证件。This picture is not a document.", (SANS, 34))
    return page


def data_page(title: str, bearer: Bearer, portrait: Image.Image, look: Look) -> Image.Image:
    """The data page of a passport, with two machine-readable lines (TD3)."""
    page = _card(title, look, PAGE)
    page.paste(portrait.resize(PORTRAIT), (96, 200))
    surname, _, given = bearer.latin.partition("<<")
    rows = (
        (("护照号 Passport No.", bearer.number), ("国籍 Nationality", bearer.nationality)),
        (("姓 Surname", surname.replace("<", " ")), ("名 Given names", given.replace("<", " "))),
        (("姓名 Name", bearer.name), ("签发国 Issuing state", "UTOPIA (UTO)")),
        (("出生 Date of birth", bearer.birth.replace("-", ".")), ("有效期至 Expiry", bearer.expiry.replace("-", "."))),
    )
    for place, (left, right) in enumerate(rows):
        field(page, (500, 196 + 118 * place), *left, 38)
        field(page, (1040, 196 + 118 * place), *right, 38)
    page = mark(page, (960, 440), 96)
    ImageDraw.Draw(page).rectangle((0, 720, page.width, page.height), fill=(250, 250, 246))
    for row, line in enumerate(td3(bearer)):
        spaced(page, (54, 786 + 106 * row), line, (MONO, 50), 31.2)
    return page


def td3(bearer: Bearer) -> tuple[str, str]:
    """Two lines of 44 (ICAO Doc 9303 part 4)."""
    birth, expiry = _short(bearer.birth), _short(bearer.expiry)
    number = bearer.number.ljust(9, "<")
    whole = number + digit(number) + birth + digit(birth) + expiry + digit(expiry) + "<" * 14 + "<"
    lower = number + digit(number) + _state(bearer) + birth + digit(birth) + bearer.sex + expiry + digit(expiry)
    return f"P<{ISSUER}{bearer.latin}".ljust(44, "<")[:44], lower + "<" * 14 + "<" + digit(whole)


def td1(bearer: Bearer) -> tuple[str, str, str]:
    """Three lines of 30 (ICAO Doc 9303 part 5)."""
    birth, expiry = _short(bearer.birth), _short(bearer.expiry)
    number = bearer.number.ljust(9, "<")
    top = f"I<{ISSUER}{number}{digit(number)}".ljust(30, "<")
    dates = birth + digit(birth) + bearer.sex + expiry + digit(expiry)
    whole = top[5:] + birth + digit(birth) + expiry + digit(expiry) + "<" * 11
    return top, f"{dates}{_state(bearer)}{'<' * 11}{digit(whole)}", bearer.latin.ljust(30, "<")[:30]


def digit(text: str) -> str:
    """Weights 7-3-1 (Doc 9303 part 3, 4.9). Kept apart from the application's own, so that each can catch the other."""
    values = (0 if letter == "<" else int(letter, 36) for letter in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def _state(bearer: Bearer) -> str:
    """Germany alone writes one letter (Doc 9303 part 3, section 5)."""
    return "D<<" if bearer.nationality == "DEU" else bearer.nationality


def _short(day: str) -> str:
    return day.replace("-", "")[2:]


def _name_size(name: str) -> int:
    return 56 if len(name) < 12 else 46


def _card(title: str, look: Look, size: tuple[int, int] = CARD) -> Image.Image:
    page = printed(size, look.light, look.dark, look.seed)
    ImageDraw.Draw(page).rectangle((0, 0, size[0], 138), fill=look.accent)
    write(page, (104, 42), title, (BOLD, 52), (252, 252, 250))
    label = "DEMO · 演示"
    width = font(SANS, 34).getlength(label)
    write(page, (round(size[0] - 104 - width), 52), label, (SANS, 34), (252, 252, 250))
    ImageDraw.Draw(page).rectangle((0, 138, size[0], 146), fill=INK)
    return page
