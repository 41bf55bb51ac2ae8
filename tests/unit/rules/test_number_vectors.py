"""Every row of the two tables of examples behaves as it says."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from stdnum.iso7064 import mod_11_10

from webapp.accounts.rules import PhoneFault, check_phone
from webapp.cases.rules import parse_case_number
from webapp.identity.rules.documents import DocumentType, check_number
from webapp.identity.rules.names import check_name
from webapp.payee.rules.banks import banks
from webapp.payee.rules.cards import check_card_number

VECTORS = Path(__file__).parent / "vectors"
TODAY = date(2026, 11, 23)
TYPES = {
    "ric18": DocumentType.RESIDENT_ID,
    "ric15": DocumentType.RESIDENT_ID,
    "hkmotw_residence": DocumentType.RESIDENCE_PERMIT,
    "pr_new18": DocumentType.FOREIGN_PERMANENT_RESIDENT,
    "pr_old15": DocumentType.FOREIGN_PERMANENT_RESIDENT,
    "hkmo_permit": DocumentType.HK_MACAO_PERMIT,
    "tw_permit": DocumentType.TAIWAN_PERMIT,
    "cn_passport": DocumentType.OVERSEAS_CHINESE_PASSPORT,
    "passport_other": DocumentType.PASSPORT,
}


def rows(table: str) -> list[dict[str, str]]:
    with (VECTORS / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_types(*types: str) -> list[ParameterSet]:
    chosen = [row for row in rows("id_vectors.csv") if row["type"] in types]
    assert chosen
    return [pytest.param(row, id=f"{row['type']}-{row['value']!a}") for row in chosen]


def test_no_kind_of_example_is_left_out():
    kinds = {row["type"] for row in rows("id_vectors.csv")}
    assert kinds == {*TYPES, "phone", "bankcard", "cnaps", "name"}


@pytest.mark.parametrize("row", of_types(*TYPES))
def test_a_document_number_is_judged_as_its_example_says(row):
    checked = check_number(TYPES[row["type"]], row["value"], today=TODAY)
    upgraded = row["type"] == "ric15"
    judged = "invalid" if checked.fault else "warn" if checked.warnings and not upgraded else "valid"
    assert judged == row["valid"], checked


@pytest.mark.parametrize("row", of_types("phone"))
def test_a_phone_number_is_judged_as_its_example_says(row):
    checked = check_phone(row["value"])
    verdicts = {None: "valid", PhoneFault.CANNOT_TAKE_SMS: "valid_not_mobile"}
    assert verdicts.get(checked.fault, "invalid") == row["valid"], checked


@pytest.mark.parametrize("row", of_types("bankcard"))
def test_a_card_number_is_judged_as_its_example_says(row):
    checked = check_card_number(row["value"])
    digits = row["value"].replace(" ", "")
    assert checked.value == digits
    if row["valid"] == "same":  # the row above it, with spaces
        assert checked == check_card_number(digits)
    else:
        assert (checked.fault is None) == row["valid"].startswith("valid"), checked


@pytest.mark.parametrize("row", of_types("name"))
def test_a_name_is_judged_as_its_example_says(row):
    checked = check_name(row["value"])
    assert (checked.fault is None) == (row["valid"] == "valid"), checked
    assert checked.private_use == ("PUA" in row["why"])


@pytest.mark.parametrize("row", of_types("cnaps"))
def test_a_cnaps_number_has_the_check_digit_of_its_example(row):
    right = len(row["value"]) == 12 and mod_11_10.is_valid(row["value"])
    assert right == (row["valid"] == "valid")


def test_every_head_office_number_in_the_bank_table_has_a_right_check_digit():
    numbers = [bank.hq_number for bank in banks() if bank.hq_number]
    assert len(numbers) > 40
    assert [number for number in numbers if not mod_11_10.is_valid(number)] == []


@pytest.mark.parametrize("row", rows("case_number_vectors.csv"), ids=lambda row: row["value"])
def test_a_case_number_is_read_as_its_example_says(row):
    case = parse_case_number(row["value"])
    assert (case is not None) == (row["valid"] == "valid")
    if case:
        assert case.canonical == row["canonical"]
        assert (str(case.year), case.court, case.type) == (
            row["year"],
            row["court"],
            row["case_type"],
        )
        assert str(case.number) == row["number"]
