"""The signed letter as a PDF: what a payee, a bank clerk and a printer get to see."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image, ImageDraw
from pypdf import PdfReader

from webapp.adapters.pdf.complaints import listening
from webapp.adapters.pdf.contents import LetterReachesOut, PictureUnreadable
from webapp.adapters.pdf.coverage import FACES, Coverage, Face
from webapp.adapters.pdf.punctuation import NARROW, REAL, squeezed
from webapp.adapters.pdf.renderer import RenderFailed, Xhtml2pdfLetterRenderer
from webapp.core.chinese_date import chinese_date
from webapp.core.joining import joined
from webapp.payee.letters import LABELS, verification_picture
from webapp.ports.letter_renderer import MissingGlyph

Printed = Callable[..., bytes]
ROOT = Path(__file__).parents[2]
FONTS = ROOT / "static" / "fonts" / "letter"
QR = verification_picture("https://court.example/letters/7K3M-9QXA-2WDP")
RARE_NAME = "何𬱖䶮㼆𬎆龑"
DECLARATIONS = [
    "上述账户为本人名下的Ⅰ类借记卡账户，状态正常，可以接收转账。",
    "以上信息真实、准确、有效。因信息错误或者变更后未及时告知法院产生的后果，由本人承担。",
    "执行款付入上述账户，即视为本人已经收到。",
]


@pytest.fixture(scope="module")
def renderer() -> Xhtml2pdfLetterRenderer:
    return Xhtml2pdfLetterRenderer(FONTS)


@pytest.fixture(scope="module")
def templates() -> Environment:
    loader = FileSystemLoader(ROOT / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


@pytest.fixture(scope="module")
def signature() -> bytes:
    """Black ink on nothing, as the reserved signature is kept."""
    picture = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(40, 200), (250, 30), (360, 190), (560, 70)], "black", 9)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def letter(name: str = "何志豪", **changes: object) -> dict[str, object]:
    content = {
        "court_name": "深圳市中级人民法院",
        "case_number": "（2023）粤03执1234号",
        "letter_number": "LK-2026-000123-1",
        "version": "1",
        "party": {
            "name": name, "document_type": "居民身份证", "document_number": "440301198501010014",
            "nationality": "中国", "phone": "138 0013 8000",
        },
        "account": {
            "holder": name, "bank": "中国民生银行", "branch": "深圳分行营业部",
            "number_grouped": "6226 2200 0000 0000 422",
        },
        "declarations": DECLARATIONS,
        "signed_on_chinese": chinese_date(date(2026, 11, 23)),
        "signature": "signature.png",
        "signature_url": "/signature.png",
        "verification_code": "7K3M-9QXA-2WDP",
        "previous_letter": None,
        "qr": "qr.png",
        "companion": None,
        "beside": {},
    }  # fmt: skip
    return content | changes


@pytest.fixture
def printed(renderer: Xhtml2pdfLetterRenderer, templates: Environment, signature: bytes) -> Printed:
    def printed(**content: object) -> bytes:
        html = templates.get_template("letters/account_confirmation.html").render(**content)
        pictures = {"qr.png": QR} | ({"signature.png": signature} if content["signature"] else {})
        return renderer.render(html, pictures)

    return printed


def read_by_poppler(pdf: bytes) -> str:
    done = subprocess.run(["/usr/bin/pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def read_by_pypdf(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def resources(pdf: bytes, kind: str) -> list[Any]:
    """What the only page of a letter draws with."""
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    of_page: Any = page["/Resources"]
    return [entry.get_object() for entry in of_page[kind].values()]


@pytest.mark.parametrize("read", [read_by_poppler, read_by_pypdf])
@pytest.mark.parametrize(
    "name",
    [
        RARE_NAME,
        "如则托合提·阿卜杜热合曼",
        "NGUYỄN THỊ HỒNG NHUNG",
        "Ğülşen Yılmaz İpek",
        "Әлихан Бөкейхан",
        "김철수",
        "山田はなこ",
        "MUHAMMAD ABDURRAHMAN BIN SYED ALAUDDIN AL-KHWARIZMI DE LA CRUZ VILLANUEVA",
    ],
)
def test_a_name_is_copied_out_of_the_letter_as_it_was_written(
    printed: Printed, read: Callable[[bytes], str], name: str
) -> None:
    text = without_spaces(read(printed(**letter(name))))
    assert text.count(without_spaces(name)) == 2  # as the party and as the holder


def test_a_long_latin_name_breaks_between_words_only(printed: Printed) -> None:
    name = "MUHAMMAD ABDURRAHMAN BIN SYED ALAUDDIN AL-KHWARIZMI DE LA CRUZ VILLANUEVA"
    words = read_by_poppler(printed(**letter(name))).split()
    assert [word for word in name.split() if words.count(word) != 2] == []


def test_everything_the_payee_confirms_stands_in_the_letter(printed: Printed) -> None:
    text = without_spaces(read_by_poppler(printed(**letter(previous_letter="LK-2026-000123-0"))))
    for said in (
        "执行款收款账户确认书", "编号：LK-2026-000123-1", "深圳市中级人民法院：",
        "（2023）粤03执1234号",
        "居民身份证", "440301198501010014", "6226220000000000422", "中国民生银行", "深圳分行营业部",
        *(f"{place}．{words}" for place, words in enumerate(DECLARATIONS, 1)),
        "4．本确认书取代本人此前签署的编号LK-2026-000123-0的确认书。",
        "（法院盖章处）", "二〇二六年十一月二十三日", "核验码：7K3M-9QXA-2WDP", "第1页共1页",
    ):  # fmt: skip
        assert said in text


def test_the_letter_is_one_a4_page(printed: Printed) -> None:
    (page,) = PdfReader(io.BytesIO(printed(**letter()))).pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_the_text_in_force_fits_one_page_even_for_a_long_name_and_a_second_letter(printed: Printed) -> None:
    body = (ROOT / "webapp/texts/bodies/letter.zh_Hans.txt").read_text(encoding="utf-8").partition("\n")[2]
    name = "MUHAMMAD ABDURRAHMAN BIN SYED ALAUDDIN AL-KHWARIZMI DE LA CRUZ VILLANUEVA"
    content = letter(name, declarations=body.strip().split("\n\n"), previous_letter="LK-2026-000123-1")
    assert len(PdfReader(io.BytesIO(printed(**content))).pages) == 1


@pytest.mark.parametrize("count", range(4, 12))
def test_the_signature_never_stands_on_a_page_without_words(printed: Printed, count: int) -> None:
    declarations = [f"此为第{n}项。" + DECLARATIONS[1] for n in range(1, count + 1)]
    pages = PdfReader(io.BytesIO(printed(**letter(declarations=declarations)))).pages
    last = without_spaces(pages[-1].extract_text())
    assert f"{count}．此为第{count}项" in last
    assert "确认人（签名）" in last
    assert len(pages) <= 2


@pytest.mark.parametrize("lines", range(1, 9))
def test_a_declaration_and_its_translation_stand_on_one_page(printed: Printed, lines: int) -> None:
    count = 9
    english = {
        "language": "en", "title": "Confirmation of the account", "document_type": "Passport", "nationality": "Egypt", "bank": "",
        "declarations": [f"This is part {n} of {count}." for n in range(1, count + 1)],
        "signed_on": "23 November 2026", "prevails": "The Chinese text prevails.",
    }  # fmt: skip
    declarations = [f"此为第{n}项。" + "今" * (30 * lines if n == 1 else 30) for n in range(1, count + 1)]
    pdf = printed(**letter(declarations=declarations, companion=english, beside=dict.fromkeys(LABELS, "Name")))
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    chinese = [re.findall(r"此为第(\d+)项", without_spaces(text)) for text in texts]
    assert chinese == [re.findall(r"This is part (\d+) of", text) for text in texts]
    assert sum(map(len, chinese)) == count


def test_chinese_lines_wrap_inside_the_margins(printed: Printed, tmp_path: Path) -> None:
    """Millimetres at 25.4 dots an inch: nothing is inked in the outer 15 mm at the right."""
    file = tmp_path / "letter.pdf"
    long = ["因信息错误或者变更后未及时告知法院产生的后果由本人承担" * 6]
    file.write_bytes(printed(**letter(declarations=long)))
    to_png = ["/usr/bin/pdftoppm", "-r", "25.4", "-gray", "-png", "-singlefile"]
    subprocess.run([*to_png, file, tmp_path / "letter"], check=True)
    page = Image.open(tmp_path / "letter.png").convert("L")
    right = page.crop((page.width - 15, 0, page.width, page.height))
    assert right.getextrema() == (255, 255)
    middle = page.crop((30, 0, page.width - 30, page.height))
    assert middle.getextrema() != (255, 255)
    assert long[0] in without_spaces(read_by_poppler(file.read_bytes()))


def test_every_font_that_draws_a_character_is_embedded(printed: Printed) -> None:
    found = resources(printed(**letter(RARE_NAME)), "/Font")
    fonts = {str(font["/BaseFont"]): font for font in found}
    ours = {name: f for name, f in fonts.items() if "Lingkuan" in name}
    assert {name.split("+")[1] for name in ours} == {
        "LingkuanSong",
        "LingkuanSongMore",
        "LingkuanSongRare",
    }
    assert all("/FontFile2" in f["/FontDescriptor"] and "/ToUnicode" in f for f in ours.values())
    assert set(fonts) - set(ours) <= {"/Helvetica"}  # reportlab always lists it; see the next test


def test_not_one_character_is_set_in_a_font_the_reader_must_have(printed: Printed) -> None:
    drawn = []
    (page,) = PdfReader(io.BytesIO(printed(**letter(RARE_NAME)))).pages
    page.extract_text(visitor_text=lambda text, _a, _b, font, _d: drawn.append((text, font)))
    foreign = [text for text, font in drawn if text.strip() and "Lingkuan" not in font["/BaseFont"]]
    assert foreign == []
    assert len(drawn) > 20


def test_the_signature_is_in_the_letter_with_its_paper_showing_through(printed: Printed) -> None:
    images = {image["/Width"]: image for image in resources(printed(**letter()), "/XObject")}
    assert images[600]["/Height"] == 240
    assert "/SMask" in images[600]


def test_a_typed_name_is_said_to_be_one_below_it_and_the_letter_stays_on_its_page(printed: Printed) -> None:
    drawn, typed = printed(**letter()), printed(**letter(typed=True))
    assert "不能手写" not in without_spaces(read_by_poppler(drawn))
    words = without_spaces(read_by_poppler(typed))
    assert words.index("确认人（签名）：") < words.index("（不能手写，以本人输入的姓名代替）")
    assert len(PdfReader(io.BytesIO(typed)).pages) == 1


def test_a_name_in_arabic_script_is_drawn_joined_and_comes_out_as_it_was_typed(printed: Printed) -> None:
    pdf = printed(**letter("محمد عبدالله"))
    words = subprocess.run(["/usr/bin/pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert "محمد عبدالله" in unicodedata.normalize("NFKC", words)
    assert any("SongArabic" in str(font["/BaseFont"]) for font in resources(pdf, "/Font"))
    with TTFont(FONTS / "song-arabic.ttf", lazy=True) as font:
        forms = font.getBestCmap()
    assert {ord(form) for form in joined("محمد عبدالله") if form != " "} <= forms.keys()


def test_beside_the_chinese_arabic_runs_from_the_right(printed: Printed) -> None:
    arabic = {
        "language": "ar", "title": "خطاب تأكيد الحساب", "document_type": "جواز سفر", "nationality": "مصر", "bank": "", "declarations": [],
        "signed_on": "23 نوفمبر 2026", "prevails": "النص الصيني هو المعتمد.",
    }  # fmt: skip
    pdf = printed(**letter("MOHAMED ALI", companion=arabic, beside=dict.fromkeys(LABELS, "الاسم")))
    read = subprocess.run(["/usr/bin/pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    said = unicodedata.normalize("NFKC", read)
    assert "خطاب تأكيد الحساب" in said
    assert "النص الصيني هو المعتمد" in said


def test_a_preview_has_no_signature_yet(printed: Printed) -> None:
    (page,) = PdfReader(io.BytesIO(printed(**letter(signature=None, qr=None)))).pages
    assert not page.images


@pytest.mark.parametrize("character", ["\U000323af", "ก", "\u200b", "\U000e0100", "🙂"])
def test_a_character_that_no_font_has_stops_the_letter(
    printed: Printed, renderer: Xhtml2pdfLetterRenderer, character: str
) -> None:
    with pytest.raises(MissingGlyph) as raised:
        printed(**letter(f"何{character}"))
    assert raised.value.characters == character == renderer.missing(f"何{character} 志豪")


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="/etc/passwd" />',
        "<img src='http://127.0.0.1/x.png'>",
        "<img src=http://127.0.0.1/x.png>",
        '<IMG SRC="https://example.com/x.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img alt="signature.png">',
        '<link rel="stylesheet" href="http://127.0.0.1/x.css">',
        "<style>@import 'x.css';</style>",
        "<style>p {background-image: url(file:///etc/passwd)}</style>",
        "<style>p {background-image: \\75rl(x)}</style>",
        '<p style="background: URL (x.png)">x</p>',
        '<table background="x.png"><tr><td>x</td></tr></table>',
        '<a href="file:///etc/passwd">x</a>',
        '<iframe src="http://127.0.0.1/"></iframe>',
        '<object data="x.svg"></object>',
        '<svg><image href="x.png" /></svg>',
        '<pdf:font src="/etc/passwd" name="x" />',
        "<script>1</script>",
    ],
)
def test_a_letter_reaches_for_nothing_but_the_pictures_it_was_given(
    renderer: Xhtml2pdfLetterRenderer, signature: bytes, html: str
) -> None:
    with pytest.raises(LetterReachesOut):
        renderer.render(f"<p>正文</p>{html}", {"signature.png": signature})


@pytest.mark.parametrize("broken", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a\x01\x00\x01\x00"])
def test_a_signature_that_cannot_be_drawn_stops_the_letter(renderer: Xhtml2pdfLetterRenderer, broken: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        renderer.render('<p>确认人：<img src="s.png"></p>', {"s.png": broken})


def test_half_a_signature_stops_the_letter(renderer: Xhtml2pdfLetterRenderer, signature: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        renderer.render('<p><img src="s.png"></p>', {"s.png": signature[: len(signature) // 2]})


def test_without_the_font_files_there_is_no_letter_rather_than_a_blank_one(tmp_path: Path) -> None:
    (tmp_path / "coverage.json").write_bytes((FONTS / "coverage.json").read_bytes())
    with pytest.raises(RenderFailed):
        Xhtml2pdfLetterRenderer(tmp_path).render("<p>何志豪</p>", {})


def test_what_the_library_only_logs_is_heard_and_stays_out_of_our_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with listening() as complaints:
        logging.getLogger("xhtml2pdf.tags").warning("no picture for %s", "何志豪")
    logging.getLogger("xhtml2pdf.tags").warning("afterwards")
    assert len(complaints) == 1
    assert "何志豪" not in complaints[0]
    assert caplog.messages == ["afterwards"]


def test_a_name_with_markup_in_it_is_only_a_name(printed: Printed) -> None:
    text = without_spaces(read_by_poppler(printed(**letter("<b>何</b>&<img src='x'>"))))
    assert "<b>何</b>&<imgsrc='x'>" in text


def test_the_reading_form_says_what_the_printed_form_says(templates: Environment, printed: Printed) -> None:
    content = letter(previous_letter="LK-2026-000123-0", version="2")
    html = templates.get_template("letters/_account_confirmation_reading.html").render(**content)
    printed_text = without_spaces(read_by_poppler(printed(**content)))
    parts = [without_spaces(part) for part in re.findall(r">([^<>]+)<", html) if part.strip()]
    only_read = [part for part in parts if part not in printed_text]
    assert only_read == []
    assert len(parts) > 25
    assert 'alt="何志豪的预留签名"' in html


def test_both_forms_say_for_which_company_or_as_whose_heir_somebody_signs(
    templates: Environment, printed: Printed
) -> None:
    acts = {"company": "深圳某某有限公司", "company_code": "91440300708461136T", "heir_of": "欧阳四"}
    base = letter()
    content = base | {"party": {**cast("dict[str, str]", base["party"]), **acts}}
    html = templates.get_template("letters/_account_confirmation_reading.html").render(**content)
    for text in (without_spaces(html), without_spaces(read_by_poppler(printed(**content)))):
        assert "本人代表深圳某某有限公司作为欧阳四的继承人确认" in text
        assert "91440300708461136T" in text
        assert "原权利人" in text


def test_two_marks_that_meet_take_the_room_of_one_and_a_half(printed: Printed) -> None:
    assert squeezed("（含附件）。") == f"（含附件{NARROW['）']}。"
    assert squeezed("《〈一〉》、《二》") == f"《{NARROW['〈']}一{NARROW['〉']}{NARROW['》']}{NARROW['、']}《二》"
    said = "本人（下称“申请人”）确认：《执行款收款账户确认书》、（2023）粤03执1234号裁定书（含附件）。"
    assert said in without_spaces(read_by_poppler(printed(**letter(declarations=[said]))))


def lines_of(pdf: bytes) -> list[str]:
    return [line.strip() for line in read_by_poppler(pdf).splitlines() if line.strip()]


@pytest.mark.parametrize("shift", range(0, 12, 2))
def test_no_line_begins_or_ends_with_the_wrong_mark_and_no_number_is_cut(printed: Printed, shift: int) -> None:
    said = (
        "一" * shift
        + "本人（即“申请人”）收到《通知书》（编号2026-ABCD-000001）后，确认：以下各项（含附件），均为真实。" * 3
    )
    lines = lines_of(printed(**letter(declarations=[said])))
    assert [line for line in lines if line[0] in "，。、；：）》”" or line[-1] in "（《“"] == []
    assert sum(line.count("2026-ABCD-000001") for line in lines) == 3


def test_a_private_use_character_in_a_name_is_not_taken_for_a_narrow_mark(renderer: Xhtml2pdfLetterRenderer) -> None:
    assert renderer.missing("何\ue800") == "\ue800"


@pytest.mark.parametrize(
    ("rule", "plain", "struck"),
    [
        ("p.a + p", '<p class="b">甲</p><p>乙</p>', '<p class="a">甲</p><p>乙</p>'),
        ("p:first-child", "<div><h2>甲</h2><p>乙</p></div>", "<div><p>乙</p></div>"),
        ("div p", "<p>乙</p>", "<div><p>乙</p></div>"),
        ('p[align="left"]', '<p align="right">乙</p>', '<p align="left">乙</p>'),
    ],
)
def test_rules_are_matched_anew_where_a_letter_is_built_otherwise(
    renderer: Xhtml2pdfLetterRenderer, rule: str, plain: str, struck: str
) -> None:
    """What is remembered of one letter is never used for another that only looks like it; the words play no part."""
    whole = "<html><head><style>p { font-size: 10pt } %s { font-size: 30pt }</style></head><body>%s</body></html>"
    for body, size in ((plain, 10), (struck, 30), (plain, 10), (struck.replace("乙", "丙"), 30)):
        drawn: list[tuple[str, float]] = []

        def note(
            text: str, _a: Any, _b: Any, _font: Any, height: float, drawn: list[tuple[str, float]] = drawn
        ) -> None:
            drawn.append((text, height))

        PdfReader(io.BytesIO(renderer.render(whole % (rule, body), {}))).pages[0].extract_text(visitor_text=note)
        assert {height for text, height in drawn if "乙" in text or "丙" in text} == {size}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.file)
def test_the_table_of_characters_agrees_with_the_font(renderer: Xhtml2pdfLetterRenderer, face: Face) -> None:
    with TTFont(FONTS / face.file, lazy=True) as font:
        drawn = [point for point in font.getBestCmap() if chr(point) not in REAL and not 0xFB50 <= point <= 0xFEFC]
    assert renderer.missing("".join(map(chr, drawn))) == ""
    sample = "".join(map(chr, drawn[2::997]))
    assert face in Coverage(FONTS).needed(sample)


def test_the_fonts_keep_their_licences_beside_them_and_stay_small() -> None:
    assert sum(f.stat().st_size for f in FONTS.glob("*.ttf")) < 50_000_000
    assert {f.name for f in FONTS.glob("OFL-*.txt")} == {
        "OFL-NotoSerifSC.txt", "OFL-NotoSerif.txt", "OFL-NanumMyeongjo.txt", "OFL-NotoNaskhArabic.txt"
    }  # fmt: skip
    assert (FONTS / "COPYRIGHT-Hanazono.txt").exists()
