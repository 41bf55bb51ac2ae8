"""Finding somebody over all cases of some courts: by name, document number, phone, or what stands on a letter.

Names and numbers are sealed, so each way goes by a keyed hash and its index, whatever the size of the cases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from sqlalchemy import or_, select, union

from webapp.accounts.models import Phone
from webapp.accounts.phones import number_hash
from webapp.accounts.rules import check_phone
from webapp.cases.models import Case, CasePayee
from webapp.cases.name_index import MOST_OPENED, candidates_in, fitting
from webapp.cases.register_models import RegisterImport
from webapp.core.db import db
from webapp.core.sealing import keyed_hash
from webapp.docket.models import DocketItem
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.rules.documents import DocumentType, guess_types, match_key, normalise
from webapp.payee.models import Letter, LetterState, Submission

PAGE = 25
COURT_REVIEW = "court_review"
SHORTEST_CODE = 8
MOST_ENTRIES = 200
"""So many entries of one number or one phone are shown; a lawyer's phone may stand in more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry of a case with what leads on from it. `letter_id`: the letter in force."""

    payee: CasePayee
    case: Case
    letter_id: str | None = None
    letter_number: str = ""
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One page. `waiting`: people of no case who wait for one of these courts to look at who they are.

    `following` is where the next page begins (None: this was the last); `cut`: more may fit than were looked at.
    """

    hits: Sequence[Hit] = ()
    waiting: Sequence[DocketItem] = ()
    following: int | None = None
    cut: bool = False


@dataclass(slots=True)
class _Entries:
    rows: list[CasePayee] = field(default_factory=list)
    following: int | None = None
    cut: bool = False


def search(typed: str, courts: Collection[str], *, today: date, after: int = 0, test_phones: bool = False) -> Answer:
    """Everybody in cases of these courts whom `typed` means, in the order in which they were named, beyond `after`."""
    cases = {case.id: case for case in db.session.scalars(select(Case).where(Case.court.in_(courts)))}
    if any(character.isdigit() for character in normalise(typed)):
        digests, phones = _digests(typed, today), _phones(typed, test_phones=test_phones)
        accounts = _accounts_of(phones)
        entries = _by_facts(typed, cases, digests, phones, accounts)
        waiting = _waiting(digests, accounts, courts)
    else:
        entries, waiting = _by_name(typed, cases, after), ()
        letter = _letter(typed, cases)
        if not after and letter is not None and letter.id not in {row.id for row in entries.rows}:
            entries.rows.insert(0, letter)
    found = _with_links(entries.rows, cases)
    linked = {hit.item_id for hit in found}
    return Answer(found, [item for item in waiting if item.id not in linked], entries.following, entries.cut)


def _by_facts(
    typed: str, cases: Mapping[str, Case], digests: Set[bytes], phones: Sequence[bytes], accounts: Sequence[str]
) -> _Entries:
    """By document number, by a phone that somebody proved or a register names, and by a letter's code or number: what fits."""
    if accounts:
        proved = select(Identity.match_hash).where(Identity.account_id.in_(accounts), Identity.superseded_at.is_(None))
        digests = digests | set(db.session.scalars(proved.limit(MOST_ENTRIES)))
    ways = (CasePayee.number_hash, digests), (CasePayee.other_hash, digests), (CasePayee.phone_hash, phones)
    named = CasePayee.id.in_(union(*(select(CasePayee.id).where(column.in_(hashes)) for column, hashes in ways)))
    mine = select(CasePayee).where(named, CasePayee.case_id.in_(cases)).order_by(CasePayee.id).limit(MOST_ENTRIES + 1)
    fitting = db.session.scalars(mine).all()
    rows = {row.id: row for row in fitting[:MOST_ENTRIES]}
    letter = _letter(typed, cases)
    if letter is not None:
        rows[letter.id] = letter
    hidden = _hidden({row.case_id for row in rows.values()})
    seen = [row for _id, row in sorted(rows.items()) if row.import_id not in hidden]
    return _Entries(seen, cut=len(fitting) > MOST_ENTRIES)


def _digests(typed: str, today: date) -> set[bytes]:
    kinds = guess_types(typed, today=today) or tuple(DocumentType)
    return {keyed_hash("document", match_key(kind, typed)) for kind in kinds}


def _phones(typed: str, *, test_phones: bool) -> Sequence[bytes]:
    checked = check_phone(typed, allow_test_numbers=test_phones)
    return () if checked.fault else (number_hash(checked.value),)


def _accounts_of(phones: Sequence[bytes]) -> Sequence[str]:
    proved = select(Phone.account_id).where(Phone.number_hash.in_(phones), Phone.removed_at.is_(None))
    return db.session.scalars(proved.limit(MOST_ENTRIES)).all()


def _letter(typed: str, cases: Mapping[str, Case]) -> CasePayee | None:
    """Whom a letter names whose verification code or number this is; spaces, dashes and small letters don't matter."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    if len(plain) < SHORTEST_CODE:
        return None
    dashed = "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))
    means = or_(Letter.verification_code == dashed, Letter.number == typed.strip())
    letter = db.session.scalar(select(Letter).where(means).limit(1))
    return db.session.get(CasePayee, letter.case_payee_id) if letter is not None and letter.case_id in cases else None


def _by_name(typed: str, cases: Mapping[str, Case], after: int) -> _Entries:
    ids = candidates_in(tuple(cases), typed)
    if ids is None:
        return _Entries()
    beyond = ids[ids > after]
    seen = or_(CasePayee.import_id.is_(None), CasePayee.import_id.not_in(_hidden(cases)))
    named = (row.id for row in fitting(beyond[:MOST_OPENED], typed, seen) if row.case_id in cases)
    page = list(islice(named, PAGE + 1))
    query = select(CasePayee).where(CasePayee.id.in_(page[:PAGE])).order_by(CasePayee.id)
    found = _Entries(list(db.session.scalars(query)))
    if len(page) > PAGE:
        found.following = page[PAGE - 1]
    elif len(beyond) > MOST_OPENED:
        found.cut, found.following = True, int(beyond[MOST_OPENED - 1])
    return found


def _hidden(case_ids: Collection[str]) -> set[str]:
    """Imports of these cases whose people nobody may see yet, or that are being removed."""
    mine = RegisterImport.case_id.in_(case_ids), RegisterImport.applied_at.is_(None)
    return set(db.session.scalars(select(RegisterImport.id).where(*mine)))


def _with_links(rows: Sequence[CasePayee], cases: Mapping[str, Case]) -> list[Hit]:
    ids = [row.id for row in rows]
    standing = select(Letter).where(Letter.case_payee_id.in_(ids), Letter.state != LetterState.REPLACED)
    letters = {letter.case_payee_id: letter for letter in db.session.scalars(standing)}
    items = _account_items(ids)
    return [
        Hit(
            row, cases[row.case_id],
            letter_id=letters[row.id].id if row.id in letters and letters[row.id].pdf_key else None,
            letter_number=letters[row.id].number if row.id in letters else "", item_id=items.get(row.id),
        )
        for row in rows
    ]  # fmt: skip


def _account_items(payee_ids: Sequence[int]) -> dict[int, str]:
    """The newest review of each entry's account."""
    query = select(Submission.case_payee_id, DocketItem.id).join(DocketItem, DocketItem.subject_id == Submission.id)
    rows = db.session.execute(query.where(Submission.case_payee_id.in_(payee_ids)).order_by(Submission.version))
    return {row[0]: row[1] for row in rows}


def _waiting(digests: Collection[bytes], accounts: Sequence[str], courts: Collection[str]) -> Sequence[DocketItem]:
    """Identity reviews of whoever typed one of these document numbers, or proved this phone, newest first."""
    means = or_(Verification.match_hash.in_(digests), Verification.account_id.in_(accounts))
    steps = select(StepRecord.id).join(Verification, Verification.id == StepRecord.verification_id)
    asked = db.session.scalars(steps.where(means, StepRecord.step == COURT_REVIEW).limit(MOST_ENTRIES)).all()
    found = db.session.scalars(
        select(DocketItem).where(DocketItem.subject_id.in_(asked))
    )  # by its index, not the queue's
    mine = [item for item in found if item.court in courts]
    return sorted(mine, key=lambda item: item.since, reverse=True)[:PAGE]
