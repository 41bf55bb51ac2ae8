"""The states of money and the arithmetic of paying: shares that add up exactly, what is due, and what an answer of the bank may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MILLION = 1_000_000


class RoundKind(StrEnum):
    """FULL gives everybody the rest; PERCENT a part of what each is owed; POT divides a sum in proportion to the rest."""

    FULL = "full"
    PERCENT = "percent"
    POT = "pot"


class RoundState(StrEnum):
    """OPENING: the shares are being worked out."""

    OPENING = "opening"
    OPEN = "open"


class BatchState(StrEnum):
    """MAKING fills it, READY waits for a second person, WRITING makes the file, RELEASED can be fetched; CANCELLED never went."""

    MAKING = "making"
    READY = "ready"
    WRITING = "writing"
    RELEASED = "released"
    CANCELLED = "cancelled"


class LineState(StrEnum):
    """LIVE and PROCESSING are on their way; CANCELLED never went out; RETURNED came back, so it is owed again."""

    LIVE = "live"
    PROCESSING = "processing"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Held(StrEnum):
    """Why nothing more is paid to a person until somebody has looked: an unclear return, or two answers that contradict."""

    LOOK = "look"
    CONFLICT = "conflict"


class ResultState(StrEnum):
    """READING: the worker goes through the file; REFUSED: it isn't a result file at all."""

    READING = "reading"
    DONE = "done"
    REFUSED = "refused"


ON_ITS_WAY = (LineState.LIVE, LineState.PROCESSING)
COUNTS = (*ON_ITS_WAY, LineState.PAID)


def divide(pot: int, weights: Sequence[int]) -> list[int]:
    """Divides `pot` fen in proportion to `weights`, so that the parts add up to exactly `pot`.

    The largest remainder method: everybody gets the whole fen of their part; the fen that are left go one each to the
    largest remainders, the earlier one first where they are equal. No part exceeds its weight while `pot` doesn't exceed
    their sum. Raises ValueError for a negative pot or weight, or a pot that nobody has a claim to.
    """
    total = sum(weights)
    if pot < 0 or min(weights, default=0) < 0 or (pot and not total):
        raise ValueError("a pot is divided among claims of at least one fen")
    if not total:
        return [0] * len(weights)
    parts = [pot * weight // total for weight in weights]
    left = pot - sum(parts)
    largest = sorted(range(len(weights)), key=lambda n: (-(pot * weights[n] % total), n))
    for place in largest[:left]:
        parts[place] += 1
    return parts


def part_of(total: int, millionths: int) -> int:
    """A part of a sum in whole fen, half a fen up: 35 % of 101 fen is 35."""
    return (2 * total * millionths + MILLION) // (2 * MILLION)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much one person is owed, has been given by rounds, has on its way and has been paid, in fen."""

    entitled: int
    allotted: int
    batched: int
    paid: int

    @property
    def due(self) -> int:
        """What may be sent now: what rounds gave and isn't on its way or paid, and never more than is owed."""
        return max(0, min(self.allotted, self.entitled) - self.batched - self.paid)

    @property
    def open(self) -> int:
        """What is owed and neither on its way nor paid."""
        return max(0, self.entitled - self.batched - self.paid)


class Answer(StrEnum):
    """What a bank says of a payment. FAILED: it never left; RETURNED: it left and came back (退汇), also days after PAID."""

    PAID = "paid"
    PROCESSING = "processing"
    FAILED = "failed"
    RETURNED = "returned"


class Effect(StrEnum):
    """What an answer does to a line: moves it, nothing (known already, or older than what is known), or contradicts it."""

    PAY = "paid"
    WAIT = "processing"
    GIVE_BACK = "returned"
    NOTHING = "same"
    CONFLICT = "conflict"
    UNSENT = "unsent"


def effect_of(state: LineState, answer: Answer) -> Effect:
    """What `answer` means for a line in `state`. A line that never went out can't have an answer."""
    if state is LineState.CANCELLED:
        return Effect.UNSENT
    if state in ON_ITS_WAY:
        return _first_answer(state, answer)
    if answer is Answer.PROCESSING:
        return Effect.NOTHING
    if state is LineState.PAID:
        later = {Answer.PAID: Effect.NOTHING, Answer.RETURNED: Effect.GIVE_BACK, Answer.FAILED: Effect.CONFLICT}
        return later[answer]
    return Effect.CONFLICT if answer is Answer.PAID else Effect.NOTHING


def _first_answer(state: LineState, answer: Answer) -> Effect:
    if answer is Answer.PROCESSING:
        return Effect.NOTHING if state is LineState.PROCESSING else Effect.WAIT
    return Effect.PAY if answer is Answer.PAID else Effect.GIVE_BACK


def may_count(state: LineState, amount: int, standing: Standing) -> bool:
    """True when a line of `amount` may come to count beside what counts already (`standing` without it)."""
    return state not in COUNTS or standing.batched + standing.paid + amount <= standing.entitled
