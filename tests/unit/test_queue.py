"""The queue in bad weather: outages are waited out, defects end as dead jobs that people revive."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import event

from tests.fakes import Fakes, TestClock
from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, insert_once, unit_of_work
from webapp.core.jobs import Job
from webapp.core.seam_health import note_worker, worker_is_seen
from webapp.ports.failures import SeamUnavailable
from webapp.sms.usecases import SEND_SMS, post_sms
from webapp.worker import Worker, begin_warm
from webapp.working import all_handlers

LEASE, ROOT = timedelta(seconds=30), Path(__file__).parents[2]


def worker_with(app: Flask, deed: Callable[[], None]) -> Worker:
    return Worker(app, {"deed": lambda _payload: deed()}, lease=timedelta(seconds=30))


def put(clock: TestClock, key: str = "deed:1") -> None:
    with unit_of_work():
        jobs.enqueue("deed", {}, now=clock(), key=key)


def the_job() -> Job:
    db.session.rollback()
    return db.session.query(Job).filter_by(kind="deed").one()


class Sea:
    """Down until told otherwise."""

    down = True
    asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.down:
            raise SeamUnavailable("down")


@pytest.fixture
def sea() -> Sea:
    return Sea()


def test_an_outage_of_days_is_waited_out_and_kills_no_job(app: Flask, clock: TestClock, sea: Sea) -> None:
    with app.app_context():
        put(clock)
        worker = worker_with(app, sea)
        pauses: list[float] = []
        while len(pauses) < 300:
            assert worker.run_one()
            job = the_job()
            assert (job.state, job.attempts, job.last_error) == ("queued", 0, "SeamUnavailable")
            pauses.append((job.run_at - clock()).total_seconds())
            clock.now = job.run_at
        assert 4 <= pauses[0] <= 5
        assert all(later > 1.5 * earlier for earlier, later in pairwise(pauses[:7]))
        assert all(480 <= pause <= 600 for pause in pauses[8:])
        assert len({round(pause) for pause in pauses[8:]}) > 20, "jobs must not come back all at once"
        sea.down = False
        worker.run_one()
        assert the_job().state == "done"


def test_a_defect_after_a_long_outage_still_has_all_its_attempts_and_then_is_dead(app: Flask, clock: TestClock) -> None:
    faults: list[Exception] = [SeamUnavailable("down")] * 30 + [ZeroDivisionError()] * 12

    def deed() -> None:
        raise faults.pop(0)

    with app.app_context():
        put(clock)
        worker = worker_with(app, deed)
        while worker.run_one():
            clock.move(hours=2)
        assert not faults
        assert (the_job().state, the_job().last_error) == ("dead", "ZeroDivisionError")


class Panic(BaseException):
    """As a library in Rust raises it: no Exception."""


def test_a_panic_of_a_library_fails_its_job_and_not_the_worker(app: Flask, clock: TestClock) -> None:
    def deed() -> None:
        raise Panic

    with app.app_context():
        put(clock)
        assert worker_with(app, deed).run_one()
        assert (the_job().state, the_job().attempts, the_job().last_error) == ("queued", 1, "Panic")


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_who_ends_a_worker_in_the_middle_of_a_job_ends_it(
    app: Flask, clock: TestClock, end: type[BaseException]
) -> None:
    def deed() -> None:
        raise end

    with app.app_context():
        put(clock)
        with pytest.raises(end):
            worker_with(app, deed).run_one()


def test_a_job_that_takes_its_worker_down_each_time_ends_as_dead(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        put(clock)
        for _ in range(jobs.MOST_ATTEMPTS):
            assert jobs.claim(now=clock(), lease=timedelta(seconds=30)) is not None
            clock.move(minutes=1)
            jobs.reap(now=clock())
        assert (the_job().state, the_job().last_error) == ("dead", "worker lost")
        assert jobs.claim(now=clock(), lease=timedelta(seconds=30)) is None


def test_who_waits_may_ask_again_now_but_not_all_the_time(app: Flask, clock: TestClock, sea: Sea) -> None:
    with app.app_context():
        put(clock)
        worker = worker_with(app, sea)
        for _ in range(12):
            worker.run_one()
            clock.now = the_job().run_at
        worker.run_one()
        assert not worker.run_one()
        assert jobs.waits_out("deed:1")
        hurried = []
        for _ in range(4):
            with unit_of_work():
                hurried.append(jobs.hurry("deed:1", now=clock()))
            worker.run_one()
            clock.move(seconds=16)
        assert hurried == [True, False, True, False]
        assert sea.asked == 13 + 2


def test_only_an_outage_can_be_hurried_not_the_pause_after_a_defect(app: Flask, clock: TestClock) -> None:
    def deed() -> None:
        raise ZeroDivisionError

    with app.app_context():
        put(clock)
        worker_with(app, deed).run_one()
        with unit_of_work():
            assert not jobs.hurry("deed:1", now=clock())


def test_the_operator_lists_dead_jobs_and_revives_them(app: Flask, clock: TestClock) -> None:
    runner = app.test_cli_runner()
    with app.app_context(), unit_of_work():
        for n in range(3):
            jobs.enqueue("deed", {}, now=clock(), key=f"deed:{n}")
        for job in db.session.query(Job):
            job.state, job.finished_at, job.last_error, job.attempts = "dead", clock(), "ZeroDivisionError", 12
    listed = runner.invoke(args=["jobs", "dead"]).output
    assert "deed\t2026-11-23 10:00:00\tZeroDivisionError" in listed
    assert "3 dead jobs" in listed
    first = listed.split("\t")[0]
    assert "1 jobs are back" in runner.invoke(args=["jobs", "revive", first]).output
    assert runner.invoke(args=["jobs", "revive"]).exit_code == 2
    assert "2 jobs are back" in runner.invoke(args=["jobs", "revive", "--all"]).output
    with app.app_context():
        assert {(job.state, job.attempts) for job in db.session.query(Job)} == {("queued", 0)}
        rows = db.session.query(audit.AuditEntry).filter_by(action="job.revived", actor_kind="operator").all()
        assert len({row.subject_id for row in rows}) == 3


def test_the_same_job_enqueued_by_two_at_once_is_there_once(app: Flask, clock: TestClock) -> None:
    faults: list[Exception] = []
    start = threading.Barrier(4)

    def try_it() -> None:
        with app.app_context():
            start.wait()
            try:
                put(clock, "the same")
            except Exception as fault:  # noqa: BLE001 (told by the assertion below)
                faults.append(fault)

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with app.app_context():
        assert db.session.query(Job).filter_by(key="the same").count() == 1


def test_a_unit_of_work_reads_afresh_what_was_read_before_a_seam_was_asked(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        put(clock)
        job = the_job()
        end_reading()

        def elsewhere() -> None:
            with app.app_context(), unit_of_work():
                the_same = db.session.query(Job).filter_by(kind="deed").one()
                the_same.state = "dead"

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        with unit_of_work():
            assert db.session.get_one(Job, job.id).state == "dead"


def test_a_row_is_inserted_once_and_the_second_time_is_told(app: Flask, clock: TestClock) -> None:
    values = {"kind": "deed", "key": "k", "payload": {}, "run_at": clock(), "created_at": clock()}
    with app.app_context(), unit_of_work():
        assert insert_once(Job, values, key="key")
        assert not insert_once(Job, values, key="key")


def test_codes_go_before_what_people_wait_for_and_other_messages_come_last(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        for kind, urgent in (("reminder", False), ("result", False), ("", True)):
            with unit_of_work():
                post_sms("+8610000000001", kind or "code", now=clock(), urgent=urgent, kind=kind)
                jobs.enqueue(f"deed beside {kind or 'code'}", {}, now=clock())
            clock.move(seconds=1)
        taken = []
        while (claim := jobs.claim(now=clock(), lease=timedelta(seconds=30))) is not None:
            taken.append(claim.kind)
        deeds = ["deed beside reminder", "deed beside result", "deed beside code"]
        assert taken == [SEND_SMS, *deeds, SEND_SMS, SEND_SMS]


def test_a_look_for_work_reads_the_head_of_the_index_however_long_the_queue(app: Flask, clock: TestClock) -> None:
    asked: list[tuple[str, Any]] = []
    with app.app_context():

        def listen(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
            if statement.startswith("SELECT job.id"):
                asked.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", listen)
        assert jobs.claim(now=clock(), lease=timedelta(seconds=30)) is None
        event.remove(db.engine, "before_cursor_execute", listen)
        assert len(asked) == len(jobs.Turn)
        sqlite = db.engine.dialect.name == "sqlite"
        with unit_of_work():
            connection = db.session.connection()
            if not sqlite:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            for statement, parameters in asked:
                rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement}", parameters)
                plan = " ".join(map(str, rows))
                assert "ix_job_waiting" in plan
                assert "Sort" not in plan, plan
                assert "TEMP B-TREE" not in plan, plan


def test_a_worker_that_cannot_make_ready_beforehand_goes_on_without(app: Flask) -> None:
    done: list[str] = []

    def breaks() -> None:
        raise OSError("no font")

    for deed in (breaks, lambda: done.append(current_app.name)):
        thread = begin_warm(app, deed)
        thread.join(10)
        assert not thread.is_alive()
    assert done == [app.name]


def test_a_code_goes_out_while_a_long_register_is_read(app: Flask, clock: TestClock, fakes: Fakes) -> None:
    in_hand, read_on = threading.Event(), threading.Event()

    def read_register() -> None:
        in_hand.set()
        assert read_on.wait(30)

    busy, quick = worker_with(app, read_register), Worker(app, all_handlers(app), lease=LEASE, turns=jobs.QUICK)
    with app.app_context():
        put(clock)
        put(clock, "deed:2")

    def busy_once() -> None:
        with app.app_context():
            busy.run_one()

    thread = threading.Thread(target=busy_once)
    thread.start()
    assert in_hand.wait(30)
    with app.app_context():
        with unit_of_work():
            post_sms("+8610000000001", "a code", now=clock(), urgent=True, kind="code")
            post_sms("+8610000000001", "a reminder", now=clock(), urgent=False, kind="reminder")
        assert [quick.run_one(), quick.run_one()] == [True, False], (
            "neither the register nor what may be late is its own"
        )
        assert "a code" in fakes.sms.last("+8610000000001")
        assert {job.state for job in db.session.query(Job).filter_by(kind="deed")} == {"running", "queued"}
    read_on.set()
    thread.join()


def test_whoever_asks_is_told_when_no_worker_has_been_seen_for_a_minute(app: Flask, clock: TestClock) -> None:
    client = app.test_client()
    assert client.get("/healthz").text == "ok\nno worker has been seen for a minute\n"
    with app.app_context():
        note_worker(now=clock())
    clock.move(seconds=59)
    assert client.get("/healthz").text == "ok\n"
    clock.move(seconds=2)
    late = client.get("/healthz")
    assert (late.status_code, late.text) == (200, "ok\nno worker has been seen for a minute\n")


@pytest.mark.parametrize(("turns", "seen"), [(jobs.ALL_TURNS, True), (jobs.QUICK, False)])
def test_a_worker_says_that_it_is_there_and_a_quick_one_does_not_stand_for_it(
    app: Flask, clock: TestClock, turns: tuple[jobs.Turn, ...], seen: bool
) -> None:
    worker = Worker(app, {}, lease=LEASE, turns=turns)
    worker.stop()
    worker.run_forever()
    with app.app_context():
        deadline = time.monotonic() + 10
        while seen and not worker_is_seen(now=clock()) and time.monotonic() < deadline:
            db.session.rollback()
            time.sleep(0.05)
        assert worker_is_seen(now=clock()) is seen


def test_a_quick_worker_loads_nothing_that_reads_pictures(tmp_path: Path) -> None:
    """In a process of its own: here other tests may have loaded it."""
    words = (
        "import sys; from wsgi import app; from webapp.core import jobs; from webapp.worker import Worker\n"
        "from webapp.working import all_handlers; from datetime import timedelta; from flask_migrate import upgrade\n"
        "from webapp.sms.usecases import post_sms; from webapp.core.db import unit_of_work\n"
        "with app.app_context():\n"
        "    upgrade(directory='migrations')\n"
        "    with unit_of_work():\n"
        "        post_sms('+8610000000001', 'a code', now=app.extensions['clock'](), urgent=True, kind='code')\n"
        "    worker = Worker(app, all_handlers(app), lease=timedelta(seconds=30), turns=jobs.QUICK)\n"
        "    assert worker.run_one()\n"
        "print(sorted({'cv2', 'onnxruntime', 'xhtml2pdf', 'av', 'rapidocr'} & set(sys.modules)))\n"
    )
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "QUIET_HOURS": "off"}
    ran = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.stdout.splitlines()[-1:] == ["[]"], ran.stderr[-600:]
