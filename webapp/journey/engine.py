"""The step engine: next, back, resume, undo and "you can't skip ahead", all derived from a table of steps.

Order is the only rule: a step opens when every step before it is accepted. A step that an authority or a clerk decides
stays `answered` until they have; a refusal is `returned`, and sends the journey back to the step that can mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class StepState(StrEnum):
    """What is known of a step. A step without any state hasn't been answered."""

    ANSWERED = "answered"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class Mark(StrEnum):
    """How a step looks in the step bar."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `mends_at` names the step to which a refusal leads back; empty: this one."""

    key: str
    mends_at: str = ""

    @property
    def mended_by(self) -> str:
        """The key of the step that has to be answered again after a refusal."""
        return self.mends_at or self.key


@dataclass(frozen=True, slots=True)
class Journey:
    """A table: its steps in order, with the version that is kept on each journey under way.

    `most`: how many steps there can be, where what is answered first decides it; 0: just these.
    """

    key: str
    steps: tuple[Step, ...]
    version: int = 1
    most: int = 0

    def step(self, key: str) -> Step | None:
        """The step of this key, or None when the table has no such step."""
        return next((step for step in self.steps if step.key == key), None)

    def from_step(self, key: str) -> tuple[str, ...]:
        """This step and all after it: what answering it again supersedes."""
        keys = tuple(step.key for step in self.steps)
        return keys[keys.index(key) :]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a journey stands. `marks` has one entry a step, in order; `most` is more than `total` while that is undecided."""

    position: int
    total: int
    most: int
    marks: tuple[Mark, ...]


States = Mapping[str, StepState]


def current_step(journey: Journey, states: States) -> Step | None:
    """The first step not yet accepted, or None when the journey is finished."""
    return next((step for step in journey.steps if states.get(step.key) is not StepState.ACCEPTED), None)


def is_finished(journey: Journey, states: States) -> bool:
    """True when every step is accepted."""
    return current_step(journey, states) is None


def is_waiting(journey: Journey, states: States) -> bool:
    """True while somebody else (an authority, a clerk, the worker) has the current step in hand."""
    step = current_step(journey, states)
    return step is not None and states.get(step.key) is StepState.ANSWERED


def may_answer(journey: Journey, states: States, key: str) -> bool:
    """A step may be answered, again or for the first time, when all before it are accepted and nobody is deciding on it.

    While a later step waits for a decision an earlier one may still be changed: that takes the later one back.
    """
    step = journey.step(key)
    if step is None or states.get(key) is StepState.ANSWERED:
        return False
    before = journey.steps[: journey.steps.index(step)]
    return all(states.get(earlier.key) is StepState.ACCEPTED for earlier in before)


def step_before(journey: Journey, key: str) -> Step | None:
    """Where "back" leads, or None at the first step."""
    keys = [step.key for step in journey.steps]
    place = keys.index(key)
    return journey.steps[place - 1] if place else None


def progress(journey: Journey, states: States, key: str) -> Progress:
    """The step bar as it looks from the step `key`."""
    marks = tuple(_mark(step, states, key) for step in journey.steps)
    position = [step.key for step in journey.steps].index(key) + 1
    return Progress(position, len(journey.steps), max(journey.most, len(journey.steps)), marks)


def _mark(step: Step, states: States, key: str) -> Mark:
    if step.key == key:
        return Mark.NOW
    return Mark.DONE if states.get(step.key) is StepState.ACCEPTED else Mark.TODO
