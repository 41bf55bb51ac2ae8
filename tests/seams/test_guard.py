"""The guard around a real adapter: nobody waits for a dead party, one call alone tries whether it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from webapp.adapters.guard import Breaker, guarded
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble


@dataclass
class Stopwatch:
    """A clock that is moved by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Notes:
    """A journal that remembers."""

    troubles: list[Trouble | None] = field(default_factory=list)
    pauses: list[float | None] = field(default_factory=list)

    def note(self, milliseconds: float, trouble: Trouble | None, *, pause: float | None, urgent: bool) -> None:
        self.troubles.append(trouble)
        self.pauses.append(pause)


class Party:
    """Does what it is told."""

    def __init__(self) -> None:
        self.deed: Callable[[], str] = lambda: "yes"
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        return self.deed()


def fail() -> str:
    raise SeamUnavailable("down", Trouble.SERVER)


@pytest.fixture
def clock() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def party() -> Party:
    return Party()


@pytest.fixture
def seam(party: Party, clock: Stopwatch, notes: Notes) -> Party:
    breaker = Breaker(failures=3, pause=30, clock=clock)
    return guarded(party, breaker=breaker, journal=notes, budget=0.3, most_hanging=2)  # type: ignore[arg-type]


def break_it(seam: Party, party: Party, times: int = 3) -> None:
    party.deed = fail
    for _ in range(times):
        with pytest.raises(SeamUnavailable):
            seam.ask()


def test_a_dead_party_is_not_asked_again_before_the_pause_is_over(seam: Party, party: Party, clock: Stopwatch) -> None:
    break_it(seam, party)
    with pytest.raises(SeamUnavailable) as caught:
        seam.ask()
    assert (party.asked, caught.value.trouble, caught.value.again_in) == (3, Trouble.PAUSED, 30)


def test_after_the_pause_one_call_tries_and_its_success_opens_the_way(
    seam: Party, party: Party, clock: Stopwatch
) -> None:
    break_it(seam, party)
    clock.at += 30
    party.deed = lambda: "yes"
    assert [seam.ask(), seam.ask()] == ["yes", "yes"]


def test_a_trial_that_fails_starts_a_new_pause(seam: Party, party: Party, clock: Stopwatch) -> None:
    break_it(seam, party)
    clock.at += 30
    break_it(seam, party, times=1)
    clock.at += 29
    with pytest.raises(SeamUnavailable) as caught:
        seam.ask()
    assert caught.value.trouble is Trouble.PAUSED
    assert party.asked == 4


def test_only_one_of_many_tries(seam: Party, party: Party, clock: Stopwatch) -> None:
    break_it(seam, party)
    clock.at += 30
    let_go, told = threading.Event(), []
    party.deed = lambda: str(let_go.wait(0.2))
    first = threading.Thread(target=lambda: told.append(seam.ask()))
    first.start()
    while party.asked < 4:
        time.sleep(0.001)
    with pytest.raises(SeamUnavailable) as caught:
        seam.ask()
    let_go.set()
    first.join()
    assert caught.value.trouble is Trouble.PAUSED
    assert told == ["True"]


def test_a_question_of_ours_that_is_wrong_says_nothing_about_the_party(seam: Party, party: Party, notes: Notes) -> None:
    def wrong() -> str:
        raise SeamMisused("no name", Trouble.QUESTION)

    party.deed = wrong
    for _ in range(5):
        with pytest.raises(SeamMisused):
            seam.ask()
    party.deed = lambda: "yes"
    assert seam.ask() == "yes"
    assert notes.troubles == [None]


def test_a_wrong_secret_is_noted_but_pauses_nothing(seam: Party, party: Party, notes: Notes) -> None:
    def wrong() -> str:
        raise SeamMisused("401", Trouble.SECRET)

    party.deed = wrong
    for _ in range(5):
        with pytest.raises(SeamMisused):
            seam.ask()
    assert notes.troubles == [Trouble.SECRET] * 5
    assert notes.pauses == [None] * 5


def test_a_trial_that_ends_in_a_wrong_question_leaves_the_trial_to_the_next(
    seam: Party, party: Party, clock: Stopwatch
) -> None:
    break_it(seam, party)
    clock.at += 30

    def wrong() -> str:
        raise SeamMisused("no name", Trouble.QUESTION)

    party.deed = wrong
    with pytest.raises(SeamMisused):
        seam.ask()
    party.deed = lambda: "yes"
    assert seam.ask() == "yes"


def test_nobody_waits_longer_than_the_budget_and_hanging_calls_are_few(seam: Party, party: Party) -> None:
    let_go = threading.Event()
    party.deed = lambda: str(let_go.wait(5))
    started = time.monotonic()
    for _ in range(2):
        with pytest.raises(SeamUnavailable):
            seam.ask()
    assert time.monotonic() - started < 1.5
    started = time.monotonic()
    with pytest.raises(SeamUnavailable):
        seam.ask()
    assert time.monotonic() - started < 0.25, "both slots hang: the third is refused at once"
    assert party.asked == 2
    let_go.set()


def test_the_pause_is_written_down_with_the_failure_that_began_it(seam: Party, party: Party, notes: Notes) -> None:
    break_it(seam, party)
    assert notes.pauses == [None, None, 30]
