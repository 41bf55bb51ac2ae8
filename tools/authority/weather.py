"""What can go wrong on the other side, whatever is asked."""

from __future__ import annotations

from enum import StrEnum


class Weather(StrEnum):
    """FAIR answers by the question alone; every other one is a way in which real parties fail."""

    FAIR = "fair"
    SLOW = "slow"  # nothing for a while, then a good answer
    TRICKLE = "trickle"  # a byte at a time: no single read ever times out
    CUT_OFF = "cut_off"  # the connection breaks in the middle of the answer
    RESET = "reset"  # the connection breaks before the answer
    MALFORMED = "malformed"  # not JSON
    WRONG_SHAPE = "wrong_shape"  # JSON, rightly signed, of another shape
    WRONG_ANSWER = "wrong_answer"  # rightly signed, to another question
    FORGED = "forged"  # a good answer with a wrong signature
    HUGE = "huge"  # more than anybody wants to read
    RATE_LIMITED = "rate_limited"
    BROKEN = "broken"  # 500
    REDIRECT = "redirect"  # to somewhere else, with everything that we know
    CLOCK_SKEW = "clock_skew"  # its clock is ten minutes ahead
