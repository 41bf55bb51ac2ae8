"""The staff's own codes in words."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Role

ROLES = {
    Role.REVIEWER: _l("审核员"),
    Role.MANAGER: _l("管理员"),
    Role.AUDITOR: _l("审计员"),
    Role.ADMINISTRATOR: _l("系统管理员"),
}

BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str) -> str:
    """A browser as its owner would name it: Chrome · Windows. An unknown one as it names itself."""
    named = [next((title for mark, title in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, named)) or agent


def court_words(courts: Collection[str], known: Collection[str]) -> str:
    """The courts of a clerk; all of them are said in a word."""
    if len(known) > 1 and set(known) <= set(courts):
        return str(_("全部法院（%(n)s 个）", n=len(known)))
    return "、".join(court for court in (*known, *sorted(set(courts) - set(known))) if court in courts)


DEEDS = {
    "desk_amending.amend": _l("更正名册里的一个人"),
    "desk_import.apply": _l("让导入的名册生效"),
    "desk_import.changes": _l("下载一份名册的变动"),
    "desk_payout_results.ask": _l("导出向银行查询的名单"),
    "desk_payout_results.decide": _l("对一笔结果不明的付款作出决定"),
    "desk_payout_results.new_result": _l("导入银行的结果文件"),
    "desk_payouts.cancel": _l("取消一个付款批次"),
    "desk_payouts.drop": _l("从批次里拿掉一笔付款"),
    "desk_payouts.envelope": _l("重新封装付款文件"),
    "desk_payouts.file": _l("下载一个批次的付款文件"),
    "desk_payouts.new_batch": _l("生成一个付款批次"),
    "desk_payouts.new_round": _l("开始一轮发放"),
    "desk_payouts.password": _l("显示付款文件的密码（只显示一次）"),
    "desk_payouts.release": _l("放行一个付款批次"),
    "desk_people.add": _l("在案件里加一个人"),
    "desk_people.instead": _l("改由另一个人领取"),
    "desk_people.merge": _l("把两个人并为一个人"),
    "desk_people.undo": _l("撤销一次代领或合并"),
    "desk_security.add_app": _l("启用验证器应用"),
    "desk_security.add_passkey": _l("添加一个通行密钥"),
    "desk_security.recovery_codes": _l("换一组新的恢复码"),
    "desk_security.remove_factor": _l("删除一种第二步验证"),
    "desk_security.second_factor": _l("添加第二步验证"),
    "desk_staff.clerk": _l("更改一名工作人员的姓名、角色或法院"),
    "desk_staff.new": _l("添加一名工作人员"),
    "desk_staff.reset": _l("重置一名工作人员的登录方式"),
    "desk_staff.switch": _l("停用或恢复一名工作人员"),
    "desk_texts.decide": _l("批准一份文本草稿"),
    "desk_trail.export": _l("导出操作记录"),
}
"""What waits for a fresh proof, by endpoint; a test asks for every one that takes a proof."""
