"""The letter's content: frozen facts from which the reading view, the preview and the PDF are made alike."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import segno
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.cases.models import Case, CasePayee
from webapp.cases.people import acts_for
from webapp.core.chinese_date import chinese_date
from webapp.core.clock import in_china
from webapp.core.db import db
from webapp.identity.models import Identity
from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.nationalities import country_name
from webapp.identity.words import document_name
from webapp.payee.models import Submission
from webapp.payee.queries import next_letter_version
from webapp.payee.rules.banks import bank_by_code
from webapp.payee.rules.cards import in_groups
from webapp.texts.models import TextKind, TextVersion
from webapp.texts.queries import current_text

DOCUMENT_NAMES = {
    DocumentType.RESIDENT_ID: "居民身份证",
    DocumentType.OVERSEAS_CHINESE_PASSPORT: "中华人民共和国护照",
    DocumentType.HK_MACAO_PERMIT: "港澳居民来往内地通行证",
    DocumentType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    DocumentType.FOREIGN_PERMANENT_RESIDENT: "外国人永久居留身份证",
    DocumentType.PASSPORT: "普通护照",
    DocumentType.RESIDENCE_PERMIT: "港澳台居民居住证",
}
"""The letter is always Chinese, whatever language its signer reads; another language may stand beside it."""

LABELS = {
    "number": _l("编号"),
    "party": _l("当事人"),
    "name": _l("姓名"),
    "document_type": _l("证件类型"),
    "document_number": _l("证件号码"),
    "nationality": _l("国籍或地区"),
    "phone": _l("联系电话"),
    "company": _l("代表单位"),
    "company_code": _l("统一社会信用代码"),
    "heir_of": _l("原权利人"),
    "account": _l("收款账户"),
    "holder": _l("户名"),
    "bank": _l("开户银行"),
    "branch": _l("开户支行"),
    "account_number": _l("收款账号"),
    "declarations": _l("确认与承诺"),
    "signer": _l("确认人（签名）"),
}
"""The letter's own words, for the language beside the Chinese."""

UNSHAPED = frozenset(("th", "hi"))
"""Scripts whose signs move by their neighbours: set one by one they would be broken, so English stands beside the Chinese."""
OTHERWISE = "en"
_VOWEL_SIGNS = re.compile("[\u064b-\u0652]")


def labels() -> dict[str, str]:
    """LABELS in the language that is being rendered."""
    return {name: _unvoweled(str(words)) for name, words in LABELS.items()}


def letter_companion_language(chosen: str) -> str | None:
    """The language that stands beside the Chinese for somebody who reads `chosen`; None for readers of Chinese."""
    if chosen.startswith("zh"):
        return None
    return OTHERWISE if chosen.split("_", maxsplit=1)[0] in UNSHAPED else chosen


def letter_content(
    case: Case, identity: Identity, submission: Submission, text: TextVersion, *, specimen: bool, now: datetime
) -> dict[str, Any]:
    """Everything that stands in the letter but its number and its signature."""
    bank = bank_by_code(submission.bank_code, include_specimen=specimen)
    acts = acts_for(db.session.get_one(CasePayee, submission.case_payee_id))
    party = {
        "name": identity.name,
        "document_type": DOCUMENT_NAMES[DocumentType(identity.document_type)],
        "document_number": identity.number,
        "nationality": country_name(identity.nationality, "zh_Hans"),
        "phone": submission.phone.removeprefix("+86"),
        "company": acts.company,
        "company_code": acts.company_code,
        "heir_of": "、".join(acts.heir_of),
    }
    account = {
        "holder": identity.name,
        "bank": bank.name if bank else submission.bank_code,
        "branch": submission.branch,
        "number_grouped": in_groups(submission.card_number),
    }
    return {
        "court_name": case.court,
        "case_number": case.number,
        "version": next_letter_version(submission.case_payee_id),
        "party": party,
        "account": account,
        "declarations": _declarations(text),
        "signed_on_chinese": chinese_date(in_china(now).date()),
    }


def companion_content(
    content: Mapping[str, Any],
    submission: Submission,
    identity: Identity,
    language: str,
    missing: Callable[[str], str],
    *,
    specimen: bool,
    now: datetime,
) -> dict[str, Any] | None:
    """What stands beside the Chinese in `language`, frozen with it; None where there is nothing to stand there.

    The declarations are there only where their translation has as many: one that is out of step would say another thing.
    A language that no font can draw gives way to English.
    """
    code = letter_companion_language(language)
    if code is None:
        return None
    text = current_text(TextKind.LETTER, code, now=now, exact=True)
    declarations = [_unvoweled(line) for line in _declarations(text)] if text is not None else []
    bank = bank_by_code(submission.bank_code, include_specimen=specimen)
    with force_locale(code):
        found = {
            "language": code,
            "title": _unvoweled(text.title) if text is not None else str(_("执行款收款账户确认书")),
            "document_type": document_name(identity.document_type),
            "nationality": country_name(identity.nationality, code),
            "bank": bank.title(code) if bank else "",
            "declarations": declarations if len(declarations) == len(content["declarations"]) else [],
            "signed_on": format_date(in_china(now).date(), format="long"),
            "prevails": str(_("确认书以中文为准。")),
        }
        words = "".join(str(word) for word in (*labels().values(), *found.values()))
    if not missing("".join(words.split())):
        return found
    if code == OTHERWISE:
        return None
    return companion_content(content, submission, identity, OTHERWISE, missing, specimen=specimen, now=now)


def verification_picture(address: str) -> bytes:
    """A QR code of the page that vouches for a letter, as a small PNG of black and white."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=0, scale=4)
    return out.getvalue()


def _unvoweled(text: str) -> str:
    """The same without the vowel signs that Arabic print does without; the letter's font has none."""
    return _VOWEL_SIGNS.sub("", text)


def _declarations(text: TextVersion) -> list[str]:
    return [line.strip() for line in text.body.split("\n\n") if line.strip()]


def texts_in(content: dict[str, Any]) -> str:
    """Every word of a letter in one string, for asking whether a font can draw it."""
    parts = [
        content["court_name"],
        content["case_number"],
        *content["party"].values(),
        *content["account"].values(),
        *content["declarations"],
    ]
    return "".join(str(part) for part in parts)
