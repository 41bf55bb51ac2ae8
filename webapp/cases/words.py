"""Stages, faults of registers and other codes of cases in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.cases.models import Collection, Stage
from webapp.cases.people_models import TransferKind
from webapp.cases.register_models import ImportState
from webapp.cases.register_rows import DOUBLED
from webapp.identity.rules.documents import NumberFault
from webapp.identity.rules.names import NameFault

STAGES = {
    Stage.NONE: (_l("未开始"), "wait"),
    Stage.VERIFIED: (_l("已认证"), "todo"),
    Stage.SUBMITTED: (_l("已提交"), "todo"),
    Stage.SIGNED: (_l("已签署"), "ok"),
    Stage.ACCEPTED: (_l("已接受"), "ok"),
    Stage.RETURNED: (_l("已退回"), "bad"),
    Stage.PAID: (_l("已发放"), "ok"),
}
COLLECTION = {
    Collection.NOT_YET: (_l("登记未开始"), "wait"),
    Collection.OPEN: (_l("登记中"), "ok"),
    Collection.CLOSED: (_l("登记已截止"), "bad"),
}
IMPORTS = {
    ImportState.READING: (_l("正在读取"), "wait"),
    ImportState.ASKS: (_l("请确认各列"), "todo"),
    ImportState.READY: (_l("等待确认"), "todo"),
    ImportState.FAULTY: (_l("有错误，未导入"), "bad"),
    ImportState.UNREADABLE: (_l("无法读取"), "bad"),
    ImportState.APPLIED: (_l("已导入"), "ok"),
    ImportState.DISCARDED: (_l("已放弃"), "wait"),
}
TRANSFERS = {
    TransferKind.HEIR: _l("继承人"),
    TransferKind.REPRESENTATIVE: _l("代理人"),
    TransferKind.COMPANY: _l("单位"),
    TransferKind.MERGE: _l("合并重复"),
}
FIELDS = {
    "name": _l("姓名"),
    "type": _l("证件类型"),
    "number": _l("证件号码"),
    "amount": _l("金额"),
    "phone": _l("手机号"),
    "row": _l("整行"),
    "rows": _l("整个文件"),
    "headings": _l("表头"),
    "file": _l("整个文件"),
}
FAULTS = {
    f"name:{NameFault.EMPTY}": _l("没有姓名"),
    f"name:{NameFault.TOO_SHORT}": _l("姓名只有一个字"),
    f"name:{NameFault.TOO_LONG}": _l("姓名太长"),
    f"name:{NameFault.DIGIT}": _l("姓名里有数字"),
    f"name:{NameFault.BAD_CHARACTER}": _l("姓名里有不属于姓名的字符"),
    f"number:{NumberFault.EMPTY}": _l("没有证件号码"),
    f"number:{NumberFault.TOO_SHORT}": _l("证件号码位数不够"),
    f"number:{NumberFault.TOO_LONG}": _l("证件号码位数太多"),
    f"number:{NumberFault.BAD_CHARACTER}": _l("证件号码里有不该有的字符"),
    f"number:{NumberFault.BAD_FORM}": _l("不是这种证件的号码"),
    f"number:{NumberFault.CHECK_DIGIT}": _l("校验码不对，号码里有一位写错了"),
    f"number:{NumberFault.NO_SUCH_DATE}": _l("号码里的出生日期不存在"),
    f"number:{NumberFault.FUTURE_DATE}": _l("号码里的出生日期在今天以后"),
    f"number:{NumberFault.TOO_OLD}": _l("号码里的出生日期太早"),
    f"number:{NumberFault.NO_SUCH_PROVINCE}": _l("号码开头的地区码不存在"),
    f"number:{NumberFault.OTHER_DOCUMENT}": _l("这是另一种证件的号码"),
    f"number:{NumberFault.HK_ID_CARD}": _l("这是香港身份证号码，请填来往内地通行证的号码"),
    f"number:{NumberFault.TW_ID_CARD}": _l("这是台湾身份证号码，请填来往大陆通行证的号码"),
    f"number:{NumberFault.SAR_PASSPORT}": _l("这是特区护照号码，请填来往内地通行证的号码"),
    f"number:{NumberFault.OUTBOUND_PERMIT}": _l("这是内地居民出境的通行证，请填居民身份证号码"),
    "number:rounded": _l("表格软件把号码当作数字，末几位已经变成 0。请把这一列设为文本，从原始名册重新填写"),
    "number:unknown_type": _l("不认识这种证件类型"),
    "number:merged": _l("这一条已与别人合并，金额却有变化。请先撤销合并"),
    DOUBLED: _l("与前面的一行完全相同，那一行的行号是："),
    "name:other": _l("前面有一行是同一个证件号码，姓名却不同"),
    "amount:bad": _l("不是金额：只能是不小于零、最多两位小数的元"),
    "amount:moved": _l("比已经划给继承人或代理人的还少"),
    "amount:paid": _l("比已经发放和正在发放的还少：新金额 < 已发放和在途的金额（元）"),
    "rows:none": _l("文件里没有一个人"),
    "rows:rounded": _l(
        "太多证件号码以 000 结尾：表格软件把它们当作数字，末几位已经丢失。请把这一列设为文本，从原始名册重新填写"
    ),
    "headings:missing": _l("找不到姓名、证件号码或金额的列"),
    "headings:unsure": _l("不能确定各列的含义"),
    "file:encoding": _l("文字编码既不是 UTF-8 也不是 GB18030"),
    "file:old_excel": _l("这是旧版 .xls 文件，请另存为 .xlsx 再上传"),
    "file:broken_csv": _l("文件不是完整的表格"),
    "file:quote": _l(
        "这一行有一个引号没有成对，后面的行会被并进同一个格子。请补上或删去这个引号，或者另存为 XLSX 再上传"
    ),
    "file:line_break": _l(
        "这一行有一个格子跨了几行，可能是多了引号，后面的人会丢失。请删去格子里的引号或换行，或者另存为 XLSX 再上传"
    ),
    "file:sheets": _l("有多张工作表写着内容，请只保留要导入的一张"),
    "file:huge_xlsx": _l(
        "工作簿解压后太大，或者有内容写在离表格很远的格子里。请把名册复制到新的工作簿，或者另存为 CSV 再上传"
    ),
    "file:broken_xlsx": _l("工作簿打不开，可能已损坏或加了密码"),
}


def fault_text(code: str) -> str:
    """What is wrong, for the clerk who mends it."""
    return str(FAULTS.get(code) or _("不能使用"))
