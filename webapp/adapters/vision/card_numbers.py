"""Which digits can be a bank card's number at all: length, Luhn, how banks' numbers begin, and no resident ID number."""

from __future__ import annotations

from collections.abc import Callable

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

DIGITS = "0123456789"
LONGEST = 19
FEWEST_DIGITS, MOST_DIGITS = 11, 23  # what a badly read number still looks like
USUAL_STARTS = {16: ("3", "4", "5", "6"), 19: ("62",)}  # by length; ISO/IEC 7812: banks begin so


def possible(number: str, knows_prefix: Callable[[str], bool]) -> bool:
    """Whether a line's digits can be a card number: all of them, for a part of a longer run would prove nothing."""
    if not 13 <= len(number) <= LONGEST or len(set(number)) < 3:
        return False
    if not luhn.is_valid(number) or _is_id_number(number):
        return False
    return knows_prefix(number) or looks_like_a_bank_card(number)


def looks_like_a_bank_card(number: str) -> bool:
    """Sixteen digits of any card scheme, or nineteen of UnionPay; anything else must be in the table of prefixes."""
    return number.startswith(USUAL_STARTS.get(len(number), ()))


def _is_id_number(number: str) -> bool:
    """A resident ID number (GB 11643): a birth date in its place, or its own check digit with a month and day there.

    So an ID card is no bank card even with one digit misread, and one in eleven 18-digit cards isn't lost to chance.
    """
    if len(number) != 18:
        return False
    day = "01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31"
    return day and (number[6:8] in ("19", "20") or mod_11_2.is_valid(number))
