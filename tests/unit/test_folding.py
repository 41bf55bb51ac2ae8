"""Digits of any keyboard mean what they say."""

from __future__ import annotations

import pytest

from webapp.core.folding import folded


@pytest.mark.parametrize("typed", ["123456", "１２３４５６", "١٢٣٤٥٦", "۱۲۳۴۵۶", "१२३४५६", "๑๒๓๔๕๖"])
def test_digits_of_every_script_are_the_same_number(typed: str) -> None:
    assert folded(typed) == "123456"


def test_letters_stay_what_they_are() -> None:
    assert folded("Ｃ０1Ｘ 王䶮 ½") == "C01X 王䶮 1⁄2"
