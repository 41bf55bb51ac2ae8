"""The first-day tour: which places a clerk is led to, by role, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Clerk, Role
from webapp.core.db import db

ALL = frozenset(Role)
DECIDE, PAY = frozenset({Role.REVIEWER, Role.MANAGER}), frozenset({Role.MANAGER, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Stop:
    """One place. `endpoint` is the page of the navigation that it belongs to, `points` where on that page (CSS), if anywhere."""

    key: str
    title: Any
    words: Any
    roles: frozenset[Role] = ALL
    endpoint: str = ""
    points: str = ""


STOPS = (
    Stop(
        "queue",
        _l("从队列开始"),
        _l("要审的都在这里，等得最久的排在最前。按 N 直接打开下一件；您打开的，别人不能同时决定。"),
        DECIDE,
        "desk.identities",
        "[data-key=n]",
    ),
    Stop(
        "look",
        _l("队列"),
        _l("等待审核的都在这里，等得最久的排在最前。您可以查看，由审核员作出决定。"),
        ALL - DECIDE,
        "desk.identities",
    ),
    Stop(
        "evidence",
        _l("核对证据"),
        _l(
            "打开一件：左边是填写的、照片识别的和外部核验的对照，标红的一行不一致；右边是照片和视频，可以放大、旋转。看不清就退回，不要猜。"
        ),
        DECIDE,
        "desk.identities",
        ".evidence",
    ),
    Stop(
        "keys",
        _l("用键盘更快"),
        _l("J、K 上下走，A 通过，R 选不通过的原因，Q 回到队列。任何时候按问号，都能看到本页的全部按键。"),
    ),
    Stop(
        "undo",
        _l("决定可以撤销"),
        _l("决定半分钟以后才生效。在这之前按 U，或者点弹出的“撤销”。生效以后当事人会收到短信。"),
        DECIDE,
        "desk.identities",
        "#told .told",
    ),
    Stop(
        "cases",
        _l("案件"),
        _l("每个案件的名册、进度、海报和确认书都在这里。"),
        ALL,
        "desk_cases.cases",
    ),
    Stop(
        "people",
        _l("查人"),
        _l(
            "有人来电话或到窗口：在这里输入姓名、证件号码、手机号或确认书编号，在全部案件里查找。按 / 直接到这里。每次查找都有记录。"
        ),
        ALL,
        "",
        ".desk-find",
    ),
    Stop(
        "payments",
        _l("款项发放"),
        _l("一人制作批次，另一人放行；自己做的批次自己不能放行。审计员可以查看。"),
        PAY,
        "desk_payouts.index",
    ),
    Stop(
        "trail",
        _l("审计"),
        _l("每次操作和每次查看都在这里，可以按人、时间查找，也可以导出证明。"),
        frozenset({Role.AUDITOR}),
        "desk_trail.index",
    ),
    Stop(
        "staff",
        _l("工作人员"),
        _l("在这里添加工作人员、改角色和法院。有人离职，当天停用。"),
        frozenset({Role.ADMINISTRATOR}),
        "desk_staff.people",
    ),
    Stop(
        "handbook",
        _l("随时查手册"),
        _l("所有做法都写在操作手册里，这份指引也可以从那里重新开始。"),
        ALL,
        "desk_handbook.index",
    ),
)


def stops_for(role: str) -> Sequence[Stop]:
    """The places of one role, in order."""
    return [stop for stop in STOPS if role in stop.roles]


def stop_at(role: str, step: int) -> tuple[Stop, int, int]:
    """(the place, its number from 1, how many there are); a step beyond the end is the last."""
    stops = stops_for(role)
    place = min(max(step, 0), len(stops) - 1)
    return stops[place], place + 1, len(stops)


def walk(clerk_id: str, to: str, *, now: datetime) -> None:
    """Goes "next" or "back", begins ("begin") or ends ("end") the tour. Inside a unit of work.

    Beyond the last place the tour is over; a browser that is a step behind does no harm.
    """
    clerk = db.session.get_one(Clerk, clerk_id)
    if to == "begin":
        clerk.tour_step = 0
    elif clerk.tour_step is not None and to in ("next", "back"):
        step = max(0, clerk.tour_step + (1 if to == "next" else -1))
        clerk.tour_step = step if step < len(stops_for(clerk.role)) else None
    elif to == "end":
        clerk.tour_step = None
    if clerk.tour_step is None:
        clerk.tour_ended_at = clerk.tour_ended_at or now


def offer(clerk: Clerk) -> None:
    """Begins the tour for whoever has just set a password of their own for the first time. Inside a unit of work."""
    if clerk.tour_ended_at is None and clerk.tour_step is None:
        clerk.tour_step = 0
