"""Makes docs/screens anew: every page as its reader sees it, in Chinese, English and Arabic, light and dark, on a phone and on a desk.

Usage: make screens   or   tools/make_screens.py [--only payee|desk|letter] [--language zh_Hans|en|ar]
Needs Debian's chromium and poppler-utils; takes about five minutes. A part that is made alone leaves the others as they are.

The pages and the people who see them are those of tests/browser/pages.py, so a page that is added there is here by itself.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
OUT = ROOT / "docs" / "screens"

from PIL import Image  # noqa: E402 (the path must be set first)
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from tests.browser.conftest import DESK, FLAGS, PHONE, Camera, Demo, new_context, until_up  # noqa: E402
from tests.browser.pages import Court, Sight, open_court  # noqa: E402
from tests.browser.payee import Payee  # noqa: E402
from tests.databases import migrate  # noqa: E402
from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer  # noqa: E402

PARTS = ("payee", "desk", "letter")
LANGUAGES = {"zh_Hans": "中文", "en": "English", "ar": "العربية"}
AT_THE_DESK = ("zh_Hans", "en")
SCHEMES = ("light", "dark")
SIZES = {"390": PHONE, "1280": DESK}
WIDE = {"home", "home of a payee", "cases", "help", "letters", "a genuine letter"}
QUALITY = {"payee": 20, "desk": 18, "letter": 40}  # of WebP; all pictures together stay below the next line
MOST_BYTES = 6_000_000
NAME = re.compile(r"(?P<part>[a-z]+)-(?P<name>.+)\.(?P<language>zh_Hans|en|ar)\.(?P<look>[a-z0-9-]+)\.webp")


def language_sheet(page: Page) -> None:
    """Which language it is to be."""
    page.locator("[data-opens=languages]").first.click()
    page.locator("dialog#languages[open]").wait_for()


def last_question(page: Page) -> None:
    """Whether it is all right, before the signature is put in."""
    page.locator("[data-opens=confirm]").click()
    page.locator("dialog#confirm[open]").wait_for()


def more(page: Page) -> None:
    """What can be done with the letter."""
    page.locator("[data-opens=more]").click()
    page.locator("dialog#more[open]").wait_for()


def banks(page: Page) -> None:
    """The sheet of all banks."""
    page.locator("[data-opens=banks]").click()
    page.locator("dialog#banks[open]").wait_for()


def camera(page: Page) -> None:
    """The camera, full screen, with somebody before it."""
    page.locator("[data-open]").first.click()
    page.locator("dialog.lens video").wait_for()
    page.wait_for_timeout(1200)


def draw(page: Page) -> None:
    """A signature on the pad."""
    pad = page.locator("[data-sign] canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box() or {"x": 0, "y": 0, "width": 1, "height": 1}
    for line in (
        ((0.15, 0.3), (0.5, 0.25), (0.3, 0.8)),
        ((0.4, 0.5), (0.65, 0.45), (0.6, 0.8)),
        ((0.7, 0.3), (0.9, 0.4), (0.75, 0.85)),
    ):
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=9)
        page.mouse.up()


OPENED: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("home", "language sheet", language_sheet),
    ("face, gestures asked", "camera for the face", camera),
    ("account", "banks", banks),
    ("sign", "signature drawn", draw),
    ("preview", "last question, as a sheet", last_question),
    ("signed", "what can be done with the letter", more),
)
"""What a page of the payees' opens, by the page's name, its own name, and the deed that opens it."""


@dataclass
class Album:
    """The pictures of one part."""

    part: str
    made: set[Path] = field(default_factory=set)

    def keep(self, picture: Image.Image, name: str, language: str, look: str) -> None:
        """One small picture."""
        path = OUT / f"{self.part}-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}.{language}.{look}.webp"
        picture.convert("RGB").save(path, quality=QUALITY[self.part], method=6)
        self.made.add(path)

    def take(self, page: Page, name: str, language: str, size: str) -> None:
        """What is on the screen now, light and dark."""
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            shot = page.screenshot(animations="disabled", caret="hide")
            self.keep(Image.open(io.BytesIO(shot)), name, language, f"{size}-{scheme}")

    def forget(self, languages: Sequence[str]) -> None:
        """Removes the pictures of pages that are no more."""
        for path in OUT.glob(f"{self.part}-*"):
            found = NAME.fullmatch(path.name)
            if path not in self.made and (found is None or found["language"] in languages):
                path.unlink()


def payees(browser: Browser, court: Court, languages: Sequence[str]) -> None:
    """Every page of theirs, and what it opens."""
    album = Album("payee")
    for size in SIZES:
        sights = [sight for sight in court.payee if size == "390" or sight.name in WIDE]
        walk(browser, court, album, sights, size, languages)
    album.forget(languages)


def desk(browser: Browser, court: Court, languages: Sequence[str]) -> None:
    """The clerks' pages."""
    album = Album("desk")
    walk(browser, court, album, court.desk, "1280", [code for code in AT_THE_DESK if code in languages])
    album.forget(languages)


def walk(
    browser: Browser, court: Court, album: Album, sights: Sequence[Sight], size: str, languages: Sequence[str]
) -> None:
    """Opens each page in each language as the person to whom it shows itself."""
    context = new_context(browser, size=SIZES[size], has_touch=size == "390", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    page = context.new_page()
    for language in languages:
        court.speak(context, language)
        for sight in sights:
            court.enter(context, sight)
            court.show(page, sight)
            ready(page)
            album.take(page, sight.name, language, size)
            for name, deed in ((name, deed) for of, name, deed in OPENED if of == sight.name and size == "390"):
                court.show(page, sight)
                ready(page)
                deed(page)
                page.wait_for_timeout(200)
                album.take(page, name, language, size)
                page.goto("about:blank")
        print(f"{album.part}, {size} px, {LANGUAGES[language]}: {len(album.made)} pictures so far", flush=True)
    context.close()


def ready(page: Page) -> None:
    """Waits for the modules that parts of the page name: until then a plain file field stands where the camera's button will."""
    expect(page.locator(".capture:not(.armed)")).to_have_count(0)
    page.wait_for_timeout(120)


def letters(court: Court) -> None:
    """The printed letter, page by page."""
    album = Album("letter")
    sight = next(sight for sight in court.payee if sight.name == "signed")
    reply = sight.who.client.get(f"{sight.path}.pdf")
    if reply.mimetype != "application/pdf":
        raise SystemExit(f"the letter is not there: {reply.status}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "letter.pdf").write_bytes(reply.data)
        subprocess.run(["/usr/bin/pdftoppm", "-r", "80", "-png", "letter.pdf", "page"], cwd=folder, check=True)
        for number, path in enumerate(sorted(Path(folder).glob("page*.png")), start=1):
            album.keep(Image.open(path), f"printed, page {number}", "zh_Hans", "paper")
    album.forget(list(LANGUAGES))


def index() -> str:
    """README.md of the folder: a table for each screen, out of what lies there."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for path in sorted(OUT.glob("*.webp")):
        if match := NAME.fullmatch(path.name):
            screen = found.setdefault(f"{match['part']}: {match['name'].replace('-', ' ')}", {})
            screen.setdefault(match["look"], {})[match["language"]] = path.name
    lines = ["# Screens", "Made by `make screens`; no hand writes here.", ""]
    for title, looks in found.items():
        spoken = [code for code in LANGUAGES if any(code in row for row in looks.values())]
        lines += [
            f"## {title}",
            "| | " + " | ".join(LANGUAGES[code] for code in spoken) + " |",
            "| --- " * (len(spoken) + 1) + "|",
        ]
        for look, row in looks.items():
            cells = [
                f'<img src="{row[code]}" width="{400 if "1280" in look else 200}" alt="{title}, {LANGUAGES[code]}, {look}">'
                if code in row
                else ""
                for code in spoken
            ]
            lines.append(f"| {look.replace('-', ', ')} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


@contextmanager
def fresh_demo() -> Iterator[tuple[Demo, Path]]:
    """A demo that nobody has used yet, served for as long as the block lasts, and its folder."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environ = {**os.environ, "DATA_DIR": folder, "HOST": "127.0.0.1", "PORT": str(port), "DEMO_STORY": "off"}
        log = Path(folder) / "log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [sys.executable, "tools/serve.py"],
                cwd=ROOT,
                env=environ,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        demo = Demo(f"http://127.0.0.1:{port}", Path(folder), server)
        try:
            until_up(demo.address, server, Path(folder))
            yield demo, Path(folder)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)


def until_preview(payee: Payee) -> None:
    """A resident's whole way in the demo, up to the letter that is looked at before it is signed."""
    page = payee.page
    payee.begin("10000000001")
    payee.document("resident_id", "何志豪", "440301198501010014", "CHN")
    page.get_by_role("checkbox").check()
    payee.press("下一步")
    payee.film_until("阅读告知书并签名")
    draw(page)
    payee.press("同意并签名")
    payee.sees("身份认证完成")
    payee.press("涉众案件登记")
    page.get_by_role("link", name="（2023）粤0399执1234号").click()
    page.get_by_role("checkbox").check()
    payee.press("确认")
    payee.photograph(0, "bank-card-flat-19.jpg")
    expect(page.get_by_label("银行卡号", exact=True)).to_have_value("6299 9900 0000 0000 012")
    page.get_by_label("开户支行").fill("深圳福田支行")
    payee.photograph(1, "resident-he-front.jpg")
    payee.photograph(2, "resident-back.jpg")
    payee.press("下一步")
    payee.sees("请再核对一遍")
    payee.press("核对无误，提交")
    payee.sees("预览及签名")


def main(parts: Sequence[str], languages: Sequence[str]) -> int:
    """Takes the pictures that are wanted, and writes the index."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        migrate("", Path(folder))
        with open_court(Path(folder), Xhtml2pdfLetterRenderer(ROOT / "static" / "fonts" / "letter")) as court:
            if "letter" in parts:
                letters(court)
            shown = Camera(Path(folder) / "now.mjpeg")
            shown.show("face.jpg")
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-video-capture={shown.clip}"]
            )
            if "payee" in parts:
                payees(browser, court, languages)
            if "desk" in parts:
                desk(browser, court, languages)
            browser.close()
    (OUT / "README.md").write_text(index())
    size = sum(path.stat().st_size for path in OUT.iterdir())
    print(f"{len(list(OUT.glob('*.webp')))} pictures, {size / 1e6:.1f} MB")
    return 0 if size <= MOST_BYTES else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="may be given again")
    parser.add_argument("--language", choices=list(LANGUAGES), action="append", help="may be given again")
    given = parser.parse_args()
    sys.exit(main(given.only or PARTS, given.language or list(LANGUAGES)))
