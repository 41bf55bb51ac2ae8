"""The names of the texts and their states."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.notices.words import WORDS, names, template_of
from webapp.texts.models import TextKind, message_kind
from webapp.wording.models import DraftState
from webapp.wording.rules import PLACEHOLDER

LEGAL = {
    TextKind.RULES: _l("诉讼规程"),
    TextKind.FACE: _l("人脸识别授权书"),
    TextKind.NOTICE: _l("签名告知书"),
    TextKind.PRIVACY: _l("隐私政策"),
    TextKind.LETTER: _l("账户确认书的声明"),
}
MESSAGES = {
    "review_refused": _l("身份审核未通过"),
    "review_approved": _l("身份审核通过"),
    "immigration_refused": _l("移民局没有核实"),
    "immigration_agreed": _l("移民局已核实"),
    "identity_proved": _l("身份认证完成"),
    "identity_elsewhere": _l("证件号码在别处认证"),
    "letter_signed": _l("确认书已签署"),
    "account_returned": _l("收款账户被退回"),
    "account_accepted": _l("收款账户已接受"),
    "correction_unsigned": _l("更正的账户还没有签名"),
    "payment_paid": _l("案款已发放"),
    "payment_returned": _l("案款被退回"),
    "payment_again": _l("案款将再次发放"),
    "reminder": _l("提醒登记收款账户"),
    "counter_opened": _l("法院柜台打开了账户"),
    "counter_unproved": _l("法院柜台没有验证手机就打开了账户"),
}
STATES = {
    DraftState.WAITING: (_l("等待批准"), "todo"),
    DraftState.APPROVED: (_l("已批准"), "ok"),
    DraftState.REFUSED: (_l("已退回"), "bad"),
    DraftState.WITHDRAWN: (_l("已撤回"), "wait"),
}


def legal_kinds() -> list[str]:
    """The kinds of texts that people agree to or sign."""
    return [kind.value for kind in LEGAL]


def message_kinds() -> list[str]:
    """The kinds of messages that are sent."""
    return [message_kind(kind) for kind in WORDS]


def languages_of(kind: str, all_languages: list[str]) -> list[str]:
    """The languages that a text is kept in; what is signed for the court's file is Chinese alone."""
    return ["zh_Hans"] if kind == TextKind.LETTER else all_languages


def kind_name(kind: str) -> str:
    """What a text is called at the desk."""
    if kind in set(TextKind):
        return str(LEGAL[TextKind(kind)])
    message = kind.removeprefix("message.")
    return str(MESSAGES.get(message, message))


def placeholders_of(kind: str) -> list[str]:
    """What the words of a message may have filled in: what the product's own have, and the platform's name."""
    own = PLACEHOLDER.findall(template_of(kind.removeprefix("message."), "zh_Hans"))
    return sorted({*own, "platform"})


def sample_facts() -> Mapping[str, str]:
    """Made-up facts, to show what a message will look like."""
    return {
        "name": str(_("王小明")),
        "time": "2026-01-05 10:00:00",
        "reason": str(_("证件照片不清楚。")),
        "case": "（2023）粤0399执1234号",
        "number": "2023-1234-000001",
        "platform": names().platform,
        "amount": "12000.00",
        "court": names().signature,
    }
