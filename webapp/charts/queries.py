"""Counting a case: grouped queries over indexes, seconds at a million people, and so asked by the worker alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, and_, case, cast, func, literal_column, select, union
from sqlalchemy.orm import aliased

from webapp.accounts.models import Account
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import named_in
from webapp.charts.models import CaseChart
from webapp.charts.rules import quantile
from webapp.core.db import db
from webapp.identity.journeys import journey_of
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.journey.engine import StepState, current_step
from webapp.ledger.models import PayoutLine
from webapp.ledger.rules import COUNTS, LineState
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState

IDLE = timedelta(days=1)
FIRST: ColumnElement[int] = literal_column("1")
"""GROUP BY the first column, whatever it computes."""
LONGEST_MINUTES = 30 * 24 * 60
BUCKETS = (5, 10, 20, 60, 24 * 60, 3 * 24 * 60)
"""Upper ends, in minutes, of how long people took from the first step to the signed letter."""


def chart_of(case_id: str) -> CaseChart | None:
    """The newest counts of a case."""
    return db.session.get(CaseChart, case_id)


def charted_cases(courts: frozenset[str], *, most: int = 200) -> Sequence[tuple[Case, CaseChart | None]]:
    """Cases of these courts, the newest first, with their counts."""
    query = select(Case, CaseChart).outerjoin(CaseChart, CaseChart.case_id == Case.id).where(Case.court.in_(courts))
    rows = db.session.execute(query.order_by(Case.opened_at.desc(), Case.number).limit(most))
    return [(found, chart) for found, chart in rows]


def count_everything(case_id: str, *, now: datetime) -> dict[str, Any]:
    """All numbers of a case, as they are kept."""
    begun = _begun(case_id)
    states = dict(_pairs(_states(case_id)))
    funnel = {
        "named": _number(select(func.count()).select_from(CasePayee).where(named_in(case_id))),
        "begun": _number(select(func.count(begun.c.payee.distinct()))),
        "verified": _number(select(func.count(_verified(case_id).c.payee.distinct()))),
        "submitted": _number(select(func.count(Submission.case_payee_id.distinct())).where(Submission.case_id == case_id)),
        "signed": _number(select(func.count()).select_from(Letter).where(*_standing_letters(case_id))),
        "accepted": states.get(SubmissionState.ACCEPTED, 0),
        "paid": _number(_whose_lines(case_id, LineState.PAID)),
        "returned": _number(_came_back(case_id)),
    }  # fmt: skip
    funnel["begun"] = max(funnel["begun"], funnel["verified"])
    minutes = _minutes(case_id)
    return {
        "funnel": funnel,
        "days": _days(case_id),
        "minutes": _in_buckets(minutes),
        "typical": _quantiles(minutes),
        "refusals": dict(_refusals(case_id, begun)),
        "languages": dict(_pairs(_languages(begun))),
        "steps": _steps(case_id, begun, states, funnel, now=now),
    }


def _begun(case_id: str) -> Subquery:
    """(payee, verification) of everybody named who has typed this document's number, proved or not."""
    by_number = select(CasePayee.id.label("payee"), Verification.id.label("verification")).where(
        named_in(case_id), Verification.superseded_at.is_(None)
    )
    first = by_number.join(Verification, Verification.match_hash == CasePayee.number_hash)
    second = by_number.join(Verification, Verification.match_hash == CasePayee.other_hash)
    return union(first, second).subquery()


def _verified(case_id: str) -> Subquery:
    named = select(CasePayee.id.label("payee"), Identity.proved_at.label("at")).where(
        named_in(case_id), Identity.superseded_at.is_(None)
    )
    first = named.join(Identity, Identity.match_hash == CasePayee.number_hash)
    second = named.join(Identity, Identity.match_hash == CasePayee.other_hash)
    return union(first, second).subquery()


def _standing_letters(case_id: str) -> tuple[ColumnElement[bool], ...]:
    return Letter.case_id == case_id, Letter.state != LetterState.REPLACED


def _states(case_id: str, *, before: datetime | None = None) -> Any:
    """How many entries stand at which state, by the newest version of each; only those that came there `before` a moment."""
    newest = select(Submission.case_payee_id.label("payee"), func.max(Submission.version).label("version"))
    latest = newest.where(Submission.case_id == case_id).group_by(Submission.case_payee_id).subquery()
    joined = and_(Submission.case_payee_id == latest.c.payee, Submission.version == latest.c.version)
    query = select(Submission.state, func.count()).join(latest, joined).group_by(Submission.state)
    since = func.coalesce(Submission.decided_at, Submission.checked_at, Submission.submitted_at)
    return query if before is None else query.where(since < before)


def _without_account(case_id: str, *, before: datetime) -> Any:
    """How many were verified before a moment and have handed in no account."""
    verified = _verified(case_id)
    handed_in = select(Submission.id).where(Submission.case_payee_id == verified.c.payee)
    return select(func.count(verified.c.payee.distinct())).where(verified.c.at < before, ~handed_in.exists())


def _whose_lines(case_id: str, state: LineState) -> Any:
    """How many people have a payment at this state, each once, however many rounds there were."""
    return select(func.count(PayoutLine.case_payee_id.distinct())).where(
        PayoutLine.case_id == case_id, PayoutLine.state == state
    )


def _came_back(case_id: str) -> Any:
    """How many people's payment came back, and nothing has been sent to them since."""
    later = aliased(PayoutLine)
    since = select(later.id).where(
        later.case_payee_id == PayoutLine.case_payee_id, later.id > PayoutLine.id, later.state.in_(COUNTS)
    )
    return _whose_lines(case_id, LineState.RETURNED).where(~since.exists())


def _days(case_id: str) -> dict[str, dict[str, int]]:
    """Of each day in China: how many were verified, handed in, signed, accepted for the first time, and paid."""
    verified = _verified(case_id)
    mine = Submission.case_id == case_id
    day = {
        "verified": select(_day(verified.c.at), func.count()).group_by(FIRST),
        "submitted": select(_day(Submission.submitted_at), func.count()).where(mine, Submission.version == 1)
        .group_by(FIRST),
        "signed": select(_day(Letter.signed_at), func.count()).where(*_standing_letters(case_id)).group_by(FIRST),
        "accepted": select(_day(Submission.decided_at), func.count())
        .where(mine, Submission.state == SubmissionState.ACCEPTED, Submission.decided_at.is_not(None))
        .group_by(FIRST),
        "paid": select(_day(PayoutLine.settled_at), func.count(PayoutLine.case_payee_id.distinct()))
        .where(PayoutLine.case_id == case_id, PayoutLine.state == LineState.PAID, PayoutLine.settled_at.is_not(None))
        .group_by(FIRST),
    }  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for what, query in day.items():
        for date, count in db.session.execute(query):
            found.setdefault(str(date), {})[what] = count
    return dict(sorted(found.items()))


def _minutes(case_id: str) -> list[tuple[int, int]]:
    """(minutes, how many) from the verification's first step to the signed letter."""
    minute = cast(_seconds(Verification.started_at, Letter.signed_at) / 60, Integer)
    query = select(
        func.min(minute, LONGEST_MINUTES) if _sqlite() else func.least(minute, LONGEST_MINUTES), func.count()
    )
    query = query.select_from(Letter).join(Submission, Submission.id == Letter.submission_id)
    query = query.join(Identity, Identity.id == Submission.identity_id)
    query = query.join(Verification, Verification.id == Identity.verification_id)
    rows = db.session.execute(query.where(*_standing_letters(case_id)).group_by(FIRST))
    return [(max(0, int(minutes)), count) for minutes, count in rows]


def _in_buckets(minutes: Sequence[tuple[int, int]]) -> list[int]:
    found = [0] * (len(BUCKETS) + 1)
    for value, count in minutes:
        found[next((n for n, end in enumerate(BUCKETS) if value < end), len(BUCKETS))] += count
    return found


def _quantiles(minutes: Sequence[tuple[int, int]]) -> list[int]:
    return [value for share in (0.5, 0.9) if (value := quantile(minutes, share)) is not None]


def _refusals(case_id: str, begun: Subquery) -> Counter[str]:
    """How often what was refused for which reason, by machines, authorities, the bank and clerks."""
    steps = select(StepRecord.reason, func.count()).join(begun, begun.c.verification == StepRecord.verification_id)
    found = Counter(
        {
            str(k).split("/")[-1]: n
            for k, n in _pairs(steps.where(StepRecord.reason.is_not(None)).group_by(StepRecord.reason))
        }
    )
    mine = Submission.case_id == case_id
    clerks = (
        select(Submission.reason, func.count()).where(mine, Submission.reason.is_not(None)).group_by(Submission.reason)
    )
    bank = select(Submission.verdict, func.count()).where(
        mine, Submission.state == SubmissionState.REFUSED, Submission.verdict.is_not(None)
    )
    found.update(dict(_pairs(clerks)))
    found.update({f"bank:{verdict}": n for verdict, n in _pairs(bank.group_by(Submission.verdict))})
    return found


def _languages(begun: Subquery) -> Any:
    query = select(Account.language, func.count()).select_from(begun)
    query = query.join(Verification, Verification.id == begun.c.verification)
    return query.join(Account, Account.id == Verification.account_id).group_by(Account.language)


def _steps(
    case_id: str, begun: Subquery, states: dict[str, int], funnel: dict[str, int], *, now: datetime
) -> dict[str, list[int]]:
    """Where people stand who haven't finished: [all of them, those who did nothing for a day]; waiting for us isn't idle."""
    found: Counter[tuple[str, bool]] = Counter()
    for document_type, means, steps, idle, count in db.session.execute(_standings(begun, now=now)):
        marks = dict(one.split(":", 1) for one in steps.split(","))
        step = current_step(journey_of(document_type, means), {key: StepState(state) for key, state in marks.items()})
        if step is not None:
            waits = marks.get(step.key) == StepState.ANSWERED
            found[step.key, bool(idle) and not waits] += count
    table = {key: [found[key, False] + found[key, True], found[key, True]] for key in {key for key, _ in found}}
    idle = dict(_pairs(_states(case_id, before=now - IDLE)))
    for name, among in (
        ("account_refused", (SubmissionState.REFUSED, SubmissionState.RETURNED)),
        ("letter", (SubmissionState.CHECKED,)),
    ):
        table[name] = [sum(count.get(state, 0) for state in among) for count in (states, idle)]
    without = max(0, funnel["verified"] - funnel["submitted"])
    table["account"] = [without, min(without, _number(_without_account(case_id, before=now - IDLE)))]
    return table


def _standings(begun: Subquery, *, now: datetime) -> Any:
    mark = StepRecord.step + ":" + StepRecord.state
    last = func.max(StepRecord.answered_at)
    each = select(
        Verification.document_type, Verification.means, func.aggregate_strings(mark, ",").label("steps"),
        case((last < now - IDLE, 1), else_=0).label("idle"),
    ).select_from(begun).join(Verification, Verification.id == begun.c.verification)  # fmt: skip
    each = each.join(StepRecord, StepRecord.verification_id == Verification.id)
    each = each.where(Verification.finished_at.is_(None), StepRecord.superseded_at.is_(None))
    one = each.group_by(Verification.id, Verification.document_type, Verification.means).subquery()
    return select(*one.c, func.count()).group_by(*one.c)


def _day(moment: Any) -> Any:
    """The day of a moment in China."""
    return func.date(moment, "+8 hours") if _sqlite() else func.date(func.timezone("Asia/Shanghai", moment))


def _seconds(start: Any, end: Any) -> Any:
    if _sqlite():
        return (func.julianday(end) - func.julianday(start)) * 86400
    return func.extract("epoch", end - start)


def _sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _number(query: Any) -> int:
    return db.session.scalar(query) or 0


def _pairs(query: Any) -> list[tuple[str, int]]:
    return [(key, count) for key, count in db.session.execute(query)]
