"""What a payee hands in for a case: an account in versions, and the confirmation letter of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed, SealedJson


class SubmissionState(StrEnum):
    """CHECKING waits for the bank; REFUSED goes back to the payee; CHECKED may be signed; ACCEPTED is final.

    WITHDRAWN: a correction that its payee gave up before signing, so that the one before it stands again; or what was handed
    in under a number that the court has corrected since.
    """

    CHECKING = "checking"
    REFUSED = "refused"
    CHECKED = "checked"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class LetterState(StrEnum):
    """SIGNING: the payee has signed, the PDF is being made. Only one letter of a payee is not REPLACED."""

    SIGNING = "signing"
    CURRENT = "current"
    REPLACED = "replaced"


class Submission(Base):
    """One account handed in for one payee of one case. `branch_city`: whose suggestions its branch belongs to.

    `needs_review`: the bank couldn't say, or somebody else of the case has the same account: a clerk must look.
    `helped_by`: the clerk who sat beside its payee at the counter when it was handed in or signed; then another clerk must look.
    `insisted`: what is right as typed, says the payee, although the card's photo (`card_number`) or the number's prefix (`bank`)
    says otherwise.
    `unproved_visit`: the visit at the counter in which that was done, where no code had gone to the payee's phone.
    `reason` is the code of a clerk's refusal, `redo` what alone must be handed in again (`card`, `documents`).
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_case_payee_id_version", "case_payee_id", "version", unique=True),
        Index("ix_submission_bank_code_branch_city", "bank_code", "branch_city"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    case_payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    needs_review: Mapped[bool] = mapped_column(default=False)
    card_number: Mapped[str] = mapped_column(Sealed("submission.card_number"))
    card_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    bank_code: Mapped[str] = mapped_column(String(16))
    branch: Mapped[str] = mapped_column(String(80))
    branch_city: Mapped[str] = mapped_column(String(16), default="")
    phone: Mapped[str] = mapped_column(Sealed("submission.phone"))
    front_photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    back_photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    card_photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    luhn_confirmed: Mapped[bool] = mapped_column(default=False)
    insisted: Mapped[str] = mapped_column(String(40), default="", server_default="")
    verdict: Mapped[str | None] = mapped_column(String(24))
    reference: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(40))
    reason_words: Mapped[str | None] = mapped_column(Sealed("submission.reason_words"))
    redo: Mapped[str] = mapped_column(String(60), default="", server_default="")
    likeness: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("submission.likeness"))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    helped_by: Mapped[str | None] = mapped_column(String(22))
    unproved_visit: Mapped[str | None] = mapped_column(String(22))
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)


class Letter(Base):
    """《执行款收款账户确认书》, signed. `content` is frozen at the moment of signing; the PDF is made from it alone."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(
            "ix_letter_standing",
            "case_payee_id",
            unique=True,
            postgresql_where=text("state <> 'replaced'"),
            sqlite_where=text("state <> 'replaced'"),
        ),
        Index("ix_letter_case_id_number", "case_id", "number"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[int]
    case_payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_payee.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("court_case.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), unique=True)
    signature_id: Mapped[str] = mapped_column(ForeignKey("reserved_signature.id"))
    text_id: Mapped[str] = mapped_column(ForeignKey("text_version.id"))
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("letter.content"))
    verification_code: Mapped[str] = mapped_column(String(20), unique=True)
    signed_at: Mapped[datetime] = mapped_column(Moment)
    pdf_key: Mapped[str | None] = mapped_column(String(80))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)


class MailState(StrEnum):
    """LATE: the letter was replaced before it could be sent, so it was not."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    LATE = "late"


class LetterMail(Base):
    """One letter on its way to one address. Its id is the mail's Message-ID."""

    __tablename__ = "letter_mail"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    address: Mapped[str] = mapped_column(Sealed("letter_mail.address"))
    language: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(12), default=MailState.WAITING)
    reference: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
