"""The background process: takes jobs from the outbox one by one, keeps their lease alive, puts back what others lost."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from flask import Flask

from webapp.core import jobs
from webapp.core.db import db, unit_of_work
from webapp.core.jobs import ALL_TURNS, Claim, Handler, TryLater, Turn
from webapp.core.memory import Trimmer, give_large_pieces_back
from webapp.core.once import forget_old_tokens
from webapp.core.seam_health import forget_old_hours, note_worker
from webapp.evidence.usecases import sweep_drafts
from webapp.ports.failures import SeamUnavailable
from webapp.review.jobs import fill_docket
from webapp.staff.usecases import forget_old_tries
from webapp.trail.heads import write_daily_head
from webapp.typed.usecases import forget_old_typed

log = logging.getLogger("lingkuan.worker")
IDLE = 0.15
REAP_EVERY = 2.0
TIDY_EVERY = 3600.0
ENDS = (KeyboardInterrupt, SystemExit)
"""What ends a worker. All else fails the job alone, also the panic of a library in Rust, which is no Exception."""
SEEN_EVERY = 15.0


class Worker:
    """One process's worth of work. `stop` lets the job in hand be finished.

    `turns`: the jobs that it takes. One that doesn't take all of them leaves the house to others: it is to be there for
    codes while they are busy, so it tidies nothing, and isn't counted among the living.
    """

    def __init__(
        self, app: Flask, handlers: Mapping[str, Handler], *, lease: timedelta, turns: Sequence[Turn] = ALL_TURNS
    ) -> None:
        self._app, self._handlers, self._lease, self._turns = app, handlers, lease, turns
        self._stopping = threading.Event()
        self._alive = _Alive(app, self._stopping) if set(turns) == set(ALL_TURNS) else None
        self._next_reap = self._next_tidy = 0.0
        self._trimmer = Trimmer()

    def stop(self, *_: object) -> None:
        """Ends the loop after the job in hand."""
        self._stopping.set()

    def run_forever(self) -> None:
        """Works until stopped; SIGTERM and SIGINT stop it."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self.stop)
        give_large_pieces_back()
        log.info("worker ready for %s", ", ".join(sorted(self._handlers)) if self._alive else "what is urgent")
        if self._alive:
            self._alive.begin()
        while not self._stopping.is_set():
            if not self._step():
                self._stopping.wait(IDLE)

    def _step(self) -> bool:
        try:
            with self._app.app_context():
                self._keep_house()
                return self.run_one()
        except ENDS:
            raise
        except BaseException:
            log.exception("the queue itself failed; trying again")
            self._stopping.wait(1.0)
            return False

    def run_one(self) -> bool:
        """Claims and does one due job; False when there is none. Needs an application context."""
        if not jobs.any_due(now=self._now(), turns=self._turns):
            return False
        claim = jobs.claim(now=self._now(), lease=self._lease, turns=self._turns)
        if claim is None:
            return False
        with _Heartbeat(self._app, claim, self._lease):
            self._do(claim)
        self._trimmer.after_work()
        return True

    def _do(self, claim: Claim) -> None:
        started = time.monotonic()
        try:
            self._handlers[claim.kind](claim.payload)
        except TryLater as later:
            db.session.rollback()
            jobs.postpone(claim, later.delay, now=self._now())
        except SeamUnavailable:
            db.session.rollback()
            pause = jobs.wait_out(claim, now=self._now())
            log.warning("job %s (%s) waits %.0f s: the other side is down", claim.id, claim.kind, pause.total_seconds())
        except ENDS:
            raise
        except BaseException as fault:
            db.session.rollback()
            log.exception("job %s (%s) failed", claim.id, claim.kind)
            jobs.fail(claim, type(fault).__name__, now=self._now())
        else:
            db.session.rollback()
            jobs.finish(claim, now=self._now())
            log.info("job %s (%s) done in %.0f ms", claim.id, claim.kind, 1000 * (time.monotonic() - started))

    def _keep_house(self) -> None:
        if time.monotonic() >= self._next_reap:
            self._next_reap = time.monotonic() + REAP_EVERY
            if returned := jobs.reap(now=self._now()):
                log.warning("%s job(s) of a lost worker put back", returned)
        if self._alive and time.monotonic() >= self._next_tidy:
            self._next_tidy = time.monotonic() + TIDY_EVERY
            with unit_of_work():
                forget_old_tokens(now=self._now())
                forget_old_tries(now=self._now())
                forget_old_hours(now=self._now())
                forget_old_typed(now=self._now())
            self._write_head()
            if forgotten := fill_docket():
                log.info("%s review(s) put on the docket", forgotten)
            self._sweep()

    def _write_head(self) -> None:
        try:
            write_daily_head(self._app.extensions["settings"].heads_file, now=self._now())
        except OSError:
            log.exception("the head of the audit chain can't be written down")

    def _sweep(self) -> None:
        try:
            swept = sweep_drafts(store=self._app.extensions["seams"].store, now=self._now())
        except SeamUnavailable:
            log.warning("the store of photos is down; drafts are swept later")
        else:
            if swept:
                log.info("%s picture(s) that no form took in were removed", swept)

    def _now(self) -> datetime:
        moment: datetime = self._app.extensions["clock"]()
        return moment


def begin_warm(app: Flask, deed: Callable[[], None]) -> threading.Thread:
    """Does in the background, once, what makes the first job of its kind quick; a worker that can't goes on without."""

    def warm() -> None:
        started = time.monotonic()
        try:
            with app.app_context():
                deed()
        except Exception:
            log.exception("nothing could be made ready beforehand; the first letter takes longer")
        else:
            log.info("the first letter is ready to be drawn after %.1f s", time.monotonic() - started)

    thread = threading.Thread(target=warm, name="warm", daemon=True)
    thread.start()
    return thread


class _Alive:
    """Says every few seconds, from a thread of its own, that this process is there, however long its job takes."""

    def __init__(self, app: Flask, stopping: threading.Event) -> None:
        self._app, self._stopping = app, stopping

    def begin(self) -> None:
        threading.Thread(target=self._say, name="alive", daemon=True).start()

    def _say(self) -> None:
        while True:
            try:
                with self._app.app_context():
                    note_worker(now=self._app.extensions["clock"]())
            except Exception:  # the next one may come in time; without a thread none would
                log.exception("it could not be noted that the worker is there")
            if self._stopping.wait(SEEN_EVERY):
                return


class _Heartbeat:
    """Prolongs a claim from a thread of its own while the job runs."""

    def __init__(self, app: Flask, claim: Claim, lease: timedelta) -> None:
        self._app, self._claim, self._lease = app, claim, lease
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._lease.total_seconds() / 3):
            try:
                with self._app.app_context():
                    jobs.prolong(self._claim, now=self._app.extensions["clock"](), lease=self._lease)
            except Exception:  # the next beat may still come in time; without a thread none would
                log.exception("the lease of job %s was not prolonged", self._claim.id)
