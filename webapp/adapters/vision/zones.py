"""Reading the machine-readable lines of a document: which lines they are, then the likeliest text that fits the format.

Doc 9303 says how long each line is and what may stand where; the decoder finds the likeliest path through the reader's
probabilities that keeps to it (Viterbi), and check digits choose between letters that look alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import cv2
import numpy as np

from webapp.adapters.vision.boxes import Box, joined, level, lines_of
from webapp.adapters.vision.pictures import Array
from webapp.adapters.vision.text import LineReader
from webapp.core.mrz import Mrz, check_digit, parse_mrz

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
MRZ_LETTERS = LETTERS + DIGITS + "<"
FILLER = MRZ_LETTERS.index("<")
NARROWEST_SHARE, FLATTEST = 0.3, 10.0  # of the picture's width; width by height: forty or thirty letters are long
WIDEST_GAP = 4.0  # times the height: fillers are thin, the finder may miss some
MOST_LINES, GLANCE = 14, (0.6, 432)  # lines looked at; the share of their end that is, and how many px it gets
FEWEST_FILLERS = 2
SKIPPED, MERGED = -3.0, -0.7  # log-probabilities: of a strange mark before or behind the line, of fillers read as one
LEAST_LIKELY, CLEAR_LEAD = -5.0, 1.0  # what a letter may lose to make a check digit right; its lead on another way
NEARLY = -2.5  # log-probability against the likeliest letter: from here on another of the same weight is a twin
STAYED, _, _, MERGING = range(
    4
)  # ways to a letter: it lasts, after a blank, after another, after a filler without blank
CLOSEST, FARTHEST, ALIGNED = 0.8, 3.5, 0.15  # heights between neighbouring lines of one zone; of their width
LEAST_SCORE = -1.0  # mean log-probability of a letter: below it the line is something else, or has another format


@dataclass(frozen=True, slots=True)
class _Format:
    """One line of a zone: what may stand at each place, and (field, its check digit's place) pairs."""

    places: tuple[str, ...]
    checks: tuple[tuple[slice, int], ...] = ()


def _places(*spans: tuple[int, str]) -> tuple[str, ...]:
    return tuple(letters for count, letters in spans for _ in range(count))


_NAMES, _SEX = LETTERS + "<", "MFX<"
_STATE = ((1, LETTERS), (2, LETTERS + "<"))
TD3 = (
    _Format(_places((1, "P"), (1, _NAMES), *_STATE, (1, LETTERS), (38, _NAMES))),
    _Format(
        (
            *_places((9, MRZ_LETTERS), (1, DIGITS), *_STATE, (7, DIGITS), (1, _SEX), (7, DIGITS), (14, MRZ_LETTERS)),
            DIGITS + "<",
            DIGITS,
        ),
        ((slice(0, 9), 9), (slice(13, 19), 19), (slice(21, 27), 27)),
    ),
)
TD1 = (
    _Format(_places((1, "IACP"), (1, _NAMES), *_STATE, (9, MRZ_LETTERS), (1, DIGITS + "<"), (15, MRZ_LETTERS)), ((slice(5, 14), 14),)),
    _Format(
        _places((7, DIGITS), (1, _SEX), (7, DIGITS), *_STATE, (11, MRZ_LETTERS), (1, DIGITS)),
        ((slice(0, 6), 6), (slice(8, 14), 14)),
    ),
    _Format(_places((30, _NAMES))),
)  # fmt: skip

OUTBOUND = (
    _Format(
        _places((1, "C"), (1, "SD"), (1, LETTERS), (8, LETTERS + DIGITS), *((1, DIGITS), (1, "<"), (6, DIGITS)) * 2, (1, DIGITS), (1, "<"), (1, DIGITS)),
        ((slice(2, 11), 11), (slice(13, 19), 19), (slice(21, 27), 27)),
    ),
)  # fmt: skip
FORMATS = {2: TD3, 3: TD1, 1: OUTBOUND}
"""By the number of lines."""


@dataclass(frozen=True, slots=True)
class _Decoded:
    """The likeliest text of a line in its format, each letter's rivals (log-probabilities against it), the mean score."""

    text: str
    rivals: Array
    score: float


@dataclass(frozen=True, slots=True)
class Zone:
    """What a zone says, the geometric mean of its letters' probabilities, and its uppermost line.

    `twins` are other numbers with the same check digits that the reader finds nearly as likely.
    """

    mrz: Mrz
    confidence: float
    top: Box
    twins: tuple[str, ...] = ()


def read_zone(picture: Array, boxes: list[Box], reader: LineReader) -> Zone | None:
    """A zone whose check digits are right if there is one, else one of the right shape, else None."""
    lines = _filled_lines(picture, boxes, reader)
    seen = {id(box): reader.weigh(_cut(picture, box), MRZ_LETTERS) for box in lines}
    found: list[Zone] = []
    for chosen in _neighbours(lines):
        formats = FORMATS[len(chosen)]
        decoded = [_decode(seen[id(box)], form.places) for box, form in zip(chosen, formats, strict=True)]
        whole = [one for one in decoded if one is not None and one.score > LEAST_SCORE]
        if len(whole) < len(chosen):
            continue
        texts = [_settled(one, form) for one, form in zip(whole, formats, strict=True)]
        mrz = parse_mrz(texts)
        if mrz is not None and (mrz.valid or len(chosen) > 1):
            confidence = math.exp(min(0.0, float(np.mean([one.score for one in whole]))))
            found.append(Zone(mrz, confidence, chosen[0], tuple(_twin_numbers(texts, whole, formats))))
    return max(found, key=lambda zone: (zone.mrz.valid, zone.confidence), default=None)


def _filled_lines(picture: Array, boxes: list[Box], reader: LineReader) -> list[Box]:
    """Long low lines in which a glance sees fillers, and those beside them that are as long, from top to bottom."""
    runs = [run for line in lines_of(boxes) for run in _apart(line)]
    every = list(dict.fromkeys([*runs, *boxes]))
    narrowest = NARROWEST_SHARE * picture.shape[1]
    long = [box for box in every if box.width > narrowest and box.width > FLATTEST * box.height]
    likely = sorted(long, key=lambda box: -box.centre[1])[:MOST_LINES]
    filled = [box for box in likely if _glance(picture, box, reader) >= FEWEST_FILLERS]
    beside = [box for box in long if box not in filled and any(_belongs(box, one) for one in filled)]
    return sorted([*filled, *beside], key=lambda box: box.centre[1])


def _glance(picture: Array, box: Box, reader: LineReader) -> int:
    """How many fillers the line's end seems to hold."""
    cut = _cut(picture, box)
    end = cut[:, round(cut.shape[1] * (1 - GLANCE[0])) :]
    return reader.read(cv2.resize(end, (GLANCE[1], 48), interpolation=cv2.INTER_AREA))[0].count("<")


def _belongs(box: Box, one: Box) -> bool:
    gap = abs(float((np.array(box.centre) - np.array(one.centre)) @ one.across)) / one.height
    shift = abs(float((np.array(box.centre) - np.array(one.centre)) @ one.along)) / one.width
    return CLOSEST < gap < FARTHEST and shift < ALIGNED and 1 - ALIGNED < box.width / one.width < 1 + ALIGNED


def _apart(line: Sequence[Box]) -> Iterator[Box]:
    run: list[Box] = []
    for box in sorted(line, key=lambda one: one.centre[0]):
        if run and box.centre[0] - box.width / 2 - (run[-1].centre[0] + run[-1].width / 2) > WIDEST_GAP * box.height:
            yield run[0] if len(run) == 1 else joined(run)
            run = []
        run.append(box)
    yield run[0] if len(run) == 1 else joined(run)


def _neighbours(lines: Sequence[Box]) -> Iterator[tuple[Box, ...]]:
    """Two lines, or three, that lie close below each other; then each line alone."""
    for count in FORMATS:
        for chosen in combinations(lines, count):
            gaps = [
                float((np.array(low.centre) - np.array(top.centre)) @ top.across) / top.height
                for top, low in pairwise(chosen)
            ]
            if all(CLOSEST < gap < FARTHEST for gap in gaps):
                yield chosen


def _cut(picture: Array, box: Box) -> Array:
    return cv2.copyMakeBorder(level(picture, box, ends=0.3), 2, 2, 8, 8, cv2.BORDER_REPLICATE)


def _decode(probabilities: Array, places: Sequence[str]) -> _Decoded | None:
    """Viterbi over (letters written, the last one): the likeliest text that has just these places; None if too short."""
    logs = np.log(np.maximum(probabilities, 1e-9))
    allowed = np.array([[letter in place for letter in MRZ_LETTERS] for place in places])
    count, kinds = allowed.shape
    if len(logs) < count:
        return None
    lowest = -1e9
    blank = np.full(count + 1, lowest)
    blank[0] = max(logs[0, 0], SKIPPED)
    letter = np.full((count + 1, kinds), lowest)
    letter[1] = np.where(allowed[0], logs[0, 1:], lowest)
    steps = []
    lasting = np.full(count + 1, lowest)  # the last letter is a filler that has been seen twice: now another may begin
    at = np.arange(count + 1)
    for row in logs[1:]:
        first = letter.argmax(axis=1)
        most = letter[at, first]
        others = letter.copy()
        others[at, first] = lowest
        second = others.argmax(axis=1)
        came = np.where(np.arange(kinds) == first[:, None], others[at, second][:, None], most[:, None])
        source = np.where(np.arange(kinds) == first[:, None], second[:, None], first[:, None])
        from_letter, from_blank = came[:-1], np.repeat(blank[:-1, None], kinds, axis=1)
        merged = np.full((count, kinds), lowest)
        merged[:, FILLER] = lasting[:-1] + MERGED
        ways = np.stack([letter[1:], from_blank, from_letter, merged])
        way = ways.argmax(axis=0)
        into_blank = most > blank
        steps.append((way, source[:-1], into_blank, first))
        quiet = np.full(count + 1, row[0])
        quiet[[0, count]] = max(row[0], SKIPPED)
        blank = np.maximum(blank, most) + quiet
        lasting = letter[:, FILLER] + row[FILLER + 1]
        letter = np.full((count + 1, kinds), lowest)
        letter[1:] = np.where(allowed, ways.max(axis=0) + row[1:], lowest)
    return _traced(logs, steps, blank, letter)


def _traced(
    logs: Array, steps: list[tuple[Array, Array, Array, Array]], blank: Array, letter: Array
) -> _Decoded | None:
    count = len(blank) - 1
    last = int(letter[count].argmax())
    score = max(blank[count], letter[count, last])
    if score < -1e8:
        return None
    place, kind = count, -1 if blank[count] >= letter[count, last] else last
    text = [""] * count
    times: list[list[int]] = [[] for _ in range(count)]
    held = False
    for time in range(len(logs) - 1, -1, -1):
        if kind >= 0:
            text[place - 1] = MRZ_LETTERS[kind]
            times[place - 1].append(time)
        if time == 0:
            break
        way, source, into_blank, first = steps[time - 1]
        if kind < 0:
            kind = int(first[place]) if into_blank[place] and place else -1
            continue
        how = STAYED if held else int(way[place - 1, kind])
        held = how == MERGING
        if how != STAYED:
            place, kind = place - 1, (-1, int(source[place - 1, kind]), FILLER)[how - 1]
    rivals = np.stack([logs[when, 1:].max(axis=0) for when in times])
    rivals = rivals - rivals[np.arange(count), [MRZ_LETTERS.index(one) for one in text]][:, None]
    return _Decoded("".join(text), rivals, float(score) / count)


def _settled(decoded: _Decoded, form: _Format) -> str:
    """The text with each field's check digit right where one or two look-alikes make it so, and clearly one way."""
    text = decoded.text
    for span, digit in form.checks:
        places = [*range(span.start, span.stop), digit]
        if check_digit(text[span]) != text[digit]:
            text = _mended(text, decoded.rivals, form, places, span, digit)
    return text


def _twin_numbers(texts: Sequence[str], whole: Sequence[_Decoded], formats: Sequence[_Format]) -> Iterator[str]:
    """Document numbers of zones that differ in one character, which no check digit can tell (G and 6, L and 1, A and 0)."""
    for row, (text, decoded, form) in enumerate(zip(texts, whole, formats, strict=True)):
        for twin in _twins(text, decoded.rivals, form):
            mrz = parse_mrz([*texts[:row], twin, *texts[row + 1 :]])
            if mrz is not None:
                yield mrz.document_number


def _twins(text: str, rivals: Array, form: _Format) -> Iterator[str]:
    for place in (place for span, _ in form.checks for place in range(span.start, span.stop)):
        seen = rivals[place, MRZ_LETTERS.index(text[place])]
        for kind, letter in enumerate(MRZ_LETTERS):
            weighs_the_same = letter != text[place] and check_digit(letter) == check_digit(text[place])
            if weighs_the_same and letter in form.places[place] and rivals[place, kind] - seen > NEARLY:
                yield text[:place] + letter + text[place + 1 :]


def _mended(text: str, rivals: Array, form: _Format, places: list[int], span: slice, digit: int) -> str:
    changes = [
        (float(rivals[place, kind]), place, letter)
        for place in places
        for kind, letter in enumerate(MRZ_LETTERS)
        if letter in form.places[place] and letter != text[place] and rivals[place, kind] > LEAST_LIKELY
    ]
    ways: dict[str, float] = {}
    for some in (*((one,) for one in changes), *combinations(changes, 2)):
        loss = sum(one[0] for one in some)
        if loss < LEAST_LIKELY or len({one[1] for one in some}) < len(some):
            continue
        letters = list(text)
        for _, place, letter in some:
            letters[place] = letter
        changed = "".join(letters)
        if check_digit(changed[span]) == changed[digit]:
            ways[changed] = max(loss, ways.get(changed, -np.inf))
    ranked = sorted(ways, key=lambda way: -ways[way])
    if not ranked or (len(ranked) > 1 and ways[ranked[0]] - ways[ranked[1]] < CLEAR_LEAD):
        return text
    return ranked[0]
