"""The desk's page on outside parties: which of them answer, since when not, and what is the matter."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.seam_health import SeamState, seam_states, worker_is_seen
from webapp.ports.failures import Trouble
from webapp.web import desk_nav
from webapp.web.access import DESK, open_to
from webapp.web.present import now, settings
from webapp.web.rendering import show

bp = Blueprint("desk_seams", __name__, url_prefix="/desk")
desk_nav.add("desk_seams.health", _l("外部接口"), order=90)

TITLES = {
    "sms": _l("短信"),
    "sms_fallback": _l("备用短信通道"),
    "face_authority": _l("人脸比对"),
    "immigration": _l("移民局核验"),
    "account_check": _l("银行账户核验"),
    "wechat": _l("微信"),
    "object_store": _l("照片和文件"),
    "mail": _l("电子邮件"),
    "time_stamp": _l("时间戳"),
}
TROUBLES = {
    Trouble.NAME: _l("找不到对方的域名"),
    Trouble.UNREACHABLE: _l("连不上对方的服务器"),
    Trouble.CERTIFICATE: _l("对方的证书不可信"),
    Trouble.TIMEOUT: _l("对方太久没有回答"),
    Trouble.CUT_OFF: _l("对方的回答中途断了"),
    Trouble.NONSENSE: _l("对方的回答看不懂或签名不对"),
    Trouble.BUSY: _l("对方太忙，请求被限流"),
    Trouble.SERVER: _l("对方系统内部出错"),
    Trouble.PAUSED: _l("已知对方不可用，暂停询问"),
    Trouble.CLOCK: _l("双方时钟相差太多，请校准服务器时间"),
    Trouble.SECRET: _l("密钥或应用标识不对，请检查设置"),
    Trouble.PERMISSION: _l("对方没有给我们开通权限"),
    Trouble.QUOTA: _l("套餐用完或欠费"),
    Trouble.QUESTION: _l("对方不接受我们的请求"),
    Trouble.OTHER: _l("原因不明"),
}


@bp.get("/seams")
@open_to(*DESK)
def health() -> Response:
    """Every seam with its state, the last success and failure, and the counts of 24 hours."""
    states = seam_states(tuple(TITLES), now=now())
    seen = worker_is_seen(now=now())
    return show("desk/seams.html", rows=[_row(state) for state in states], worker_is_seen=seen)


def _row(state: SeamState) -> dict[str, object]:
    health = state.health
    kind, words = _standing(state)
    known = health.trouble if health is not None and health.trouble in set(Trouble) else None
    return {
        "title": TITLES[state.seam],
        "kind": kind,
        "words": words,
        "trouble": TROUBLES[Trouble(known)] if known and kind != "ok" else "",
        "succeeded_at": health.succeeded_at if health else None,
        "failed_at": health.failed_at if health else None,
        "asked": state.asked,
        "failed": state.failed,
        "mean": None if state.mean_milliseconds is None else f"{state.mean_milliseconds / 1000:.2f}",
    }


def _standing(state: SeamState) -> tuple[str, str]:
    """A mark's kind (ok, wait, bad, todo) and its words."""
    set_by_address = {"wechat": settings().wechat_app_id, "time_stamp": settings().tsa_url}
    address = set_by_address.get(state.seam, "")
    choice = str(getattr(settings(), state.seam, "sandbox" if address == "sandbox" else "on" if address else ""))
    fixed = {
        "": ("wait", _("没有接入")),
        "off": ("wait", _("没有接入")),
        "review": ("wait", _("没有接入，由审核员判断")),
        "sandbox": ("wait", _("演示用的沙箱")),
        "local": ("ok", _("在本机硬盘上")),
    }
    if choice in fixed:
        return fixed[choice]
    health = state.health
    if health is None or (health.succeeded_at is None and health.failed_at is None):
        return "wait", _("还没有用过")
    if health.paused_until is not None and health.paused_until > now():
        return "bad", _("不可用，暂停询问，稍后自动再试")
    if health.failed_at is not None and (health.succeeded_at is None or health.failed_at > health.succeeded_at):
        return "todo", _("最近一次失败了")
    return "ok", _("正常")
