"""A letter sent by e-mail to the address that its payee typed: written with the deed, sent once by the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.evidence.usecases import open_file
from webapp.payee.models import Letter, LetterMail, LetterState, MailState
from webapp.ports.mail_gateway import MailQuestion, MailVerdict
from webapp.ports.seams import Seams

SEND_LETTER_MAIL = "send_letter_mail"
DAY = timedelta(days=1)
MOST_OF_A_LETTER, MOST_OF_AN_ACCOUNT = 3, 10
Words = Callable[[Letter, str], tuple[str, str]]
"""Subject and body of a letter's mail in a language."""


class TooManyMails(Exception):
    """This letter, or this payee's letters, have been mailed often enough today."""


class NothingToMail(Exception):
    """The letter isn't made yet, or it has been replaced."""


def post_letter(letter_id: str, address: str, *, language: str, now: datetime) -> LetterMail:
    """Writes one mail into the outbox, inside the caller's unit of work. Raises TooManyMails, NothingToMail."""
    letter = db.session.get_one(Letter, letter_id, with_for_update=True)
    if letter.state != LetterState.CURRENT or letter.pdf_key is None:
        raise NothingToMail
    today = select(func.count()).select_from(LetterMail).where(LetterMail.created_at > now - DAY)
    of_letter = db.session.scalar(today.where(LetterMail.letter_id == letter_id)) or 0
    of_account = db.session.scalar(today.where(LetterMail.account_id == letter.account_id)) or 0
    if of_letter >= MOST_OF_A_LETTER or of_account >= MOST_OF_AN_ACCOUNT:
        raise TooManyMails
    mail = LetterMail(
        letter_id=letter_id, account_id=letter.account_id, address=address, language=language, created_at=now,
        state=MailState.WAITING,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    jobs.enqueue(SEND_LETTER_MAIL, {"mail": mail.id}, now=now, key=f"{SEND_LETTER_MAIL}:{mail.id}")
    audit.record(
        audit.Actor("payee", letter.account_id), "payee.letter_mailed", ("letter", letter_id), now=now, mail=mail.id
    )
    return mail


def send_letter_mail(mail_id: str, *, seams: Seams, words: Words, now: datetime) -> None:
    """Sends what waits; run twice it arrives once, by its Message-ID. Raises SeamUnavailable.

    A letter that was replaced meanwhile isn't sent: it would look as if it were in force.
    """
    mail = db.session.get_one(LetterMail, mail_id)
    if mail.state != MailState.WAITING:
        return
    letter = db.session.get_one(Letter, mail.letter_id)
    if seams.mail is None or letter.pdf_key is None or letter.state != LetterState.CURRENT:
        _settle(mail_id, MailState.LATE, None, now)
        return
    subject, body = words(letter, mail.language)
    key, to, name = letter.pdf_key, mail.address, f"letter-{letter.number}.pdf"
    pdf = open_file(key, store=seams.store)
    end_reading()
    answer = seams.mail.send(MailQuestion(mail_id, to, subject, body, name, pdf))
    _settle(
        mail_id, MailState.SENT if answer.verdict is MailVerdict.ACCEPTED else MailState.REFUSED, answer.reference, now
    )


def latest_mail(letter_id: str) -> LetterMail | None:
    """The mail that was asked for last, so that the page can say what became of it."""
    query = select(LetterMail).where(LetterMail.letter_id == letter_id)
    return db.session.scalar(query.order_by(LetterMail.created_at.desc(), LetterMail.id).limit(1))


def _settle(mail_id: str, state: MailState, reference: str | None, now: datetime) -> None:
    with unit_of_work():
        mail = db.session.get_one(LetterMail, mail_id)
        if mail.state == MailState.WAITING:
            mail.state, mail.reference, mail.settled_at = state, (reference or "")[:80] or None, now
