"""Which cases name a person, who is named in a case, and how far they have come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from webapp.accounts.models import Clerk
from webapp.accounts.queries import OfCourts, Rows, scoped
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.register_models import RegisterAmount, RegisterChange, RegisterFault, RegisterImport
from webapp.cases.register_rows import DOUBLED
from webapp.core.db import db
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.texts.models import TextKind, TextVersion
from webapp.texts.queries import text_in_force

Courts = Collection[str] | None
"""The courts whose cases somebody may see; None: all of them."""


def entries_of(match_hash: bytes, courts: Courts = None) -> Sequence[tuple[CasePayee, Case]]:
    """Every entry that names this document number, with its case, newest case first. Nothing else is ever matched.

    `courts`: only cases of these, as long as a clerk of theirs sits beside.

    An entry that was merged into another leads to that one; an import that hasn't taken effect names nobody.
    """
    first, kept = aliased(CasePayee), aliased(CasePayee)
    named = or_(first.number_hash == match_hash, first.other_hash == match_hash)
    query = select(kept, Case).select_from(first)
    query = query.join(kept, kept.id == func.coalesce(first.merged_into_id, first.id)).join(
        Case, Case.id == kept.case_id
    )
    query = query.outerjoin(RegisterImport, RegisterImport.id == first.import_id)
    query = of_courts(query.where(named, in_force(first)), courts).order_by(Case.opened_at.desc(), Case.id)
    found = {entry.id: (entry, case) for entry, case in db.session.execute(query)}
    return list(found.values())


def in_force(payee: Any = CasePayee) -> Any:
    """True of entries that are there for others than the importer; the query joins RegisterImport."""
    return or_(payee.import_id.is_(None), RegisterImport.applied_at.is_not(None))


def named_in(case_id: str) -> ColumnElement[bool]:
    """True of the people whom a case names: those whose import has taken effect, or who were added by hand."""
    applied = select(RegisterImport.id).where(RegisterImport.case_id == case_id, RegisterImport.applied_at.is_not(None))
    theirs = or_(CasePayee.import_id.is_(None), CasePayee.import_id.in_(applied))
    return and_(CasePayee.case_id == case_id, theirs)


def hidden_imports(case_id: str) -> Sequence[str]:
    """Imports of a case whose people nobody may see or count yet, or that are being removed; hardly ever any."""
    mine = RegisterImport.case_id == case_id, RegisterImport.applied_at.is_(None)
    return db.session.scalars(select(RegisterImport.id).where(*mine)).all()


def entry_of(public_id: str, match_hash: bytes, courts: Courts = None) -> tuple[CasePayee, Case] | None:
    """One entry by its public name, if it names this person; else None, as if it didn't exist."""
    named = entries_of(match_hash, courts)
    return next(((entry, case) for entry, case in named if entry.public_id == public_id), None)


def case_by_code(code: str) -> Case | None:
    """The case whose poster carries this code."""
    return db.session.scalar(select(Case).where(func.upper(Case.code) == code.upper()))


def case_by_number(number: str) -> Case | None:
    """The case of a canonical number."""
    return db.session.scalar(select(Case).where(Case.number == number))


def may_see_person(clerk: OfCourts, account_id: str) -> bool:
    """True for a person who is named in a case of the clerk's courts, or asked one of them to look at who they are."""
    named = or_(CasePayee.number_hash == Identity.match_hash, CasePayee.other_hash == Identity.match_hash)
    in_case = select(Case.id).join(CasePayee, CasePayee.case_id == Case.id).join(Identity, named)
    in_case = in_case.outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id)
    in_case = in_case.where(Identity.account_id == account_id, in_force())
    reviews = select(StepRecord.id).join(Verification, Verification.id == StepRecord.verification_id)
    reviews = reviews.where(Verification.account_id == account_id, StepRecord.step == "court_review")
    either = (scoped(in_case, Case.court, clerk), scoped(reviews, StepRecord.court, clerk))
    return any(db.session.scalar(query.limit(1)) is not None for query in either)


def of_courts(query: Rows, courts: Courts) -> Rows:
    """The one place where a query over cases is narrowed to the courts that somebody may see."""
    return query if courts is None else query.where(Case.court.in_(courts))


def cases_of(courts: Courts) -> Sequence[Case]:
    """Every case of these courts, the newest first."""
    return db.session.scalars(of_courts(select(Case), courts).order_by(Case.opened_at.desc(), Case.number)).all()


def case_of(case_id: str, courts: Courts) -> Case | None:
    """A case, if it is of these courts; else None, as if it didn't exist."""
    found: Case | None = db.session.scalar(of_courts(select(Case).where(Case.id == case_id), courts))
    return found


def payee_of(case_id: str, payee_id: int) -> CasePayee | None:
    """An entry of a case that is in force."""
    query = select(CasePayee).outerjoin(RegisterImport, RegisterImport.id == CasePayee.import_id)
    return db.session.scalar(query.where(CasePayee.case_id == case_id, CasePayee.id == payee_id, in_force()))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of a case stand at each stage; `fen` isn't counted here, for it would take a walk over all."""

    named: int
    at: dict[Stage, int]

    def since(self, *stages: Stage) -> int:
        """How many stand at any of these."""
        return sum(self.at.get(stage, 0) for stage in stages)


def tally_of(case: Case) -> Tally:
    """Counts each person once, whatever they did again; those who haven't begun are the rest."""
    begun = select(CasePayee.stage, func.count()).where(CasePayee.case_id == case.id, CasePayee.stage.in_(BEGUN))
    if hidden := hidden_imports(case.id):
        begun = begun.where(or_(CasePayee.import_id.is_(None), CasePayee.import_id.not_in(hidden)))
    at = {Stage(stage): count for stage, count in db.session.execute(begun.group_by(CasePayee.stage))}
    return Tally(case.people, {**at, Stage.NONE: max(0, case.people - sum(at.values()))})


BEGUN = tuple(stage for stage in Stage if stage is not Stage.NONE)


def imports_of(case_id: str, *, most: int = 30) -> Sequence[RegisterImport]:
    """A case's imports, the newest first."""
    query = select(RegisterImport).where(RegisterImport.case_id == case_id)
    return db.session.scalars(query.order_by(RegisterImport.imported_at.desc(), RegisterImport.id).limit(most)).all()


def import_of(case_id: str, import_id: str) -> RegisterImport | None:
    """One import of a case."""
    return db.session.scalar(
        select(RegisterImport).where(RegisterImport.case_id == case_id, RegisterImport.id == import_id)
    )


def first_import(case_id: str) -> str | None:
    """The register of a case that came into force first."""
    query = select(RegisterImport.id).where(RegisterImport.case_id == case_id, RegisterImport.applied_at.is_not(None))
    return db.session.scalar(query.order_by(RegisterImport.applied_at, RegisterImport.id).limit(1))


def comes_later(found: RegisterImport) -> bool:
    """True of a register that changes one in force; the first one brings everybody."""
    return first_import(found.case_id) not in (None, found.id)


def newly_owed(import_id: str, *, after: int = 0, most: int) -> Sequence[tuple[CasePayee, int]]:
    """Whom an import that isn't in force yet would owe another sum, with that sum; in the order of their ids, after one."""
    query = select(CasePayee, RegisterChange.amount).join(RegisterChange, RegisterChange.payee_id == CasePayee.id)
    query = query.where(RegisterChange.import_id == import_id, RegisterChange.amount != CasePayee.amount)
    rows = db.session.execute(query.where(CasePayee.id > after).order_by(CasePayee.id).limit(most))
    return [(payee, amount) for payee, amount in rows]


def newly_named(found: RegisterImport, *, after: int = 0, most: int) -> Sequence[CasePayee]:
    """Whom an import brings; in the order of their ids, after one."""
    query = select(CasePayee).where(CasePayee.case_id == found.case_id, CasePayee.import_id == found.id)
    return db.session.scalars(query.where(CasePayee.id > after).order_by(CasePayee.id).limit(most)).all()


def amounts_of(payee_id: int) -> Sequence[tuple[RegisterAmount, RegisterImport, str]]:
    """What registers have changed in what somebody is owed, with who imported each; the newest first."""
    query = select(RegisterAmount, RegisterImport, Clerk.display_name)
    query = query.join(RegisterImport, RegisterImport.id == RegisterAmount.import_id)
    query = query.outerjoin(Clerk, Clerk.id == RegisterImport.made_by).where(RegisterAmount.payee_id == payee_id)
    rows = db.session.execute(query.order_by(RegisterImport.applied_at.desc(), RegisterImport.id))
    return [(change, register, by or "") for change, register, by in rows]


def faults_of_import(import_id: str, *, doubled: bool) -> Any:
    """Picks the faults of a file, or its doubled rows, in the file's order."""
    which = RegisterFault.code == DOUBLED if doubled else RegisterFault.code != DOUBLED
    query = select(RegisterFault).where(RegisterFault.import_id == import_id, which)
    return query.order_by(RegisterFault.row_number, RegisterFault.id)


def faults_page(import_id: str, *, doubled: bool = False, most: int) -> Sequence[RegisterFault]:
    """The first faults of a file, or the first of its doubled rows."""
    query = faults_of_import(import_id, doubled=doubled)
    return db.session.scalars(query.limit(most)).all()


def text_of_case(case: Case, kind: TextKind, language: str, *, now: datetime) -> TextVersion:
    """The text that a case goes by: the version chosen for it, else the one in force. Raises TextMissing."""
    chosen = case.texts.get(kind)
    if chosen is not None:
        same = TextVersion.kind == kind, TextVersion.version == chosen
        versions = {text.language: text for text in db.session.scalars(select(TextVersion).where(*same))}
        found = versions.get(language) or versions.get("zh_Hans")
        if found is not None:
            return found
    return text_in_force(kind, language, now=now)


def versions_of(kind: TextKind, *, now: datetime) -> Sequence[TextVersion]:
    """The versions of a text in Simplified Chinese that have taken effect, the newest first."""
    shown = and_(TextVersion.kind == kind, TextVersion.language == "zh_Hans", TextVersion.effective_at <= now)
    return db.session.scalars(select(TextVersion).where(shown).order_by(TextVersion.version.desc())).all()
