"""A correction that was begun and never signed: the payee is reminded of it, and may keep the letter that stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.cases.models import Case
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.identity.models import Identity
from webapp.notices.usecases import tell
from webapp.payee.docketing import put_before_clerk
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.queries import latest_submission, standing_letter

REMIND_CORRECTION = "remind_correction"
REMIND_AFTER = timedelta(days=1)
UNSIGNED = (SubmissionState.CHECKING, SubmissionState.CHECKED, SubmissionState.REFUSED)


class NothingToKeep(Exception):
    """No correction is under way, or no letter stands that could be kept."""


def letter_kept_by(case_payee_id: int) -> Letter | None:
    """The letter that stays in force if the correction under way is given up; None when there is no such correction."""
    newest, standing = latest_submission(case_payee_id), standing_letter(case_payee_id)
    if newest is None or standing is None or newest.state not in UNSIGNED or standing.state != LetterState.CURRENT:
        return None
    old = db.session.get_one(Submission, standing.submission_id)
    return standing if old.state == SubmissionState.SIGNED and old.version < newest.version else None


def keep_old(case_payee_id: int, *, now: datetime) -> Letter:
    """Gives up the correction: the signed letter stands as before, and the clerks see it again.

    Inside a unit of work that holds the entry. Raises NothingToKeep.
    """
    standing, newest = letter_kept_by(case_payee_id), latest_submission(case_payee_id)
    if standing is None or newest is None:
        raise NothingToKeep
    newest.state = SubmissionState.WITHDRAWN
    put_before_clerk(case_payee_id)
    actor = audit.Actor("payee", newest.account_id)
    audit.record(actor, "payee.correction_withdrawn", ("submission", newest.id), now=now, kept=standing.number)
    return standing


def expect_signature(submission: Submission, *, now: datetime) -> None:
    """Has the payee reminded in a day, should this correction still wait for a signature. Inside a unit of work."""
    if standing_letter(submission.case_payee_id) is not None:
        key = f"{REMIND_CORRECTION}:{submission.id}"
        jobs.enqueue(REMIND_CORRECTION, {"submission": submission.id}, now=now, key=key, delay=REMIND_AFTER)


def remind_correction(submission_id: str, *, now: datetime) -> None:
    """Tells the payee once, if nothing has happened since: the old letter stands, but no clerk goes on with it."""
    with unit_of_work():
        submission = db.session.get_one(Submission, submission_id, with_for_update=True)
        standing = letter_kept_by(submission.case_payee_id)
        if standing is None or latest_submission(submission.case_payee_id) is not submission or submission.reminded_at:
            return
        submission.reminded_at = now
        identity = db.session.get_one(Identity, submission.identity_id)
        case = db.session.get_one(Case, submission.case_id)
        facts = {"name": identity.name, "case": case.number, "number": standing.number}
        tell(submission.account_id, "correction_unsigned", facts, now=now)
