"""The words of each message, in the reader's language; the refusal of a review is the manual's own.

A deployment's texts are versions in the database (`flask texts publish` puts these words there); what stands here is
said where none was published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.sms.rules import LONGEST
from webapp.texts.queries import message_template

Facts = Mapping[str, str]

WORDS: Mapping[str, Any] = {
    "review_refused": _l(
        "%(name)s，您在 %(time)s 提交的身份信息审核未通过，详情：%(reason)s 请进入%(platform)s重新进行身份认证。"
    ),
    "review_approved": _l("%(name)s，您提交的身份信息已审核通过。请进入%(platform)s完成预留签名。"),
    "immigration_refused": _l(
        "%(name)s，移民管理局没有核实您在 %(time)s 提交的证件信息，详情：%(reason)s 请进入%(platform)s重新填写。"
    ),
    "immigration_agreed": _l("%(name)s，您的证件信息已核实。请进入%(platform)s完成预留签名。"),
    "identity_proved": _l("%(name)s，您的身份认证已完成。请进入%(platform)s查看与您有关的案件。"),
    "identity_elsewhere": _l(
        "%(name)s，您的证件号码刚刚在另一个账户上通过了身份认证。如非本人操作，请立即拨打法院电话。"
    ),
    "letter_signed": _l(
        "%(name)s，您已签署%(case)s一案的执行款收款账户确认书，编号 %(number)s。如非本人操作，请立即拨打法院电话。"
    ),
    "account_returned": _l(
        "%(name)s，您在%(case)s一案提交的收款账户未通过核实，详情：%(reason)s 请进入%(platform)s重新提交。"
    ),
    "correction_unsigned": _l(
        "%(name)s，您在%(case)s一案重新提交的账户还没有签名，原确认书 %(number)s 暂不处理。请进入%(platform)s签名，或选择保留原来的账户。"
    ),
    "account_accepted": _l("%(name)s，法院已接受您在%(case)s一案提交的收款账户。发放案款时会再通知您。"),
    "payment_paid": _l(
        "%(name)s，%(case)s一案的案款 %(amount)s 元已发放到您尾号 %(card)s 的账户。如未到账，请拨打法院电话。"
    ),
    "payment_returned": _l(
        "%(name)s，%(case)s一案的案款 %(amount)s 元被银行退回，原因：%(reason)s。请进入%(platform)s更正收款账户并重新签名，法院会再次发放。"
    ),
    "payment_again": _l(
        "%(name)s，%(case)s一案的案款 %(amount)s 元这次没有发放成功，原因：%(reason)s。您不需要操作，法院会再次发放。"
    ),
    "reminder": _l(
        "%(name)s，%(case)s一案正在登记收款账户，您还没有完成。请打开 %(link)s 继续，或拨打 %(phone)s。法院不会要求您转账。"
    ),
    "counter_opened": _l(
        "%(name)s，法院柜台刚刚在工作人员协助下打开了您的账户。如非您本人在场办理，请立即拨打法院电话。"
    ),
    "counter_unproved": _l(
        "%(name)s，法院柜台刚刚打开了您的账户，没有用短信验证码验证您的手机。如非您本人在柜台办理，请立即拨打法院电话 %(phone)s。"
    ),
}

URGENT = frozenset({"letter_signed", "identity_elsewhere", "counter_opened", "counter_unproved"})
"""What warns of a stranger's doing, and so rings at night as well."""

HEADLINES: Mapping[str, Any] = {
    "review_refused": _l("身份审核有了结果，需要您修改。"),
    "review_approved": _l("身份审核已经通过，还差最后一步：预留签名。"),
    "immigration_refused": _l("证件核实有了结果，需要您修改。"),
    "immigration_agreed": _l("证件已经核实，还差最后一步：预留签名。"),
    "identity_proved": _l("身份认证已经完成。"),
    "identity_elsewhere": _l("您的证件号码在另一个账户上通过了认证。如非本人操作，请立即联系法院。"),
    "letter_signed": _l("收款账户确认书已签署。如非本人操作，请立即联系法院。"),
    "account_returned": _l("收款账户没有通过核实，需要您修改。"),
    "correction_unsigned": _l("您重新提交的账户还没有签名。请签名，或保留原来的账户。"),
    "account_accepted": _l("法院已接受您的收款账户。"),
    "payment_paid": _l("案款已发放。"),
    "payment_returned": _l("案款被银行退回，需要您更正收款账户。"),
    "payment_again": _l("案款这次没有发放成功，法院会再次发放。"),
    "reminder": _l("您还有一个案件没有登记完收款账户。"),
    "counter_opened": _l("法院柜台打开了您的账户。如非您本人在场，请立即联系法院。"),
    "counter_unproved": _l("法院柜台没有验证您的手机就打开了您的账户。如非您本人在场，请立即联系法院。"),
}
"""What a locked screen shows: no name, no case, no number."""

OTHER_HEADLINE = _l("您有一条新消息。")


@dataclass(frozen=True, slots=True)
class Names:
    """How this deployment calls itself: in a text, and in the brackets of an SMS."""

    platform: str
    signature: str


def names() -> Names:
    """The names of the running deployment."""
    settings = current_app.extensions["settings"]
    return Names(settings.platform_name, settings.court_short_name)


def spoken_languages() -> list[str]:
    """Babel's names of the languages that there are words for."""
    return sorted({"zh_Hans", *map(str, current_app.extensions["babel"].instance.list_translations())})


def template_of(kind: str, language: str) -> str:
    """The product's own words of a message in a language, with its placeholders."""
    with force_locale(language):
        return str(WORDS[kind])


class Wording:
    """The words that are in force at a moment. Each is looked up once, however many people they are said to."""

    def __init__(self, at: datetime) -> None:
        self.names = names()
        self.template = cache(lambda kind, language: _template(kind, language, at=at))
        self.headline = cache(headline_of)
        self.cut = cache(cut_words)

    def text(self, kind: str, facts: Facts, language: str) -> str:
        """The whole text of a message in a language."""
        return self.template(kind, language) % {"platform": self.names.platform, **facts}

    def sms(self, kind: str, facts: Facts, language: str) -> str:
        """The text as an SMS carries it: a reason too long for one is cut, and stands whole in the inbox."""
        text = self.text(kind, facts, language)
        over = len(text) + len(f"【{self.names.signature}】") - LONGEST
        if over <= 0 or "reason" not in facts:
            return text
        rest = self.cut(language)
        kept = facts["reason"][: max(0, len(facts["reason"]) - over - len(rest))]
        return self.text(kind, {**facts, "reason": kept + rest}, language)


def _template(kind: str, language: str, *, at: datetime) -> str:
    return message_template(kind, language, at=at) or template_of(kind, language)


def text_of(kind: str, facts: Facts, language: str, *, at: datetime) -> str:
    """The whole text of a message in a language, in the version that was in force at that moment."""
    return Wording(at).text(kind, facts, language)


def headline_of(kind: str, language: str) -> str:
    """The one line that a locked screen may show."""
    with force_locale(language):
        return str(HEADLINES.get(kind, OTHER_HEADLINE))


def cut_words(language: str) -> str:
    """What ends a reason that was too long for an SMS."""
    with force_locale(language):
        return str(_("……其余请在消息里查看。"))
