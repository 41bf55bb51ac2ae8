"""The codes of payments in words, as the desk reads them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.ledger.rules import Answer, BatchState, Effect, ResultState, RoundKind
from webapp.payouts.rules import AGAIN, BACK, Flag, LeftOut

KINDS = {
    RoundKind.FULL: _l("发放全部余额：每人发放其应发而未发的全部金额"),
    RoundKind.PERCENT: _l("按比例：每人发放其应发金额的一个百分比"),
    RoundKind.POT: _l("分配总额：把一笔钱按每人的余额比例分给所有人"),
}
KIND = {RoundKind.FULL: _l("全部余额"), RoundKind.PERCENT: _l("按比例"), RoundKind.POT: _l("分配总额")}
BATCH = {
    BatchState.MAKING: (_l("正在汇总"), "wait"),
    BatchState.READY: (_l("待复核放行"), "todo"),
    BatchState.WRITING: (_l("正在生成文件"), "wait"),
    BatchState.RELEASED: (_l("已放行"), "ok"),
    BatchState.CANCELLED: (_l("已撤销"), "bad"),
}
RESULT = {
    ResultState.READING: (_l("正在读取"), "wait"),
    ResultState.DONE: (_l("已读取"), "ok"),
    ResultState.REFUSED: (_l("不能读取"), "bad"),
}
LEFT_OUT = {
    LeftOut.NOTHING_DUE: _l("没有应付余额"),
    LeftOut.ON_ITS_WAY: _l("上一笔还没有结果"),
    LeftOut.HELD: _l("上一笔的结果待核实"),
    LeftOut.NO_LETTER_FILE: _l("确认书还在生成"),
    LeftOut.REPLACING: _l("当事人正在更换账户"),
    LeftOut.NOT_ACCEPTED: _l("账户待审核"),
}
FLAGS = {
    Flag.SAME_ACCOUNT: _l("与他人使用同一账户"),
    Flag.NO_BRANCH: _l("没有开户支行"),
    Flag.OTHER_NAME: _l("与名册姓名不同"),
    Flag.BY_CLERK: _l("银行未核实，由审核员接受"),
    Flag.CHECK_DIGIT: _l("卡号校验位不符，当事人已确认"),
    Flag.BY_HAND: _l("由法院手工添加，或者更正过姓名、号码、金额"),
    Flag.INSTEAD: _l("代他人领取（继承人、代理人或单位）"),
    Flag.MERGED: _l("由重复的条目合并而来"),
    Flag.CHANGED: _l("账户与上一笔付款不同"),
    Flag.AT_COUNTER: _l("在柜台由工作人员陪同签署"),
    Flag.UNPROVED: _l("在柜台打开账户时没有经过本人手机验证"),
    Flag.LATER: _l("由后来的名册加入，或者由它改过金额"),
    Flag.ONE_REVIEWER: _l("身份和账户由同一位审核员通过"),
    Flag.TOO_LONG: _l("银行文件写不下这个姓名或支行"),
}
AGAINS = {AGAIN: _l("曾记为已发放或结果矛盾，现在再付一次"), BACK: _l("上一笔失败或退回，现在再付一次")}
FLAG_WORDS = {**{flag.value: words for flag, words in FLAGS.items()}, **AGAINS}
"""What the list of a batch may be narrowed to."""
ANSWERS = {
    Answer.PAID: _l("已发放"),
    Answer.PROCESSING: _l("银行处理中"),
    Answer.FAILED: _l("付款失败"),
    Answer.RETURNED: _l("退汇"),
}
EFFECTS = {
    Effect.PAY: _l("已发放"),
    Effect.WAIT: _l("处理中"),
    Effect.GIVE_BACK: _l("退汇"),
    Effect.NOTHING: _l("与已知结果相同，未改动"),
    Effect.CONFLICT: _l("与已知结果矛盾，已暂停付款待核实"),
    Effect.UNSENT: _l("这笔还没有放行或已撤销"),
}
FAULTS = {
    "nobody": _l("这一行没有我们的编号，也没有完整的账号和金额"),
    "state_unknown": _l("看不懂这一行的状态"),
    "unknown_line": _l("找不到对应的付款，或者对应不止一笔"),
    "amount_differs": _l("金额与付款不一致"),
    "account_differs": _l("账号与付款不一致"),
    Effect.CONFLICT.value: EFFECTS[Effect.CONFLICT],
    Effect.UNSENT.value: EFFECTS[Effect.UNSENT],
    "quote": _l("引号没有成对"),
    "line_break": _l("一个格子跨了几行"),
    "sheets": _l("这些工作表都写着银行结果："),
}
UNREADABLE = {
    "empty": _l("文件是空的。"),
    "too_large": _l("文件太大，或者有内容写在离表格很远的格子里，读不了。请让银行分成几个文件，或者另存为 CSV。"),
    "old_excel": _l("这是旧版 .xls 文件，请另存为 .xlsx 再上传。"),
    "quote": _l("有一个引号没有成对，后面的行会被并进同一个格子。请补上或删去这个引号，或者另存为 XLSX 再上传。"),
    "line_break": _l(
        "有一个格子跨了几行，可能是多了引号，后面的行会丢失。请删去格子里的引号或换行，或者另存为 XLSX 再上传。"
    ),
    "sheets": _l("有多张工作表写着银行结果，请只保留要导入的一张。"),
    "encoding": _l("文件不是 UTF-8 或 GB18030 编码的文本，也不是 XLSX。"),
    "damaged": _l("文件损坏，打不开。"),
    "no_headings": _l("没有找到表头。需要“状态”一列，以及“客户参考号”或者“收款账号”和“金额”。"),
}
REFUSED = {
    "opening": _l("上一轮还在计算，请稍后再试。"),
    "nothing_left": _l("名册上的金额已经全部安排发放，没有余额可以再开一轮。"),
    "pot_too_large": _l("总额超过了名册上还没有安排发放的余额。"),
    "making": _l("这个案件有一个批次正在汇总，请等它完成。"),
    "not_ready": _l("这个批次已经放行或撤销，不能再改。"),
    "same_person": _l("制作人不能放行自己的批次，请由另一位管理员复核放行。"),
    "decided_again": _l(
        "这一批里有您决定再付一次的付款，您不能放行。请由另一位管理员复核放行；没有别人时，请撤销这一批，由您重新制作。"
    ),
    "brought_back": _l(
        "这一批里有付款因为您导入的银行结果而再付一次，您不能放行。请由另一位管理员复核放行；没有别人时，请撤销这一批，由您重新制作。"
    ),
    "not_yours_to_decide": _l("这笔付款的银行结果由您导入，或者这笔付款由您制作，请由另一位管理员核实决定。"),
    "held": _l("这一批里有人上一笔的银行结果待核实。请先核实，或者把这一笔移出。"),
    "empty": _l("这个批次里没有付款，不能放行。"),
    "changed": _l("这个批次在您查看之后有改动。请重新核对后再放行。"),
    "too_long": _l("有姓名或支行超过银行文件的长度。请先把这些付款移出批次，或者换一种文件格式。"),
    "no_such_line": _l("这笔付款已经不在批次里。"),
    "releaser_only": _l("只有放行人可以这样做。"),
    "not_released": _l("文件还没有生成。"),
    "nothing_to_decide": _l("这一笔已经处理过了。"),
    "paid_twice": _l("这个人已经领到了应得的金额，再记一笔就重复了。请向银行追回后再处理。"),
}
DECISIONS = {
    "ask": _l("退回当事人更正账户"),
    "again": _l("账户无误，下一批再付"),
    "paid": _l("银行确认已到账"),
    "keep": _l("维持原来的结果"),
}
HELD = {"look": _l("退回原因不明确"), "conflict": _l("银行前后两次的结果矛盾")}
