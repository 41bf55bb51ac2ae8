"""Payments in words: why one came back, and how it stands, as its payee reads it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.ledger.rules import LineState

REASONS = {
    "NO_SUCH_ACCOUNT": _l("银行没有这个账号"),
    "NAME_MISMATCH": _l("户名与您的姓名不一致"),
    "ACCOUNT_CLOSED": _l("这个账户已经销户"),
    "ACCOUNT_FROZEN": _l("这个账户被冻结或止付"),
    "ACCOUNT_DORMANT": _l("这个账户长期没有使用，已停用"),
    "CARD_LOST": _l("这张卡已经挂失"),
    "CARD_EXPIRED": _l("这张卡已经过期"),
    "CARD_CONFISCATED": _l("这张卡已不能使用"),
    "ACCOUNT_CLASS_LIMIT": _l("这是Ⅱ类或Ⅲ类账户，金额超过了限额"),
    "NON_COUNTER_LIMITED": _l("这个账户的非柜面业务受到限制"),
    "ID_EXPIRED_AT_BANK": _l("您在银行登记的证件已经过期"),
    "BANK_NOT_FOUND": _l("找不到收款银行的网点"),
    "BRANCH_MERGED": _l("收款银行的网点已经撤并"),
    "NOT_SUPPORTED": _l("发卡银行不支持这种收款"),
    "CREDIT_CARD": _l("信用卡不能收款"),
    "AMOUNT_INVALID": _l("银行没有接受这个金额"),
    "INSUFFICIENT_FUNDS": _l("付款账户余额不足"),
    "DUPLICATE": _l("银行认为这是重复的付款"),
    "FORMAT_ERROR": _l("银行没有读懂付款文件"),
    "SIGNATURE_ERROR": _l("付款文件没有通过银行的验签"),
    "TOTAL_MISMATCH": _l("付款文件的总数与明细不符"),
    "TIMEOUT": _l("银行还没有给出结果"),
    "BANK_BUSY": _l("银行系统繁忙"),
    "PHONE_MISMATCH": _l("手机号与银行预留的不一致"),
    "ID_UNSUPPORTED": _l("银行不能核验这种证件"),
    "TRIES_EXCEEDED": _l("当天的次数已经用完"),
    "OTHER": _l("银行没有说明的原因"),
}
"""Each code of the table of reasons."""

LINE = {
    LineState.LIVE: (_l("已入批次"), "wait"),
    LineState.PROCESSING: (_l("银行处理中"), "wait"),
    LineState.PAID: (_l("已发放"), "ok"),
    LineState.RETURNED: (_l("退汇"), "bad"),
    LineState.CANCELLED: (_l("已撤销"), "bad"),
}


def reason_words(code: str | None) -> str:
    """A reason in the reader's language; empty for none."""
    return str(REASONS.get(code, REASONS["OTHER"])) if code else ""
