"""What the charts call things."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.identity.words import STEPS, reason_text
from webapp.payee.words import RETURNS, return_text, verdict_words
from webapp.ports.account_check import AccountVerdict

FUNNEL = {
    "named": _l("名册人数"),
    "begun": _l("已开始"),
    "verified": _l("已认证"),
    "submitted": _l("已提交"),
    "signed": _l("已签署"),
    "accepted": _l("已接受"),
    "paid": _l("已发放"),
    "returned": _l("退汇待补"),
}
DAYS = {key: FUNNEL[key] for key in ("verified", "submitted", "signed", "accepted", "paid")}
TIMES = (
    _l("5 分钟内"), _l("10 分钟内"), _l("20 分钟内"), _l("1 小时内"), _l("1 天内"), _l("3 天内"), _l("3 天以上"),
)  # fmt: skip
LATER = {"account": _l("提交收款账户"), "account_refused": _l("修改被退回的账户"), "letter": _l("签署确认书")}
ORDER = (*STEPS, *LATER)


def step_words(step: str) -> str:
    """A step of the whole way, from the phone to the letter."""
    return str(STEPS.get(step) or LATER[step])


def refusal_words(code: str) -> str:
    """Why something was refused, by its code."""
    source, _colon, rest = code.partition(":")
    if source == "bank" and rest in set(AccountVerdict):
        return str(_("银行：%(words)s", words=verdict_words(rest)))
    known = return_text(code) if code in RETURNS or source == "account" else reason_text(code)
    return known or code


def duration_words(minutes: int) -> str:
    """A length of time, roughly."""
    if minutes < 60:
        return str(_("%(n)s 分钟", n=minutes))
    hours, days = round(minutes / 60, 1), round(minutes / 1440, 1)
    return str(_("%(n)s 小时", n=hours) if minutes < 2880 else _("%(n)s 天", n=days))
