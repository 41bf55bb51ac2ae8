"""The account's codes in words: states, the bank's verdicts with their usual causes, faults of a card number."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.cases.models import Collection
from webapp.cases.people import ActsFor
from webapp.identity.words import chosen_words, with_words
from webapp.ledger.models import PayoutLine
from webapp.ledger.reasons import passes
from webapp.ledger.words import reason_words
from webapp.payee.models import SubmissionState
from webapp.payee.queries import Progress, Stage
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
    V.NOT_AGREED: _l("银行核对不一致。请检查卡号和银行预留手机号，再看看下面的常见原因。"),
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

CAUSES = {
    V.NOT_AGREED: (
        _l("手机号不是在银行预留的那一个：办卡后换过号码，或者用的是副卡、单位的号码。"),
        _l("银行登记的还是旧的 15 位身份证号码。"),
        _l("新办的卡，办卡后还不到 3 个工作日。"),
        _l("号码刚刚过户，一般要到下个月才能核验。"),
        _l("卡已冻结、注销，或不是银联卡。"),
    ),
    V.NAME_DIFFERS: (
        _l("这张卡是家人或单位的。法院只能付到您本人名下的账户。"),
        _l("您改过姓名，银行还没有更新。请带身份证和户口簿到银行更新。"),
    ),
    V.DOCUMENT_DIFFERS: (
        _l("银行登记的还是旧的 15 位身份证号码。"),
        _l("身份证换过号码，银行还没有更新。"),
    ),
    V.PHONE_DIFFERS: (
        _l("办卡后换过手机号，银行还没有更新。"),
        _l("用的是副卡、单位的号码，或号码刚刚过户，一般要到下个月才能核验。"),
    ),
    V.CARD_INVALID: (
        _l("新办的卡，办卡后还不到 3 个工作日。"),
        _l("旧卡换了新卡，旧卡号已经不用了。"),
        _l("输入的是存折账号，不是卡号。"),
    ),
    V.NOT_OPEN_ONLINE: (_l("只在柜台使用的卡，需要到银行开通网上支付。"),),
    V.NO_ISSUER: (_l("不是银联卡，或卡号有一位输错了。"),),
    V.DORMANT: (_l("一年以上没有存取款。带身份证到银行柜台办理激活，当天就能用。"),),
    V.EXPIRED: (_l("卡面上的有效期已经过了。请到银行换卡。"),),
    V.RESTRICTED: (
        _l("密码连续输错，卡被锁定。"),
        _l("身份证在银行登记的有效期已过，账户被限制使用。"),
        _l("账户被冻结或注销。"),
    ),
}
"""Why a true owner is refused most often: what to try or whom to ask, behind each refusal."""

REGISTER_DIFFERS = _l("案件登记的姓名与您的证件写法不同，将由法院工作人员核对。您可以先签署确认书。")

RETURNS = {
    "account:card_unclear": _l("银行卡照片不清楚，看不清卡号。"),
    "account:card_differs": _l("填写的卡号与银行卡照片不一致。"),
    "account:documents_unclear": _l("证件照片不清楚。"),
    "account:not_yours": _l("不是您本人名下的账户。"),
    "account:name_differs": _l("姓名与案件登记的不一致，请拨打法院电话说明情况。"),
    "account:bank": _l("开户银行或支行填写有误。"),
    "account:other": _l("请按补充说明修改。"),
}
"""What a clerk may give an account back for; the words go out by SMS."""


def return_text(reason: str | None, words: str | None = None) -> str:
    """Why an account was given back, in words."""
    return with_words(chosen_words(reason or "", str(RETURNS.get(reason or "", ""))), words)


CONFIRM_RETURNED = _l("请换一个账户，或者确认这个账户现在可以收款。")


def came_back_words(line: PayoutLine) -> str:
    """Beside the number of an account from which the bank gave money back: why, and what is to be done."""
    card, reason = line.card_number[-4:], reason_words(line.reason or "OTHER")
    if passes(line.reason):
        words = _l(
            "这就是银行退回付款的账户（尾号 %(card)s），原因：%(reason)s。账户没有变化的，请勾选确认；法院会先核对，再次发放。"
        )
    else:
        words = _l(
            "这就是银行退回付款的账户（尾号 %(card)s），原因：%(reason)s。请换一个账户；已经在银行办好的，请勾选确认，法院会先核对，再次发放。"
        )
    return str(words) % {"card": card, "reason": reason}


def acts_for_rows(acts: ActsFor) -> list[tuple[str, str]]:
    """In whose place somebody is paid, as facts to read; none for most."""
    rows = [
        (str(_("代表单位")), acts.company),
        (str(_("统一社会信用代码")), acts.company_code),
        (str(_("原权利人")), "、".join(acts.heir_of)),
    ]
    return [(key, value) for key, value in rows if value]


def acts_for_line(acts: ActsFor) -> str:
    """The same beside a case's title, in few words; empty for most."""
    words = []
    if acts.company:
        words.append(_("代表单位：%(company)s", company=acts.company_titled))
    if acts.heir_of:
        words.append(_("原权利人：%(names)s", names="、".join(acts.heir_of)))
    return " · ".join(words)


LOOKED_AT = _l("这个账户还要由法院工作人员核对。您可以先签署确认书。")

FIELD = {
    V.NAME_DIFFERS: "card_number",
    V.PHONE_DIFFERS: "phone",
    V.NO_ISSUER: "bank",
}
"""Beside which field a verdict is told; all others: the card number."""

NOT_OPEN = {Collection.NOT_YET: _l("登记未开始"), Collection.CLOSED: _l("登记已截止")}
"""Why nobody can begin in a case now."""

STATE = {
    None: (_l("待登记"), "todo"),
    SubmissionState.CHECKING: (_l("正在核实"), "wait"),
    SubmissionState.REFUSED: (_l("需要修改"), "bad"),
    SubmissionState.CHECKED: (_l("待签名"), "todo"),
    SubmissionState.SIGNED: (_l("已签署"), "ok"),
    SubmissionState.ACCEPTED: (_l("法院已接受"), "ok"),
    SubmissionState.RETURNED: (_l("已退回，请重新提交"), "bad"),
    SubmissionState.REPLACED: (_l("待登记"), "todo"),
    SubmissionState.WITHDRAWN: (_l("待登记"), "todo"),
}

STAGE = {
    Stage.SUBMITTED: (_l("已提交"), "wait"),
    Stage.REVIEWED: (_l("审核中"), "wait"),
    Stage.ACCEPTED: (_l("法院已接受"), "ok"),
    Stage.BATCHED: (_l("已入批次"), "wait"),
    Stage.PART_PAID: (_l("已发放一部分"), "ok"),
    Stage.PAID: (_l("已发放"), "ok"),
    Stage.RETURNED: (_l("退汇，请更正账户"), "bad"),
    Stage.AGAIN: (_l("待再次发放"), "wait"),
}
"""Once the letter is signed, where the money is."""

STAGE_NOTE = {
    Stage.SUBMITTED: _l("您不需要再做什么。发放案款时会通知您。"),
    Stage.REVIEWED: _l("法院正在审核您的账户，您不需要操作。有结果会通知您。"),
    Stage.ACCEPTED: _l("您不需要再做什么。发放案款时会通知您。"),
    Stage.BATCHED: _l("案款已交给银行办理，到账前不能更换账户。有结果会通知您。"),
    Stage.PART_PAID: _l("已发放一部分，其余的以后发放。收款账户有变化的，请重新提交。"),
    Stage.PAID: _l("案款已全部发放。如未到账，请拨打法院电话。"),
    Stage.RETURNED: _l("案款被银行退回。请更正收款账户并重新签名，法院会再次发放。"),
    Stage.AGAIN: _l("这次没有发放成功，法院会再次发放，您不需要操作。"),
}
"""What to do, or that there is nothing to do."""


def stage_note(progress: Progress) -> str:
    """What to do now, with the bank's reason where there is one."""
    reason = reason_words(progress.reason)
    note = str(STAGE_NOTE[progress.stage])
    return _("原因：%(reason)s。%(note)s", reason=reason, note=note) if reason else note


def causes_of(verdict: V | None) -> tuple[str, ...]:
    """The usual causes of a refusal, in plain words; none where the refusal says it all."""
    return tuple(str(words) for words in CAUSES.get(verdict, ())) if verdict else ()


def verdict_words(verdict: str | None) -> str:
    """The bank's verdict in words; empty while there is none."""
    return str(VERDICT[V(verdict)]) if verdict else ""
