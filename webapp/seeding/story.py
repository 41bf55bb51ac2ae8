"""Twelve days of a demo's court, told by the product's own use cases: its queues, letters, payments and charts have something in them.

Each chapter is a moment and a deed. They are told in the order of time, and after each one the worker does what is due, as it
would have then.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from webapp.cases.usecases import create_case, import_register
from webapp.charts.usecases import count_case
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.hours import QuietHours
from webapp.core.jobs import Handler, TryLater
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.rules import BatchState, RoundKind
from webapp.payee.usecases import MAKE_LETTER
from webapp.payouts.usecases.batches import make_batch, release_batch
from webapp.payouts.usecases.results import take_result
from webapp.payouts.usecases.rounds import RoundAsked, open_round
from webapp.review.deciding import Choice
from webapp.seeding import people
from webapp.seeding.deeds import Court
from webapp.seeding.people import NAMED, Claimant, Goal
from webapp.seeding.readers import recalling
from webapp.worker import Worker
from webapp.working import all_handlers

NUMBER, TITLE, CODE = "（2024）粤0399执88号", "样本理财集资案", "DEMO4567"
DAYS = 12
Chapter = tuple[datetime, Callable[[], object]]


class Clock:
    """The time of the story, which its teller moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def tell_story(app: Flask, *, now: datetime) -> None:
    """Makes the case and lets its days go by. The application is as it was afterwards; `now` is when the story ends."""
    clock = Clock(now - timedelta(days=DAYS))
    end_reading()
    with _in_those_days(app, clock), _quick_disk(), _quietly():
        court = Court(app, _open_case(app, clock()))
        worker = Worker(app, _handlers(app, court, now), lease=app.extensions["settings"].job_lease)
        for moment, deed in sorted(_chapters(court, now), key=lambda chapter: chapter[0]):
            clock.now = moment
            deed()
            clock.now = moment + timedelta(minutes=1)
            while worker.run_one():
                pass
        clock.now = now
        count_case(court.case_id, now=now)


@contextmanager
def _in_those_days(app: Flask, clock: Clock) -> Iterator[None]:
    kept = {name: app.extensions[name] for name in ("clock", "seams", "settings")}
    app.extensions.update(
        clock=clock,
        seams=recalling(kept["seams"]),
        settings=replace(kept["settings"], quiet_hours=QuietHours.parse("off")),
    )
    try:
        yield
    finally:
        app.extensions.update(kept)


@contextmanager
def _quick_disk() -> Iterator[None]:
    """SQLite doesn't wait for the disk at each of several hundred commits: whoever loses this demo seeds another."""
    _synchronous("NORMAL")
    try:
        yield
    finally:
        db.session.remove()
        _synchronous("FULL")


@contextmanager
def _quietly() -> Iterator[None]:
    """A hundred jobs of days that never were are no news to whoever starts a demo; what fails is."""
    jobs_log = logging.getLogger("lingkuan.worker")
    level = jobs_log.level
    jobs_log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        jobs_log.setLevel(level)


def _synchronous(level: str) -> None:
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()  # the pool's only one, as nobody else is here
        connection.cursor().execute(f"PRAGMA synchronous={level}")
        connection.close()


def _handlers(app: Flask, court: Court, now: datetime) -> dict[str, Handler]:
    """The worker's, but for the letters that nothing waits for: those are drawn by the worker that starts with the demo."""
    handlers = dict(all_handlers(app))
    draw, paid = handlers[MAKE_LETTER], (*people.PAID, people.CAME_BACK, *people.BATCHED)

    def draw_or_leave(payload: Mapping[str, Any]) -> None:
        if not court.has_signed(payload["letter"], paid):
            raise TryLater(now - court.now())
        draw(payload)

    return {**handlers, MAKE_LETTER: draw_or_leave}


def _open_case(app: Flask, now: datetime) -> str:
    settings = app.extensions["settings"]
    with unit_of_work():
        case = create_case(
            NUMBER,
            title=TITLE,
            court=settings.court_name,
            partner_bank="样本银行",
            contact=settings.court_phone,
            now=now,
        )
        case.code = CODE
    import_register(case, "register.csv", _register(), today=in_china(now).date(), now=now)
    return case.id


def _register() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["姓名", "证件类型", "证件号码", "金额"])
    for place, person in enumerate(NAMED):
        writer.writerow([person.name, person.document_type, person.number, f"{8000 + 1937.25 * (place * 7 % 31):.2f}"])
    return out.getvalue().encode("utf-8-sig")


def _chapters(court: Court, now: datetime) -> Iterator[Chapter]:
    """Everything that happens, in no order."""

    def day(ago: int, hour: int, minute: int = 0) -> datetime:
        at = (in_china(now) - timedelta(days=ago)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return at.astimezone(UTC)  # as every clock here tells it

    for place, person in enumerate(people.PAID):
        yield from _whole_way(court, person, day(11, 10 + place, 5 + 20 * place))
    yield from _whole_way(court, people.CAME_BACK, day(10, 9, 40))
    yield from _whole_way(court, people.ACCOUNT_BACK, day(10, 15, 20))
    yield from _reviewed(court, people.KIM, day(10, 11), looked_at=day(9, 9, 30), goes_on=day(7, 14, 10))
    yield from _whole_way(court, people.BATCHED[0], day(8, 16, 30))
    yield from _whole_way(court, people.BATCHED[1], day(6, 10, 45))
    yield from _reviewed(court, people.SILVA, day(6, 14), looked_at=day(5, 10), goes_on=day(1, 9, 25))
    yield from _whole_way(court, people.NO_ANSWER, day(2, 15, 15))
    yield from _whole_way(court, people.UNSIGNED, day(4, 9, 50))
    yield from _whole_way(court, people.BANK_SAYS_NO, day(3, 11, 35))
    yield from _whole_way(court, people.NO_ACCOUNT, day(5, 16, 5))
    yield from _whole_way(court, people.BEGUN[0], day(7, 10, 20))
    yield from _whole_way(court, people.BEGUN[1], day(1, 14, 40))
    yield from _whole_way(court, people.JUST_SIGNED, now - timedelta(minutes=100))
    yield from _handed_in(court, people.OVERDUE, day(6, 9, 15))
    yield from _handed_in(court, people.OTHER_NAME, day(2, 10, 10))
    yield from _handed_in(court, people.OTHER_FACE, day(1, 11, 30))
    yield from _handed_in(court, people.SENT_BACK, day(4, 13, 45))
    yield from _handed_in(court, people.FRESH, now - timedelta(minutes=50))
    refused = Choice(False, "court:unclear", "照片下半部分有反光，请换个角度再拍。", ("evidence",))
    yield day(3, 9, 20), partial(court.decide_identity, people.SENT_BACK, refused, by="limin")
    returned = Choice(False, "account:card_unclear", "", ())
    yield day(9, 15), partial(court.decide_account, people.ACCOUNT_BACK, returned, by="limin")
    yield from _payments(court, day)


def _whole_way(court: Court, person: Claimant, start: datetime) -> Iterator[Chapter]:
    """A resident's way as far as they have come, some minutes a step."""
    deeds = [(0, Goal.BEGUN, court.begin), (4, Goal.PROVED, court.film), (9, Goal.PROVED, court.reserve_signature)]
    deeds += [(14, Goal.CHECKED, court.give_account), (18, Goal.SIGNED, court.sign)]
    for minutes, goal, deed in deeds:
        if person.goal >= goal:
            yield start + timedelta(minutes=minutes), partial(deed, person)


def _handed_in(court: Court, person: Claimant, start: datetime) -> Iterator[Chapter]:
    """Somebody whom a clerk must look at, up to the waiting."""
    for minutes, deed in ((0, court.begin), (6, court.show_document), (11, court.film)):
        yield start + timedelta(minutes=minutes), partial(deed, person)


def _reviewed(
    court: Court, person: Claimant, start: datetime, *, looked_at: datetime, goes_on: datetime
) -> Iterator[Chapter]:
    """The same, then passed by a clerk; a day or more later they sign for an account."""
    yield from _handed_in(court, person, start)
    yield looked_at, partial(court.decide_identity, person, Choice(True), by="limin")
    for minutes, deed in ((0, court.reserve_signature), (5, court.give_account), (9, court.sign)):
        yield goes_on + timedelta(minutes=minutes), partial(deed, person)


def _payments(court: Court, day: Callable[..., datetime]) -> Iterator[Chapter]:
    """A round, a batch that the bank has answered, and one that waits for its release."""
    yield day(8, 9, 30), partial(_open_round, court)
    yield day(8, 10), partial(_make_batch, court, "wangfang")
    yield day(8, 14, 20), partial(_release, court, "zhaojun")
    yield day(5, 9, 15), partial(_bank_answers, court, "wangfang")
    yield day(2, 9, 40), partial(_make_batch, court, "wangfang")


def _open_round(court: Court) -> None:
    with unit_of_work():
        asked = RoundAsked(RoundKind.PERCENT, part=400_000)
        open_round(court.case_id, asked, clerk_id=court.clerk("wangfang").id, now=court.now())


def _make_batch(court: Court, by: str) -> None:
    with unit_of_work():
        make_batch(court.case_id, "csv-utf8", clerk_id=court.clerk(by).id, now=court.now())


def _release(court: Court, by: str) -> None:
    ready = select(PayoutBatch).where(PayoutBatch.case_id == court.case_id, PayoutBatch.state == BatchState.READY)
    with unit_of_work():
        batch = db.session.scalars(ready).one()
        release_batch(batch.id, batch.control or "", clerk_id=court.clerk(by).id, now=court.now())


def _bank_answers(court: Court, by: str) -> None:
    """The bank's file: all is paid but one, whose account it doesn't know under that name."""
    came_back = court.entries([people.CAME_BACK])
    lines = select(PayoutLine).where(PayoutLine.case_id == court.case_id).order_by(PayoutLine.number)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["企业流水号", "收款账号", "金额", "交易状态", "失败原因"])
    for line in db.session.scalars(lines):
        failed = line.case_payee_id in came_back
        said = ("失败", "收款人账号户名不符") if failed else ("成功", "")
        writer.writerow([line.export_no, line.card_number, f"{line.amount / 100:.2f}", *said])
    take_result(
        court.case_id, "bank-answer.csv", out.getvalue().encode("utf-8-sig"), clerk_id=court.clerk(by).id,
        store=court.seams.store, now=court.now(),
    )  # fmt: skip
