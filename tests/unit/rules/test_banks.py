"""Banks as people look for them, their marks, and the city that a branch is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import update_banks

from webapp.payee.rules.banks import TINTS, all_prefixes, bank_by_code, banks, search_banks
from webapp.payee.rules.branches import city_key


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("工行", "中国工商银行"), ("农行", "中国农业银行"), ("招行", "招商银行"), ("邮储", "中国邮政储蓄银行"), ("浦发", "上海浦东发展银行"),
        ("zggsyh", "中国工商银行"), ("zhaoshang", "招商银行"), ("cmb", "招商银行"), ("merchants", "招商银行"), ("Bank of China", "中国银行"),
    ],
)  # fmt: skip
def test_the_bank_that_is_meant_comes_first_or_nearly(typed: str, name: str) -> None:
    assert name in [bank.name for bank in search_banks(typed)[:3]]


def test_what_no_bank_is_called_finds_none() -> None:
    assert search_banks("没有这家") == ()
    assert search_banks("行工") == ()


def test_every_bank_has_a_mark_of_one_character_on_one_of_our_tints() -> None:
    marks = [bank.mark for bank in banks(include_specimen=True)]
    assert all(len(mark.character) == 1 and 0 <= mark.tint < TINTS for mark in marks)
    well_known = [bank_by_code(code) for code in ("ICBC", "ABC", "BOC", "CCB", "CITIC", "SPDB")]
    assert [bank.mark.character for bank in well_known if bank] == list("工农中建信浦")


@pytest.mark.parametrize(
    ("branch", "city"),
    [
        ("深圳福田支行", "深圳"), ("广东省深圳市福田支行", "深圳"), ("中国银行深圳福田支行", "深圳"), ("工行深圳分行", "深圳"),
        ("新疆维吾尔自治区乌鲁木齐市分行", "乌鲁"), ("Shenzhen Futian", "shenzhen"), ("深", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_branch_tells_its_city_however_it_is_written(branch: str, city: str) -> None:
    assert city_key(branch) == city


def test_the_tables_are_made_from_the_package_and_keep_what_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, data = tmp_path / "package", tmp_path / "data"
    (package / "dist").mkdir(parents=True)
    data.mkdir()
    source = "{bin: '622202', bank: 'ICBC', type: DC, len: 19} {code: 'ICBC', name: '中国工商银行'}"
    (package / "dist" / "bankcard.cjs.js").write_text(source, encoding="utf-8")
    (package / "LICENSE").write_text("MIT", encoding="utf-8")
    (package / "package.json").write_text(json.dumps({"version": "9.9.9"}), encoding="utf-8")
    before = "code,name,english,cnaps_class,hq_number,main,pinyin,initials\nICBC,x,Industrial,102,102100099996,1,x,x\n"
    (data / "banks.csv").write_text(before, encoding="utf-8")
    monkeypatch.setattr(update_banks, "DATA", data)
    monkeypatch.setattr(update_banks, "SOURCE", data / "SOURCE.txt")
    update_banks.command(str(package))
    row = "ICBC,中国工商银行,Industrial,102,102100099996,1,zhongguogongshangyinhang,zggsyh,"
    assert (data / "banks.csv").read_text(encoding="utf-8").splitlines()[1] == row
    assert (data / "bins.csv").read_text(encoding="utf-8").splitlines()[1] == "622202,19,ICBC,debit"
    assert (data / "SOURCE.txt").read_text(encoding="utf-8") == "bankcard 9.9.9\n"


def test_no_bank_is_listed_twice_and_nothing_that_is_no_bank() -> None:
    names = [bank.name for bank in banks()]
    assert len(names) == len(set(names))
    assert not {"CSC借记卡", "交通银行香港分行"} & set(names)
    codes = {bank.code for bank in banks()}
    assert {prefix.bank_code for prefix in all_prefixes()} <= codes


def test_both_codes_of_a_bank_that_was_listed_twice_still_name_it() -> None:
    for one, other in (("HLDB", "HLDCCB"), ("LSB", "LSBC"), ("RZB", "RZCCB"), ("DBS", "DBSCN"), ("WLB", "WLBHK")):
        assert bank_by_code(one) == bank_by_code(other) is not None


def test_banks_of_one_name_become_one_with_all_their_prefixes() -> None:
    names = {
        "LSB": "临商银行",
        "LSBC": "临商银行",
        "COMM": "交通银行",
        "COMMHK": "交通银行香港分行",
        "CSC": "CSC借记卡",
    }
    bins = [
        ("622359", 19, "LSBC", "debit"),
        ("622434", 19, "LSB", "debit"),
        ("622435", 19, "LSB", "debit"),
        ("622260", 19, "COMM", "debit"),
        ("625028", 16, "COMMHK", "credit"),
        ("621234", 16, "CSC", "debit"),
    ]
    kept, used, former = update_banks.told_apart(bins, names)
    assert used == {"LSB": "临商银行", "COMM": "交通银行"} and former == {"LSB": ["LSBC"], "COMM": ["COMMHK"]}
    assert ("622359", 19, "LSB", "debit") in kept and ("625028", 16, "COMM", "credit") in kept
    assert "621234" not in [digits for digits, *_ in kept]
