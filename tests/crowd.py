"""Many payees at once, written straight into the database: verified, named in a case, with a signed letter each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text

from webapp.accounts.models import Account, Phone
from webapp.cases.models import Case, CasePayee
from webapp.core.db import Base, db, unit_of_work
from webapp.core.ids import new_id
from webapp.core.sealing import key_ring, keyed_hash
from webapp.identity.models import Identity, ReservedSignature, Verification
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.ports.object_store import ObjectStore
from webapp.texts.models import TextKind
from webapp.texts.queries import text_in_force

PDF = b"%PDF-1.4 a letter"
CHUNK = 2000


def make_case(now: datetime, number: str = "（2023）粤0399执1234号", code: str = "CASE2345") -> str:
    """An open case; returns its id."""
    with unit_of_work():
        case = Case(
            number=number,
            code=code,
            title="示例集资案",
            court="深圳市中级人民法院",
            partner_bank="样本银行",
            opened_at=now,
        )
        db.session.add(case)
        db.session.flush()
        return case.id


def add_people(
    case_id: str,
    amounts: Sequence[int],
    *,
    now: datetime,
    store: ObjectStore | None = None,
    language: str = "zh_Hans",
    phones: bool = True,
) -> list[int]:
    """One payee per amount (fen), each with a letter in force; returns the ids of their entries.

    With a `store` each letter has a file of its own there.
    """
    entries: list[int] = []
    for start in range(0, len(amounts), CHUNK):
        entries += _add(case_id, amounts[start : start + CHUNK], start, now, store, language, phones)
    return entries


def _add(
    case_id: str,
    amounts: Sequence[int],
    first: int,
    now: datetime,
    store: ObjectStore | None,
    language: str,
    phones: bool,
) -> list[int]:
    text_id = text_in_force(TextKind.LETTER, "zh_Hans", now=now).id
    rows: dict[type[Base], list[dict[str, Any]]] = {
        m: [] for m in (Account, Phone, Verification, Identity, ReservedSignature, CasePayee, Submission, Letter)
    }
    with unit_of_work():
        known = len(db.session.scalars(select(CasePayee.id)).all()) if first == 0 else 0
        top = max(db.session.scalars(select(CasePayee.id).order_by(CasePayee.id.desc()).limit(1)).all(), default=0)
        for place, amount in enumerate(amounts):
            _person(
                rows, case_id, text_id, first + known + place, top + 1 + place, amount, now, store, language, phones
            )
        for model, values in rows.items():
            db.session.execute(insert(model), values)
        if db.engine.dialect.name == "postgresql":  # ids were chosen here, so the sequence must hear of them
            db.session.execute(text("SELECT setval('case_payee_id_seq', (SELECT max(id) FROM case_payee))"))
    return [row["id"] for row in rows[CasePayee]]


def _person(
    rows: dict[type[Base], list[dict[str, Any]]],
    case_id: str,
    text_id: str,
    n: int,
    entry: int,
    amount: int,
    now: datetime,
    store: ObjectStore | None,
    language: str,
    phones: bool,
) -> None:
    account, phone, verification, identity, signature, submission, letter = (new_id() for _ in range(7))
    name, number, card = f"何志豪{n}", f"P{entry:08d}", f"62999900{entry:011d}"
    pdf = PDF + str(entry).encode()
    key = f"letters/{letter}/{new_id()}.pdf"
    if store is not None:
        store.put(key, key_ring().seal(pdf, key))
    e164 = f"+86100{entry:08d}"
    match = keyed_hash("document", number)
    rows[Account].append({"id": account, "created_at": now, "language": language, "large_text": False})
    rows[Phone].append({"id": phone, "account_id": account, "number": e164, "number_hash": keyed_hash("phone", e164),
                        "proved_at": now, "primary": phones})  # fmt: skip
    rows[Verification].append({"id": verification, "account_id": account, "document_type": "resident_id", "started_at": now,
                               "finished_at": now})  # fmt: skip
    rows[Identity].append({"id": identity, "account_id": account, "verification_id": verification, "document_type": "resident_id",
                           "match_hash": match, "name": name, "number": number, "nationality": "CHN", "phone_id": phone,
                           "proved_at": now})  # fmt: skip
    rows[ReservedSignature].append({"id": signature, "account_id": account, "strokes_key": "s", "picture_key": "p",
                                    "strokes_sha256": "0" * 64, "made_by": "drawn", "signed_at": now})  # fmt: skip
    rows[CasePayee].append({"id": entry, "public_id": new_id(), "case_id": case_id, "number_hash": match, "name": name,
                            "number": number, "document_type": "resident_id", "amount": amount})  # fmt: skip
    rows[Submission].append({"id": submission, "case_payee_id": entry, "case_id": case_id, "account_id": account,
                             "identity_id": identity, "version": 1, "state": SubmissionState.SIGNED, "needs_review": False,
                             "card_number": card, "card_hash": keyed_hash("card", card), "bank_code": "SPECIMEN",
                             "branch": "深圳福田支行", "phone": e164, "luhn_confirmed": False, "verdict": "agreed",
                             "submitted_at": now, "checked_at": now})  # fmt: skip
    content = {"party": {"name": name}, "case_number": "（2023）粤0399执1234号"}
    rows[Letter].append({"id": letter, "number": f"2026-{case_id[:6]}-{entry:07d}", "version": 1, "case_payee_id": entry,
                         "case_id": case_id, "account_id": account, "submission_id": submission, "signature_id": signature,
                         "text_id": text_id, "state": LetterState.CURRENT, "content": content,
                         "verification_code": f"{entry:014d}", "signed_at": now, "pdf_key": key,
                         "pdf_sha256": hashlib.sha256(pdf).hexdigest(), "made_at": now})  # fmt: skip


def sign_again(case_payee_id: int, *, now: datetime) -> None:
    """A payee whose payment came back signs for another account, as the pages would do it."""
    with unit_of_work():
        old = db.session.scalars(
            select(Submission).where(Submission.case_payee_id == case_payee_id).order_by(Submission.version.desc())
        ).first()
        assert old is not None
        former = db.session.scalars(select(Letter).where(Letter.submission_id == old.id)).one()
        card = f"62999901{case_payee_id:07d}{old.version:04d}"
        values = {
            c.name: getattr(old, c.name)
            for c in Submission.__table__.columns
            if c.name not in ("id", "version", "state")
        }
        changed = {
            "version": old.version + 1,
            "state": "signed",
            "card_number": card,
            "card_hash": keyed_hash("card", card),
        }
        fresh = Submission(**{**values, **changed, "submitted_at": now})
        db.session.add(fresh)
        db.session.flush()
        kept = {
            c.name: getattr(former, c.name) for c in Letter.__table__.columns if c.name not in ("id", "replaced_at")
        }
        number = f"{former.number.rsplit('/', 1)[0]}/{fresh.version}"
        code = f"{case_payee_id:010d}{fresh.version:04d}"
        named = {"number": number, "version": fresh.version, "submission_id": fresh.id, "verification_code": code}
        former.state = LetterState.REPLACED
        db.session.flush()
        db.session.add(Letter(**{**kept, **named, "state": LetterState.CURRENT}))
