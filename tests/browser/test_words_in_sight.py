"""What is said of a picture can be read where it is said: above the foot bar, without scrolling by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SPECIMENS, Camera, Demo
from tests.browser.payee import Payee

pytestmark = pytest.mark.browser

HIDDEN = """(e) => {
  const said = e.getBoundingClientRect();
  return Math.max(said.bottom - document.querySelector(".foot").getBoundingClientRect().top,
                  document.querySelector(".bar").getBoundingClientRect().bottom - said.top);
}"""


def in_sight(said: Locator) -> None:
    """No pixel of it under the foot bar or the bar at the top, once the page has come to rest."""
    said.page.wait_for_function(f"(e) => ({HIDDEN})(e) <= 0", arg=said.element_handle(), timeout=5000)


@pytest.mark.parametrize("calm", [False, True], ids=["as it is", "reduced motion"])
def test_what_is_wrong_with_a_photo_is_seen_above_the_foot_bar(
    phone: Page, demo: Demo, camera: Camera, calm: bool
) -> None:
    phone.set_viewport_size({"width": 390, "height": 844})
    if calm:
        phone.emulate_media(reduced_motion="reduce")
    Payee(phone, demo, camera).begin(f"1000000007{int(calm)}")
    said = phone.locator("#document-read .notice")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-blurred.jpg")
    expect(said).to_contain_text("照片")
    expect(said.locator("[role=status]")).to_have_count(0)
    in_sight(said)
    phone.evaluate("scrollTo(0, 0)")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-front.jpg")
    expect(said).to_contain_text("已由照片填写")
    in_sight(said)


def test_a_photo_that_is_refused_is_said_in_sight_and_nothing_moves_under_who_types(
    phone: Page, demo: Demo, camera: Camera
) -> None:
    phone.set_viewport_size({"width": 390, "height": 700})
    Payee(phone, demo, camera).begin("10000000072")
    phone.locator("#document_picture").set_input_files(
        files={"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    )
    said = phone.locator("#document-read .notice")
    expect(said).to_contain_text("不是照片")
    in_sight(said)
    name = phone.get_by_label("姓名", exact=True)
    name.press_sequentially("何")
    phone.locator("#document_picture").evaluate("e => { window.before = scrollY; }")
    phone.evaluate("document.querySelector('#document-read').replaceChildren(); scrollTo(0, 0)")
    name.evaluate("e => e.focus({preventScroll: true})")
    phone.locator("#document_picture").set_input_files(SPECIMENS / "resident-he-front.jpg")
    expect(said).to_contain_text("已由照片填写")
    assert phone.evaluate("scrollY") == 0
