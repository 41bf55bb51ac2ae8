"""The evidence sheet of a letter: everything that shows who signed it, how that was proved, and that nothing was changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import or_, select

from webapp.accounts.models import Phone, WebSession
from webapp.cases.models import Case
from webapp.core import audit
from webapp.core.audit import AuditEntry
from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.identity.models import Identity, ReservedSignature, StepRecord
from webapp.identity.words import STEPS
from webapp.payee.models import Letter, Submission
from webapp.payee.words import verdict_words
from webapp.ports.letter_renderer import LetterRenderer
from webapp.texts.models import Consent, TextVersion

MOST_ROWS = 400
"""Of the audit chain, so that a payee who came a thousand times still has a sheet; the last ones are kept."""
UNDRAWN = "〓"  # what printers set for a character that they lack
STATES = {"signing": "生成中", "current": "有效", "replaced": "已作废"}
STEP_STATES = {"answered": "已提交", "accepted": "已通过", "returned": "已退回", "running": "处理中"}
TEXTS = {
    "rules": "在线诉讼规程",
    "face": "人脸信息处理同意书",
    "notice": "告知书",
    "privacy": "隐私政策",
    "letter": "执行款收款账户确认书",
}
PHOTOS = {
    "face": "人脸照片", "face_video": "人脸视频", "resident_front": "证件人像面", "resident_back": "证件国徽面",
    "permit_front": "证件正面", "permit_back": "证件背面", "data_page": "护照资料页", "bank_card": "银行卡",
}  # fmt: skip


def sheet_content(letter: Letter, *, number: str, now: datetime) -> dict[str, Any]:
    """All that the sheet shows, in Chinese, as it is known at this moment."""
    submission = db.session.get_one(Submission, letter.submission_id)
    identity = db.session.get_one(Identity, submission.identity_id)
    signature = db.session.get_one(ReservedSignature, letter.signature_id)
    text, case = db.session.get_one(TextVersion, letter.text_id), db.session.get_one(Case, letter.case_id)
    records = _records(identity)
    photos = _photos(identity, submission, records)
    subjects = [letter.id, submission.id, signature.id, identity.id, identity.verification_id, *(p.id for p in photos)]
    subjects += [record.id for record in records]
    with force_locale("zh_Hans"):
        return {
            "number": number,
            "court": case.court,
            "made_at": moment(now),
            "case_number": case.number,
            "letter": _letter_rows(letter, text),
            "person": _person_rows(letter, identity),
            "account": _account_rows(letter, submission),
            "consents": _consent_rows(letter),
            "steps": [_step_row(record) for record in records],
            "signature": _signature_rows(signature),
            "devices": _device_rows(letter),
            "photos": [(PHOTOS.get(p.kind, p.kind), moment(p.taken_at), str(p.size), p.sha256) for p in photos],
            "audit": [_audit_row(row) for row in _audit_rows(letter.account_id, subjects)],
            "head": _head(),
        }


def drawable(html: str, renderer: LetterRenderer) -> str:
    """The same with a mark for each character that no font has: what a browser calls itself must not stop a sheet."""
    for character in renderer.missing(html):
        html = html.replace(character, UNDRAWN)
    return html


def moment(at: datetime | None) -> str:
    """To the second, by China's clock."""
    return f"{in_china(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _letter_rows(letter: Letter, text: TextVersion) -> list[tuple[str, str]]:
    return [
        ("编号", letter.number),
        ("版本", str(letter.version)),
        ("状态", STATES[letter.state]),
        ("签署时间", moment(letter.signed_at)),
        ("文件生成时间", moment(letter.made_at)),
        ("失效时间", moment(letter.replaced_at)),
        ("核验码", letter.verification_code),
        ("文件 SHA-256", letter.pdf_sha256 or ""),
        ("文本版本", f"第 {text.version} 版"),
        ("文本 SHA-256", text.sha256),
    ]


def _person_rows(letter: Letter, identity: Identity) -> list[tuple[str, str]]:
    phone = db.session.get_one(Phone, identity.phone_id)
    party = letter.content["party"]
    return [
        ("姓名", identity.name),
        ("证件类型", party["document_type"]),
        ("证件号码", identity.number),
        ("国籍或地区", party["nationality"]),
        ("身份认证完成时间", moment(identity.proved_at)),
        ("已验证手机号", phone.number),
        ("手机号验证时间", moment(phone.proved_at)),
    ]


def _account_rows(letter: Letter, submission: Submission) -> list[tuple[str, str]]:
    account = letter.content["account"]
    likeness = submission.likeness or {}
    return [
        ("户名", account["holder"]),
        ("开户银行", account["bank"]),
        ("开户支行", account["branch"]),
        ("收款账号", account["number_grouped"]),
        ("提交时间", moment(submission.submitted_at)),
        ("银行核验结果", verdict_words(submission.verdict)),
        ("银行核验流水号", submission.reference or ""),
        ("银行核验时间", moment(submission.checked_at)),
        ("证件照片与认证人脸", f"{likeness['likeness']} {likeness.get('similarity') or ''}" if likeness else ""),
        ("工作人员处理时间", moment(submission.decided_at)),
    ]


def _consent_rows(letter: Letter) -> list[tuple[str, ...]]:
    given = select(Consent, TextVersion).join(TextVersion, TextVersion.id == Consent.text_id)
    given = given.where(Consent.account_id == letter.account_id, Consent.about.in_(("", letter.case_id)))
    return [
        (
            TEXTS.get(text.kind, text.kind),
            f"第 {text.version} 版（{text.language}）",
            moment(consent.given_at),
            text.sha256,
        )
        for consent, text in db.session.execute(given.order_by(Consent.given_at))
    ]


def _records(identity: Identity) -> Sequence[StepRecord]:
    query = select(StepRecord).where(StepRecord.verification_id == identity.verification_id)
    return db.session.scalars(query.order_by(StepRecord.answered_at, StepRecord.id)).all()


def _step_row(record: StepRecord) -> tuple[str, ...]:
    title = str(STEPS.get(record.step, record.step))
    state = STEP_STATES.get(record.state, record.state)
    reason = f"（{record.reason}）" if record.reason else ""
    verdict = f"{state}{reason}{'，后已重做' if record.superseded_at else ''}"
    return title, moment(record.answered_at), verdict, moment(record.decided_at), record.reference or ""


def _signature_rows(signature: ReservedSignature) -> list[tuple[str, str]]:
    return [
        ("预留时间", moment(signature.signed_at)),
        ("方式", "手写" if signature.made_by == "drawn" else "本人输入的姓名，代替手写"),
        ("笔迹 SHA-256", signature.strokes_sha256),
    ]


def _device_rows(letter: Letter) -> list[tuple[str, str]]:
    """Browsers in which the payee was signed in up to the signature, each once."""
    query = select(WebSession.browser, WebSession.created_at).where(
        WebSession.account_id == letter.account_id, WebSession.created_at <= letter.signed_at
    )
    return [(moment(at), browser) for browser, at in db.session.execute(query.order_by(WebSession.created_at))]


def _photos(identity: Identity, submission: Submission, records: Sequence[StepRecord]) -> Sequence[Photo]:
    ids = {identity.face_photo_id, submission.front_photo_id, submission.back_photo_id, submission.card_photo_id}
    for record in records:
        ids.update(record.answer.get("photos", {}).values())
        ids.update(record.answer.get(name) for name in ("video", "still", "photo"))
    wanted = [photo_id for photo_id in ids if isinstance(photo_id, str)]
    return db.session.scalars(select(Photo).where(Photo.id.in_(wanted)).order_by(Photo.taken_at, Photo.id)).all()


def _audit_rows(account_id: str, subjects: Sequence[str]) -> Sequence[AuditEntry]:
    about = or_(AuditEntry.subject_id.in_([*subjects, account_id]), AuditEntry.actor_id == account_id)
    rows = db.session.scalars(select(AuditEntry).where(about).order_by(AuditEntry.id.desc()).limit(MOST_ROWS)).all()
    return rows[::-1]


def _audit_row(row: AuditEntry) -> tuple[str, ...]:
    return str(row.id), moment(row.at), f"{row.actor_kind} {row.actor_id}", row.action, row.subject_id, row.hash.hex()


def _head() -> str:
    latest = db.session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    return (latest or audit.GENESIS).hex()
