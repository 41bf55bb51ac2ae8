"""Which bank the words on a card name."""

from __future__ import annotations

import pytest

from webapp.payee.rules.banks import bank_named


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("中国工商银行", "ICBC"),
        ("工商银行 ICBC", "ICBC"),
        ("中国银行 BANK OF CHINA", "BOC"),
        ("中 国 农 业 银 行", "ABC"),
        ("银行", None),
        ("VALID THRU 12/39", None),
        ("", None),
    ],
)
def test_a_bank_is_known_by_its_full_name_alone(words: str, code: str | None) -> None:
    assert bank_named(words) == code


def test_the_specimen_bank_is_named_in_a_demo_only() -> None:
    assert bank_named("样本银行 SPECIMEN BANK", include_specimen=True) == "SPECIMEN"
    assert bank_named("样本银行 SPECIMEN BANK") is None
