"""The payee's deeds: handing in an account, having it checked, signing the letter, having it made."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import entry_of
from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.ids import new_id
from webapp.docket.models import Flag
from webapp.docket.usecases import raise_flag
from webapp.evidence.models import Photo
from webapp.evidence.usecases import note_reading, open_file, open_photo, seal_file
from webapp.identity.jobs import read_document
from webapp.identity.models import Identity, ReservedSignature
from webapp.identity.queries import signature_of
from webapp.identity.rules.names import NameLikeness, may_be_written_otherwise, same_name
from webapp.notices.usecases import tell
from webapp.payee.corrections import expect_signature
from webapp.payee.docketing import put_before_clerk, thread_of
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.queries import (
    account_is_fixed,
    checks_left,
    corrects_signed,
    latest_submission,
    money_back,
    next_letter_version,
    next_version,
    others_with_card,
    same_account,
    sharers,
    shows_other_number,
    standing_letter,
    verdict_known,
)
from webapp.payee.rules.branches import city_key
from webapp.ports.account_check import AccountQuestion, AccountVerdict
from webapp.ports.face_checker import Likeness
from webapp.ports.seams import Seams
from webapp.texts.models import TextVersion

CHECK_ACCOUNT, MAKE_LETTER, READ_CARD = "check_account", "make_letter", "read_card"
MOST_FRAMES = 5  # of one card; more would hold a worker and tell nothing new
GO_ON = {AccountVerdict.AGREED}
LOOK_AT = {AccountVerdict.UNSUPPORTED_DOCUMENT, AccountVerdict.UNSUPPORTED_ISSUER, AccountVerdict.NAME_UNCLEAR}
"""Verdicts that leave it to a clerk: the payee signs and a person looks afterwards, instead of a dead end."""

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class CannotSign(Exception):
    """There is nothing to sign now: no checked account, no reserved signature, or it was signed already."""


@dataclass(frozen=True, slots=True)
class AccountGiven:
    """What the form holds once valid. Numbers are digits only; photos are ids of the payee's own."""

    card_number: str
    card_hash: bytes
    bank_code: str
    branch: str
    phone: str
    front_photo_id: str | None
    back_photo_id: str | None
    card_photo_id: str | None
    luhn_confirmed: bool
    insisted: str = ""


def submit_account(
    entry: CasePayee,
    identity: Identity,
    given: AccountGiven,
    *,
    helped_by: str | None = None,
    unproved_visit: str | None = None,
    now: datetime,
) -> Submission:
    """Hands an account in, as the next version, and has it checked. Inside a unit of work.

    `helped_by`: the clerk who sits beside the payee; then another clerk has the last word, whatever the bank says.
    `unproved_visit`: the visit at the counter that this is, where no code had gone to the payee's phone; both who decide read it.

    Raises CannotSign when the court has accepted an account already: then only a clerk can open it again; also while a
    payment is on its way into the account that stands, and when everything has been paid; and when the court has just corrected
    the entry's number, so that it names somebody else.
    """
    hold_entry(entry.id)
    if entry_of(entry.public_id, identity.match_hash) is None:
        raise CannotSign
    before = latest_submission(entry.id)
    if (before is not None and before.state == SubmissionState.ACCEPTED) or account_is_fixed(entry):
        raise CannotSign
    if before is not None and before.state in (
        SubmissionState.CHECKING,
        SubmissionState.CHECKED,
        SubmissionState.REFUSED,
    ):
        before.state = SubmissionState.REPLACED
    submission = Submission(
        case_payee_id=entry.id,
        case_id=entry.case_id,
        account_id=identity.account_id,
        identity_id=identity.id,
        version=next_version(entry.id),
        state=SubmissionState.CHECKING,
        submitted_at=now,
        needs_review=False,
        card_number=given.card_number,
        card_hash=given.card_hash,
        bank_code=given.bank_code,
        branch=given.branch,
        branch_city=city_key(given.branch),
        phone=given.phone,
        front_photo_id=given.front_photo_id,
        back_photo_id=given.back_photo_id,
        card_photo_id=given.card_photo_id,
        luhn_confirmed=given.luhn_confirmed,
        insisted=given.insisted,
        helped_by=helped_by,
        unproved_visit=unproved_visit,
    )
    db.session.add(submission)
    db.session.flush()
    expect_signature(submission, now=now)
    put_before_clerk(entry.id)
    jobs.enqueue(CHECK_ACCOUNT, {"submission": submission.id}, now=now, key=f"{CHECK_ACCOUNT}:{submission.id}")
    back = money_back(entry.id, given.card_hash)
    detail = {"confirmed_after_return": back.export_no} if back is not None else {}
    actor = _payee(identity.account_id)
    audit.record(actor, "payee.submitted", ("submission", submission.id), now=now, version=submission.version, **detail)
    return submission


def hold_entry(case_payee_id: int) -> None:
    """Lets one deed at a time decide on an entry: a payee who signs and a clerk who accepts queue up here.

    Whatever was read of the entry's submissions before is to be read afresh after it.
    """
    db.session.get_one(CasePayee, case_payee_id, with_for_update=True)


def check_account(submission_id: str, *, seams: Seams, now: datetime) -> None:
    """Reads the ID photos, compares the faces, asks the bank. Raises SeamUnavailable: the payee waits, the job retries."""
    submission = db.session.get_one(Submission, submission_id)
    if submission.state != SubmissionState.CHECKING:
        return
    identity = db.session.get_one(Identity, submission.identity_id)
    question = AccountQuestion(
        submission.id,
        identity.name,
        identity.document_type,
        identity.number,
        submission.card_number,
        submission.bank_code,
        submission.phone,
    )
    left, _ = checks_left(identity.match_hash, submission.card_hash, now=now)
    known = verdict_known(
        submission.case_payee_id,
        submission.identity_id,
        card_hash=submission.card_hash,
        bank_code=submission.bank_code,
        phone=submission.phone,
        now=now,
    )
    asked_at = known.checked_at if known is not None else now
    likeness = _compare_faces(submission, identity, seams)
    for photo_id in (submission.front_photo_id, submission.back_photo_id):
        if photo_id:
            read_document(photo_id, seams=seams, now=now)
    end_reading()
    if known is not None and known.verdict is not None:
        verdict, reference = AccountVerdict(known.verdict), known.reference
    elif seams.account_check is None:
        verdict, reference = AccountVerdict.UNSUPPORTED_ISSUER, "review"
    elif left == 0:
        verdict, reference = AccountVerdict.LIMIT_REACHED, None
    else:
        answer = seams.account_check.verify(question)
        verdict, reference = for_this_name(answer.verdict, question.name), answer.reference
    _note_verdict(submission_id, verdict, reference, likeness, asked_at=asked_at, now=now)


def _note_verdict(
    submission_id: str,
    verdict: AccountVerdict,
    reference: str | None,
    likeness: dict[str, Any] | None,
    *,
    asked_at: datetime | None,
    now: datetime,
) -> None:
    with unit_of_work():
        submission = db.session.get_one(Submission, submission_id)
        hold_entry(submission.case_payee_id)
        db.session.refresh(submission)
        if submission.state != SubmissionState.CHECKING:
            return  # handed in anew meanwhile, or another worker was quicker
        goes_on = verdict in GO_ON or verdict in LOOK_AT
        submission.state = SubmissionState.CHECKED if goes_on else SubmissionState.REFUSED
        beside = submission.helped_by is not None  # whoever wasn't alone may have been led
        odd = goes_on and is_odd(submission, likeness, now=now)
        submission.needs_review = verdict in LOOK_AT or odd or (goes_on and beside)
        submission.verdict, submission.reference, submission.checked_at, submission.likeness = (
            verdict,
            reference,
            asked_at,
            likeness,
        )
        put_before_clerk(submission.case_payee_id)
        audit.record(
            audit.SYSTEM, "payee.checked", ("submission", submission_id), now=now, verdict=verdict, reference=reference
        )


def for_this_name(verdict: AccountVerdict, name: str) -> AccountVerdict:
    """The bank's verdict, as far as it can be believed of this name.

    Banks hold many names without their dot, with a common character in place of a rare one, or in another order, and the
    networks' answer is then a plain no: a person looks, instead of a dead end.
    """
    doubtful = verdict in (AccountVerdict.NAME_DIFFERS, AccountVerdict.NOT_AGREED) and may_be_written_otherwise(name)
    return AccountVerdict.NAME_UNCLEAR if doubtful else verdict


def is_odd(submission: Submission, likeness: dict[str, Any] | None, *, now: datetime) -> bool:
    """True when a person must look at an account although the bank agreed: another name, another face, another number on
    the photo, another bank than the number's own, an account that somebody else collects into too, another account in place
    of one that was signed for, one from which the bank gave money back, or one for a company's money."""
    mine, shared = thread_of(submission.case_payee_id), others_with_card(submission)
    theirs = {thread_of(other.case_payee_id) for other in shared} - {mine}
    for thread, other in sorted({(mine, their) for their in theirs} | {(their, mine) for their in theirs}):
        raise_flag(thread, Flag.SAME_ACCOUNT, other=other, now=now)  # in one order, or two could wait for each other
    identity = db.session.get_one(Identity, submission.identity_id)
    doubtful = another_face(likeness) or shows_other_number(submission, identity) or "bank" in submission.insisted
    came_back = money_back(submission.case_payee_id, submission.card_hash) is not None
    entry = db.session.get_one(CasePayee, submission.case_payee_id)
    odd = (shared, entry.company, differs_from_register(submission), doubtful, corrects_signed(submission), came_back)
    return any(odd)


def another_face(likeness: dict[str, Any] | None) -> bool:
    """True when the portrait on the photo that came now isn't clearly the verified face: a person looks first."""
    return likeness is not None and likeness["likeness"] != Likeness.AGREE


def differs_from_register(submission: Submission) -> bool:
    """True when the register names somebody else under this document number: a clerk looks before money goes."""
    entry = db.session.get_one(CasePayee, submission.case_payee_id)
    identity = db.session.get_one(Identity, submission.identity_id)
    return same_name(entry.name, identity.name) is NameLikeness.DIFFERENT


def _compare_faces(submission: Submission, identity: Identity, seams: Seams) -> dict[str, Any] | None:
    """The face of the verification against the portrait on the photo that came now, for the clerk to see."""
    if not (identity.face_photo_id and submission.front_photo_id):
        return None
    live = open_photo(db.session.get_one(Photo, identity.face_photo_id), store=seams.store)
    portrait = open_photo(db.session.get_one(Photo, submission.front_photo_id), store=seams.store)
    end_reading()
    compared = seams.faces.compare(live, portrait)
    return {"likeness": compared.likeness, "similarity": compared.similarity}


def read_card(photo_id: str, frame_ids: Sequence[str] = (), *, seams: Seams, now: datetime) -> None:
    """Reads a card's number off its photo and the frames taken along with it, once.

    Frames that are gone meanwhile, or aren't the same payee's photos of a card, are left out.
    """
    photo = db.session.get_one(Photo, photo_id)
    if photo.reading is not None:
        return
    frames = [db.session.get(Photo, frame_id) for frame_id in frame_ids[:MOST_FRAMES] if frame_id != photo_id]
    own = [f for f in frames if f is not None and (f.account_id, f.kind) == (photo.account_id, photo.kind)]
    pictures = [open_photo(picture, store=seams.store) for picture in (photo, *own)]
    end_reading()
    found = seams.cards.read(pictures)
    reading = {
        "number": found.number,
        "confidence": found.confidence,
        "ms": found.milliseconds,
        "bank": found.bank_code,
        "kind": found.kind.value,
        "bank_seen": found.bank_seen.value,
        "fault": found.fault.value if found.fault else None,
    }
    with unit_of_work():
        note_reading(photo_id, reading, now=now)


def sign_letter(
    submission: Submission,
    case: Case,
    text: TextVersion,
    content: Mapping[str, Any],
    *,
    helped_by: str | None = None,
    unproved_visit: str | None = None,
    now: datetime,
) -> Letter:
    """「确定」: freezes the letter's content with the reserved signature and has the PDF made. Inside a unit of work.

    A letter signed before is replaced by this one. `helped_by` and `unproved_visit`: as with `submit_account`. Raises CannotSign
    when the account isn't checked or is signed already.
    """
    hold_entry(submission.case_payee_id)
    db.session.refresh(submission)
    signature = signature_of(submission.account_id)
    standing = latest_submission(submission.case_payee_id)
    if signature is None or submission.state != SubmissionState.CHECKED or standing is not submission:
        raise CannotSign
    number = f"{in_china(now):%Y}-{case.code}-{_next_letter(case.id):06d}"
    _flag_sharers(submission)
    earlier = standing_letter(submission.case_payee_id)
    if earlier is not None:
        _replace(earlier, now=now)
    version = next_letter_version(submission.case_payee_id)
    letter = Letter(
        number=number,
        version=version,
        case_payee_id=submission.case_payee_id,
        case_id=case.id,
        account_id=submission.account_id,
        submission_id=submission.id,
        signature_id=signature.id,
        text_id=text.id,
        state=LetterState.SIGNING,
        verification_code=_new_code(),
        signed_at=now,
        content={
            **content,
            "letter_number": number,
            "version": version,
            "previous_letter": earlier.number if earlier else "",
            "typed": signature.made_by == "typed",
        },
    )
    letter.content = {**letter.content, "verification_code": letter.verification_code}
    db.session.add(letter)
    submission.state = SubmissionState.SIGNED
    if helped_by is not None:
        submission.helped_by, submission.needs_review = helped_by, True
        submission.unproved_visit = unproved_visit or submission.unproved_visit
    put_before_clerk(submission.case_payee_id)
    jobs.enqueue(MAKE_LETTER, {"letter": letter.id}, now=now, key=f"{MAKE_LETTER}:{letter.id}")
    audit.record(
        _payee(submission.account_id),
        "payee.signed",
        ("letter", letter.id),
        now=now,
        number=number,
        signature=signature.id,
        text=text.sha256,
    )
    return letter


def _next_letter(case_id: str) -> int:
    """Counts one more letter of the case: others who sign in it wait until this transaction ends.

    Held before the audit chain, as everywhere: deeds that take the same two locks in two orders would stop each other.
    """
    one_more = update(Case).where(Case.id == case_id).values(letters=Case.letters + 1).returning(Case.letters)
    return db.session.execute(one_more.execution_options(synchronize_session=False)).scalar_one()


def _flag_sharers(submission: Submission) -> None:
    """Has a clerk look at an account that somebody else of the case has too, at both of them; no payee is told.

    Those who sign in a case come one after the other (`_next_letter`), so the second one always sees the first.
    """
    if not (others := sharers(submission)):
        return
    submission.needs_review = True
    open_ones = Submission.state.in_((SubmissionState.CHECKED, SubmissionState.SIGNED))
    db.session.execute(update(Submission).where(*same_account(submission), open_ones).values(needs_review=True))
    for entry in sorted({other.case_payee_id for other in others}):
        put_before_clerk(entry)


def _replace(letter: Letter, *, now: datetime) -> None:
    letter.state, letter.replaced_at = LetterState.REPLACED, now
    old = db.session.get_one(Submission, letter.submission_id)
    if old.state != SubmissionState.ACCEPTED:
        old.state = SubmissionState.REPLACED
    db.session.flush()
    audit.record(audit.SYSTEM, "payee.replaced", ("letter", letter.id), now=now, number=letter.number)


def reopen_accounts(submission_ids: Collection[str], *, now: datetime) -> frozenset[str]:
    """The bank gave back payments into these accounts: their payees hand in others, and their letters are replaced.

    Returns which were reopened: not those whose place another account has taken already. Inside a unit of work; the
    entries are held.
    """
    asked = select(Submission.id, Submission.version, Submission.state).where(Submission.id.in_(submission_ids))
    stands = (SubmissionState.SIGNED, SubmissionState.ACCEPTED)
    versions = {one.id: one.version for one in db.session.execute(asked) if one.state in stands}
    given_back = update(Submission).where(Submission.id.in_(versions))
    db.session.execute(given_back.values(state=SubmissionState.RETURNED, decided_at=now, reason_words=None))
    letters = update(Letter).where(Letter.submission_id.in_(versions), Letter.state != LetterState.REPLACED)
    db.session.execute(letters.values(state=LetterState.REPLACED, replaced_at=now))
    deeds = [
        audit.Deed(audit.SYSTEM, "payee.reopened", ("submission", submission_id), {"version": version})
        for submission_id, version in sorted(versions.items())
    ]
    audit.record_all(deeds, now=now)
    return frozenset(versions)


def make_letter(
    letter_id: str,
    *,
    seams: Seams,
    html: Callable[[Mapping[str, Any]], str],
    qr: Callable[[str], bytes],
    now: datetime,
) -> None:
    """Makes the PDF of a signed letter under the court's seal, stores it, and writes its hash into the audit chain, once.

    Each try has a file of its own, so that a second worker can't change what the first one's hash vouches for. The file
    of the later one is removed; a crash before the end leaves a sealed file that nothing points to.
    """
    letter = db.session.get_one(Letter, letter_id)
    if letter.pdf_key is not None:
        return
    signature = db.session.get_one(ReservedSignature, letter.signature_id)
    picture = open_file(signature.picture_key, store=seams.store)
    content = dict(letter.content)
    end_reading()
    pictures = {"signature": picture, "qr": qr(content["verification_code"])}
    pdf = seams.sealer.seal(seams.letters.render(html({**content, "signature": "signature", "qr": "qr"}), pictures))
    key = f"letters/{letter_id}/{new_id()}.pdf"
    digest = seal_file(key, pdf, store=seams.store)
    with unit_of_work():
        kept = _note_letter(letter_id, key, digest, name=content["party"]["name"], now=now)
    if not kept:
        seams.store.delete(key)


def _note_letter(letter_id: str, key: str, digest: str, *, name: str, now: datetime) -> bool:
    """Writes down the letter's file and tells its signer; False when another worker has. Inside a unit of work.

    A letter that was replaced while its PDF was made gets the PDF all the same, but nobody is told that it is in force.
    """
    letter = db.session.get_one(Letter, letter_id, with_for_update=True)
    if letter.pdf_key is not None:
        return False
    letter.pdf_key, letter.pdf_sha256, letter.made_at = key, digest, now
    stands = letter.state == LetterState.SIGNING
    if stands:
        letter.state = LetterState.CURRENT
    db.session.flush()
    audit.record(audit.SYSTEM, "payee.letter_made", ("letter", letter_id), now=now, number=letter.number, sha256=digest)
    if stands:
        case = db.session.get_one(Case, letter.case_id)
        tell(letter.account_id, "letter_signed", {"name": name, "case": case.number, "number": letter.number}, now=now)
    return True


def bank_is_down(submission_id: str) -> bool:
    """True while the check of an account waits out an outage of the bank."""
    return jobs.waits_out(f"{CHECK_ACCOUNT}:{submission_id}")


def hurry_check(submission_id: str, *, now: datetime) -> bool:
    """The payee who waits for the bank asks to try again now. Inside a unit of work."""
    return jobs.hurry(f"{CHECK_ACCOUNT}:{submission_id}", now=now)


def _new_code() -> str:
    groups = ["".join(secrets.choice(CODE_LETTERS) for _ in range(4)) for _ in range(3)]
    return "-".join(groups)


def _payee(account_id: str) -> audit.Actor:
    return audit.Actor("payee", account_id)
