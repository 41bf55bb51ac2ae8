"""短信送达: what didn't arrive, and whether another number is needed or patience."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from webapp.core.masking import mask_phone
from webapp.notices.words import headline_of
from webapp.review.queries import lost_of
from webapp.sms.models import LOST_SHOWN, DeliveryState, Fault, SmsDelivery
from webapp.sms.usecases import count_by_state
from webapp.web import desk_nav
from webapp.web.access import DESK, Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import now
from webapp.web.rendering import show

bp = Blueprint("desk_messages", __name__, url_prefix="/desk")
desk_nav.add("desk_messages.messages", _l("短信送达"), order=80)
DAY, MOST = timedelta(days=1), 200

FAULTS = {
    Fault.PERMANENT: (_l("号码停机、空号或拒收，需要当事人换一个号码"), "bad"),
    Fault.TEMPORARY: (_l("手机关机或不在服务区，会自动再发"), "todo"),
    Fault.UNKNOWN: (_l("运营商没有说明原因"), "wait"),
}
COUNTED = (
    (DeliveryState.WAITING, _l("等待发送")),
    (DeliveryState.SENT, _l("已发出")),
    (DeliveryState.DELIVERED, _l("已送达")),
    (DeliveryState.UNDELIVERED, _l("未送达")),
    (DeliveryState.REFUSED, _l("被拒收")),
)


@bp.get("/messages")
@open_to(*DESK)
def messages() -> Response:
    """The day in numbers, and a month of what was lost, the newest first. Phones are masked, texts aren't shown.

    Clerks see what was meant for people of their own courts, administrators also what belongs to nobody's case.
    """
    counts = count_by_state(since=now() - DAY)
    tiles = [(counts.get(state, 0), str(words)) for state, words in COUNTED]
    others = Access.ADMINISTRATOR in current_user.marks
    rows = [
        _row(delivery) for delivery in lost_of(current_user.courts, others=others, since=now() - LOST_SHOWN, most=MOST)
    ]
    return show("desk/messages.html", tiles=tiles, rows=rows, most=MOST)


def _row(delivery: SmsDelivery) -> dict[str, object]:
    words, kind = FAULTS[Fault(delivery.fault or Fault.UNKNOWN)]
    what = headline_of(delivery.kind, current_language().code) if delivery.kind else _("验证码和安全提醒")
    return {
        "phone": mask_phone(delivery.phone),
        "what": what,
        "words": str(words),
        "kind": kind,
        "at": delivery.created_at,
        "tries": delivery.tries,
    }
