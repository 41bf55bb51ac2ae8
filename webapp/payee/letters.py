"""The letter's content: frozen facts from which the reading view, the preview and the PDF are made alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.cases.models import Case
from webapp.core.chinese_date import chinese_date
from webapp.core.clock import in_china
from webapp.identity.models import Identity
from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.nationalities import country_name
from webapp.payee.models import Submission
from webapp.payee.rules.banks import bank_by_code
from webapp.payee.rules.cards import in_groups
from webapp.texts.models import TextVersion

DOCUMENT_NAMES = {
    DocumentType.RESIDENT_ID: "居民身份证",
    DocumentType.OVERSEAS_CHINESE_PASSPORT: "中华人民共和国护照",
    DocumentType.HK_MACAO_PERMIT: "港澳居民来往内地通行证",
    DocumentType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    DocumentType.FOREIGN_PERMANENT_RESIDENT: "外国人永久居留身份证",
    DocumentType.PASSPORT: "普通护照",
    DocumentType.RESIDENCE_PERMIT: "港澳台居民居住证",
}
"""The letter is always Chinese, whatever language its signer reads."""


def letter_content(
    case: Case, identity: Identity, submission: Submission, text: TextVersion, *, specimen: bool, now: datetime
) -> dict[str, Any]:
    """Everything that stands in the letter but its number and its signature."""
    bank = bank_by_code(submission.bank_code, include_specimen=specimen)
    party = {
        "name": identity.name,
        "document_type": DOCUMENT_NAMES[DocumentType(identity.document_type)],
        "document_number": identity.number,
        "nationality": country_name(identity.nationality, "zh_Hans"),
        "phone": submission.phone.removeprefix("+86"),
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
        "version": submission.version,
        "party": party,
        "account": account,
        "declarations": [line.strip() for line in text.body.split("\n\n") if line.strip()],
        "signed_on_chinese": chinese_date(in_china(now).date()),
    }


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
