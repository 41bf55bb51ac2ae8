"""The deeds of the desk: signing in, taking items in hand, deciding on them."""

from __future__ import annotations

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, delete, func, select

from webapp.accounts.models import Clerk, Role, SignInTry
from webapp.accounts.queries import clerk_by_name
from webapp.accounts.sessions import Lifetime, open_session
from webapp.cases.models import Case
from webapp.core import audit
from webapp.core.db import db, end_reading, insert_once
from webapp.core.sealing import keyed_hash
from webapp.identity.jobs import tell_decision
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import standing_records
from webapp.identity.usecases import NothingToDecide, settle
from webapp.journey.engine import StepState
from webapp.notices.usecases import tell
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.usecases import hold_entry
from webapp.review.models import ReviewClaim
from webapp.review.queries import waits

HOLD = timedelta(minutes=15)
WINDOW = timedelta(minutes=15)
FREE_TRIES = 5
FREE_TRIES_OF_CLIENT = 20
SHORTEST_PASSWORD = 12
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody's password, so that an unknown name takes as long as a wrong password")


class TooManyTries(Exception):
    """This client has guessed too often at this name; `until` is when it may try again."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


class WeakPassword(Exception):
    """Shorter than 12 characters."""


def create_clerk(username: str, *, display_name: str, password: str, role: Role, now: datetime) -> Clerk:
    """A new member of the staff, inside the caller's unit of work. Raises WeakPassword."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    clerk = Clerk(
        username=username.strip().lower(),
        display_name=display_name,
        password_hash=_hasher.hash(password),
        role=role,
        language="zh_Hans",
        created_at=now,
    )
    db.session.add(clerk)
    db.session.flush()
    audit.record(audit.OPERATOR, "desk.clerk_created", ("clerk", clerk.id), now=now, role=role)
    return clerk


def begin_try(username: str, *, client: str, now: datetime) -> int:
    """Counts a sign-in as failed before its password is looked at, and returns its id for `let_in`. Raises TooManyTries.

    So guesses sent all at once are counted too. Tries are counted for a client address, and for a name from that address;
    never for a name alone, so that nobody can lock somebody else out. Inside a unit of work of its own.
    """
    tried = SignInTry(name_hash=_name_hash(username), client_hash=keyed_hash("client", client), at=now)
    from_client = SignInTry.client_hash == tried.client_hash
    _refuse_guessing(FREE_TRIES, now, from_client, SignInTry.name_hash == tried.name_hash)
    _refuse_guessing(FREE_TRIES_OF_CLIENT, now, from_client)
    db.session.add(tried)
    db.session.flush()
    return tried.id


def check_password(username: str, password: str) -> str | None:
    """The id of the clerk whose name and password these are. An unknown name takes as long as a wrong password.

    Argon2 takes its time (some 50 ms), so this is asked outside any unit of work, with no transaction open.
    """
    clerk = clerk_by_name(username)
    found = (clerk.id, clerk.password_hash) if clerk is not None and clerk.disabled_at is None else None
    end_reading()
    fits = _fits(found[1] if found else _NOBODY, password)
    return found[0] if found and fits else None


def let_in(clerk_id: str, try_id: int, *, lifetime: Lifetime, browser: str, now: datetime) -> str | None:
    """Opens a session and returns its token; the try no longer counts as failed. Inside a unit of work.

    None for a clerk who was disabled while the password was looked at.
    """
    clerk = db.session.get_one(Clerk, clerk_id)
    if clerk.disabled_at is not None:
        return None
    db.session.execute(delete(SignInTry).where(SignInTry.id == try_id))
    token = open_session("clerk", lifetime=lifetime, browser=browser, now=now, clerk_id=clerk_id)
    audit.record(_clerk(clerk_id), "desk.signed_in", ("clerk", clerk_id), now=now)
    return token


def forget_old_tries(*, now: datetime) -> None:
    """Removes tries that count no more. Inside a unit of work."""
    db.session.execute(delete(SignInTry).where(SignInTry.at < now - WINDOW))


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _refuse_guessing(free: int, now: datetime, *which: ColumnElement[bool]) -> None:
    tries = select(func.count(), func.max(SignInTry.at)).where(*which, SignInTry.at > now - WINDOW)
    count, latest = db.session.execute(tries).one()
    if count >= free and now < latest + (pause := timedelta(seconds=min(30 * 2 ** min(count - free, 5), 900))):
        raise TooManyTries(latest + pause)


def _name_hash(username: str) -> bytes:
    return keyed_hash("clerk", username.strip().lower())


def claim(subject_id: str, clerk_id: str, *, now: datetime, take_over: bool = False) -> bool:
    """Takes an item in hand for a quarter of an hour; False while somebody else has it. Inside a unit of work.

    `take_over` writes into the audit chain, so it is a deed of its own: nothing that locks records may follow it.
    """
    fresh = {"subject_id": subject_id, "clerk_id": clerk_id, "claimed_at": now, "until": now + HOLD}
    insert_once(ReviewClaim, fresh, key="subject_id")
    known = db.session.get_one(ReviewClaim, subject_id, with_for_update=True)
    if known.clerk_id == clerk_id or known.until <= now or take_over:
        if take_over and known.clerk_id != clerk_id:
            audit.record(_clerk(clerk_id), "desk.taken_over", ("item", subject_id), now=now, previous=known.clerk_id)
        known.clerk_id, known.until = clerk_id, now + HOLD
    else:
        return False
    db.session.flush()
    return True


def decide_identity(
    record_id: str, *, clerk_id: str, approved: bool, reason: str | None, words: str | None, now: datetime
) -> None:
    """Approves or refuses an identity and tells the payee, in one unit of work. Raises NothingToDecide."""
    record = db.session.get(StepRecord, record_id)
    if record is None or record.step != "court_review":
        raise NothingToDecide(record_id)
    name = standing_records(record.verification_id).get("document")
    state = StepState.ACCEPTED if approved else StepState.RETURNED
    answered_at, holder = record.answered_at, name.answer["name"] if name else ""
    settle(record_id, state, actor=_clerk(clerk_id), now=now, reason=reason, words=words)
    verification = db.session.get_one(Verification, record.verification_id)
    kind = "review_approved" if approved else "review_refused"
    tell_decision(verification, kind, name=holder, answered_at=answered_at, reason=reason, words=words, now=now)


def decide_account(submission_id: str, *, clerk_id: str, accepted: bool, words: str, now: datetime) -> None:
    """Accepts a signed account, or gives it back with words; a letter given back is replaced.

    Raises NothingToDecide, also while the payee is replacing it: the clerk would pay into an account that its holder has
    taken back.
    """
    submission = db.session.get(Submission, submission_id)
    if submission is None:
        raise NothingToDecide(submission_id)
    hold_entry(submission.case_payee_id)
    db.session.refresh(submission)
    if not waits(submission):
        raise NothingToDecide(submission_id)
    submission.decided_at, submission.decided_by = now, f"clerk:{clerk_id}"
    submission.state = SubmissionState.ACCEPTED if accepted else SubmissionState.RETURNED
    submission.reason_words = None if accepted else words
    if not accepted:
        _replace_letter(submission, now)
    deed = "payee.accepted" if accepted else "payee.returned"
    audit.record(_clerk(clerk_id), deed, ("submission", submission.id), now=now, version=submission.version)
    identity, case = db.session.get_one(Identity, submission.identity_id), db.session.get_one(Case, submission.case_id)
    facts = {"name": identity.name, "case": case.number, "reason": words}
    tell(submission.account_id, "account_accepted" if accepted else "account_returned", facts, now=now)


def _replace_letter(submission: Submission, now: datetime) -> None:
    letter = db.session.scalar(select(Letter).where(Letter.submission_id == submission.id))
    if letter is not None:
        letter.state, letter.replaced_at = LetterState.REPLACED, now


def looked(clerk_id: str, subject: tuple[str, str], *, now: datetime) -> None:
    """Each look at a person's record leaves a row. Inside a unit of work."""
    audit.record(_clerk(clerk_id), "desk.looked", subject, now=now)


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
