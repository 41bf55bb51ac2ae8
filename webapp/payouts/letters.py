"""All letters of a case as one ZIP, or in parts, sent as they are read: one letter in memory at a time, and an index.

A part begins after a letter's number, and numbers only grow: the same part asked for again holds the same letters, so
what broke off on its way is fetched once more from its part on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from zipstream import ZipStream

from webapp.core.cells import guarded
from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.core.masking import mask_name
from webapp.core.sealing import CannotOpen
from webapp.core.sheets import sheet
from webapp.evidence.usecases import open_file
from webapp.payee.models import Letter, LetterState
from webapp.ports.object_store import ObjectStore

PART = 10_000
PAGE = 500
HEADINGS = ("编号", "姓名", "案号", "版本", "状态", "SHA-256", "签署时间", "文件", "备注")
"""The archive is a record of the court's, so its index is Chinese whoever fetches it, as the letters are."""
STATES = {LetterState.SIGNING: "生成中", LetterState.CURRENT: "有效", LetterState.REPLACED: "已作废"}
MISSING, CHANGED, NOT_MADE = "文件缺失", "文件与登记的 SHA-256 不符", "文件还在生成"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: after which number it begins ("" is the start), its first and last number, how many letters."""

    after: str
    first: str
    last: str
    count: int


@dataclass(slots=True)
class Sent:
    """What has been sent, filled in as it goes: whoever sends it writes it down at the end."""

    count: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def parts_of(case_id: str, *, size: int = PART) -> list[Part]:
    """The parts of a case's letters, in the order of their numbers."""
    place = func.row_number().over(order_by=Letter.number)
    numbered = (
        select(Letter.number.label("number"), (place - 1).label("place")).where(Letter.case_id == case_id).subquery()
    )
    part = numbered.c.place // size
    grouped = (
        select(func.min(numbered.c.number), func.max(numbered.c.number), func.count()).group_by(part).order_by(part)
    )
    found: list[Part] = []
    for first, last, count in db.session.execute(grouped):
        found.append(Part(found[-1].last if found else "", first, last, count))
    return found


def letters_zip(
    case_id: str, *, store: ObjectStore, sent: Sent, after: str = "", most: int | None = None
) -> Iterator[bytes]:
    """The ZIP of a case's letters, those in force beside those replaced, and at its end an index of what is inside."""
    archive = ZipStream()
    for letter in _letters(case_id, after, most):
        pdf = _pdf(letter, store, sent)
        if pdf is not None:
            archive.add(pdf, _file_name(letter))
            yield from archive.all_files()
            sent.count += 1
    archive.add(sheet(index_rows(case_id, after=after, most=most, faults=sent.faults)), "索引.xlsx")
    yield from archive.finalize()


def index_rows(
    case_id: str,
    *,
    after: str = "",
    most: int | None = None,
    masked: bool = False,
    faults: dict[str, str] | None = None,
) -> Iterator[Sequence[str]]:
    """The index: a row of headings, and one for each letter. `masked`: for who may see how many, and not who."""
    yield HEADINGS
    for letter in _letters(case_id, after, most):
        name = str(letter.content["party"]["name"])
        note = (faults or {}).get(letter.number, "" if letter.pdf_key else NOT_MADE)
        yield (
            letter.number,
            guarded(mask_name(name) if masked else name),
            str(letter.content.get("case_number", "")),
            str(letter.version),
            STATES[LetterState(letter.state)],
            letter.pdf_sha256 or "",
            f"{in_china(letter.signed_at):%Y-%m-%d %H:%M:%S}",
            _file_name(letter),
            note,
        )


def is_letter_of(case_id: str, number: str) -> bool:
    """True for the number of a letter of this case, as the list of parts names it."""
    if not number.isascii() or not number.isprintable():
        return False
    query = select(Letter.id).where(Letter.case_id == case_id, Letter.number == number)
    return db.session.scalar(query.limit(1)) is not None


def _letters(case_id: str, after: str, most: int | None) -> Iterator[Letter]:
    """Letters in the order of their numbers, read in pages; no transaction is left open between them."""
    left = most
    while left is None or left > 0:
        query = select(Letter).where(Letter.case_id == case_id, Letter.number > after).order_by(Letter.number)
        page = db.session.scalars(query.limit(PAGE if left is None else min(PAGE, left))).all()
        db.session.expunge_all()
        db.session.rollback()
        if not page:
            return
        after, left = page[-1].number, None if left is None else left - len(page)
        yield from page


def _pdf(letter: Letter, store: ObjectStore, sent: Sent) -> bytes | None:
    """The file, or None with what is the matter noted: one bad file must not cost the other ninety thousand."""
    if letter.pdf_key is None:
        sent.faults[letter.number] = NOT_MADE
        return None
    try:
        pdf = open_file(letter.pdf_key, store=store)
    except (KeyError, CannotOpen):
        sent.faults[letter.number] = MISSING
        return None
    if hashlib.sha256(pdf).hexdigest() != letter.pdf_sha256:
        sent.faults[letter.number] = CHANGED
    return pdf


def _file_name(letter: Letter) -> str:
    safe = "".join(c if c.isalnum() or c == "-" else "-" for c in letter.number)
    return f"{'已作废/' if letter.state == LetterState.REPLACED else ''}{safe}-v{letter.version}.pdf"
