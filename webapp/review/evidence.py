"""What was typed beside what machines read and what an authority said, with agree, differ or unread for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.masking import mask_card, mask_number, mask_phone
from webapp.evidence.models import Photo
from webapp.identity.rules.documents import normalise
from webapp.identity.rules.names import NameLikeness, same_name, same_script
from webapp.payee.rules.cards import in_groups
from webapp.ports.face_checker import Likeness

LIKENESS = {
    Likeness.AGREE: (_l("一致"), "yes"),
    Likeness.UNSURE: (_l("拿不准，请看照片"), "unread"),
    Likeness.DIFFER: (_l("不一致"), "no"),
    Likeness.NO_FACE: (_l("没有找到人脸"), "unread"),
}
SHORT_CODES = {"D": "DEU", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR"}
"""Nationalities as an MRZ writes them, where that isn't ISO 3166 (ICAO Doc 9303 part 3, section 5)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of the evidence table: typed, read by a machine, said by an authority, and whether they agree.

    `key` is what the row is about; `hides`: it holds a number that is masked until somebody asks to see it.
    """

    name: str
    typed: str
    read: str
    verdict: str
    words: str
    key: str = ""
    said: str = ""
    hides: bool = False
    said_verdict: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What an authority answered about one thing: `verdict` yes, no or unread."""

    verdict: str
    words: str


def with_said(rows: Sequence[Compared], said: Mapping[str, Said]) -> list[Compared]:
    """The rows with an authority's answers; where it says no, the row differs whatever a photo shows."""
    found = []
    for row in rows:
        answer = said.get(row.key)
        if answer is None:
            found.append(row)
            continue
        worse = "no" if "no" in (row.verdict, answer.verdict) else row.verdict
        found.append(replace(row, said=answer.words, said_verdict=answer.verdict, verdict=worse))
    return found


MASKS = {"card": lambda text: mask_card(text.replace(" ", "")), "phone": mask_phone}
"""How a number is masked, by its row; document numbers as everywhere."""


def masked(rows: Sequence[Compared]) -> list[Compared]:
    """The rows with numbers hidden but for their ends; whether they agree is told all the same."""
    return [_masked(row) if row.hides else row for row in rows]


def _masked(row: Compared) -> Compared:
    mask = MASKS.get(row.key, mask_number)
    return replace(row, typed=mask(row.typed) if row.typed else "", read=mask(row.read) if row.read else "")


def read_fields(photos: Sequence[Photo]) -> dict[str, str]:
    """What machines read off the document's photos, all sides together."""
    found: dict[str, str] = {}
    for photo in photos:
        found.update((photo.reading or {}).get("fields", {}))
    return found


def compared_document(typed: dict[str, Any], read: dict[str, str], *, today: date) -> list[Compared]:
    """Typed beside read: name, number, nationality, and the expiry date that only the photo has."""
    rows = [_name(typed["name"], read.get("name", "")), _number(typed["number"], read.get("number", ""))]
    rows.append(_nationality(typed["nationality"], read.get("nationality", "")))
    expiry = read.get("expiry_date", "")
    if expiry:
        gone = expiry < today.isoformat()
        rows.append(
            Compared(
                _("有效期"),
                "",
                _("长期") if expiry == "9999-12-31" else expiry,
                "no" if gone else "yes",
                _("已过期") if gone else _("有效"),
                "expiry",
            )
        )
    else:
        rows.append(Compared(_("有效期"), "", "", "unread", _("没有读出"), "expiry"))
    return rows


def _name(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("姓名"), typed, "", "unread", _("没有读出"), "name")
    if not same_script(typed, read):
        return Compared(_("姓名"), typed, read, "unread", _("文字不同，请看照片"), "name")
    likeness = same_name(typed, read)
    words = {
        NameLikeness.EXACT: _("一致"),
        NameLikeness.CLOSE: _("写法不同，基本一致"),
        NameLikeness.DIFFERENT: _("不一致"),
    }
    verdict = "no" if likeness is NameLikeness.DIFFERENT else "yes"
    return Compared(_("姓名"), typed, read, verdict, words[likeness], "name")


def compared_register(named: str, proved: str) -> Compared:
    """Whom the register names under this number, beside whom the verification proved."""
    row = _name(proved, named)
    return replace(row, name=_("登记册姓名"), key="register")


def compared_card(typed: str, read: str) -> Compared:
    """The card number that was typed beside the one read off its photo."""
    return _numbers(_("银行卡号"), in_groups(typed), in_groups(read), "card")


def compared_plain(name: str, typed: str, key: str) -> Compared:
    """A row that no photo tells anything about."""
    return Compared(name, typed, "", "unread", "", key, hides=key == "phone")


def _number(typed: str, read: str) -> Compared:
    return _numbers(_("证件号码"), typed, read, "number")


def _numbers(name: str, typed: str, read: str, key: str) -> Compared:
    if not read:
        return Compared(name, typed, "", "unread", _("没有读出"), key, hides=True)
    same = normalise(typed) == normalise(read)
    return Compared(name, typed, read, "yes" if same else "no", _("一致") if same else _("不一致"), key, hides=True)


def _nationality(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("国籍"), typed, "", "unread", _("没有读出"), "nationality")
    same = typed == SHORT_CODES.get(read, read)
    verdict, words = ("yes", _("一致")) if same else ("no", _("不一致"))
    return Compared(_("国籍"), typed, read, verdict, words, "nationality")


def compared_face(likeness: dict[str, Any] | None) -> Compared:
    """The live face beside the document's portrait, as the machine sees it."""
    if not likeness:
        return Compared(_("人脸"), "", "", "unread", _("没有比对"), "face")
    words, verdict = LIKENESS[Likeness(likeness["likeness"])]
    similarity = likeness.get("similarity")
    return Compared(
        _("人脸"),
        _("视频或自拍"),
        _("证件照片"),
        verdict,
        f"{words}" + (f" · {similarity:.2f}" if similarity is not None else ""),
        "face",
    )
