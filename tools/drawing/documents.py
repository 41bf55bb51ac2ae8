"""Identity documents laid out as they are in life, with people who don't exist, each marked SPECIMEN 样本.

Resident cards by GA/T 448 (85.6 × 54 mm, labels in blue, number below), their backs, passports' data pages with the two
lines of ICAO Doc 9303 part 4, permits' backs with the three of part 5; issued by Utopia, the Doc's own state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from specimen_art.documents import Bearer, td1, td3
from stdnum.iso7064 import mod_11_2

from drawing.tables import font, noise

Array = NDArray[Any]
MM = 14
CARD = (round(85.6 * MM), 54 * MM)
PAGE = (125 * MM, 88 * MM)
SONG, HEI, BOLD = "Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Sans CJK SC:bold"
ZONE = "OCR B"
BLUE, INK, RED = (44, 96, 160), (24, 24, 30), (196, 40, 46)
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉建国红梅文辉志晓春海燕雪龙飞鑫浩宇轩梓涵雨欣怡嘉琪俊熙媛婷倩颖昊然"
DOTTED = ("阿不都热合曼·吐尔逊", "古丽娜尔·买买提", "扎西·次仁", "努尔兰·叶尔肯", "吉克·阿依")
RARE = "彧堃喆翀旻昇赟龑燊玥"
NATIONS = ("汉", "汉", "汉", "回", "维吾尔", "蒙古", "藏", "壮", "满", "苗", "彝", "土家")
PLACES = (
    "深圳市南山区",
    "北京市朝阳区",
    "长沙市岳麓区",
    "成都市武侯区",
    "广西壮族自治区南宁市青秀区",
    "新疆乌鲁木齐市天山区",
    "哈尔滨市道里区",
    "江苏省苏州市昆山市",
)
STREETS = ("人民路", "建设大道", "科技园南区", "幸福新村", "和平街道", "解放东路", "文昌巷", "滨河花园")
SURNAMES = (
    "MUELLER",
    "SMITH",
    "GARCIA",
    "NGUYEN",
    "IVANOV",
    "KIM",
    "SILVA",
    "DUPONT",
    "ROSSI",
    "TANAKA",
    "O<CONNOR",
    "VAN<DER<BERG",
    "ZHOU",
    "AL<HASHIMI",
)
GIVENS = (
    "ANNA<KATHARINA",
    "JOHN",
    "MARIA",
    "LINH",
    "SERGEI",
    "MIN<JUN",
    "JOAO<PEDRO",
    "CLAIRE",
    "LUCA",
    "YUKI",
    "LI<NA",
    "OMAR<KHALID<HASSAN",
    "HAI",
)
STATES = ("DEU", "USA", "ESP", "VNM", "RUS", "KOR", "BRA", "FRA", "ITA", "JPN", "GBR", "CHN", "CAN", "AUS")


@dataclass(frozen=True, slots=True)
class DrawnDocument:
    """The drawing and what a reader should find: fields as DocumentReading names them."""

    sheet: Image.Image
    fields: dict[str, str] = field(default_factory=dict)


def resident_front(rng: np.random.Generator) -> DrawnDocument:
    """Name, sex, nation, birth, address, number; a portrait to the right."""
    born = _day(rng, 1938, 2007)
    number = id_number(born, rng)
    name, nation = _name(rng), str(rng.choice(NATIONS))
    sex = "男" if int(number[16]) % 2 else "女"
    home = f"{rng.choice(PLACES)}{rng.choice(STREETS)}{rng.integers(1, 300)}号{rng.integers(1, 40)}栋{rng.integers(101, 3300)}室"
    page = _paper(CARD, rng)
    pen = ImageDraw.Draw(page)
    family = (HEI, SONG)[rng.integers(2)]
    say, label = font(family, round(3.5 * MM)), font(HEI, round(2.7 * MM))
    rows = ((6.2, "姓名"), (13.2, "性别"), (19.6, "出生"), (26.4, "住址"))
    for y, words in rows:
        _spread(pen, (6.5 * MM, (y + 0.6) * MM), words, label, 3.9 * MM)
    pen.text((16.6 * MM, 5.8 * MM), name, font=font(family, round((4.0 if len(name) < 7 else 3.2) * MM)), fill=INK)
    pen.text((16.6 * MM, 13.2 * MM), sex, font=say, fill=INK)
    _spread(pen, (25.6 * MM, 13.8 * MM), "民族", label, 3.9 * MM)
    pen.text((35.2 * MM, 13.2 * MM), nation, font=say, fill=INK)
    for x, text, letter, colour in (
        (16.6, f"{born.year}", say, INK), (25.8, "年", label, BLUE), (30.4, f"{born.month}", say, INK),
        (35.4, "月", label, BLUE), (39.4, f"{born.day}", say, INK), (44.2, "日", label, BLUE),
    ):  # fmt: skip
        pen.text((x * MM, (19.6 if letter is say else 20.2) * MM), text, font=letter, fill=colour)
    for line, start in enumerate(range(0, len(home), 11)):
        pen.text((16.6 * MM, (26.2 + 4.7 * line) * MM), home[start : start + 11], font=say, fill=INK)
    pen.text((6.5 * MM, 45.6 * MM), "公民身份号码", font=label, fill=BLUE)
    digits = font("OCR B" if rng.random() < 0.5 else BOLD, round(3.9 * MM))
    _spread(pen, (28.6 * MM, 45.0 * MM), number, digits, 2.72 * MM, INK)
    _portrait(page, (57, 7.5, 26, 32), rng)
    _marked(page, rng)
    fields = {
        "name": name, "number": number, "sex": "M" if sex == "男" else "F", "nation": nation,
        "birth_date": born.isoformat(), "address": home,
    }  # fmt: skip
    return DrawnDocument(page, fields)


def resident_back(rng: np.random.Generator) -> DrawnDocument:
    """Who issued the card, and its span of validity."""
    page = _paper(CARD, rng)
    pen = ImageDraw.Draw(page)
    pen.ellipse((7 * MM, 6 * MM, 21 * MM, 20 * MM), outline=RED, width=12)
    pen.ellipse((10 * MM, 9 * MM, 18 * MM, 17 * MM), fill=RED)
    pen.text((26 * MM, 6.4 * MM), "样本共和国", font=font(BOLD, round(5.2 * MM)), fill=INK)
    pen.text((26 * MM, 14.4 * MM), "居民身份证", font=font(BOLD, round(7.4 * MM)), fill=INK)
    city = re.findall(r"[^省区]+?市", str(rng.choice(PLACES)))[0]
    authority = f"{city}公安局{('', '南山分局', '朝阳分局')[rng.integers(3)]}"
    start = _day(rng, 2008, 2025)
    years = (10, 20, 0)[rng.integers(3)]
    end = date(start.year + years, start.month, min(start.day, 28)) if years else None
    label, say = font(HEI, round(2.7 * MM)), font((HEI, SONG)[rng.integers(2)], round(3.3 * MM))
    pen.text((18 * MM, 38.2 * MM), "签发机关", font=label, fill=INK)
    pen.text((32 * MM, 37.7 * MM), authority, font=say, fill=INK)
    pen.text((18 * MM, 45.2 * MM), "有效期限", font=label, fill=INK)
    span = f"{start:%Y.%m.%d}-{f'{end:%Y.%m.%d}' if end else '长期'}"
    pen.text((32 * MM, 44.7 * MM), span, font=say, fill=INK)
    _marked(page, rng)
    return DrawnDocument(page, {"authority": authority, "expiry_date": end.isoformat() if end else "9999-12-31"})


def passport(rng: np.random.Generator) -> DrawnDocument:
    """A data page: fields in two languages, a portrait, two lines of 44."""
    bearer = _bearer(rng)
    page = _paper(PAGE, rng)
    pen = ImageDraw.Draw(page)
    pen.text((5 * MM, 4 * MM), "UTOPIA · 乌托邦", font=font(BOLD, round(4.2 * MM)), fill=BLUE)
    pen.text((88 * MM, 4 * MM), "PASSPORT 护照", font=font(BOLD, round(4.2 * MM)), fill=BLUE)
    surname, _, given = bearer.latin.partition("<<")
    small, say = (
        font(HEI, round(1.9 * MM)),
        font(("Noto Sans:medium", "DejaVu Sans", ZONE)[rng.integers(3)], round(3.3 * MM)),
    )
    left, step = 42, 9.6
    rows = (
        (
            "Type/类型 P      Country code/国家码 UTO      Passport No./护照号",
            f"P          UTO            {bearer.number}",
        ),
        ("Surname/姓", surname.replace("<", " ")),
        ("Given names/名", given.replace("<", " ")),
        ("Nationality/国籍      Sex/性别", f"{bearer.nationality}            {bearer.sex}"),
        ("Date of birth/出生日期", _printed(bearer.birth)),
        ("Date of expiry/有效期至", _printed(bearer.expiry)),
    )
    for place, (label, value) in enumerate(rows):
        pen.text((left * MM, (11 + step * place) * MM), label, font=small, fill=BLUE)
        pen.text((left * MM, (13.6 + step * place) * MM), value, font=say, fill=INK)
    _portrait(page, (6, 14, 31, 40), rng)
    _marked(page, rng)
    _zone(page, td3(bearer), 68.5, rng)
    return DrawnDocument(page, _of(bearer))


def permit_back(rng: np.random.Generator) -> DrawnDocument:
    """The back of a permit: a few fields, three lines of 30."""
    bearer = _bearer(rng, permit=True)
    page = _paper(CARD, rng)
    pen = ImageDraw.Draw(page)
    small, say = font(HEI, round(1.9 * MM)), font("Noto Sans:medium", round(3.0 * MM))
    for x, y, label, value in (
        (5, 4, "姓名 Name", bearer.latin.replace("<<", ", ").replace("<", " ")),
        (5, 13, "证件号码 Document No.", bearer.number),
        (50, 13, "有效期至 Valid until", _printed(bearer.expiry)),
    ):
        pen.text((x * MM, y * MM), label, font=small, fill=BLUE)
        pen.text((x * MM, (y + 2.6) * MM), value, font=say, fill=INK)
    _marked(page, rng)
    _zone(page, td1(bearer), 31.5, rng)
    return DrawnDocument(page, _of(bearer, room=30))


def id_number(born: date, rng: np.random.Generator) -> str:
    """Eighteen characters of GB 11643, of a region that exists."""
    region = ("440305", "110105", "430104", "510107", "450103", "650102", "230102", "320583")[rng.integers(8)]
    body = f"{region}{born:%Y%m%d}{rng.integers(1, 1000):03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def _name(rng: np.random.Generator) -> str:
    if rng.random() < 0.08:
        return str(rng.choice(DOTTED))
    given = "".join(rng.choice(list(GIVEN + (RARE if rng.random() < 0.15 else ""))) for _ in range(rng.integers(1, 3)))
    return str(rng.choice(list(FAMILY))) + given


def _bearer(rng: np.random.Generator, *, permit: bool = False) -> Bearer:
    letters = "CEGHJKLMNPRTVWXYZ"
    number = "".join(str(d) for d in rng.integers(0, 10, 9))
    shapes = (
        letters[rng.integers(17)] + number[:8],
        number,
        letters[rng.integers(17)] + letters[rng.integers(17)] + number[:7],
    )
    chosen = ("H" + number[:8]) if permit else shapes[rng.integers(3)]
    latin = f"{rng.choice(SURNAMES)}<<{rng.choice(GIVENS)}"
    birth, expiry = _day(rng, 1940, 2006), _day(rng, 2025, 2035)
    return Bearer(
        "", chosen, str(rng.choice(STATES)), birth.isoformat(), expiry.isoformat(), latin, "MF"[rng.integers(2)]
    )


def _of(bearer: Bearer, room: int = 39) -> dict[str, str]:
    """What the zone says; names are cut where it ends."""
    return {
        "number": bearer.number, "nationality": bearer.nationality, "birth_date": bearer.birth, "expiry_date": bearer.expiry,
        "name": bearer.latin[:room].replace("<<", " ").replace("<", " "),
    }  # fmt: skip


def _day(rng: np.random.Generator, first: int, last: int) -> date:
    start = date(first, 1, 1)
    return start + timedelta(days=int(rng.integers((date(last, 12, 28) - start).days)))


def _printed(day: str) -> str:
    return f"{date.fromisoformat(day):%d %b %Y}".upper()


def _spread(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    letter: Any,
    step: float,
    fill: tuple[int, int, int] = BLUE,
) -> None:
    for place, one in enumerate(text):
        pen.text((at[0] + place * step, at[1]), one, font=letter, fill=fill)


def _zone(page: Image.Image, lines: tuple[str, ...], top: float, rng: np.random.Generator) -> None:
    """Machine-readable lines: 2.54 mm a character (Doc 9303 part 3, 4.3), 6.35 mm a line."""
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, (top - 3) * MM, page.width, page.height), fill=tuple(int(v) for v in rng.integers(232, 252, 3)))
    letter = font(ZONE, round(3.6 * MM))
    for row, line in enumerate(lines):
        pitch = min(2.54 * MM, (page.width - 8 * MM) / len(line))
        _spread(pen, (5 * MM, (top + 6.35 * row) * MM), line, letter, pitch, INK)


def _paper(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Pale colours running into each other below fine wavy lines."""
    width, height = size
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    one, other = (np.array(rng.integers(196, 248, 3), np.float32) for _ in range(2))
    along = ((x / width + y / height) / 2)[..., None]
    page = one + (other - one) * along + noise(size, (3, 3), rng)[..., None]
    for _ in range(2):
        bend, wide, step = rng.uniform(3, 9), rng.uniform(120, 420), rng.uniform(7, 13)
        lines = np.clip(1 - np.abs(np.sin(y / step + bend * np.sin(x / wide + rng.uniform(0, 6)))) * 3, 0, 1)[..., None]
        page -= lines * np.array(rng.uniform(8, 26) * rng.dirichlet(np.ones(3)) * 2, np.float32)
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))


def _portrait(page: Image.Image, place: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Somebody drawn: hair, a face, shoulders; enough to be in a text finder's way."""
    x, y, width, height = (round(v * MM) for v in place)
    canvas: Array = np.full((height, width, 3), rng.integers(205, 246), np.uint8)
    skin = tuple(int(v) for v in np.array((232, 192, 164)) * rng.uniform(0.7, 1.05))
    coat = tuple(int(v) for v in rng.integers(20, 160, 3))
    middle = width // 2
    cv2.ellipse(canvas, (middle, height), (round(width * 0.46), round(height * 0.3)), 0, 0, 360, coat, -1, cv2.LINE_AA)
    cv2.ellipse(
        canvas,
        (middle, round(height * 0.4)),
        (round(width * 0.27), round(height * 0.27)),
        0,
        0,
        360,
        (30, 26, 26),
        -1,
        cv2.LINE_AA,
    )
    cv2.ellipse(
        canvas,
        (middle, round(height * 0.46)),
        (round(width * 0.22), round(height * 0.25)),
        0,
        0,
        360,
        skin,
        -1,
        cv2.LINE_AA,
    )
    for side in (-1, 1):
        cv2.circle(
            canvas, (middle + side * round(width * 0.09), round(height * 0.43)), 6, (30, 26, 30), -1, cv2.LINE_AA
        )
    cv2.line(
        canvas, (middle - 22, round(height * 0.6)), (middle + 22, round(height * 0.6)), (150, 80, 80), 5, cv2.LINE_AA
    )
    page.paste(Image.fromarray(canvas), (x, y))


def _marked(page: Image.Image, rng: np.random.Generator) -> None:
    """SPECIMEN 样本 across the sheet, pale, where a document has its hologram."""
    layer = Image.new("RGBA", page.size, (0, 0, 0, 0))
    words = font(BOLD, round(page.width * 0.07))
    where = (page.width * rng.uniform(0.3, 0.5), page.height * rng.uniform(0.35, 0.55))
    ImageDraw.Draw(layer).text(where, "SPECIMEN 样本", font=words, fill=(150, 60, 60, 44), anchor="mm")
    page.paste(Image.alpha_composite(page.convert("RGBA"), layer.rotate(14, center=where)).convert("RGB"))
