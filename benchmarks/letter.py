"""How long a letter takes, warm, beside a floor: the same words set by reportlab alone.

Usage: python -m benchmarks.letter [rounds]
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import Image as Picture  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "static" / "fonts" / "letter"
DECLARATION = "以上信息真实、准确、有效。因信息错误或者变更后未及时告知法院产生的后果，由本人承担。"


def main(rounds: int) -> None:
    """Prints of each the median and the fastest time, and its size."""
    picture = signature()
    template = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True).get_template(
        "letters/account_confirmation.html"
    )
    renderer = Xhtml2pdfLetterRenderer(FONTS)
    pdfmetrics.registerFont(TTFont("Floor", str(FONTS / "song.ttf")))

    def ours(name: str) -> Callable[[], bytes]:
        return lambda: renderer.render(template.render(**letter(name)), {"signature": picture})

    report("floor: reportlab alone", lambda: floor("何志豪", picture), rounds)
    report("everyday name", ours("何志豪"), rounds)
    report("name of the second font", ours("何龑"), rounds)
    report("name of the rare font", ours("何𬎆"), rounds)


def report(what: str, make: Callable[[], bytes], rounds: int) -> None:
    """One line; the first letter is left out, for it loads the fonts."""
    size, took = len(make()), []
    for _ in range(rounds):
        start = time.perf_counter()
        make()
        took.append((time.perf_counter() - start) * 1000)
    median, fastest = statistics.median(took), min(took)
    sys.stdout.write(f"{what:26} median {median:6.1f} ms, fastest {fastest:6.1f} ms, {size} B\n")


def letter(name: str) -> dict[str, object]:
    """What the template asks for."""
    return {
        "court_name": "深圳市中级人民法院",
        "case_number": "（2023）粤03执1234号",
        "letter_number": "LK-2026-000123-1",
        "version": "1",
        "party": {
            "name": name,
            "document_type": "居民身份证",
            "document_number": "440301198501010014",
            "nationality": "中国",
            "phone": "138 0013 8000",
        },
        "account": {
            "holder": name,
            "bank": "中国民生银行",
            "branch": "深圳分行营业部",
            "number_grouped": "6226 2200 0000 0000 422",
        },
        "declarations": [DECLARATION] * 5,
        "signed_on_chinese": "二〇二六年十一月二十三日",
        "signature": "signature",
        "verification_code": "7K3M-9QXA-2WDP",
    }


def floor(name: str, picture: bytes) -> bytes:
    """A title, eight rows, five declarations and the signature."""
    words = ParagraphStyle("words", fontName="Floor", fontSize=12, leading=20, wordWrap="CJK")
    rows = [[Paragraph("证件号码", words), Paragraph(name, words)] for _ in range(8)]
    out = io.BytesIO()
    flow = [Paragraph("执行款收款账户确认书", words), Table(rows)]
    flow += [Paragraph(DECLARATION, words) for _ in range(5)]
    flow += [Picture(io.BytesIO(picture), 150, 60)]
    SimpleDocTemplate(out, pagesize=A4).build(flow)
    return out.getvalue()


def signature() -> bytes:
    """A stroke of ink on nothing."""
    image = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(40, 200), (250, 30), (360, 190), (560, 70)], "black", 9)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
