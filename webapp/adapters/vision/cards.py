"""Reading a bank card's number: lines of text → digits-only decoding → length, Luhn, prefix → how likely it is.

Never guesses: a wrong number that is filled in is the one harm done here, and Luhn lets one random error in ten
through. So unless the first look is quite sure, two readers each see the line as it is, grey, inverted, evened out and
flattened; every number of a listed bank that any look finds likely is weighed against all looks, and the likeliest is
told only if it is likely enough, and likelier by far than the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np

from webapp.adapters.vision.boxes import Box, level, same
from webapp.adapters.vision.card_lines import (
    OTHER_WAYS,
    WAYS,
    Look,
    NumberLine,
    Way,
    alike,
    candidate_lines,
    look_at,
    stacks,
)
from webapp.adapters.vision.card_numbers import DIGITS, FEWEST_DIGITS, MOST_DIGITS, looks_like_a_bank_card
from webapp.adapters.vision.card_votes import AGREED, AT_LAST, AT_ONCE, Found, Limits, Scales, Sight
from webapp.adapters.vision.card_words import BanksNamed, CardWords
from webapp.adapters.vision.models import SECOND_READER
from webapp.adapters.vision.pictures import Array, brightness, decode, fit, glare_share, sharpness
from webapp.adapters.vision.text import LineReader, TextFinder, ctc, likelihoods
from webapp.ports.card_reader import BankSeen, CardIssuer, CardKind, CardPhotoFault, CardReading

LONGEST_PICTURE = 1600  # pixels of the picture that lines are cut from
LONGEST_GLANCED, LONGEST_SEEN = 480, 736  # of the finder's view: at first, and where that wasn't enough
SURE_AT_ONCE, LIKELY_AT_ONCE = 0.93, -0.25  # mean confidence of the first reader's digits; log-likelihood of them all
MOST_DOUBTFUL = 2  # lines of a picture that are read again in every way
WIDEST = 640  # pixels of a line 48 px high: 19 digits have room, and a newspaper's line takes no longer than a number
FEWEST_IN_GROUP = 3
LEAST_SHARE = 0.4  # of digits: photographed ones had 0.58 at least, three in four lines of newspapers less than 0.4
SMALLEST_PICTURE = 480  # pixels of the shorter side
DARKEST, SOFTEST, MOST_GLARE = 40, 18, 0.06  # the limits that documents have
SIDEWAYS = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)


class OnnxCardReader:
    """`issuer_of` tells whose a whole number is by the table of prefixes, `banks_named` the banks that words name.

    Without a table every number of 16 or 19 digits that begins like a bank's counts as known; with one an unknown
    prefix needs six agreeing votes, one of them very sure.
    """

    def __init__(
        self,
        models: Path,
        *,
        issuer_of: Callable[[str], CardIssuer | None] | None = None,
        banks_named: BanksNamed | None = None,
    ) -> None:
        self._finder = TextFinder(models)
        self._first, self._second = LineReader(models), LineReader(models, SECOND_READER)
        self._words = CardWords(self._first, banks_named or _no_names)
        self._issuer_of = issuer_of or _nobody
        self._scales = Scales(self._is_listed if issuer_of else looks_like_a_bank_card)

    def read(self, pictures: Sequence[bytes]) -> CardReading:
        """The number, or None; docs/recognition.md says how long it takes. Never raises for a broken picture."""
        started = time.perf_counter()
        sights: list[Sight] = []
        found: Found | None = None
        for array in map(decode, pictures):
            if array is None:
                continue
            found = self._search(fit(array, LONGEST_PICTURE), sights)
            if found:
                break
        fault = None if found else CardPhotoFault.UNREADABLE
        if found is None and sights:
            fault = self._why(sights[0])
            if fault is CardPhotoFault.UPSIDE_DOWN:
                found = self._search(_rotated(sights[0].look.picture, cv2.ROTATE_180), [])
                fault = None if found else fault
        milliseconds = round(1000 * (time.perf_counter() - started))
        if found is None:
            return CardReading(None, 0.0, milliseconds, fault=fault)
        bank_code, kind, bank_seen = None, CardKind.UNKNOWN, BankSeen.UNREAD
        if issuer := self._issuer_of(found.number):
            bank_code, kind = issuer.bank_code, issuer.kind
            bank_seen = self._words.compare(found.look, issuer.bank_code, found.above)
            milliseconds = round(1000 * (time.perf_counter() - started))
        return CardReading(found.number, round(found.trust, 3), milliseconds, bank_code, kind, bank_seen)

    def _is_listed(self, number: str) -> bool:
        return self._issuer_of(number) is not None

    def _search(self, picture: Array, sights: list[Sight]) -> Found | None:
        """A glance at one picture, and if that isn't enough a study, weighed together with the `sights` before it."""
        look = look_at(self._finder, picture, LONGEST_GLANCED)
        if look.stands_on_end:
            laid = self._laid_down(look.picture)
            if laid is None:
                sights.append(Sight(look, []))
                return None
            look = laid
        words: list[Box] = []
        found = self._glance(look, words)
        if found is None:
            sight = self._study(look_at(self._finder, look.picture, LONGEST_SEEN), words)
            wider = [line.wider() for line in sight.lines if line.is_alone]
            found = self._told([*sights, sight]) or self._told(
                [*sights, self._seen(Sight(sight.look, self._doubtful(wider)), OTHER_WAYS)]
            )
            sights.append(sight)
        return found

    def _told(self, sights: list[Sight]) -> Found | None:
        return self._scales.likeliest(sights, AT_LAST) or self._scales.elect(sights)

    def _laid_down(self, picture: Array) -> Look | None:
        """The picture turned so that a card's words can be read; None where they can't be, for digits don't tell up."""
        turned = (look_at(self._finder, _rotated(picture, way), LONGEST_GLANCED) for way in SIDEWAYS)
        return next((look for look in turned if self._words.speak_of_a_card(look)), None)

    def _why(self, sight: Sight) -> CardPhotoFault:
        """What the payee can mend, the plainest first; limits as in docs/recognition.md."""
        look, picture = sight.look, sight.look.picture
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
        if self._words.speak_of_a_card(look):
            return CardPhotoFault.UNSURE
        if self._words.speak_of_a_card(look_at(self._finder, _rotated(picture, cv2.ROTATE_180), LONGEST_GLANCED)):
            return CardPhotoFault.UPSIDE_DOWN
        return CardPhotoFault.UNSURE if self._scales.spellings([sight]) else CardPhotoFault.NO_CARD

    def _glance(self, look: Look, words: list[Box]) -> Found | None:
        """The number of a line that the first reader is sure of, or that both readers find likely, else None.

        `words` are told the lines that are none.
        """
        doubtful: list[NumberLine] = []
        found: Found | None = None
        at: Box | None = None
        for box in candidate_lines(look.boxes, look.picture.shape[0]):
            if at and not alike(at, box):
                continue
            line = NumberLine(look.picture, (box,))
            number, confidence = self._first_reading(line)
            words += _words(line)
            if confidence >= SURE_AT_ONCE and self._scales.is_candidate(number) and _is_likely(line, number):
                if found and found.number != number:
                    return None  # two cards: which one is meant, only the payee knows
                found, at = found or Found(number, confidence, look, line.above), box
            elif _is_doubtful(line, number):
                doubtful.append(line)
        if found:
            return found
        for line in doubtful[:MOST_DOUBTFUL]:
            line.looks.append(self._second_look(line.cut()))
        return self._scales.likeliest([Sight(look, doubtful[:MOST_DOUBTFUL])], AT_ONCE)

    def _study(self, look: Look, words: Sequence[Box]) -> Sight:
        """The doubtful lines of a picture, seen by both readers."""
        boxes = [
            box for box in candidate_lines(look.boxes, look.picture.shape[0]) if not any(same(box, w) for w in words)
        ]
        lines = [NumberLine(look.picture, (box,)) for box in boxes]
        groups = [NumberLine(look.picture, some) for some in self._groups(look)]
        doubtful = [*self._doubtful(lines)[:MOST_DOUBTFUL], *self._doubtful(groups)[:1]]
        return self._seen(Sight(look, doubtful), WAYS, AGREED)

    def _doubtful(self, lines: Iterable[NumberLine]) -> list[NumberLine]:
        """The lines that are worth another look, after the first."""
        return [line for line in lines if _is_doubtful(line, self._first_reading(line)[0])]

    def _seen(self, sight: Sight, ways: Sequence[Way], enough: Limits | None = None) -> Sight:
        """The same, its lines seen in one way after the other, as long as that promises more and isn't `enough` yet."""
        for line in sight.lines:
            line.looks.append(self._second_look(line.cut()))
        hopeful = sight.lines
        for way in ways:
            for line in hopeful:
                seen = way.see(line)
                line.looks += [self._first.weigh(seen, DIGITS, widest=WIDEST), self._second_look(seen)]
            if enough and self._scales.likeliest([sight], enough):
                break
            hopeful = [line for line in hopeful if self._scales.gave_any(line)]
        return sight

    def _groups(self, look: Look) -> Iterator[tuple[Box, ...]]:
        """Lines under each other of which each says digits alone: as far down as that goes, where it is long enough."""
        for stack in stacks(look.boxes):
            said = (self._first.read(level(look.picture, box))[0].replace(" ", "") for box in stack)
            numbers = list(takewhile(lambda text: text.isdecimal() and len(text) >= FEWEST_IN_GROUP, said))
            if sum(map(len, numbers)) >= FEWEST_DIGITS and len(numbers) > 1:
                yield stack[: len(numbers)]

    def _first_reading(self, line: NumberLine) -> tuple[str, float]:
        seen, line.share = self._first.weigh_among_all(line.cut(), DIGITS, widest=WIDEST)
        line.looks.append(seen)
        return ctc(line.looks[0], ["", *DIGITS])

    def _second_look(self, line: Array) -> Array:
        return self._second.weigh(line, DIGITS, widest=WIDEST)


def _is_doubtful(line: NumberLine, number: str) -> bool:
    """Whether it's worth another look: about as many digits as a card has, and not mostly words."""
    return FEWEST_DIGITS <= len(number) <= MOST_DIGITS and line.share >= LEAST_SHARE


def _words(line: NumberLine) -> tuple[Box, ...]:
    """Its boxes, if it is words, which need no second look."""
    return line.boxes if line.share < LEAST_SHARE else ()


def _is_likely(line: NumberLine, number: str) -> bool:
    return float(likelihoods(line.looks[0], [number], DIGITS)[0]) >= LIKELY_AT_ONCE


def _rotated(picture: Array, way: int) -> Array:
    return np.asarray(cv2.rotate(picture, way))


def _nobody(number: str) -> None:
    """A table without a row."""


def _no_names(_words: str) -> tuple[str, ...]:
    """A list of banks without a bank."""
    return ()
