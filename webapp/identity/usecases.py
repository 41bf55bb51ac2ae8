"""The deeds of a verification: starting, answering a step, deciding one, sending back, finishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.accounts.models import Account
from webapp.core import audit, jobs
from webapp.core.db import db
from webapp.core.masking import mask_number
from webapp.core.sealing import keyed_hash
from webapp.docket import usecases as docket
from webapp.docket.models import Flag, ItemKind
from webapp.docket.usecases import Entry
from webapp.identity.journeys import IMMIGRATION, JOURNEYS, Means, journey_of
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import (
    earlier_tries,
    others_proved,
    standing_records,
    states_of,
    table_of,
    verification_of,
)
from webapp.identity.rules.documents import DocumentType, match_key
from webapp.identity.rules.names import name_key
from webapp.journey.engine import StepState, current_step, is_finished, may_answer
from webapp.notices.usecases import tell

WORK = {"face": "check_face", "evidence": "check_evidence", "video": "check_video", "immigration": "ask_immigration"}
"""The worker's job for each step that needs one."""

ALL_BUT_PHONE = tuple(sorted({step.key for table in JOURNEYS.values() for step in table.steps} - {"phone"}))

DECIDED_BY_OTHERS = ("immigration", "court_review")
"""Steps that nobody answers: they open by themselves and wait for a decision."""


class StepClosed(Exception):
    """This step can't be answered now: an earlier one is missing, or somebody is deciding on it."""


class NothingToDecide(Exception):
    """The record isn't waiting any more: somebody decided, or the payee took it back."""


def begin(account_id: str, *, now: datetime) -> Verification:
    """The account's verification, started if there is none. Inside a unit of work."""
    known = verification_of(account_id)
    if known is not None:
        return known
    verification = Verification(account_id=account_id, means=Means.ONLINE, table_version=1, started_at=now)
    db.session.add(verification)
    db.session.flush()
    audit.record(_payee(verification), "identity.begun", ("verification", verification.id), now=now)
    return verification


def answer_step(
    verification: Verification, step: str, answer: Mapping[str, Any], *, state: StepState, now: datetime
) -> StepRecord:
    """Records an answer; what stood for this step and all after it is superseded. Inside a unit of work.

    Raises StepClosed when the step isn't open: the order of the table is checked here and nowhere else.
    """
    hold(verification.id)
    journey = table_of(verification)
    if not may_answer(journey, states_of(verification.id), step):
        raise StepClosed(step)
    supersede(verification, _answered_anew(verification, step), now=now)
    if step == "document":
        verification.match_hash = document_hash(answer["document_type"], answer["number"])
    record = StepRecord(verification_id=verification.id, step=step, state=state, answer=dict(answer), answered_at=now)
    if state is StepState.ACCEPTED:
        record.decided_at = now
    db.session.add(record)
    db.session.flush()
    audit.record(_payee(verification), "identity.answered", ("step", record.id), now=now, step=step, state=state)
    if state is StepState.ANSWERED:
        start_work(record, now=now)
    if state is StepState.ACCEPTED:
        advance(verification, now=now)
    return record


def _answered_anew(verification: Verification, step: str) -> tuple[str, ...]:
    """The steps whose answers an answer to this one replaces: it and all after it.

    After a clerk's refusal that says what alone must be done again, that alone: the rest stands until the next review.
    """
    refusal = next(iter(earlier_tries(verification.id, "court_review")), None)
    if refusal is not None and refusal.state == StepState.RETURNED and step in refusal.redo.split(","):
        return (step,)
    return table_of(verification).from_step(step)


def hold(verification_id: str) -> None:
    """Lets one deed at a time decide on a verification: a payee who answers and a clerk who decides queue up here.

    Locked before any of its step records, always, or two deeds could wait for each other for ever.
    """
    db.session.get_one(Verification, verification_id, with_for_update=True)


def supersede(verification: Verification, steps: tuple[str, ...], *, now: datetime) -> None:
    """Takes back what stands for these steps, and the identity that rested on them. Inside a unit of work."""
    standing = update(StepRecord).where(
        StepRecord.verification_id == verification.id, StepRecord.step.in_(steps), StepRecord.superseded_at.is_(None)
    )
    db.session.execute(standing.values(superseded_at=now))
    if "court_review" in steps:
        docket.take_off(verification.id)
    if verification.finished_at is not None:
        verification.finished_at = None
        _supersede_identity(verification.account_id, now=now)
    db.session.flush()


def settle(
    record_id: str,
    state: StepState,
    *,
    actor: audit.Actor,
    now: datetime,
    reason: str | None = None,
    words: str | None = None,
    reference: str | None = None,
    redo: Sequence[str] = (),
) -> StepRecord:
    """Writes an authority's, a clerk's or the worker's decision on a waiting record. Inside a unit of work.

    A refusal that is mended at an earlier step supersedes everything from there on, or only the steps of `redo` where it
    names some. Raises NothingToDecide.
    """
    known = db.session.get(StepRecord, record_id)
    if known is None:
        raise NothingToDecide(record_id)
    hold(known.verification_id)
    record = db.session.get(StepRecord, record_id, with_for_update=True)
    if record is None or record.superseded_at is not None or record.state != StepState.ANSWERED:
        raise NothingToDecide(record_id)
    record.state, record.decided_at, record.decided_by = state, now, f"{actor.kind}:{actor.id}"
    record.reason, record.reason_words, record.reference, record.redo = reason, words, reference, ",".join(redo)
    db.session.flush()
    if record.step == "court_review":
        docket.take_off(record.verification_id)
    audit.record(
        actor, f"identity.{state}", ("step", record.id), now=now, step=record.step, reason=reason, reference=reference
    )
    verification = db.session.get_one(Verification, record.verification_id)
    if state is StepState.RETURNED:
        _send_back(verification, record.step, redo, now=now)
    if state is StepState.ACCEPTED:
        advance(verification, now=now)
    return record


def _send_back(verification: Verification, step_key: str, redo: Sequence[str], *, now: datetime) -> None:
    journey = table_of(verification)
    step = journey.step(step_key)
    if step is not None and redo:
        supersede(verification, (*redo, step.key), now=now)
    elif step is not None and step.mended_by != step.key:
        supersede(verification, journey.from_step(step.mended_by), now=now)


def advance(verification: Verification, *, now: datetime) -> None:
    """After a step was accepted: hands the journey to whoever decides next, or ends it. Inside a unit of work."""
    step = current_step(table_of(verification), states_of(verification.id))
    if step is None:
        finish_if_done(verification, now=now)
    elif step.key in DECIDED_BY_OTHERS and step.key not in standing_records(verification.id):
        record = StepRecord(
            verification_id=verification.id, step=step.key, state=StepState.ANSWERED, answer={}, answered_at=now
        )
        record.court = _court_chosen(verification)
        db.session.add(record)
        db.session.flush()
        start_work(record, now=now)
        if step.key == "court_review":
            put_before_clerk(record)


def put_before_clerk(record: StepRecord) -> None:
    """Puts a review on the docket. Inside a unit of work."""
    verification, records = (
        db.session.get_one(Verification, record.verification_id),
        standing_records(record.verification_id),
    )
    document, evidence = records["document"].answer, records["evidence"].answer
    doubts = any(records[step].answer.get("doubt") for step in ("evidence", "video") if step in records)
    marks = {Flag.DOUBT: doubts, Flag.INSISTED: bool(document.get("insisted") or evidence.get("insisted"))}
    entry = Entry(
        ItemKind.IDENTITY, record.id, verification.id, record.answered_at,
        {"name": document["name"], "number": mask_number(document["number"]), "nationality": document["nationality"],
         "tries": len(earlier_tries(verification.id, "court_review"))},
        document_type=str(verification.document_type), court=evidence["court"],
        language=db.session.get_one(Account, verification.account_id).language,
        flags=frozenset(flag for flag, stands in marks.items() if stands),
    )  # fmt: skip
    docket.put_on(entry)


def _court_chosen(verification: Verification) -> str | None:
    """The court that the payee named (受诉法院) with the photos of the document."""
    evidence = standing_records(verification.id).get("evidence")
    return evidence.answer.get("court") if evidence is not None else None


def start_work(record: StepRecord, *, now: datetime) -> None:
    """Queues the worker's part of a step that waits. Inside a unit of work."""
    if record.step in WORK:
        jobs.enqueue(WORK[record.step], {"record": record.id}, now=now, key=_work_key(record))


def waits_out(record: StepRecord) -> bool:
    """True while the worker's part of a step waits out an outage of the other side."""
    return record.step in WORK and jobs.waits_out(_work_key(record))


def hurry(record: StepRecord, *, now: datetime) -> None:
    """The payee who waits asks to try again now. Inside a unit of work."""
    if record.step in WORK:
        jobs.hurry(_work_key(record), now=now)


def _work_key(record: StepRecord) -> str:
    return f"{WORK[record.step]}:{record.id}"


def finish_if_done(verification: Verification, *, now: datetime) -> None:
    """Makes the identity when the last step is accepted. Inside a unit of work."""
    if verification.finished_at is not None or not is_finished(table_of(verification), states_of(verification.id)):
        return
    verification.finished_at = now
    records = standing_records(verification.id)
    document = records["document"].answer
    match_hash = document_hash(str(verification.document_type), document["number"])
    audit.queue_up()  # behind a clerk who names this number in a case just now: cases.people.stage_of_number
    _supersede_identity(verification.account_id, now=now)
    identity = Identity(
        account_id=verification.account_id,
        verification_id=verification.id,
        document_type=verification.document_type,
        match_hash=match_hash,
        name_hash=name_hash(document["name"]),
        name=document["name"],
        number=document["number"],
        nationality=document["nationality"],
        phone_id=records["phone"].answer["phone"],
        face_photo_id=_face_of(records),
        proved_at=now,
    )
    db.session.add(identity)
    db.session.flush()
    audit.record(
        _payee(verification), "identity.proved", ("identity", identity.id), now=now, type=verification.document_type
    )
    tell(verification.account_id, "identity_proved", {"name": identity.name}, now=now)
    for other in others_proved(identity):
        docket.raise_flag(verification.id, Flag.SAME_NUMBER, other=other.verification_id, now=now)
        audit.record(audit.SYSTEM, "identity.proved_twice", ("identity", other.id), now=now, again=identity.id)
        tell(other.account_id, "identity_elsewhere", {"name": other.name}, now=now)


def document_hash(document_type: str, number: str) -> bytes:
    """The keyed hash by which a person is found in registers: type family and normalised number."""
    return keyed_hash("document", match_key(DocumentType(document_type), number))


def name_hash(name: str) -> bytes:
    """The keyed hash by which a person is found by name."""
    return keyed_hash("name", name_key(name))


def choose_document(verification: Verification, document_type: DocumentType, means: Means, *, now: datetime) -> None:
    """Sets which table the journey follows; under another one only the proved phone still fits. Inside a unit of work."""
    hold(verification.id)
    if IMMIGRATION in journey_of(document_type, means).steps and needs_person(verification.id):
        means = Means.COURT
    if (verification.document_type, verification.means) == (document_type, means):
        return
    if verification.document_type is not None:
        supersede(verification, ALL_BUT_PHONE, now=now)
    verification.document_type, verification.means = document_type, means
    detail = {"type": document_type, "means": means}
    audit.record(_payee(verification), "identity.document_chosen", ("verification", verification.id), now=now, **detail)


def needs_person(verification_id: str) -> bool:
    """True once a machine doubted or a clerk had to look, answered anew or not: that a name exists settles no doubt.

    The table by face alone is free of it: there the authority itself sees the face.
    """
    tries = (one for step in ("evidence", "video", "court_review") for one in earlier_tries(verification_id, step))
    return any(one.step == "court_review" or one.answer.get("doubt") for one in tries)


def hand_to_court(verification: Verification, doubt: str, *, now: datetime) -> None:
    """Something doesn't fit that a machine can't settle: a clerk decides instead of the authority alone.

    What was answered so far stays, as both tables begin alike. Inside a unit of work.
    """
    if verification.means == Means.COURT:
        return
    verification.means = Means.COURT
    audit.record(audit.SYSTEM, "identity.handed_to_court", ("verification", verification.id), now=now, doubt=doubt)


def choose_means(verification: Verification, means: Means, *, now: datetime) -> None:
    """Sets who decides; what was answered after the document step no longer fits. Inside a unit of work."""
    hold(verification.id)
    if verification.means == means:
        return
    later = tuple(key for key in table_of(verification).from_step("document") if key != "document")
    supersede(verification, later, now=now)
    verification.means = means
    audit.record(_payee(verification), "identity.means_chosen", ("verification", verification.id), now=now, means=means)
    advance(verification, now=now)


def _face_of(records: Mapping[str, StepRecord]) -> str | None:
    """The photo that shows the live face: the picture of the face step, or the still of the video."""
    for step, key in (("face", "photo"), ("video", "still")):
        if step in records:
            photo: str | None = records[step].answer.get(key)
            return photo
    return None


def _supersede_identity(account_id: str, *, now: datetime) -> None:
    standing = update(Identity).where(Identity.account_id == account_id, Identity.superseded_at.is_(None))
    db.session.execute(standing.values(superseded_at=now))


def _payee(verification: Verification) -> audit.Actor:
    return audit.Actor("payee", verification.account_id)
