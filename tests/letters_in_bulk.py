"""Many signed letters without a file, written straight into the database: what a test and the benchmark make files of."""

from __future__ import annotations

from datetime import timedelta

from webapp.cases.models import CasePayee
from webapp.core.db import db, unit_of_work
from webapp.core.ids import new_id
from webapp.payee.models import Letter, LetterState, Submission

STEP = 1000


def write_unmade(model_id: str, count: int) -> None:
    """`count` payees of the model's case, each with an account and a letter like the model's, signed a second apart."""
    for start in range(0, count, STEP):
        with unit_of_work():
            model = db.session.get_one(Letter, model_id)
            submission = db.session.get_one(Submission, model.submission_id)
            entry = db.session.get_one(CasePayee, model.case_payee_id)
            for place in range(start, min(start + STEP, count)):
                _write_one(model, submission, entry, place)


def _write_one(model: Letter, submission: Submission, entry: CasePayee, place: int) -> None:
    number = f"{entry.number[:-6]}{place:06d}"
    payee = CasePayee(
        case_id=entry.case_id, number_hash=place.to_bytes(32, "big"), name=entry.name, number=number,
        document_type=entry.document_type, amount=entry.amount,
    )  # fmt: skip
    db.session.add(payee)
    db.session.flush()
    own = {c.name: getattr(submission, c.name) for c in Submission.__table__.columns}
    copy = Submission(**{**own, "id": new_id(), "case_payee_id": payee.id, "version": 1})
    db.session.add(copy)
    db.session.flush()
    db.session.add(
        Letter(
            number=f"{model.number}-{place}",
            version=1,
            case_payee_id=payee.id,
            case_id=model.case_id,
            account_id=model.account_id,
            submission_id=copy.id,
            signature_id=model.signature_id,
            text_id=model.text_id,
            state=LetterState.SIGNING,
            content={**model.content, "letter_number": f"{model.number}-{place}"},
            verification_code=f"BULK-{place}",
            signed_at=model.signed_at + timedelta(seconds=place),
        )
    )
