"""What was typed beside what machines read, with agree, differ or unread for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from webapp.evidence.models import Photo
from webapp.identity.rules.documents import normalise
from webapp.identity.rules.names import NameLikeness, same_name
from webapp.ports.face_checker import Likeness
from webapp.review.words import LIKENESS

SHORT_CODES = {"D": "DEU", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR"}
"""Nationalities as an MRZ writes them, where that isn't ISO 3166 (ICAO Doc 9303 part 3, section 5)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of the evidence table: what was typed, what was read, and whether they agree."""

    name: str
    typed: str
    read: str
    verdict: str
    words: str


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
            )
        )
    else:
        rows.append(Compared(_("有效期"), "", "", "unread", _("没有读出")))
    return rows


def _name(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("姓名"), typed, "", "unread", _("没有读出"))
    likeness = same_name(typed, read)
    words = {
        NameLikeness.EXACT: _("一致"),
        NameLikeness.CLOSE: _("写法不同，基本一致"),
        NameLikeness.DIFFERENT: _("不一致"),
    }
    return Compared(_("姓名"), typed, read, "no" if likeness is NameLikeness.DIFFERENT else "yes", words[likeness])


def compared_register(named: str, proved: str) -> Compared:
    """Whom the register names under this number, beside whom the verification proved."""
    row = _name(proved, named)
    return replace(row, name=_("登记册姓名"))


def _number(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("证件号码"), typed, "", "unread", _("没有读出"))
    same = normalise(typed) == normalise(read)
    return Compared(_("证件号码"), typed, read, "yes" if same else "no", _("一致") if same else _("不一致"))


def _nationality(typed: str, read: str) -> Compared:
    if not read:
        return Compared(_("国籍"), typed, "", "unread", _("没有读出"))
    same = typed == SHORT_CODES.get(read, read)
    return Compared(_("国籍"), typed, read, "yes" if same else "no", _("一致") if same else _("不一致"))


def compared_face(likeness: dict[str, Any] | None) -> Compared:
    """The live face beside the document's portrait, as the machine sees it."""
    if not likeness:
        return Compared(_("人脸"), "", "", "unread", _("没有比对"))
    words, verdict = LIKENESS[Likeness(likeness["likeness"])]
    similarity = likeness.get("similarity")
    return Compared(
        _("人脸"),
        _("视频或自拍"),
        _("证件照片"),
        verdict,
        f"{words}" + (f" · {similarity:.2f}" if similarity is not None else ""),
    )
