"""What stands on an evidence screen: everything that is known about one item, put together for a clerk's eyes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.accounts.models import Clerk
from webapp.accounts.queries import OfCourts, may_see_court
from webapp.cases.counter import reasons_of
from webapp.cases.models import Case, CasePayee
from webapp.cases.people import acts_for
from webapp.cases.queries import may_see_person
from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.docket.models import DocketFlag, DocketItem, Flag, ItemKind
from webapp.docket.queries import faces_before, flags_of, item_of
from webapp.evidence.models import Photo
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import earlier_tries, standing_records
from webapp.identity.rules.nationalities import country_name
from webapp.identity.words import STEPS, document_name, reason_text
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.queries import returned_to
from webapp.ledger.words import reason_words
from webapp.payee.models import Submission
from webapp.payee.queries import money_back
from webapp.payee.rules.banks import bank_by_code
from webapp.payee.words import acts_for_rows, return_text, verdict_words
from webapp.ports.account_check import AccountVerdict
from webapp.review.evidence import (
    Compared,
    Said,
    compared_card,
    compared_document,
    compared_face,
    compared_plain,
    compared_register,
    read_fields,
    with_said,
)
from webapp.review.queries import photos_by_id, waits
from webapp.review.words import FLAGS, INSISTED, authority_said, bank_said, bank_words, doubt_text


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo to look at, or (`film`) a video."""

    photo_id: str
    title: str
    film: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier try: when, what, and what became of it. `item_id`: its own screen, where there is one."""

    at: Any
    what: str
    words: str
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd, in words, with whom it concerns (masked) and their item's id, where there is one."""

    flag: str
    words: str
    other: str = ""
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """One item. `look`: which record the audit chain says was looked at. `faces`: the live face and the portrait."""

    name: str
    about: Sequence[str]
    look: tuple[str, str]
    account_id: str
    rows: Sequence[Compared]
    pictures: Sequence[Picture]
    faces: Sequence[Picture]
    doubts: Sequence[str]
    past: Sequence[Past]
    warned: Sequence[Warned]
    waiting: bool
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def differing(self) -> int:
        """How many rows disagree."""
        return sum(row.verdict == "no" for row in self.rows)


def screen_of(item: DocketItem, *, today: date, language: str, specimen: bool, clerk: OfCourts) -> Screen | None:
    """The screen of an item for this clerk; None when its payee has taken back what stood on it."""
    if item.kind == ItemKind.IDENTITY:
        return _identity(item, today=today, language=language, clerk=clerk)
    return _account(item, today=today, language=language, specimen=specimen, clerk=clerk)


def _identity(item: DocketItem, *, today: date, language: str, clerk: OfCourts) -> Screen | None:
    record = db.session.get_one(StepRecord, item.subject_id)
    verification = db.session.get_one(Verification, record.verification_id)
    records = standing_records(verification.id)
    if record.superseded_at is not None or not {"document", "evidence", "video"} <= set(records):
        return None
    document, evidence, video = (records[step].answer for step in ("document", "evidence", "video"))
    photos = photos_by_id([*evidence["photos"].values()])
    rows = compared_document(document, read_fields(list(photos.values())), today=today)
    rows.append(compared_face(evidence.get("likeness") or video.get("likeness")))
    portrait = evidence["photos"].get("data_page") or evidence["photos"].get("front")
    titles = {"front": _("证件正面"), "back": _("证件背面"), "data_page": _("护照资料页")}
    pictures = [Picture(photo_id, titles[name]) for name, photo_id in evidence["photos"].items()]
    return Screen(
        name=document["name"],
        about=(
            document_name(verification.document_type), country_name(document["nationality"], language), evidence["court"],
        ),
        look=("verification", verification.id),
        account_id=verification.account_id,
        rows=with_said(rows, _said_of(verification.id)),
        pictures=[*pictures, Picture(video["video"], _("人脸视频"), film=True)],
        faces=_pair(video.get("still"), portrait),
        doubts=[doubt_text(r["doubt"]) for r in (evidence, video) if r.get("doubt")],
        past=[*_past_of(verification.id, record.id), *_faces_before(verification.id, clerk)],
        warned=[*_insisted({**document.get("insisted", {}), **evidence.get("insisted", {})}), *_warned(clerk, item, verification.id)],
        waiting=record.state == "answered",
    )  # fmt: skip


def _account(item: DocketItem, *, today: date, language: str, specimen: bool, clerk: OfCourts) -> Screen:
    submission = db.session.get_one(Submission, item.subject_id)
    person, case = db.session.get_one(Identity, submission.identity_id), db.session.get_one(Case, submission.case_id)
    front, back, card = submission.front_photo_id, submission.back_photo_id, submission.card_photo_id
    photos = photos_by_id([front, back, card])
    read = read_fields([photos[i] for i in (front, back) if i in photos])
    typed = {"name": person.name, "number": person.number, "nationality": person.nationality}
    entry = db.session.get_one(CasePayee, submission.case_payee_id)
    bank = bank_by_code(submission.bank_code, include_specimen=specimen)
    rows = [
        *compared_document(typed, read, today=today),
        compared_face(submission.likeness),
        compared_register(entry.name, person.name),
        compared_card(submission.card_number, _card_read(photos.get(card or ""))),
        compared_plain(
            _("开户银行"), f"{bank.title(language) if bank else submission.bank_code} {submission.branch}", "bank"
        ),
        compared_plain(_("预留手机号"), submission.phone, "phone"),
    ]
    titled = ((front, _("证件正面")), (back, _("证件背面")), (card, _("银行卡")))
    others = _warned(clerk, item, item.thread, person.verification_id)
    return Screen(
        name=person.name,
        about=(document_name(person.document_type), case.number, case.title),
        look=("submission", submission.id),
        account_id=submission.account_id,
        rows=with_said(rows, bank_said(AccountVerdict(submission.verdict)) if submission.verdict else {}),
        pictures=[Picture(photo_id, title) for photo_id, title in titled if photo_id],
        faces=_pair(person.face_photo_id, front),
        doubts=[],
        past=_versions_of(submission),
        warned=[*_insisted(submission.insisted.split()), *_helped(submission), *_given_back(submission), *others],
        waiting=waits(submission),
        facts=(*acts_for_rows(acts_for(entry)), (_("应得金额"), f"{entry.amount / 100:,.2f}"), (_("银行核验"), bank_words(submission.verdict))),
    )  # fmt: skip


def _pair(live: str | None, portrait: str | None) -> list[Picture]:
    return [Picture(live, _("现场的脸")), Picture(portrait, _("证件上的脸"))] if live and portrait else []


def _card_read(photo: Photo | None) -> str:
    return str((photo.reading or {}).get("number") or "") if photo is not None else ""


def _said_of(verification_id: str) -> Mapping[str, Said]:
    """What an authority answered last in this verification, whether or not it was handed to a clerk afterwards."""
    for step in ("immigration", "face"):
        decided = next((r for r in earlier_tries(verification_id, step) if r.decided_by == "system:worker"), None)
        if decided is not None and (said := authority_said(decided.step, decided.state, decided.reason)):
            return said
    return {}


def _past_of(verification_id: str, besides: str) -> list[Past]:
    """Everything that was decided on in this verification before, the newest first."""
    found = []
    for step in ("court_review", "immigration", "video", "face", "evidence"):
        for record in earlier_tries(verification_id, step):
            if record.id == besides or record.decided_at is None or (record.reason is None and step != "court_review"):
                continue
            known = item_of(record.id)
            words = reason_text(record.reason, record.reason_words) or _("通过")
            found.append(Past(record.decided_at, str(STEPS[step]), words, known.id if known else ""))
    return sorted(found, key=lambda past: past.at, reverse=True)[:12]


def _faces_before(thread: str, clerk: OfCourts) -> list[Past]:
    """Whose face an earlier film showed as well; the newest film shows another."""
    found = []
    for flag in faces_before(thread):
        name = _name_of_other(flag.other, clerk)
        item_id = _newest_item(flag.other, clerk) if name is not None else ""
        whose = _("其他法院的当事人") if name is None else name
        found.append(Past(flag.found_at, _("以前的人脸视频"), f"{FLAGS[Flag.SAME_FACE]}: {whose}", item_id))
    return found


def _versions_of(submission: Submission) -> list[Past]:
    """The earlier accounts of the same entry, the newest first."""
    query = db.session.query(Submission).filter(Submission.case_payee_id == submission.case_payee_id)
    earlier = query.filter(Submission.id != submission.id).order_by(Submission.version.desc()).limit(12).all()
    payments = returned_to([one.id for one in earlier])
    return [
        Past(
            one.submitted_at, _("第 %(n)s 版", n=one.version),
            returned_words(payments[one.id]) if one.id in payments
            else return_text(one.reason, one.reason_words) or verdict_words(one.verdict),
            known.id if (known := item_of(one.id)) else "",
        )
        for one in earlier
    ]  # fmt: skip


def returned_words(line: PayoutLine) -> str:
    """How a payment came back: in which batch, why by the table of reasons, and in the bank's own words."""
    batch = db.session.get_one(PayoutBatch, line.batch_id)
    reason = reason_words(line.reason or "OTHER")
    told = str(_("批次 %(code)s 的付款被银行退回：%(reason)s", code=batch.code, reason=reason))
    return told + (str(_("（银行原文：%(said)s）", said=line.bank_words)) if line.bank_words else "")


def _given_back(submission: Submission) -> list[Warned]:
    """That the bank gave money back from this very account, and when; its payee has confirmed it as it stands."""
    line = money_back(submission.case_payee_id, submission.card_hash)
    if line is None:
        return []
    when = f"{in_china(line.settled_at):%Y-%m-%d %H:%M} · " if line.settled_at else ""
    since = _("当事人确认这个账户现在可以收款")
    confirmed = "" if line.submission_id == submission.id else f" · {since}"
    return [Warned(Flag.MONEY_BACK, f"{FLAGS[Flag.MONEY_BACK]} · {when}{returned_words(line)}{confirmed}")]


def _helped(submission: Submission) -> list[Warned]:
    """Who sat beside the payee at the counter, and why that was begun without a code to the payee's phone."""
    clerk = db.session.get(Clerk, submission.helped_by) if submission.helped_by else None
    beside = [Warned(Flag.AT_COUNTER, str(FLAGS[Flag.AT_COUNTER]), clerk.display_name)] if clerk else []
    return [*beside, *([_unproved(submission.unproved_visit)] if submission.unproved_visit else [])]


def _unproved(visit_id: str) -> Warned:
    clerk, reason = reasons_of([visit_id])[visit_id]
    return Warned(
        Flag.WITHOUT_PHONE, str(FLAGS[Flag.WITHOUT_PHONE]), _("%(reason)s（%(name)s）", reason=reason, name=clerk)
    )


def _insisted(names: Iterable[str]) -> list[Warned]:
    """What the payee was asked about because it was read otherwise, and has confirmed as typed."""
    return [Warned(Flag.INSISTED, str(FLAGS[Flag.INSISTED]), str(INSISTED[name])) for name in names]


def _warned(clerk: OfCourts, item: DocketItem, *threads: str) -> list[Warned]:
    found = [_about_other(flag, clerk) for flag in flags_of(*threads)]
    about_itself = (flag for flag in (Flag.OTHER_NUMBER, Flag.CORRECTION) if flag in item.flag_list)
    return [*(Warned(flag, str(FLAGS[flag])) for flag in about_itself), *found]


def _about_other(flag: DocketFlag, clerk: OfCourts) -> Warned:
    """Whom else a flag is about: the name alone, and the way to their item; of another court's payee not even that."""
    if flag.flag == Flag.WITHOUT_PHONE:
        return _unproved(flag.other.removeprefix("visit:"))
    words = str(FLAGS[Flag(flag.flag)])
    if flag.score is not None:
        words += f" · {flag.score:.2f}"
    if not flag.other:
        return Warned(flag.flag, words)
    name = _name_of_other(flag.other, clerk)
    if name is None:
        return Warned(flag.flag, words, _("其他法院的当事人"))
    return Warned(flag.flag, words, name, _newest_item(flag.other, clerk))


def _name_of_other(thread: str, clerk: OfCourts) -> str | None:
    """Whose thread this is; None for somebody whom the clerk may not see."""
    if thread.startswith("entry:"):
        entry = db.session.get(CasePayee, int(thread.removeprefix("entry:")))
        seen = entry is not None and may_see_court(clerk, db.session.get_one(Case, entry.case_id).court)
        return entry.name if entry is not None and seen else None
    verification = db.session.get(Verification, thread)
    if verification is None or not may_see_person(clerk, verification.account_id):
        return None
    document = standing_records(thread).get("document")
    return document.answer["name"] if document else ""


def _newest_item(thread: str, clerk: OfCourts) -> str:
    query = select(DocketItem.id).where(DocketItem.thread == thread, DocketItem.court.in_(clerk.courts))
    return db.session.scalar(query.order_by(DocketItem.since.desc()).limit(1)) or ""
