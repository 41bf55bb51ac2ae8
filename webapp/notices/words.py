"""The words of each message, in the reader's language; the refusal of a review is the manual's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

Facts = Mapping[str, str]


def _review_refused(f: Facts) -> Any:
    return _(
        "%(name)s，您在 %(time)s 提交的身份信息审核未通过，详情：%(reason)s 请进入%(platform)s重新进行身份认证。", **f
    )


def _review_approved(f: Facts) -> Any:
    return _("%(name)s，您提交的身份信息已审核通过。请进入%(platform)s完成预留签名。", **f)


def _immigration_refused(f: Facts) -> Any:
    return _(
        "%(name)s，移民管理局没有核实您在 %(time)s 提交的证件信息，详情：%(reason)s 请进入%(platform)s重新填写。", **f
    )


def _immigration_agreed(f: Facts) -> Any:
    return _("%(name)s，您的证件信息已核实。请进入%(platform)s完成预留签名。", **f)


def _identity_proved(f: Facts) -> Any:
    return _("%(name)s，您的身份认证已完成。请进入%(platform)s查看与您有关的案件。", **f)


def _letter_signed(f: Facts) -> Any:
    return _(
        "%(name)s，您已签署%(case)s一案的执行款收款账户确认书，编号 %(number)s。如非本人操作，请立即拨打法院电话。", **f
    )


def _account_returned(f: Facts) -> Any:
    return _("%(name)s，您在%(case)s一案提交的收款账户未通过核实，详情：%(reason)s 请进入%(platform)s重新提交。", **f)


def _account_accepted(f: Facts) -> Any:
    return _("%(name)s，法院已接受您在%(case)s一案提交的收款账户。发放案款时会再通知您。", **f)


WORDS: Mapping[str, Callable[[Facts], Any]] = {
    "review_refused": _review_refused,
    "review_approved": _review_approved,
    "immigration_refused": _immigration_refused,
    "immigration_agreed": _immigration_agreed,
    "identity_proved": _identity_proved,
    "letter_signed": _letter_signed,
    "account_returned": _account_returned,
    "account_accepted": _account_accepted,
}


def text_of(kind: str, facts: Facts, language: str) -> str:
    """The whole text of a message in a language; names the platform of this deployment."""
    named = {"platform": current_app.extensions["settings"].platform_name, **facts}
    with force_locale(language):
        return str(WORDS[kind](named))
