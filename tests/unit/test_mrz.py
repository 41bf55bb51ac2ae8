"""Machine-readable zones: a good one is believed, a bad one isn't."""

from __future__ import annotations

from datetime import date

import pytest

from webapp.core.mrz import Mrz, check_digit, parse_mrz

TODAY = date(2026, 11, 23)
ERIKSSON = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
ZHANG = "P<CHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"
CARD_TOP, CARD_MIDDLE, CARD_NAME = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
SPECIMEN = [ERIKSSON, "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]

GOOD = {
    "ICAO 9303 specimen": SPECIMEN,
    "no optional data, its check digit is <": [ZHANG, "E123456782CHN8501019M3001019<<<<<<<<<<<<<<<8"],
    "no optional data, its check digit is 0": [ZHANG, "E123456782CHN8501019M3001019<<<<<<<<<<<<<<08"],
    "PO type code": ["POCHNLV<<XIAOMING<<<<<<<<<<<<<<<<<<<<<<<<<<<", "EA12345676CHN9003071F3303067<<<<<<<<<<<<<<<8"],
    "issuer D": ["P<D<<MUELLER<<JUERGEN<<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"],
    "name cut at 44": ["P<UTONILAVADHANANDA<<CHAYAPA<DEJTHAMRONG<KRA", "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<8"],
    "one name only": ["P<IDNSUKARNO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "B1234567<3IDN6001010M2801016<<<<<<<<<<<<<<<0"],
    "sex not given": ["P<GBROCONNOR<<MARY<JANE<<<<<<<<<<<<<<<<<<<<<", "1234567897GBR8501019<3001019<<<<<<<<<<<<<<<8"],
    "TD1 specimen": [CARD_TOP, CARD_MIDDLE, CARD_NAME],
}
BAD = {
    "number's digit": [ERIKSSON, "L898902C35UTO7408122F1204159ZE184226B<<<<<10"],
    "birth digits swapped": [ERIKSSON, "L898902C36UTO7408212F1204159ZE184226B<<<<<10"],
    "composite digit": [ERIKSSON, "L898902C36UTO7408122F1204159ZE184226B<<<<<11"],
    "O for 0": [ZHANG, "E1O3456780CHN8501019M3001019<<<<<<<<<<<<<<<2"],
    "TD1 composite digit": [CARD_TOP, "7408122F1204159UTO<<<<<<<<<<<7", CARD_NAME],
    "TD1 number's digit": ["I<UTOD231458906<<<<<<<<<<<<<<<", CARD_MIDDLE, CARD_NAME],
}


@pytest.mark.parametrize("lines", GOOD.values(), ids=GOOD)
def test_a_right_zone_is_valid(lines: list[str]) -> None:
    found = parse_mrz(lines)
    assert found is not None
    assert found.valid


@pytest.mark.parametrize("lines", BAD.values(), ids=BAD)
def test_a_wrong_check_digit_is_seen(lines: list[str]) -> None:
    found = parse_mrz(lines)
    assert found is not None
    assert not found.valid


def test_a_line_of_43_characters_is_no_zone() -> None:
    assert parse_mrz([ERIKSSON, SPECIMEN[1][:-1]]) is None


def test_a_cyrillic_letter_is_no_zone_rather_than_a_crash() -> None:
    assert parse_mrz([ERIKSSON.replace("A", "А"), SPECIMEN[1]]) is None


def test_the_specimen_is_anna_maria_eriksson() -> None:
    found = parse_mrz(SPECIMEN)
    assert found == Mrz("L898902C3", "UTO", "740812", "120415", "ERIKSSON", "ANNA MARIA", "F", valid=True)
    assert found.name == "ERIKSSON ANNA MARIA"
    assert (found.birth_date(TODAY), found.expiry_date(TODAY)) == ("1974-08-12", "2012-04-15")


def test_a_child_born_this_month_is_not_taken_for_a_person_of_a_hundred() -> None:
    child = Mrz("X", "UTO", "261101", "310101", "A", "B", "M", valid=True)
    assert child.birth_date(TODAY) == "2026-11-01"
    assert Mrz("X", "UTO", "261124", "310101", "A", "B", "M", valid=True).birth_date(TODAY) == "1926-11-24"


def test_the_thirtieth_of_february_is_not_a_birthday_even_with_right_digits() -> None:
    birth = "850230"
    low = f"E123456782CHN{birth}{check_digit(birth)}M3001019<<<<<<<<<<<<<<<"
    found = parse_mrz([ZHANG, low + check_digit(low[0:10] + low[13:20] + low[21:43])])
    assert found is not None
    assert not found.valid


def outbound(birth: str = "850101") -> str:
    number, last = "C12345678", "310101"
    fields = ((number, "<"), (last, "<"), (birth, "<"))
    return "CS" + "".join(field + check_digit(field) + filler for field, filler in fields) + "0"


def test_the_one_line_of_an_outbound_permit_is_read_by_its_three_check_digits() -> None:
    found = parse_mrz([outbound()])
    assert found == Mrz("C12345678", "", "850101", "310101", "", "", "", valid=True)


@pytest.mark.parametrize("place", [5, 11, 14, 19, 22, 27])
def test_one_wrong_digit_of_an_outbound_permit_is_seen(place: int) -> None:
    line = outbound()
    found = parse_mrz([line[:place] + str((int(line[place]) + 1) % 10) + line[place + 1 :]])
    assert found is not None
    assert not found.valid


def test_an_outbound_permit_of_nobody_born_isnt_valid() -> None:
    found = parse_mrz([outbound("850230")])
    assert found is not None
    assert not found.valid


def test_one_line_of_anything_else_is_no_zone() -> None:
    assert parse_mrz(["I" + outbound()[1:]]) is None
