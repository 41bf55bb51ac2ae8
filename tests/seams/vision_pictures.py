"""Pictures to read: cards and documents drawn here, each marked SPECIMEN 样本, and what spoils a photo."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"  # tools/fetch_models.py fills it; without it the tests fail and say so
FACES = Path(__file__).parent / "faces"
SONG = ROOT / "static" / "fonts" / "letter" / "song.ttf"
CARD_SIZE = (1200, 756)  # ID-1, ISO/IEC 7810: 85.60 × 53.98 mm
PAGE_SIZE = (1250, 880)  # ID-3, a passport's page: 125 × 88 mm
INK, PAPER = (30, 30, 36), (236, 238, 234)
Colour = tuple[int, int, int]


def hopper() -> bytes:
    """Rear Admiral Grace M. Hopper (U.S. Navy, public domain)."""
    return (FACES / "hopper.jpg").read_bytes()


def astronaut() -> bytes:
    """Astronaut Eileen M. Collins (NASA, public domain)."""
    return (FACES / "astronaut.jpg").read_bytes()


def card(number: str, *, embossed: bool = False, colour: Colour = (34, 74, 140)) -> Image.Image:
    """A bank card with its number in groups of four, printed white or embossed without paint."""
    picture = _textured(CARD_SIZE, colour)
    pen = ImageDraw.Draw(picture)
    pen.text((60, 50), "样本银行 SPECIMEN BANK", (240, 240, 240), _song(54))
    pen.text((60, 140), "SPECIMEN 样本 借记卡", (225, 225, 225), _song(40))
    pen.rounded_rectangle((90, 260, 240, 370), 16, (206, 178, 106))
    pen.text((720, 640), "银联 UnionPay", (240, 240, 240), _song(54))
    pen.text((420, 560), "VALID THRU 08/33", (230, 230, 230), _sans(30))
    _spaced(picture, (80, 430), _grouped(number), size=72, pitch=45, ink=None if embossed else (245, 245, 245))
    return picture


def card_in_groups(groups: tuple[str, ...], *, upright: bool = False) -> Image.Image:
    """A new card with its number small and flat, in groups under each other; `upright` is higher than wide."""
    picture = _textured(CARD_SIZE[::-1] if upright else CARD_SIZE, (34, 74, 140))
    pen = ImageDraw.Draw(picture)
    pen.text((60, 50), "样本银行 SPECIMEN BANK", (240, 240, 240), _song(44))
    for row, group in enumerate(groups):
        pen.text((120, picture.height // 2 + 62 * row), group, (245, 245, 245), _sans(46))
    pen.text((picture.width - 330, picture.height - 90), "银联 UnionPay", (240, 240, 240), _song(44))
    return picture


def resident_front(name: str, number: str) -> Image.Image:
    """The front of a resident identity card."""
    picture = _textured(CARD_SIZE, (222, 230, 240))
    pen = ImageDraw.Draw(picture)
    rows = (
        ("姓 名", name, 70),
        ("性 别", "女   民 族 汉", 170),
        ("出 生", "1990 年 3 月 7 日", 270),
        ("住 址", "某省某市样本路1号", 370),
    )
    for label, text, y in rows:
        pen.text((70, y), label, (60, 100, 160), _song(40))
        pen.text((210, y - 4), text, INK, _song(48))
    pen.text((70, 640), "公民身份号码", (60, 100, 160), _song(40))
    _spaced(picture, (400, 636), number, size=52, pitch=36)
    _portrait(picture, (800, 80, 1120, 520))
    return _specimen(picture)


def resident_back(span: str) -> Image.Image:
    """The back of a resident identity card; `span` as printed, for example 2020.01.02-2040.01.02."""
    picture = _textured(CARD_SIZE, (222, 230, 240))
    pen = ImageDraw.Draw(picture)
    pen.text((420, 110), "中华人民共和国", INK, _song(70))
    pen.text((420, 240), "居 民 身 份 证", INK, _song(80))
    pen.text((330, 540), "签发机关", INK, _song(42))
    pen.text((540, 540), "某市公安局样本分局", INK, _song(42))
    pen.text((330, 640), "有效期限", INK, _song(42))
    pen.text((540, 640), span, INK, _song(42))
    return _specimen(picture)


def data_page(top: str, bottom: str) -> Image.Image:
    """A passport's data page with its two machine-readable lines."""
    picture = _textured(PAGE_SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.text((470, 60), "PASSPORT 护照", INK, _song(48))
    for row, text in enumerate(("ERIKSSON", "ANNA MARIA", "UTOPIAN", "12 AUG 74", "F   ZENITH")):
        pen.text((470, 150 + 90 * row), text, INK, _sans(36))
    _portrait(picture, (60, 120, 410, 600))
    for row, line in enumerate((top, bottom)):
        _spaced(picture, (52, 690 + 80 * row), line, size=40, pitch=26)
    return _specimen(picture)


def permit_back(lines: tuple[str, ...]) -> Image.Image:
    """The back of a card-sized document with its machine-readable lines."""
    picture = _textured(CARD_SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.text((80, 80), "PERMIT 通行证", INK, _song(54))
    pen.text((80, 200), "REMARKS 备注", INK, _song(40))
    for row, line in enumerate(lines):
        _spaced(picture, (60, 450 + 90 * row), line, size=48, pitch=36)
    return _specimen(picture)


def covered(picture: Image.Image, share: tuple[float, float, float, float]) -> Image.Image:
    """Something lies over a part of it: left, top, right and bottom as shares of its sides."""
    hidden = picture.copy()
    left, top, right, bottom = share
    w, h = hidden.size
    ImageDraw.Draw(hidden).rectangle((left * w, top * h, right * w, bottom * h), (196, 150, 120))
    return hidden


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    """Both in one picture, side by side, at the same height."""
    height = min(one.height, other.height)
    parts = [part.resize((round(part.width * height / part.height), height)) for part in (one, other)]
    whole = Image.new("RGB", (parts[0].width + parts[1].width, height))
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (parts[0].width, 0))
    return whole


def desk() -> Image.Image:
    """A table top with nothing on it."""
    return _textured(CARD_SIZE, (150, 120, 90))


def photographed(picture: Image.Image, *, tilt: float = 2.0, seed: int = 7) -> Image.Image:
    """The same as a hand-held phone sees it: on a table, turned a little, uneven light, noise."""
    width, height = round(picture.width * 1.16), round(picture.height * 1.2)
    scene = _textured((width, height), (120, 110, 100), seed=seed)
    turned = picture.convert("RGBA").rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    scene.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2), turned)
    chance = np.random.default_rng(seed)
    light = np.linspace(0.78, 1.06, width)[None, :, None]
    noisy = np.asarray(scene).astype(float) * light + chance.normal(0, 4, (height, width, 1))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))


def dimmed(picture: Image.Image, share: float) -> Image.Image:
    """Each colour times `share`; above 1 it washes out."""
    return picture.point(lambda value: value * share)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    """Out of focus by `radius` pixels."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def glaring(picture: Image.Image) -> Image.Image:
    """A lamp's reflection across a fifth of the picture."""
    lit = picture.copy()
    w, h = lit.size
    ImageDraw.Draw(lit).ellipse((w * 0.2, h * 0.1, w * 0.75, h * 0.7), (255, 255, 255))
    return lit


def jpeg(picture: Image.Image, *, quality: int = 85) -> bytes:
    """As the browser sends it."""
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "JPEG", quality=quality)
    return packed.getvalue()


def opened(picture: bytes) -> Image.Image:
    """The way back from `jpeg`."""
    return Image.open(io.BytesIO(picture)).convert("RGB")


def film(path: Path, *, seconds: float, rate: int = 12, size: tuple[int, int] = (320, 320), face: bool = True) -> bytes:
    """A clip of a face that sways, or of a bare table; `.mp4` is MPEG-4, `.webm` VP8."""
    codec = "VP80" if path.suffix == ".webm" else "mp4v"
    still = cv2.imdecode(np.frombuffer(astronaut() if face else jpeg(desk()), np.uint8), cv2.IMREAD_COLOR)
    assert still is not None
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate, size)
    assert writer.isOpened()
    for count in range(round(seconds * rate)):
        shift = np.array([[1, 0, 8 * np.sin(count / 3)], [0, 1, 0]], dtype=np.float32)
        writer.write(cv2.resize(cv2.warpAffine(still, shift, still.shape[1::-1]), size))
    writer.release()
    return path.read_bytes()


def _grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def _textured(size: tuple[int, int], colour: Colour, *, seed: int = 1) -> Image.Image:
    """A plain colour with the slight cloudiness of real surfaces."""
    chance = np.random.default_rng(seed)
    coarse: NDArray[np.float64] = chance.normal(0, 6, (9, 14))
    cloud = np.asarray(Image.fromarray(coarse.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))
    fine = chance.normal(0, 2, (size[1], size[0]))
    filled = np.array(colour, float)[None, None, :] + (cloud + fine)[:, :, None]
    return Image.fromarray(np.clip(filled, 0, 255).astype(np.uint8))


def _spaced(
    picture: Image.Image, start: tuple[int, int], text: str, *, size: int, pitch: int, ink: Colour | None = INK
) -> None:
    """Characters at one pitch, as card printers and OCR-B set them; without ink they are embossed."""
    for place, character in enumerate(text):
        spot = (start[0] + pitch // 2 + place * pitch, start[1])
        if ink is None:
            _relief(picture, spot, character, size)
        else:
            ImageDraw.Draw(picture).text(spot, character, ink, _sans(size), anchor="ma")


def _relief(picture: Image.Image, spot: tuple[int, int], character: str, size: int) -> None:
    """An unpainted raised digit: a lit edge above left, a shadow below right, and the card's own colour between."""
    x, y = spot
    ground = picture.getpixel((min(x, picture.width - 1), max(0, y - 4)))
    assert isinstance(ground, tuple)
    for shift, gain in ((-3, 1.7), (3, 0.45), (0, 1.06)):
        shade = tuple(min(255, round(value * gain)) for value in ground)
        ImageDraw.Draw(picture).text((x + shift, y + shift), character, shade, _sans(size), anchor="ma")


def _portrait(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    face = opened(hopper())
    picture.paste(face.resize((box[2] - box[0], box[3] - box[1])), box[:2])


def _specimen(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).text((60, picture.height - 52), "SPECIMEN 样本", (200, 60, 60), _song(34))
    return picture


@cache
def _song(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(SONG, size)


@cache
def _sans(size: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(size)
    assert isinstance(face, ImageFont.FreeTypeFont)
    return face
