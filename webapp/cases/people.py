"""What clerks do about single people of a case: adding them, paying others in their stead, merging double entries, papers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from webapp.accounts.phones import number_hash
from webapp.cases.imports import pending_import
from webapp.cases.lost import take_lost
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.name_index import index_by_hand
from webapp.cases.people_models import PayeePaper, PayeeTransfer, TransferKind
from webapp.cases.queries import payee_of
from webapp.cases.reading import NAME_HASH, changed_rows
from webapp.cases.spent import spent_of
from webapp.core import audit
from webapp.core.db import db
from webapp.core.ids import new_id
from webapp.core.sealing import key_ring, keyed_hash
from webapp.identity.models import Identity
from webapp.identity.usecases import document_hash
from webapp.ports.object_store import ObjectStore

SETTLED = (Stage.SIGNED, Stage.ACCEPTED, Stage.PAID)
"""Once one has signed for an amount, it isn't moved any more."""


def _refuse_spent(payee: CasePayee, fen: int) -> None:
    """Money that has gone out can't be given to somebody else as well. Raises CannotMove."""
    if payee.amount - fen < spent_of(payee.id):
        raise CannotMove("paid")


class AlreadyNamed(Exception):
    """The case names this document number already; `payee_id` is where."""

    def __init__(self, payee_id: int) -> None:
        self.payee_id = payee_id
        super().__init__(str(payee_id))


class CannotMove(Exception):
    """`why`: "signed", "receiver_signed", "too_much", "same", "merged", "pending" (an import waits), "changed", "undone", "passed_on", "paid"
    or "apart" (a company's money and a person's own are never put together)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Person:
    """Who is named by hand: what the form holds once valid."""

    def __init__(
        self, name: str, document_type: str, number: str, *, phone: str = "", company: dict[str, str] | None = None
    ) -> None:
        self.name, self.document_type, self.number, self.phone, self.company = (
            name,
            document_type,
            number,
            phone,
            company,
        )


def add_payee(case: Case, person: Person, fen: int, reason: str, *, clerk_id: str, now: datetime) -> CasePayee:
    """Names somebody whom no register names, inside the caller's unit of work. Raises AlreadyNamed, CannotMove ("pending")."""
    _refuse_while_pending(case.id)
    digest = document_hash(person.document_type, person.number)
    if (known := entry_by_hash(case.id, digest)) is not None:
        raise AlreadyNamed(known.id)
    added = CasePayee(
        public_id=new_id(), case_id=case.id, number_hash=digest, name_hash=name_key_of(person.name),
        name=person.name, number=person.number, phone=person.phone or None, phone_hash=number_hash(person.phone) if person.phone else None,
        document_type=person.document_type, amount=fen, moved=0, stage=stage_of_number(digest), company=person.company, note=reason,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(added)
    except IntegrityError:
        if _is_named(case.id, digest):  # by somebody else, at this very moment
            raise CannotMove("pending") from None
        raise  # anything else is a fault of ours, and is told as one
    _count(case.id, people=1)
    index_by_hand(case.id, [(person.name, added.id)])
    take_lost(case.id, digest=digest, now=now)
    audit.record(_clerk(clerk_id), "cases.payee_added", ("case_payee", str(added.id)), now=now, case=case.id, fen=fen)
    return added


def entry_by_hash(case_id: str, digest: bytes) -> CasePayee | None:
    """The entry of a case that this document number means, in force or not."""
    named = or_(CasePayee.number_hash == digest, CasePayee.other_hash == digest)
    rows = db.session.scalars(select(CasePayee).where(named))  # by the hashes' index alone, whatever the case's size
    return next((row for row in rows if row.case_id == case_id), None)


def pay_instead(
    case: Case,
    payee_id: int,
    kind: TransferKind,
    person: Person,
    fen: int,
    reason: str,
    *,
    clerk_id: str,
    now: datetime,
) -> PayeeTransfer:
    """An heir, a representative or a company gets `fen` of what somebody is owed. Inside a unit of work.

    Who is named in the case already gets it on top, but a company's money never goes to an entry that isn't that company's,
    nor somebody's own to a company's. Raises CannotMove: shares can't exceed what there is.
    """
    digest = document_hash(person.document_type, person.number)
    receiver = entry_by_hash(case.id, digest)
    _hold_in_order(payee_id, *([receiver.id] if receiver is not None else []))
    giver = _held(case.id, payee_id)
    if giver.merged_into_id is not None or giver.stage in SETTLED:
        raise CannotMove("merged" if giver.merged_into_id is not None else "signed")
    if fen > giver.amount:
        raise CannotMove("too_much")
    if receiver is None:
        _refuse_while_pending(case.id)
        receiver = add_payee(case, person, 0, reason, clerk_id=clerk_id, now=now)
    held = _held(case.id, receiver.id)
    if digest not in {
        held.number_hash,
        held.other_hash,
    }:  # corrected while it was waited for: it names somebody else now
        raise CannotMove("changed")
    _keep_apart(held, person.company)
    return _move(case.id, giver, held, kind, fen, reason, clerk_id=clerk_id, now=now)


def _keep_apart(receiver: CasePayee, company: dict[str, Any] | None) -> None:
    """Has an entry that nothing is owed to yet stand for a company, or for none. Raises CannotMove where it has money of another."""
    if _code_of(receiver.company) == _code_of(company):
        return
    if receiver.amount or receiver.moved or receiver.stage in SETTLED:
        raise CannotMove("apart")
    receiver.company = company


def _code_of(company: dict[str, Any] | None) -> str:
    return str((company or {}).get("code", ""))


def merge_entries(
    case: Case, gone_id: int, kept_id: int, reason: str, *, clerk_id: str, now: datetime
) -> PayeeTransfer:
    """Two entries are one person: all of the one goes to the other, and its number leads there. Inside a unit of work.

    Raises CannotMove.
    """
    _hold_in_order(gone_id, kept_id)
    gone, kept = _held(case.id, gone_id), _held(case.id, kept_id)
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise CannotMove("merged")
    if gone.stage in SETTLED or db.session.scalar(select(CasePayee.id).where(CasePayee.merged_into_id == gone.id)):
        raise CannotMove("signed" if gone.stage in SETTLED else "merged")
    if _code_of(gone.company) != _code_of(kept.company):
        raise CannotMove("apart")
    made = _move(case.id, gone, kept, TransferKind.MERGE, gone.amount, reason, clerk_id=clerk_id, now=now)
    gone.merged_into_id = kept.id
    _count(case.id, people=-1)
    return made


def _move(
    case_id: str,
    giver: CasePayee,
    receiver: CasePayee,
    kind: TransferKind,
    fen: int,
    reason: str,
    *,
    clerk_id: str,
    now: datetime,
) -> PayeeTransfer:
    if giver.id == receiver.id:
        raise CannotMove("same")
    if receiver.merged_into_id is not None or receiver.stage in SETTLED:
        raise CannotMove("merged" if receiver.merged_into_id is not None else "receiver_signed")
    _refuse_while_pending(case_id)
    _refuse_spent(giver, fen)
    giver.amount, giver.moved = giver.amount - fen, giver.moved + fen
    receiver.amount, receiver.moved = receiver.amount + fen, receiver.moved - fen
    made = PayeeTransfer(
        kind=kind, from_id=giver.id, to_id=receiver.id, amount=fen, reason=reason, made_by=clerk_id, made_at=now
    )
    db.session.add(made)
    _count(case_id)
    detail = {"case": case_id, "kind": kind.value, "from": giver.id, "to": receiver.id, "fen": fen}
    audit.record(_clerk(clerk_id), "cases.transferred", ("transfer", made.id), now=now, **detail)
    return made


def take_back(case: Case, transfer_id: str, *, clerk_id: str, now: datetime) -> None:
    """Undoes a transfer or a merge, as long as neither has signed. Inside a unit of work. Raises CannotMove."""
    made = db.session.get(PayeeTransfer, transfer_id, with_for_update=True)
    if made is None or made.undone_at is not None:
        raise CannotMove("undone")
    _hold_in_order(made.from_id, made.to_id)
    giver, receiver = _held(case.id, made.from_id), _held(case.id, made.to_id)
    if {giver.stage, receiver.stage} & set(SETTLED):
        raise CannotMove("signed")
    if receiver.amount < made.amount or receiver.merged_into_id is not None:
        raise CannotMove("passed_on")
    _refuse_while_pending(case.id)
    _refuse_spent(receiver, made.amount)
    giver.amount, giver.moved = giver.amount + made.amount, giver.moved - made.amount
    receiver.amount, receiver.moved = receiver.amount - made.amount, receiver.moved + made.amount
    made.undone_at, made.undone_by = now, clerk_id
    merged = made.kind == TransferKind.MERGE
    if merged:
        giver.merged_into_id = None
    _count(case.id, people=1 if merged else 0)
    audit.record(
        _clerk(clerk_id), "cases.transfer_undone", ("transfer", made.id), now=now, case=case.id, fen=made.amount
    )


def _hold_in_order(*payee_ids: int) -> None:
    """Holds entries in the order of their ids, as an import and a batch do: else two deeds could wait for each other."""
    rows = select(CasePayee.id).where(CasePayee.id.in_(payee_ids)).order_by(CasePayee.id)
    db.session.execute(rows.with_for_update()).all()


def _held(case_id: str, payee_id: int) -> CasePayee:
    """An entry that nobody else decides on meanwhile, read afresh. Raises CannotMove for one that isn't in force."""
    db.session.execute(select(CasePayee.id).where(CasePayee.id == payee_id).with_for_update())
    found = payee_of(case_id, payee_id)
    if found is None:
        raise CannotMove("undone")
    db.session.refresh(found)
    return found


def _refuse_while_pending(case_id: str) -> None:
    if pending_import(case_id) is not None:
        raise CannotMove("pending")


def _count(case_id: str, *, people: int = 0) -> None:
    one = update(Case).where(Case.id == case_id)
    changed_rows(one.values(people=Case.people + people, stamp=Case.stamp + 1))


def _is_named(case_id: str, digest: bytes) -> bool:
    same = CasePayee.number_hash == digest, CasePayee.case_id == case_id
    return db.session.scalar(select(CasePayee.id).where(*same)) is not None


def name_key_of(name: str) -> bytes:
    """By what an import sees whether a name differs."""
    return keyed_hash("case_payee.name", name)[:NAME_HASH]


def stage_of_number(digest: bytes) -> Stage:
    """Where somebody of this document number begins, inside the unit of work that names them.

    Whoever proves an identity has the audit chain until that is done, so this waits for it: else one who proved it at this very
    moment would neither be seen here, nor would the trigger that marks who has proved it see the entry.
    """
    audit.queue_up()
    return Stage.VERIFIED if _is_proved(digest) else Stage.NONE


def _is_proved(digest: bytes) -> bool:
    found = select(Identity.id).where(Identity.match_hash == digest, Identity.superseded_at.is_(None))
    return db.session.scalar(found.limit(1)) is not None


def transfers_of(payee_id: int) -> Sequence[tuple[PayeeTransfer, CasePayee]]:
    """Every transfer from or to somebody, with who is at the other end, the newest first."""
    other = func.coalesce(func.nullif(PayeeTransfer.to_id, payee_id), PayeeTransfer.from_id)
    query = select(PayeeTransfer, CasePayee).join(CasePayee, CasePayee.id == other)
    query = query.where(or_(PayeeTransfer.from_id == payee_id, PayeeTransfer.to_id == payee_id))
    return [
        (made, entry)
        for made, entry in db.session.execute(query.order_by(PayeeTransfer.made_at.desc(), PayeeTransfer.id))
    ]


@dataclass(frozen=True, slots=True)
class ActsFor:
    """In whose place somebody is paid: the company they represent, the people whose heir they are. Empty for most."""

    company: str = ""
    company_code: str = ""
    heir_of: tuple[str, ...] = ()

    @property
    def company_titled(self) -> str:
        """Name and code, as they stand in a line."""
        return f"{self.company}（{self.company_code}）" if self.company_code else self.company


def acts_for(payee: CasePayee) -> ActsFor:
    """In whose place this entry is paid, by its company and the inheritances that haven't been taken back."""
    inherited = select(CasePayee).join(PayeeTransfer, PayeeTransfer.from_id == CasePayee.id)
    inherited = inherited.where(
        PayeeTransfer.to_id == payee.id, PayeeTransfer.kind == TransferKind.HEIR, PayeeTransfer.undone_at.is_(None)
    )
    names = dict.fromkeys(one.name for one in db.session.scalars(inherited.order_by(PayeeTransfer.made_at)))
    company = payee.company or {}
    return ActsFor(company.get("name", ""), company.get("code", ""), tuple(names))


def seal_paper(
    payee_id: int, title: str, data: bytes, media_type: str, *, clerk_id: str, store: ObjectStore, now: datetime
) -> PayeePaper:
    """Seals a paper into the store, and returns its description for `keep_paper`."""
    paper_id = new_id()
    key = f"papers/{paper_id}"
    store.put(key, key_ring().seal(data, key))
    digest = hashlib.sha256(data).hexdigest()
    return PayeePaper(
        id=paper_id, payee_id=payee_id, title=title, object_key=key, media_type=media_type, sha256=digest, size=len(data),
        added_by=clerk_id, added_at=now,
    )  # fmt: skip


def keep_paper(paper: PayeePaper, *, now: datetime) -> None:
    """Writes a sealed paper down. Inside a unit of work."""
    db.session.add(paper)
    db.session.flush()
    about: tuple[str, str] = ("case_payee", str(paper.payee_id))
    audit.record(_clerk(paper.added_by), "cases.paper_added", about, now=now, paper=paper.id, sha256=paper.sha256)


def papers_of(payee_id: int) -> Sequence[PayeePaper]:
    """Somebody's papers, the oldest first."""
    query = select(PayeePaper).where(PayeePaper.payee_id == payee_id)
    return db.session.scalars(query.order_by(PayeePaper.added_at, PayeePaper.id)).all()


def account_of(payee: CasePayee) -> Any:
    """The account id of whoever has proved to be this person, or None."""
    hashes = [digest for digest in (payee.number_hash, payee.other_hash) if digest]
    merged = db.session.scalars(select(CasePayee.number_hash).where(CasePayee.merged_into_id == payee.id)).all()
    query = select(Identity.account_id).where(
        Identity.match_hash.in_([*hashes, *merged]), Identity.superseded_at.is_(None)
    )
    return db.session.scalar(query.order_by(Identity.proved_at.desc()).limit(1))


def _clerk(clerk_id: str) -> audit.Actor:
    return audit.Actor("clerk", clerk_id)
