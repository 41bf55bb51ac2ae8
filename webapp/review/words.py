"""The desk's own codes in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Role
from webapp.identity.words import REASONS, reason_text
from webapp.ports.face_checker import Likeness

ROLES = {
    Role.REVIEWER: _l("审核员"),
    Role.MANAGER: _l("管理员"),
    Role.AUDITOR: _l("审计员"),
    Role.ADMINISTRATOR: _l("系统管理员"),
}

LIKENESS = {
    Likeness.AGREE: (_l("一致"), "yes"),
    Likeness.UNSURE: (_l("拿不准，请看照片"), "unread"),
    Likeness.DIFFER: (_l("不一致"), "no"),
    Likeness.NO_FACE: (_l("没有找到人脸"), "unread"),
}

COURT_REASONS = {code: words for code, words in REASONS.items() if code.startswith("court:")}
"""What a clerk may refuse an identity for; the words go out by SMS."""


def doubt_text(doubt: str) -> str:
    """Why a verification was handed to a clerk: a fault of a photo that stood after two tries, or the faces."""
    if doubt.startswith("likeness:"):
        return str(_l("视频里的脸与证件照片：%(likeness)s", likeness=LIKENESS[Likeness(doubt.split(":")[1])][0]))
    return reason_text(doubt)
