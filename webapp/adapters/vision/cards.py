"""Reading a bank card's number: lines of text → digits-only decoding → length, Luhn, prefix → a vote.

Never guesses: a wrong number that is filled in is the one harm done here, and Luhn lets one random error in ten
through. So unless the first look is quite sure, two readers each see the line as it is, grey, inverted, evened out and
flattened, and a number needs nearly all of their votes. Where the best spelling of each look is no card number, all
likely spellings of all looks are weighed together, and one that is a listed bank's may still stand out.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from webapp.adapters.vision.boxes import Box, level, rows
from webapp.adapters.vision.models import SECOND_READER
from webapp.adapters.vision.pictures import Array, brightness, decode, fit, glare_share, sharpness
from webapp.adapters.vision.text import LineReader, TextFinder, ctc, readings
from webapp.ports.card_reader import BankSeen, CardIssuer, CardKind, CardPhotoFault, CardReading

DIGITS = "0123456789"
LONGEST_PICTURE, LONGEST_SEEN = 1600, 736  # pixels: of the picture that lines are cut from, of the finder's view
ENOUGH = 0.9  # share of the votes times best confidence; at 0.7 one of 160 composed lines came out wrong, at 0.9 none
SURE_AT_ONCE = 0.93
LOOKS = 10  # of one line: as it is and four variants, by two readers
LEAST_WEIGHT, LEAST_SHARE = 0.05, 0.8
"""On 150 lines composed of photographed digits, with real prefixes: 139 right, none wrong, upside down none of 150."""
UNLISTED_VOTES, UNLISTED_SURE = 6, 0.97  # upside down, real digits gave up to four votes at 0.93 for such a number
MOST_LINES = 5
FEWEST_DIGITS, MOST_DIGITS = 11, 23  # what a badly read number still looks like
USUAL_STARTS = {16: ("3", "4", "5", "6"), 19: ("62",)}  # by length; ISO/IEC 7812: banks begin so
Votes = dict[str, list[float]]
SMALLEST_PICTURE = 480  # pixels of the shorter side
DARKEST, SOFTEST, MOST_GLARE = 40, 18, 0.06  # the limits that documents have
MOST_WORDS, WORDS_FLOOR = 8, 0.6
CARD_WORDS = ("银行", "银联", "UNIONPAY", "VALID", "THRU", "DEBIT", "CREDIT", "借记卡", "储蓄卡", "信用卡", "BANK")


@dataclass(frozen=True, slots=True)
class _Look:
    """One picture and where text stands in it."""

    picture: Array
    boxes: list[Box]


class OnnxCardReader:
    """`issuer_of` tells whose a whole number is by the table of prefixes, `bank_named` the bank that words name.

    Without a table every number of 16 or 19 digits that begins like a bank's counts as known; with one an unknown
    prefix needs six agreeing votes, one of them very sure.
    """

    def __init__(
        self,
        models: Path,
        *,
        issuer_of: Callable[[str], CardIssuer | None] | None = None,
        bank_named: Callable[[str], str | None] | None = None,
    ) -> None:
        self._finder = TextFinder(models)
        self._first, self._second = LineReader(models), LineReader(models, SECOND_READER)
        self._issuer_of = issuer_of or _nobody
        self._bank_named = bank_named or _nobody
        self._knows_prefix = self._is_listed if issuer_of else _looks_like_a_bank_card

    def read(self, pictures: Sequence[bytes]) -> CardReading:
        """The number, or None; a clear card takes 0.2 s, a hopeless picture 1 s. Never raises for a broken picture."""
        started = time.perf_counter()
        arrays = [array for array in map(decode, pictures) if array is not None]
        looks: list[_Look] = []
        votes: Votes = defaultdict(list)
        weights: dict[str, float] = defaultdict(float)
        number, trust = None, 0.0
        for array in arrays:
            look = self._look(array)
            looks.append(look)
            seen: Votes = defaultdict(list)
            self._look_for_number(look, seen, weights)
            for read, confidences in seen.items():
                votes[read].extend(confidences)
            number, trust = self._elect(votes)
            if number is None:
                number, trust = self._stands_out(weights, trust, len(looks))
            if number:
                break
        bank_code, kind, bank_seen, fault = None, CardKind.UNKNOWN, BankSeen.UNREAD, None
        if number:
            issuer = self._issuer_of(number)
            if issuer:
                bank_code, kind = issuer.bank_code, issuer.kind
                bank_seen = self._compare(looks[-1], issuer.bank_code)
        else:
            fault = self._why(looks[0], votes) if looks else CardPhotoFault.UNREADABLE
        milliseconds = round(1000 * (time.perf_counter() - started))
        return CardReading(number, round(trust, 3), milliseconds, bank_code, kind, bank_seen, fault)

    def _is_listed(self, number: str) -> bool:
        return self._issuer_of(number) is not None

    def _look(self, array: Array) -> _Look:
        picture = fit(array, LONGEST_PICTURE)
        return _Look(picture, self._finder.find(picture, longest=LONGEST_SEEN))

    def _words(self, look: _Look) -> Iterator[str]:
        """The largest lines of text as they are, where a bank's name would be; read only as they are asked for."""
        large = sorted(look.boxes, key=lambda box: -box.height * box.width)[:MOST_WORDS]
        for box in large:
            for line in self._first.read_all(look.picture, [box], floor=WORDS_FLOOR):
                yield line.text

    def _compare(self, look: _Look, bank_code: str) -> BankSeen:
        """A co-branded card names others too: the bank's own name anywhere is enough."""
        seen = BankSeen.UNREAD
        for code in map(self._bank_named, self._words(look)):
            if code == bank_code:
                return BankSeen.AGREES
            if code:
                seen = BankSeen.DIFFERS
        return seen

    def _why(self, look: _Look, votes: Votes) -> CardPhotoFault:
        """What the payee can mend, the plainest first; limits as in docs/recognition.md."""
        picture = look.picture
        if min(picture.shape[:2]) < SMALLEST_PICTURE:
            return CardPhotoFault.TOO_SMALL
        if brightness(picture) < DARKEST:
            return CardPhotoFault.DARK
        if sharpness(picture) < SOFTEST:
            return CardPhotoFault.BLURRED
        if glare_share(picture) > MOST_GLARE:
            return CardPhotoFault.GLARE
        if not look.boxes:
            return CardPhotoFault.NO_CARD
        if votes:
            return CardPhotoFault.UNSURE
        if not self._speaks_of_a_card(look):
            turned = self._look(np.asarray(cv2.rotate(picture, cv2.ROTATE_180)))
            return CardPhotoFault.UPSIDE_DOWN if self._speaks_of_a_card(turned) else CardPhotoFault.NO_CARD
        return CardPhotoFault.UNSURE

    def _speaks_of_a_card(self, look: _Look) -> bool:
        words = (text.upper().replace(" ", "") for text in self._words(look))
        return any(any(mark in text for mark in CARD_WORDS) or self._bank_named(text) for text in words)

    def _look_for_number(self, look: _Look, votes: Votes, weights: dict[str, float]) -> None:
        worth_another_look = []
        for box in candidate_lines(look.boxes):
            line = _padded(level(look.picture, box, ends=0.25))
            if self._vote(votes, weights, self._first, line):
                worth_another_look.append(line)
            if self._plain_enough(votes):
                return
        for line in worth_another_look:
            self._vote(votes, weights, self._second, line)
            for variant in VARIANTS:
                seen = variant(line)
                self._vote(votes, weights, self._first, seen)
                self._vote(votes, weights, self._second, seen)

    def _vote(self, votes: Votes, weights: dict[str, float], reader: LineReader, line: Array) -> bool:
        """Adds the votes of one look; True for a line of about as many digits as a card number has."""
        seen = reader.weigh(line, DIGITS)
        number, confidence = ctc(seen, ["", *DIGITS])
        if possible(number, self._knows_prefix):
            votes[number].append(confidence)
        about = FEWEST_DIGITS <= len(number) <= MOST_DIGITS
        if about and not self._plain_enough(votes):
            for spelling, share in readings(seen, DIGITS):
                if self._knows_prefix(spelling) and possible(spelling, self._knows_prefix):
                    weights[spelling] += share
        return about

    def _stands_out(self, weights: dict[str, float], trust: float, pictures: int) -> tuple[str | None, float]:
        """A listed bank's number that all looks together make likely, and likelier by far than any other."""
        first, second = ([*sorted(weights.items(), key=lambda item: -item[1]), ("", 0.0), ("", 0.0)])[:2]
        mean = first[1] / (LOOKS * pictures)
        share = first[1] / max(first[1] + second[1], 1e-9)
        clear = mean >= LEAST_WEIGHT and share >= LEAST_SHARE
        return (first[0], mean * share) if clear else (None, trust)

    def _plain_enough(self, votes: Votes) -> bool:
        """One number, of a known bank, read with confidence at first sight."""
        return len(votes) == 1 and all(self._knows_prefix(n) and c[0] >= SURE_AT_ONCE for n, c in votes.items())

    def _elect(self, votes: Votes) -> tuple[str | None, float]:
        if not votes:
            return None, 0.0
        total = sum(sum(confidences) for confidences in votes.values())
        number, confidences = max(votes.items(), key=lambda item: sum(item[1]))
        trust = sum(confidences) / total * max(confidences)
        best, count = max(confidences), len(confidences)
        listed = self._knows_prefix(number) and (count >= 2 or best >= SURE_AT_ONCE)
        enough = listed or (count >= UNLISTED_VOTES and best >= UNLISTED_SURE)
        return (number if trust >= ENOUGH and enough else None), trust


def _nobody(number: str) -> None:
    """A table without a row."""


def candidate_lines(boxes: list[Box]) -> list[Box]:
    """Boxes long and flat enough for a card number, neighbours of one line joined; the largest first."""
    flat = [box for box in rows(boxes) if box.width >= 5 * box.height]
    return sorted(flat, key=lambda box: -box.width * box.height)[:MOST_LINES]


def possible(number: str, knows_prefix: Callable[[str], bool]) -> bool:
    """Whether a line's digits can be a card number: all of them, for a part of a longer run would prove nothing."""
    if not 13 <= len(number) <= 19 or len(set(number)) < 3:
        return False
    if not luhn.is_valid(number) or _is_id_number(number):
        return False
    return knows_prefix(number) or _looks_like_a_bank_card(number)


def _looks_like_a_bank_card(number: str) -> bool:
    """Sixteen digits of any card scheme, or nineteen of UnionPay; anything else must be in the table of prefixes."""
    return number.startswith(USUAL_STARTS.get(len(number), ()))


def _is_id_number(number: str) -> bool:
    """A resident ID number: its own check digit (GB 11643), or a birth date in its place in case one digit is off."""
    if len(number) != 18:
        return False
    dated = number[6:8] in ("19", "20") and "01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31"
    return dated or mod_11_2.is_valid(number)


def _padded(line: Array) -> Array:
    return cv2.copyMakeBorder(line, 4, 4, 12, 12, cv2.BORDER_REPLICATE)


def _grey(line: Array) -> Array:
    return _coloured(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY))


def _inverted(line: Array) -> Array:
    return np.asarray(255 - _grey(line))


def _evened(line: Array) -> Array:
    return _coloured(cv2.createCLAHE(3.0, (4, 4)).apply(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)))


def _flattened(line: Array) -> Array:
    """High-pass: edges stay, the card's design and the light's gradient go."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY).astype(np.float32)
    flat = grey - cv2.GaussianBlur(grey, (0, 0), max(2.0, line.shape[0] / 4))
    low, high = float(flat.min()), float(flat.max())
    return _coloured(((flat - low) * (255 / max(high - low, 1.0))).astype(np.uint8))


def _coloured(grey: Array) -> Array:
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


VARIANTS: tuple[Callable[[Array], Array], ...] = (_grey, _inverted, _evened, _flattened)
