"""Around a real adapter: a time budget, a limit on calls that hang, a circuit breaker, and a note of how it went.

A dead party is asked five times; then nobody is kept waiting for it for half a minute, after which one call, and one
alone, tries whether it is back. This is the pattern of Nygard's "Release It!" (circuit breaker, bulkhead).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from webapp.core.db import db
from webapp.core.seam_health import Heard, note_calls
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble

log = logging.getLogger("lingkuan.seams")
T = TypeVar("T")
FAILURES = 5
PAUSE = 30.0
MOST_HANGING = 8
NOTE_EVERY = 5.0
Seconds = Callable[[], float]


class Breaker:
    """Closed: all may ask. Open: nobody. Half open, after the pause: one may try. Safe for many threads."""

    def __init__(self, *, failures: int = FAILURES, pause: float = PAUSE, clock: Seconds = time.monotonic) -> None:
        self._most, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def left(self) -> float | None:
        """Seconds until somebody may try again; None while it is closed."""
        opened = self._opened_at
        return None if opened is None else max(0.0, opened + self._pause - self._clock())

    def admit(self) -> None:
        """Lets one ask, who must report afterwards; raises SeamUnavailable while the seam is known to be down."""
        with self._lock:
            left = self.left
            if left is None:
                return
            if left > 0 or self._probing:
                raise SeamUnavailable("known to be down", Trouble.PAUSED, again_in=max(left, 1.0))
            self._probing = True

    def succeeded(self) -> None:
        """The party answered."""
        with self._lock:
            self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self) -> None:
        """The party was down, slow or talked nonsense."""
        with self._lock:
            self._failures += 1
            if self._probing or self._failures >= self._most:
                self._opened_at = self._clock()
            self._probing = False

    def told_nothing(self) -> None:
        """The call ended before it reached the party."""
        with self._lock:
            self._probing = False


class Journal:
    """Counts the calls of one seam and writes them down: a failure at once, successes every few seconds.

    A health note must never break the deed: where it can't be written, it waits for the next call.
    """

    def __init__(self, seam: str, *, now: Callable[[], datetime], clock: Seconds = time.monotonic) -> None:
        self._seam, self._now, self._clock = seam, now, clock
        self._lock = threading.Lock()
        self._asked = self._failed = 0
        self._milliseconds = 0.0
        self._trouble: str | None = None
        self._written_at = float("-inf")

    def note(self, milliseconds: float, trouble: Trouble | None, *, pause: float | None, urgent: bool) -> None:
        """One call: how long it took, what was wrong, how long nobody is going to ask (seconds)."""
        with self._lock:
            self._asked, self._milliseconds = self._asked + 1, self._milliseconds + milliseconds
            if trouble is not None:
                self._failed, self._trouble = self._failed + 1, trouble.value
            due = urgent or self._clock() - self._written_at >= NOTE_EVERY
            if due and not db.session().in_transaction():
                self._write(pause)

    def _write(self, pause: float | None) -> None:
        now = self._now()
        until = None if pause is None else now + timedelta(seconds=pause)
        try:
            note_calls(
                Heard(self._seam, self._asked, self._failed, round(self._milliseconds), self._trouble, until), now=now
            )
        except Exception:
            log.exception("the health of %s could not be written down", self._seam)
            return
        self._asked = self._failed = 0
        self._milliseconds, self._trouble = 0.0, None
        self._written_at = self._clock()


class _Guarded:
    def __init__(self, seam: Any, breaker: Breaker, journal: Journal, budget: float, most_hanging: int) -> None:
        self._seam, self._breaker, self._journal, self._budget = seam, breaker, journal, budget
        self._slots = threading.Semaphore(most_hanging)

    def __getattr__(self, name: str) -> Any:
        deed = getattr(self._seam, name)
        return (lambda *args, **kwargs: self._ask(lambda: deed(*args, **kwargs))) if callable(deed) else deed

    def _ask(self, deed: Callable[[], Any]) -> Any:
        self._breaker.admit()
        was_down = self._breaker.left is not None
        started = time.monotonic()
        try:
            answer = within(self._budget, deed, self._slots)
        except SeamUnavailable as down:
            self._breaker.failed()
            self._note(started, down.trouble, urgent=True)
            raise
        except KeyError:  # a store's way to say that it has no such file
            self._breaker.succeeded()
            raise
        except SeamMisused as misused:
            self._breaker.told_nothing()
            if misused.trouble is not Trouble.QUESTION:
                self._note(started, misused.trouble, urgent=True)
            raise
        except BaseException:
            self._breaker.told_nothing()
            raise
        self._breaker.succeeded()
        self._note(started, None, urgent=was_down)
        return answer

    def _note(self, started: float, trouble: Trouble | None, *, urgent: bool) -> None:
        self._journal.note(1000 * (time.monotonic() - started), trouble, pause=self._breaker.left, urgent=urgent)


def guarded(seam: T, *, breaker: Breaker, journal: Journal, budget: float, most_hanging: int = MOST_HANGING) -> T:
    """The same seam; each call takes at most `budget` seconds, whatever the other side does."""
    wrapped: Any = _Guarded(seam, breaker, journal, budget, most_hanging)
    return wrapped  # type: ignore[no-any-return]  # it answers to everything that the seam does


def within(budget: float, deed: Callable[[], T], slots: threading.Semaphore) -> T:
    """Does `deed` in a thread of its own; raises SeamUnavailable when it takes longer than `budget` seconds.

    A time-out of a socket bounds each read, not the whole: a party that sends a byte a second would hold us for ever.
    A thread that is given up ends by its own time-outs; at most as many as there are slots hang at a time.
    """
    if not slots.acquire(blocking=False):
        raise SeamUnavailable("too many calls still hang", Trouble.TIMEOUT)
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((deed(), None))
        except BaseException as fault:  # noqa: BLE001 (it is raised again, in the caller's thread)
            outcome.put((None, fault))
        finally:
            slots.release()

    threading.Thread(target=run, name="seam", daemon=True).start()
    try:
        answer, fault = outcome.get(timeout=budget)
    except queue.Empty:
        raise SeamUnavailable(f"no answer within {budget:g} s", Trouble.TIMEOUT) from None
    if fault is not None:
        raise fault
    return answer  # type: ignore[return-value]  # without a fault there is an answer
