"""Which bank the words on a card name."""

from __future__ import annotations

import pytest

from webapp.payee.rules.banks import banks_named


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("中国工商银行", {"ICBC"}),
        ("工商银行 ICBC", {"ICBC"}),
        ("中国银行 BANK OF CHINA", {"BOC"}),
        ("中 国 农 业 银 行", {"ABC"}),
        ("东亚银行 BEA", {"HKBEA", "BEAHK"}),
        ("渣打银行", {"SCB", "SCBHK"}),
        ("银行", set()),
        ("VALID THRU 12/39", set()),
        ("", set()),
    ],
)
def test_a_bank_is_known_by_its_full_name_alone(words: str, codes: set[str]) -> None:
    assert banks_named(words) == codes


def test_the_specimen_bank_is_named_in_a_demo_only() -> None:
    assert banks_named("样本银行 SPECIMEN BANK", include_specimen=True) == {"SPECIMEN"}
    assert banks_named("样本银行 SPECIMEN BANK") == set()
