"""kill -9 of the worker in the middle of each kind of job: nothing is lost, and nothing is done twice that may not be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from benchmarks.desk_people import add_passports
from tests.databases import ROOT
from tests.fakes import Fakes, TestClock
from tests.walker import Walker, picture_bytes
from tests.web.conftest import PASSWORD
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_messages import subscribe, tell_somebody
from tests.web.test_verification import PERMIT
from webapp.accounts.models import Role
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.jobs import Job
from webapp.core.settings import Settings
from webapp.docket.models import DocketItem
from webapp.payee.models import Letter
from webapp.push.models import PushDelivery
from webapp.review.deciding import Choice, decide
from webapp.review.holding import take
from webapp.review.models import Decision
from webapp.sms.models import SmsDelivery
from webapp.staff.usecases import create_clerk, hash_password

LEASE = 1.5


@pytest.fixture
def barrier(tmp_path: Path) -> Path:
    folder = tmp_path / "barrier"
    folder.mkdir()
    return folder


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings: Settings, barrier: Path) -> Iterator[Start]:
    """Starts a worker process over the test's own database and store."""
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        environ = {
            **os.environ, "ENV": "test", "DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url, "BARRIER": str(barrier),
            "JOB_LEASE_SECONDS": str(LEASE), "QUIET_HOURS": "off", "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip
        log = (barrier / "log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.jobs_app"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        log.close()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


class RealClock(TestClock):
    """The clock of the machine, because the worker is another process."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def clock() -> TestClock:
    return RealClock()


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    """The web side's fakes over the same store that the worker process uses."""
    from webapp.adapters.storage.local import LocalObjectStore  # noqa: PLC0415

    fakes = Fakes()
    fakes.store = LocalObjectStore(tmp_path / "objects")  # type: ignore[assignment]  # a store is a store
    return fakes


def until(condition: Callable[[], bool], why: str, barrier: Path, *, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{why}\n{(barrier / 'log').read_text()[-3000:]}")
        time.sleep(0.05)


def all_done(app: Flask) -> Callable[[], bool]:
    def check() -> bool:
        with app.app_context():
            return db.session.query(Job).filter(Job.state != "done").count() == 0

    return check


def kill_in_the_middle(app: Flask, start: Start, barrier: Path, seam: str, moment: str) -> None:
    """A worker runs until it is inside `seam`, is killed there, and another one finishes everything."""
    (barrier / f"{seam}.{moment}").touch()
    victim = start()
    until((barrier / f"{seam}.reached").exists, f"the worker never came to {seam}", barrier)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    (barrier / f"{seam}.{moment}").unlink()
    start()
    until(all_done(app), "a job was lost", barrier)


def through_the_phone(walker: Walker, app: Flask) -> Walker:
    """Proves a phone with the code read from the outbox, since the SMS fake lives in the worker's process."""
    walker.accept_rules().press("获取验证码", phone="10000000001")
    with app.app_context():
        body = db.session.query(SmsDelivery).one().body
    walker.press("下一步", code=body.rsplit("#", 1)[1].strip())
    return walker.press("下一步")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_sending_an_sms(walker: Walker, app: Flask, start: Start, barrier: Path, moment: str) -> None:
    walker.accept_rules().press("获取验证码", phone="10000000001")
    kill_in_the_middle(app, start, barrier, "sms", moment)
    with app.app_context():
        delivery = db.session.query(SmsDelivery).one()
        assert delivery.state == "sent"
    keys = (barrier / "sms.calls").read_text().split()
    assert set(keys) == {delivery.id}, "the gateway must always be given the same key, by which it sends once"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_pushing_to_a_browser(
    walker: Walker, app: Flask, start: Start, barrier: Path, clock: TestClock, moment: str
) -> None:
    through_the_phone(walker, app)
    subscribe(walker)
    tell_somebody(app, clock, "letter_signed", {"name": "何志豪", "case": "（2023）粤0399执1234号", "number": "1"})
    kill_in_the_middle(app, start, barrier, "push", moment)
    with app.app_context():
        delivery = db.session.query(PushDelivery).one()
        assert delivery.state == "sent"
    keys = (barrier / "push.calls").read_text().split()
    assert set(keys) == {delivery.id}, "one key: what comes twice replaces itself on the phone"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_asking_the_face_authority(
    walker: Walker, app: Flask, start: Start, barrier: Path, moment: str
) -> None:
    through_the_phone(walker, app).give_document().show_face()
    kill_in_the_middle(app, start, barrier, "face_authority", moment)
    assert walker.open("/verify").path == "/verify/signature"
    assert_decided_once(app, "identity.accepted")
    assert len(set((barrier / "face_authority.calls").read_text().split())) == 1


@pytest.mark.parametrize("seam", ["documents", "videos", "immigration"])
def test_killed_while_looking_at_a_travel_document(
    walker: Walker, app: Flask, start: Start, barrier: Path, seam: str
) -> None:
    through_the_phone(walker, app).give_document(**PERMIT).show_document()
    if seam == "documents":
        kill_in_the_middle(app, start, barrier, seam, "after")
        assert walker.open("/verify").path == "/verify/video"
        return
    worker = start()
    until(all_done(app), "the photos were never looked at", barrier)
    worker.kill()
    walker.open("/verify").show_video()
    kill_in_the_middle(app, start, barrier, seam, "after")
    assert walker.open("/verify").path == "/verify/signature"
    assert_decided_once(app, "identity.accepted", times=3)


@pytest.mark.parametrize(
    ("seam", "moment"),
    [("account_check", "before"), ("account_check", "after"), ("letters", "after"), ("cards", "after")],
)
def test_killed_while_the_account_is_checked_or_the_letter_made(
    walker: Walker, app: Flask, start: Start, barrier: Path, clock: TestClock, seam: str, moment: str
) -> None:
    name_in_case(app, clock)
    worker = start()
    through_the_phone(walker, app).give_document().show_face()
    until(all_done(app), "the face was never looked at", barrier)
    walker.open("/verify").sign()
    at_account(walker)
    if seam == "cards":
        token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
        action = walker.page.cssselect("[formaction$='/card']")[0].get("formaction")
        worker.kill()
        import io  # noqa: PLC0415

        page = walker.client.post(
            action,
            data={"csrf_token": token, "card_picture": (io.BytesIO(picture_bytes()), "c.jpg")},
            follow_redirects=True,
        ).request.path
        kill_in_the_middle(app, start, barrier, seam, moment)
        assert "6299 9900" in walker.client.get(page, follow_redirects=True).text
        return
    if seam == "account_check":
        worker.kill()
        hand_in(walker)
        kill_in_the_middle(app, start, barrier, seam, moment)
        assert walker.open(walker.path).path.endswith("/letter/preview")
        assert_decided_once(app, "payee.checked")
        return
    hand_in(walker)
    until(all_done(app), "the account was never checked", barrier)
    walker.open(walker.path).press("提交并签名")
    worker.kill()
    walker.press("确定")
    kill_in_the_middle(app, start, barrier, seam, moment)
    with app.app_context():
        letter = db.session.query(Letter).one()
        assert letter.state == "current"
        assert letter.pdf_sha256
        assert db.session.query(SmsDelivery).count() == 3, (
            "the code, and one notice each of the identity and the letter"
        )
    assert_decided_once(app, "payee.letter_made")


def assert_decided_once(app: Flask, action: str, times: int = 1) -> None:
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action=action).count() == times
        assert audit.verify_chain().broken_at is None


def test_a_job_that_always_fails_is_kept_as_dead_and_hurts_no_other(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    """See also core.jobs: after its attempts a job is dead, with its error, for people to see."""
    from webapp.core import jobs  # noqa: PLC0415
    from webapp.core.db import unit_of_work  # noqa: PLC0415
    from webapp.worker import Worker  # noqa: PLC0415

    def broken(_payload: object) -> None:
        raise ZeroDivisionError

    done: list[object] = []
    still = TestClock()
    app.extensions["clock"] = still
    with app.app_context():
        with unit_of_work():
            jobs.enqueue("broken", {}, now=still())
            jobs.enqueue("good", {}, now=still())
        worker = Worker(app, {"broken": broken, "good": done.append}, lease=app.extensions["settings"].job_lease)
        for _ in range(40):
            while worker.run_one():
                pass
            still.move(hours=2)
        job = db.session.query(Job).filter_by(kind="broken").one()
        assert (job.state, job.attempts, job.last_error) == ("dead", jobs.MOST_ATTEMPTS, "ZeroDivisionError")
    assert len(done) == 1


def test_a_clerks_decision_outlives_the_worker_and_is_told_once(app: Flask, start: Start, barrier: Path) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        add_passports(1, now=now)
        with unit_of_work():
            clerk = create_clerk(
                "limin",
                display_name="limin",
                password_hash=hash_password(PASSWORD, username="limin"),
                role=Role.REVIEWER,
                courts=(),
                now=now,
            ).id
        item = db.session.query(DocketItem).one().id
        with unit_of_work():
            token = take(item, clerk, now=now)
            decide(item, Choice(True), clerk_id=clerk, token=str(token), undo=timedelta(seconds=1), now=now)
    kill_in_the_middle(app, start, barrier, "sms", "before")
    with app.app_context():
        assert [decision.state for decision in db.session.query(Decision)] == ["done"]
        assert db.session.query(SmsDelivery).count() == 1
        assert db.session.query(audit.AuditEntry).filter_by(action="identity.accepted", actor_kind="clerk").count() == 1
    assert len((barrier / "sms.calls").read_text().splitlines()) == 1
