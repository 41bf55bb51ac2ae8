"""What a letter costs, warm, on one core: the libraries as they come, ours, ours under the court's seal, all in one run.

Usage: python -m benchmarks.letter [rounds]
Times are CPU milliseconds of this process, so that a machine which is busy elsewhere doesn't spoil them much; compare within
one run only. WeasyPrint is measured where it is installed (`pip install weasyprint`); the product doesn't use it.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import Image as Picture  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table
from xhtml2pdf import pisa
from xhtml2pdf.files import ResourceAccessPolicy

from webapp.adapters.pdf.contents import Contents, with_pictures
from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer
from webapp.adapters.seal.demo import CERTIFICATE, KEY, ROOT, demo_seal
from webapp.adapters.seal.keys import certificates_in, from_files
from webapp.adapters.seal.pades import PadesSealer
from webapp.payee.letters import verification_picture

ROOM = Path(__file__).parents[1]
FONTS = ROOM / "static" / "fonts" / "letter"
COURT = "深圳市中级人民法院"


def main(rounds: int) -> None:
    """Prints of each the median and the fastest time, and its size. What comes first doesn't know our quickening yet."""
    pictures = {"signature": signature(), "qr": verification_picture("https://court.example/letters/7K3M-9QXA-2WDP")}
    template = Environment(loader=FileSystemLoader(ROOM / "templates"), autoescape=True).get_template(
        "letters/account_confirmation.html"
    )
    html = template.render(**letter("何志豪"))
    pdfmetrics.registerFont(TTFont("Floor", str(FONTS / "song.ttf")))
    report("reportlab alone", lambda: floor("何志豪", pictures["signature"]), rounds)
    report("xhtml2pdf as it comes", lambda: plain(html, pictures), rounds)
    if weasy := weasyprint(html, pictures):
        report("WeasyPrint", weasy, rounds)
    folder = demo_seal(Path(tempfile.mkdtemp()) / "seal", COURT)
    signer = from_files(folder / CERTIFICATE, folder / KEY)
    sealer = PadesSealer(lambda: signer, roots=certificates_in(folder / ROOT), place=COURT)
    renderer = Xhtml2pdfLetterRenderer(FONTS)

    def ours(name: str) -> bytes:
        return renderer.render(template.render(**letter(name)), pictures)

    made = ours("何志豪")
    report("pyHanko's seal as it comes", lambda: plain_seal(made, signer), rounds)
    report("our seal", lambda: sealer.seal(made), rounds)
    report("our letter", lambda: ours("何志豪"), rounds)
    report("our letter, a rare name", lambda: ours("何𬎆"), rounds)
    report("OUR LETTER, SEALED", lambda: sealer.seal(ours("何志豪")), rounds)
    report("checking a sealed letter", lambda: str(sealer.check(sealer.seal(made))).encode(), rounds)


def report(what: str, make: Callable[[], bytes], rounds: int) -> None:
    """One line; the first letter is left out, for it loads the fonts."""
    size, took = len(make()), []
    for _ in range(rounds):
        start = time.process_time()
        make()
        took.append((time.process_time() - start) * 1000)
    median, fastest = statistics.median(took), min(took)
    sys.stdout.write(f"{what:28} median {median:6.1f} ms, fastest {fastest:6.1f} ms, {size} B\n")
    sys.stdout.flush()


def letter(name: str) -> dict[str, object]:
    """What the template asks for."""
    body = (ROOM / "webapp/texts/bodies/letter.zh_Hans.txt").read_text(encoding="utf-8").partition("\n")[2]
    return {
        "court_name": COURT,
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
        "declarations": body.strip().split("\n\n"),
        "signed_on_chinese": "二〇二六年十一月二十三日",
        "signature": "signature",
        "qr": "qr",
        "companion": None,
        "beside": {},
        "verification_code": "7K3M-9QXA-2WDP",
    }


def plain(html: str, pictures: Mapping[str, bytes]) -> bytes:
    """The same page by the library alone: an @font-face rule, its own passes and caches."""
    font = f"@font-face {{font-family: Plain; src: url({FONTS / 'song.ttf'});}} body, p, td, h1, h2 {{font-family: Plain;}}"
    whole = with_pictures(html, Contents(html).images, pictures)
    policy = ResourceAccessPolicy.server(str(FONTS), allow_remote=False, extra_roots=(str(FONTS),))
    out = io.BytesIO()
    pisa.CreatePDF(f"<style>{font}</style>{whole}", dest=out, encoding="utf-8", resource_policy=policy)
    return out.getvalue()


def plain_seal(pdf: bytes, signer: Any) -> bytes:
    """The same signature by pyHanko's own short way."""
    meaning = PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES)
    done: Any = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meaning, signer=signer)
    return bytes(done.getvalue())


def weasyprint(html: str, pictures: Mapping[str, bytes]) -> Callable[[], bytes] | None:
    """WeasyPrint with the same font, or None where it isn't installed."""
    try:
        from weasyprint import CSS, HTML  # type: ignore[import-not-found]  # noqa: PLC0415 (not a library of the product)
        from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None
    fonts = FontConfiguration()
    face = f"@font-face {{font-family: Song; src: url(file://{FONTS / 'song.ttf'});}} * {{font-family: Song;}}"
    sheet = CSS(string=face, font_config=fonts)
    whole = with_pictures(html, Contents(html).images, pictures)
    return lambda: bytes(HTML(string=whole).write_pdf(stylesheets=[sheet], font_config=fonts))


def floor(name: str, picture: bytes) -> bytes:
    """A title, eight rows, five declarations and the signature."""
    words = ParagraphStyle("words", fontName="Floor", fontSize=12, leading=20, wordWrap="CJK")
    rows = [[Paragraph("证件号码", words), Paragraph(name, words)] for _ in range(8)]
    out = io.BytesIO()
    flow = [Paragraph("执行款收款账户确认书", words), Table(rows)]
    flow += [Paragraph(str(line), words) for line in list(letter(name)["declarations"])]  # type: ignore[call-overload]
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
