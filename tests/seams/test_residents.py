"""What is taken for the holder's name and address, among all that stands on the card and on the papers below it."""

from __future__ import annotations

from webapp.adapters.vision.boxes import Box
from webapp.adapters.vision.residents import front_fields
from webapp.adapters.vision.text import Line


def line(text: str, x: float, y: float, *, confidence: float = 0.99) -> Line:
    width = 45.0 * len(text)
    return Line(text, confidence, Box((x + width / 2, y), width, 40.0, 0.0))


OWN_NAME = (line("姓名", 100, 300), line("孙勇", 220, 300))


def name_among(*others: Line) -> str | None:
    found = front_fields([*OWN_NAME, *others]).get("name")
    return found.value if found else None


def test_the_name_stands_behind_its_label() -> None:
    assert name_among() == "孙勇"


def test_a_form_below_the_card_has_no_name_for_what_follows_its_labels() -> None:
    assert name_among(line("单位姓名证件号码", 100, 100)) == "孙勇"


def test_a_label_that_is_seen_twice_is_no_part_of_the_name() -> None:
    assert name_among(line("姓名证", -50, 300)) == "孙勇"


def test_what_lies_beside_the_card_is_no_part_of_the_name() -> None:
    assert name_among(line("特此通知", 380, 300)) == "孙勇"


def test_of_two_names_none_is_told_for_one_is_somebody_elses() -> None:
    assert name_among(line("姓名张三", 100, 100)) is None


def test_the_rim_of_a_card_is_no_letter_of_the_address() -> None:
    lines = [line("住址长沙市岳麓|区滨河花园56号", 100, 500), line("2栋1066室", 200, 550)]
    assert front_fields(lines)["address"].value == "长沙市岳麓区滨河花园56号2栋1066室"


def test_an_address_of_a_form_below_the_card_is_not_the_holders() -> None:
    own = [line("住址哈尔滨市道里区幸福新村7号", 100, 500)]
    assert (
        front_fields([line("址年月日本院受理登记表", 100, 100), *own])["address"].value == "哈尔滨市道里区幸福新村7号"
    )
    assert "address" not in front_fields([line("住址长沙市岳麓区滨河花园", 100, 100), *own])
