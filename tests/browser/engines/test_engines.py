"""The resident's whole way in WebKit and in Firefox, by visible names; the camera's pictures are files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Demo, patiently
from tests.browser.engines.driver import Engine, firefox, webkit
from tests.browser.engines.hands import Hands
from tests.browser.payee import Words
from tests.browser.test_whole_way import FLAT, FLAT_NUMBER, check_letter

pytestmark = pytest.mark.browser

PEOPLE = {
    "firefox": ("10000000001", "何志豪", "440301198501010014", "resident-he-front.jpg"),
    "webkit": ("10000000002", "欧阳䶮", "44030119850101009X", "resident-ouyang-front.jpg"),
}


@pytest.fixture(scope="module", params=[firefox, webkit], ids=["firefox", "webkit"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with request.param(tmp_path_factory.mktemp(request.param.__name__) / "browser") as opened:
        yield opened


@pytest.fixture
def hands(engine: Engine, demo: Demo) -> Hands:
    """A stranger at the home page."""
    hands = Hands(engine, demo, Words())
    hands.open("/offline")
    engine.command("DeleteAllCookies")
    hands.open()
    assert hands.faults() == []
    return hands


def test_faults_are_heard(hands: Hands) -> None:
    """So that hearing none means something."""
    hands.sees("您好")
    hands.value(
        "console.error('said'); setTimeout(() => { throw new Error('thrown'); }); Promise.reject(new Error('refused'));"
    )
    heard: list[str] = []

    def all_heard() -> bool | None:
        heard.extend(hands.faults())
        return all(any(word in fault for fault in heard) for word in ("said", "thrown", "refused")) or None

    patiently(all_heard, f"only {heard} was heard")


def test_arabic_is_mirrored(hands: Hands) -> None:
    gap = """(() => { const left = (e) => e.getBoundingClientRect().left, bar = document.querySelector(".bar");
        return left(bar.lastElementChild) - left(bar.firstElementChild); })()"""
    direction = "getComputedStyle(document.querySelector('main')).direction"
    hands.open("/language?next=/help")
    assert hands.until(direction) == "ltr"
    assert hands.until(gap) > 100
    hands.tick("العربية")
    hands.press("继续")
    hands.until("location.pathname === '/help'")
    assert hands.until(direction) == "rtl"
    assert hands.until(gap) < -100
    assert hands.until("document.documentElement.scrollWidth <= innerWidth"), "something sticks out"
    assert hands.faults() == []


def test_the_service_worker_leaves_the_page_whole(hands: Hands) -> None:
    """In Firefox it is waited for; WebKit may be slower with it. The page is the same before and after."""
    state = "return navigator.serviceWorker?.getRegistration().then((r) => (r?.active ? 'runs' : 'comes')) ?? 'none';"
    if hands.engine.name == "firefox":
        patiently(lambda: hands.value(state) == "runs" or None, "the service worker never came")
    hands.open()
    hands.press(hands.words.not_verified)
    hands.until("location.pathname === '/language' || document.querySelector('dialog[open]') !== null")
    assert hands.faults() == []


def identify(hands: Hands, name: str, number: str, folder: Path) -> None:
    """From the document to the reserved signature."""
    w = hands.words
    hands.document("resident_id", name, number)
    hands.sees("人脸")
    assert hands.swaps() >= 4, "htmx put nothing into the page"
    hands.agree()
    hands.press(w.next)
    hands.film(folder)
    hands.press(w.submit)
    hands.sees("阅读告知书并签名")
    hands.draw()
    kept = json.loads(hands.until("document.querySelector('[data-sign] input[type=hidden]').value"))
    assert [len(stroke) >= 5 for stroke in kept["strokes"]] == [True] * 3
    hands.press(w.sign)
    hands.sees(w.done)
    hands.press(w.cases)


def collect(hands: Hands, front: str) -> bytes:
    """From the list of cases to the letter that was saved."""
    w = hands.words
    hands.press("（2023）粤0399执1234号")
    hands.agree()
    hands.press(w.confirm)
    hands.no_camera()
    hands.photograph(0, FLAT)
    hands.holds(w.card_number, FLAT_NUMBER)
    hands.until("document.querySelector('#bank-found')?.textContent.trim()")
    hands.write(w.branch, "深圳福田支行")
    for place, picture in enumerate((front, "resident-back.jpg"), start=1):
        hands.photograph(place, picture)
    hands.press(w.next)
    hands.press(w.read_back)
    hands.sees(w.preview)
    hands.press(w.submit_and_sign)
    hands.press(w.ok)
    hands.sees(w.signed)
    hands.press(w.save)
    return hands.saved("*.pdf")


def test_a_resident(hands: Hands, demo: Demo, tmp_path: Path) -> None:
    phone, name, number, front = PEOPLE[hands.engine.name]
    hands.begin(phone)
    identify(hands, name, number, tmp_path)
    letter = collect(hands, front)
    # Debian's WebKit plays no WebM without further packages; the page says so and hands the film in all the same
    assert [fault for fault in hands.faults() if not fault.startswith("video blob:")] == []
    check_letter(letter, demo, name, FLAT_NUMBER, tmp_path)
