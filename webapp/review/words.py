"""The desk's own codes in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.docket.models import Flag
from webapp.identity.words import reason_text
from webapp.payee.words import verdict_words
from webapp.ports.account_check import AccountVerdict
from webapp.ports.face_checker import Likeness
from webapp.review.evidence import LIKENESS, Said
from webapp.review.models import Verdict

FLAGS = {
    Flag.SAME_FACE: _l("另一个身份有相似的脸"),
    Flag.SAME_DEVICE: _l("同一浏览器用过另一个身份"),
    Flag.SAME_ACCOUNT: _l("另一个人也用这个账户收款"),
    Flag.SAME_NUMBER: _l("同一证件号码在另一个账户上通过了认证"),
    Flag.CORRECTION: _l("更换已经签署的账户"),
    Flag.OTHER_NUMBER: _l("证件照片上读到的是另一个号码"),
    Flag.AT_COUNTER: _l("在柜台由工作人员陪同办理"),
    Flag.INSISTED: _l("填写的与读到的不一致，当事人确认填写无误"),
    Flag.WITHOUT_PHONE: _l("在柜台打开账户时没有经过本人手机验证"),
    Flag.MONEY_BACK: _l("银行退回过这个账户的付款"),
    Flag.DOUBT: _l("机器拿不准"),
}

INSISTED = {"name": _l("姓名"), "number": _l("证件号码"), "card_number": _l("银行卡号"), "bank": _l("开户银行")}
"""What a payee can insist on."""
BANK = {
    AccountVerdict.UNSUPPORTED_DOCUMENT: _l("银行不核验这种证件"),
    AccountVerdict.UNSUPPORTED_ISSUER: _l("发卡行不能核验"),
    AccountVerdict.NAME_UNCLEAR: _l("户名写法不同"),
}
"""Why the bank leaves an account to a clerk, for a clerk: what it says to the payee is longer and speaks of what they may do."""

VERDICTS = {Verdict.APPROVE: _l("同意通过"), Verdict.REFUSE: _l("不同意"), Verdict.UNSURE: _l("拿不准")}

REDO = {
    "document": _l("证件信息"),
    "evidence": _l("证件照片"),
    "video": _l("人脸视频"),
    "card": _l("银行卡"),
    "documents": _l("证件照片"),
}
"""What alone must be handed in again."""


def bank_words(verdict: str | None) -> str:
    """What the bank said of an account, as the desk says it."""
    return str(BANK[known]) if verdict and (known := AccountVerdict(verdict)) in BANK else verdict_words(verdict)


def doubt_text(doubt: str) -> str:
    """Why a verification was handed to a clerk: a fault of a photo that stood after two tries, or the faces."""
    if doubt.startswith("likeness:"):
        return str(_l("视频里的脸与证件照片：%(likeness)s", likeness=LIKENESS[Likeness(doubt.split(":")[1])][0]))
    return reason_text(doubt)


ABOUT = {
    "authority:no_match": "face",
    "authority:name_mismatch": "name",
    "authority:no_record": "number",
    "immigration:number_unknown": "number",
    "immigration:name_differs": "name",
    "immigration:nationality_differs": "nationality",
    "immigration:expired": "expiry",
}
"""Which row of the evidence an authority's refusal is about."""

AGREED = {"face": ("name", "number", "face"), "immigration": ("name", "number", "nationality", "expiry")}


def authority_said(step: str, state: str, reason: str | None) -> Mapping[str, Said]:
    """What the face or the immigration authority answered, row by row; empty where it wasn't asked, or said nothing to it."""
    if state == "accepted":
        return {row: Said("yes", _("一致")) for row in AGREED[step]}
    row = ABOUT.get(reason or "")
    return {row: Said("no", reason_text(reason))} if row else {}


def bank_said(verdict: AccountVerdict) -> Mapping[str, Said]:
    """What the bank answered about an account, row by row."""
    rows = ("name", "number", "card", "phone")
    if verdict is AccountVerdict.AGREED:
        return {row: Said("yes", _("一致")) for row in rows}
    if verdict is AccountVerdict.NAME_UNCLEAR:
        return {"name": Said("no", _("写法与证件不同")), **{row: Said("yes", _("一致")) for row in rows[1:]}}
    return {row: Said("unread", _("不能在线核验")) for row in rows}


JOBS = {
    "check_face": _l("核对人脸"),
    "check_evidence": _l("识别证件照片"),
    "check_video": _l("检查人脸视频"),
    "ask_immigration": _l("向出入境管理机构核验"),
    "check_account": _l("向银行核实账户"),
    "read_card": _l("识别银行卡号"),
    "make_letter": _l("生成确认书"),
    "open_round": _l("计算一轮发放的份额"),
    "make_batch": _l("汇总付款批次"),
    "write_batch": _l("生成付款文件"),
    "read_result": _l("读取银行结果文件"),
    "send_letter_mail": _l("用邮件发送确认书"),
    "remind_correction": _l("提醒未签名的更正"),
    "send_sms": _l("发送短信"),
    "fetch_receipts": _l("查询短信回执"),
    "send_wechat": _l("发送微信通知"),
    "send_push": _l("发送手机提醒"),
    "prove_chain": _l("校验审计链"),
    "look_for_others": _l("查找同一个人的其他身份"),
    "apply_decision": _l("执行审核决定"),
    "count_case": _l("统计案件进度"),
}
"""The worker's jobs, as the desk names them."""
