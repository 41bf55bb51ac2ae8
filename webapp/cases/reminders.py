"""Reminding those who haven't finished, by SMS: counted and priced before, sent by the worker, each person once in seven days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.models import Account, Phone
from webapp.cases.models import UNFINISHED, Case, CasePayee, Stage
from webapp.cases.people_models import Reminder
from webapp.cases.queries import in_force
from webapp.cases.reading import changed_rows
from webapp.cases.register_models import RegisterImport
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.identity.models import Identity
from webapp.notices.usecases import sms_text, tell
from webapp.sms.rules import measure_sms
from webapp.sms.usecases import post_sms

SEND_REMINDERS = "send_reminders"
EVERY = timedelta(days=7)
AT_ONCE = 200
KIND = "reminder"
LENIENT = "何志豪豪"  # as long as most names are


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a round would reach: `reached` have a phone, `silent` have none, `recent` were reminded within seven days."""

    reached: int
    silent: int
    recent: int
    segments_each: int
    text: str

    @property
    def segments(self) -> int:
        """What the carrier charges for all of it."""
        return self.reached * self.segments_each


class NotCollecting(Exception):
    """The case takes no accounts in now: nobody may be asked for one."""


def preview_reminder(
    case: Case, stages: Sequence[Stage], *, facts: dict[str, str], signature: str, now: datetime
) -> Preview:
    """Counts and prices a round without sending anything."""
    has_phone = or_(
        CasePayee.phone.is_not(None), CasePayee.stage.in_((Stage.VERIFIED, Stage.SUBMITTED, Stage.RETURNED))
    )
    recent = CasePayee.reminded_at > now - EVERY
    counts = func.sum(_one(recent)), func.sum(_one(has_phone, ~func.coalesce(recent, False))), func.count()
    query = select(*counts).select_from(CasePayee).outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id)
    told, reached, everybody = db.session.execute(query.where(*_wanted(case.id, stages))).one()
    text = sms_text(KIND, {**facts, "name": LENIENT}, "zh_Hans", at=now)
    each = measure_sms(f"【{signature}】{text}").segments
    shown = sms_text(KIND, {**facts, "name": "…"}, "zh_Hans", at=now)
    return Preview(reached or 0, everybody - (reached or 0) - (told or 0), told or 0, each, f"【{signature}】{shown}")


def _one(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    from sqlalchemy import and_, case  # noqa: PLC0415

    return case((and_(*conditions), 1), else_=0)


def _wanted(case_id: str, stages: Sequence[Stage]) -> tuple[ColumnElement[bool], ...]:
    chosen = [stage for stage in stages if stage in UNFINISHED]
    return CasePayee.case_id == case_id, CasePayee.stage.in_(chosen), CasePayee.merged_into_id.is_(None), in_force()


def begin_reminder(case: Case, stages: Sequence[Stage], preview: Preview, *, clerk_id: str, now: datetime) -> Reminder:
    """Has the worker remind them. Inside a unit of work. Raises NotCollecting."""
    if case.collection(now) != "open":
        raise NotCollecting
    expected = {"reached": preview.reached, "segments": preview.segments}
    made = Reminder(
        case_id=case.id, stages=list(stages), made_by=clerk_id, made_at=now, after=0, sent=0, expected=expected
    )
    db.session.add(made)
    db.session.flush()
    jobs.enqueue(SEND_REMINDERS, {"reminder": made.id}, now=now, key=f"{SEND_REMINDERS}:{made.id}")
    audit.record(
        audit.Actor("clerk", clerk_id), "cases.reminded", ("case", case.id), now=now, stages=list(stages), **expected
    )
    return made


def send_reminders(reminder_id: str, *, facts: dict[str, str], now: datetime) -> None:
    """The worker's job: some at a time, each lot whole or not at all, so that a killed worker reminds nobody twice."""
    while _send_some(reminder_id, facts=facts, now=now):
        pass


def _send_some(reminder_id: str, *, facts: dict[str, str], now: datetime) -> bool:
    with unit_of_work():
        round_ = db.session.get_one(Reminder, reminder_id, with_for_update=True)
        case = db.session.get_one(Case, round_.case_id)
        if round_.finished_at is not None:
            return False
        query = select(CasePayee).outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id)
        query = query.where(*_wanted(case.id, [Stage(s) for s in round_.stages]), CasePayee.id > round_.after)
        people = db.session.scalars(query.order_by(CasePayee.id).limit(AT_ONCE)).all()
        if not people or case.collection(now) != "open":
            round_.finished_at = now
            return False
        due = [p for p in people if p.reminded_at is None or p.reminded_at <= now - EVERY]
        reached = [p.id for p in due if _remind(p, case, facts=facts, now=now)]
        changed_rows(update(CasePayee).where(CasePayee.id.in_(reached)).values(reminded_at=now))
        round_.after, round_.sent = people[-1].id, round_.sent + len(reached)
        return True


def _remind(payee: CasePayee, case: Case, *, facts: dict[str, str], now: datetime) -> bool:
    """True for somebody who could be reached: by their account, else by the register's phone."""
    told = {**facts, "name": payee.name, "case": case.number}
    account = _account_with_phone(payee)
    if account is not None:
        tell(account, KIND, told, now=now)
        return True
    if payee.phone:
        post_sms(
            payee.phone, sms_text(KIND, told, "zh_Hans", at=now), now=now, urgent=False, kind=KIND, case_id=case.id
        )
        return True
    return False


def _account_with_phone(payee: CasePayee) -> str | None:
    if payee.stage == Stage.NONE:
        return None
    proved = Identity.match_hash.in_([digest for digest in (payee.number_hash, payee.other_hash) if digest])
    query = (
        select(Account.id).join(Identity, Identity.account_id == Account.id).join(Phone, Phone.account_id == Account.id)
    )
    query = query.where(proved, Identity.superseded_at.is_(None), Phone.removed_at.is_(None))
    return db.session.scalar(query.order_by(Identity.proved_at.desc()).limit(1))


def reminders_of(case_id: str) -> Sequence[Reminder]:
    """Earlier rounds, the newest first."""
    return db.session.scalars(
        select(Reminder).where(Reminder.case_id == case_id).order_by(Reminder.made_at.desc()).limit(20)
    ).all()
