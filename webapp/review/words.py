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


JOBS = {
    "check_face": _l("核对人脸"),
    "check_evidence": _l("识别证件照片"),
    "check_video": _l("检查人脸视频"),
    "ask_immigration": _l("向出入境管理机构核验"),
    "check_account": _l("向银行核实账户"),
    "read_card": _l("识别银行卡号"),
    "make_letter": _l("生成确认书"),
    "send_sms": _l("发送短信"),
    "send_push": _l("发送手机提醒"),
}
"""The worker's jobs, as the desk names them."""
