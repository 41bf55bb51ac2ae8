"""Reading card numbers off photos: right or nothing, for a wrong number filled in would send money astray."""

from __future__ import annotations

from itertools import accumulate

import pytest
from PIL import Image
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from tests.seams.vision_pictures import (
    MODELS,
    beside,
    blurred,
    card,
    card_in_groups,
    covered,
    desk,
    dimmed,
    jpeg,
    opened,
    photographed,
    resident_front,
)
from webapp.adapters.vision.card_numbers import possible
from webapp.adapters.vision.cards import OnnxCardReader
from webapp.ports.card_reader import BankSeen, CardIssuer, CardKind, CardPhotoFault, CardReader

SIXTEEN, NINETEEN = "6299991234567897", "6299990317264500123"
BLUE, RED, SILVER = (34, 74, 140), (160, 30, 40), (205, 205, 210)


def specimen(number: str) -> bool:
    return number.startswith("629999")


def nobody(number: str) -> bool:
    return False


def everybody(number: str) -> bool:
    return True


def specimen_bank(number: str) -> CardIssuer | None:
    return CardIssuer("SPECIMEN", CardKind.DEBIT) if specimen(number) else None


def no_bank(number: str) -> CardIssuer | None:
    return None


@pytest.fixture(scope="module")
def reader() -> CardReader:
    return OnnxCardReader(MODELS, issuer_of=specimen_bank)


def in_fours(digits: str) -> str:
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def with_digit(body: str) -> str:
    return body + luhn.calc_check_digit(body)


@pytest.mark.parametrize("body", [SIXTEEN[:-1], NINETEEN[:-1]], ids=["16 digits", "19 digits"])
@pytest.mark.parametrize("embossed", [False, True], ids=["printed", "embossed"])
@pytest.mark.parametrize(("colour", "tilt"), [(BLUE, 2.0), (RED, -5.0)])
def test_a_payee_holds_a_card_before_the_phone_and_its_number_is_filled_in(
    reader: CardReader, body: str, embossed: bool, colour: tuple[int, int, int], tilt: float
) -> None:
    number = with_digit(body)
    seen = reader.read([jpeg(photographed(card(number, embossed=embossed, colour=colour), tilt=tilt))])
    assert seen.number == number
    assert seen.confidence >= 0.9
    assert seen.milliseconds > 0


@pytest.mark.parametrize("quality", [25])
@pytest.mark.parametrize("radius", [2.0, 8.0])
@pytest.mark.parametrize("light", [0.3, 1.0, 2.2])
def test_a_poor_photo_gives_the_right_number_or_none(
    reader: CardReader, quality: int, radius: float, light: float
) -> None:
    number = with_digit(NINETEEN[:-1])
    photo = dimmed(blurred(photographed(card(number, embossed=True, colour=SILVER)), radius), light)
    assert reader.read([jpeg(photo, quality=quality)]).number in (number, None)


def test_a_thumb_over_the_last_digits_leaves_the_field_empty(reader: CardReader) -> None:
    hidden = covered(card(with_digit(SIXTEEN[:-1])), (0.62, 0.5, 0.8, 0.75))
    assert reader.read([jpeg(photographed(hidden))]).number is None


def test_a_number_with_a_wrong_last_digit_is_not_believed(reader: CardReader) -> None:
    number = with_digit(SIXTEEN[:-1])
    wrong = number[:-1] + str((int(number[-1]) + 3) % 10)
    assert reader.read([jpeg(photographed(card(wrong)))]).number is None


def test_of_two_cards_in_one_picture_neither_is_chosen(reader: CardReader) -> None:
    one, other = card(with_digit(SIXTEEN[:-1])), card(with_digit("629999765432109"))
    assert reader.read([jpeg(beside(one, other))]).number is None


def test_a_card_upside_down_is_read_as_its_own_number_once_its_words_tell_which_way_is_up(reader: CardReader) -> None:
    for body in (SIXTEEN[:-1], NINETEEN[:-1], "629999896608961"):
        upside_down = photographed(card(with_digit(body))).rotate(180)
        assert reader.read([jpeg(upside_down)]).number == with_digit(body)


@pytest.mark.parametrize("turn", [90, 270])
def test_a_card_held_on_end_is_read_as_well(reader: CardReader, turn: int) -> None:
    on_end = photographed(card(with_digit(SIXTEEN[:-1]))).rotate(turn, expand=True)
    assert reader.read([jpeg(on_end)]).number == with_digit(SIXTEEN[:-1])


@pytest.mark.parametrize("turn", [90, 180])
def test_digits_alone_dont_tell_which_way_is_up(reader: CardReader, turn: int) -> None:
    number = with_digit("629999896608961")
    wordless = covered(covered(card(number), (0, 0, 1, 0.5)), (0, 0.7, 1, 1))
    turned = photographed(wordless).rotate(turn, expand=True)
    assert reader.read([jpeg(turned)]).number is None


@pytest.mark.parametrize(
    ("number", "lengths", "upright"),
    [(with_digit(SIXTEEN[:-1]), (4, 4, 4, 4), True), (with_digit(NINETEEN[:-1]), (12, 7), False)],
    ids=["fours on an upright card", "two lines on the back"],
)
def test_a_number_in_groups_under_each_other_is_one_number(
    reader: CardReader, number: str, lengths: tuple[int, ...], upright: bool
) -> None:
    ends = list(accumulate(lengths))
    groups = tuple(in_fours(number[end - length : end]) for end, length in zip(ends, lengths, strict=True))
    assert reader.read([jpeg(photographed(card_in_groups(groups, upright=upright)))]).number == number


def test_a_column_of_other_numbers_is_no_card(reader: CardReader) -> None:
    for column in (("6299", "9912", "3456", "7890"), ("2026", "6299", "9912", "3456", "7897")):
        assert reader.read([jpeg(photographed(card_in_groups(column, upright=True)))]).number is None


def test_a_resident_card_held_up_instead_gives_no_number(reader: CardReader) -> None:
    for number in ("110101199003076376", "440301198501010014"):
        assert reader.read([jpeg(photographed(resident_front("张晓明", number)))]).number is None


@pytest.mark.parametrize(
    "picture", [b"", b"nonsense", jpeg(desk())[:900], jpeg(desk()), jpeg(Image.new("RGB", (1, 1)))]
)
def test_what_shows_no_card_gives_no_number(reader: CardReader, picture: bytes) -> None:
    assert reader.read([picture]).number is None


def test_an_unlisted_bank_is_read_as_well_for_the_list_is_never_complete() -> None:
    number = with_digit(SIXTEEN[:-1])
    assert OnnxCardReader(MODELS, issuer_of=no_bank).read([jpeg(photographed(card(number)))]).number == number


def test_the_drawn_cards_are_readable_jpegs() -> None:
    assert opened(jpeg(card(SIXTEEN))).size == (1200, 756)


@pytest.mark.parametrize("length", [13, 14, 15, 17, 18])
def test_an_unusual_length_needs_a_bank_that_is_known_for_it(length: int) -> None:
    number = with_digit("62999912345678901"[: length - 1])
    assert possible(number, specimen)
    assert not possible(number, nobody)


@pytest.mark.parametrize("number", ["629999", "0" * 16, "4" * 16, SIXTEEN + "0000", ""])
def test_what_is_no_card_number_is_not_possible(number: str) -> None:
    assert not possible(number, everybody)


def test_a_resident_number_is_never_a_card_even_if_luhn_agrees() -> None:
    bodies = (f"44030119850101{serial:03d}" for serial in range(1000))
    numbers = [body + mod_11_2.calc_check_digit(body) for body in bodies]
    agreed = [number for number in numbers if number.isdigit() and luhn.is_valid(number)]
    assert len(agreed) > 50
    assert not any(possible(number, everybody) for number in agreed)


def test_a_card_that_one_frame_shows_badly_is_read_off_the_next(reader: CardReader) -> None:
    number = with_digit(NINETEEN[:-1])
    sharp = photographed(card(number))
    assert reader.read([jpeg(blurred(sharp, 12.0)), jpeg(sharp)]).number == number


def test_frames_of_two_different_cards_fill_in_neither_silently(reader: CardReader) -> None:
    one, other = with_digit(SIXTEEN[:-1]), with_digit("629999765432109")
    assert reader.read([jpeg(beside(card(one), card(other))), b""]).number is None


def test_the_bank_and_the_kind_come_with_the_number(reader: CardReader) -> None:
    seen = reader.read([jpeg(photographed(card(with_digit(SIXTEEN[:-1]))))])
    assert (seen.bank_code, seen.kind, seen.fault) == ("SPECIMEN", CardKind.DEBIT, None)


@pytest.mark.parametrize(
    ("code", "verdict"), [("SPECIMEN", BankSeen.AGREES), ("ICBC", BankSeen.DIFFERS), (None, BankSeen.UNREAD)]
)
def test_the_name_on_the_card_is_held_against_the_number(code: str | None, verdict: BankSeen) -> None:
    words = OnnxCardReader(
        MODELS,
        issuer_of=specimen_bank,
        banks_named=lambda text: {code} if code and any(c.isalpha() for c in text) else (),
    )
    assert words.read([jpeg(photographed(card(with_digit(SIXTEEN[:-1]))))]).bank_seen is verdict


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (b"nonsense", CardPhotoFault.UNREADABLE),
        (jpeg(card(SIXTEEN).resize((400, 252))), CardPhotoFault.TOO_SMALL),
        (jpeg(dimmed(photographed(card(SIXTEEN)), 0.1)), CardPhotoFault.DARK),
        (jpeg(blurred(photographed(card(SIXTEEN)), 14.0)), CardPhotoFault.BLURRED),
        (jpeg(photographed(resident_front("张晓明", "110101199003076376"))), CardPhotoFault.NO_CARD),
    ],
    ids=["unreadable", "small", "dark", "blurred", "no card"],
)
def test_an_empty_field_comes_with_what_the_payee_can_do(
    reader: CardReader, picture: bytes, fault: CardPhotoFault
) -> None:
    seen = reader.read([picture])
    assert (seen.number, seen.fault) == (None, fault)
