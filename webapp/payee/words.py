"""The account's codes in words: states, the bank's verdicts with their usual causes, faults of a card number."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.payee.models import SubmissionState
from webapp.payee.rules.cards import CardFault
from webapp.ports.account_check import AccountVerdict as V
from webapp.ports.card_reader import CardPhotoFault

CARD = {
    CardFault.EMPTY: _l("请输入银行卡号，或拍照识别。"),
    CardFault.NOT_DIGITS: _l("银行卡号只有数字，请检查。"),
    CardFault.TOO_SHORT: _l("银行卡号不完整，一般是 16 至 19 位。"),
    CardFault.TOO_LONG: _l("银行卡号太长，最多 19 位。"),
    CardFault.ID_NUMBER: _l("这是身份证号码，请输入银行卡号。"),
    CardFault.LUHN: _l("卡号可能有一位输错了，请与卡面逐组核对。"),
}
CARD_FAULTS = {
    CardPhotoFault.UNREADABLE: _l("照片打不开。请重新拍照，或直接输入卡号。"),
    CardPhotoFault.TOO_SMALL: _l("照片太小。请靠近一些，让银行卡占满画面，或直接输入卡号。"),
    CardPhotoFault.DARK: _l("照片太暗。请到亮一些的地方重新拍照，或直接输入卡号。"),
    CardPhotoFault.BLURRED: _l("照片不清晰。请拿稳手机，等画面清晰后重新拍照，或直接输入卡号。"),
    CardPhotoFault.GLARE: _l("照片反光。请换个角度，避开灯光重新拍照，或直接输入卡号。"),
    CardPhotoFault.NO_CARD: _l("照片里没有看到银行卡。请拍银行卡有卡号的一面，或直接输入卡号。"),
    CardPhotoFault.UPSIDE_DOWN: _l("银行卡拍倒了。请把卡转正后重新拍照，或直接输入卡号。"),
    CardPhotoFault.UNSURE: _l("卡号没有看清。请把卡平放、占满画面后重新拍照，或直接输入卡号。"),
}
"""What to do when no number was read off a photo."""

BANK_DIFFERS = _l("卡面上的银行与卡号所属的银行不一致，请与卡面逐组核对。")
CREDIT = _l("这是信用卡，法院不能向信用卡付款。请换一张您本人名下的借记卡（储蓄卡）。")
PREPAID = _l("这是预付卡，不能收款。请换一张您本人名下的借记卡（储蓄卡）。")

VERDICT = {
    V.AGREED: _l("账户信息已核实"),
    V.NOT_AGREED: _l(
        "银行核对不一致。请检查卡号；手机号应是在银行预留的号码；办卡时用的若是旧的 15 位身份证号码，请先到银行更新。"
    ),
    V.NAME_DIFFERS: _l("户名与您的姓名不一致。请使用您本人名下的银行卡。"),
    V.NAME_UNCLEAR: _l("户名的写法与证件不同，将由法院工作人员核对。"),
    V.DOCUMENT_DIFFERS: _l("银行登记的证件号码与您的不一致。请先到银行更新证件信息，或换一张卡。"),
    V.CARD_INVALID: _l("银行没有这个卡号，请与卡面逐组核对。"),
    V.PHONE_DIFFERS: _l("手机号与银行预留的不一致。请换成在银行预留的号码，或先到银行更新。"),
    V.NOT_OPEN_ONLINE: _l("这张卡没有开通网上业务。请联系银行开通，或换一张卡。"),
    V.NO_ISSUER: _l("找不到这张卡的发卡银行，请检查卡号和开户银行。"),
    V.DORMANT: _l("这个账户长期没有使用，已转为睡眠户。请先到银行激活，或换一张卡。"),
    V.LOST: _l("这张卡已经挂失，请换一张卡。"),
    V.EXPIRED: _l("这张卡已经过期，请换一张卡。"),
    V.RESTRICTED: _l("这个账户受到限制，不能收款。请联系银行，或换一张卡。"),
    V.CREDIT_CARD: CREDIT,
    V.UNSUPPORTED_ISSUER: _l("发卡银行不能在线核验，将由法院工作人员核对。"),
    V.UNSUPPORTED_DOCUMENT: _l("银行不能在线核验您这种证件，将由法院工作人员核对。您可以先签署确认书。"),
    V.LIMIT_REACHED: _l("今天的核验次数已用完（同一张卡、同一个人每天 5 次），请明天再试。"),
}

REGISTER_DIFFERS = _l("案件登记的姓名与您的证件写法不同，将由法院工作人员核对。您可以先签署确认书。")

FIELD = {
    V.NAME_DIFFERS: "card_number",
    V.PHONE_DIFFERS: "phone",
    V.NO_ISSUER: "bank",
}
"""Beside which field a verdict is told; all others: the card number."""

STATE = {
    None: (_l("待登记"), "todo"),
    SubmissionState.CHECKING: (_l("正在核实"), "wait"),
    SubmissionState.REFUSED: (_l("需要修改"), "bad"),
    SubmissionState.CHECKED: (_l("待签名"), "todo"),
    SubmissionState.SIGNED: (_l("已签署"), "ok"),
    SubmissionState.ACCEPTED: (_l("法院已接受"), "ok"),
    SubmissionState.RETURNED: (_l("已退回，请重新提交"), "bad"),
    SubmissionState.REPLACED: (_l("待登记"), "todo"),
}


def verdict_words(verdict: str | None) -> str:
    """The bank's verdict in words; empty while there is none."""
    return str(VERDICT[V(verdict)]) if verdict else ""
