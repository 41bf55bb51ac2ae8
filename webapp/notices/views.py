"""The payee's inbox, and whether this browser may ring."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.core.db import unit_of_work
from webapp.core.masking import mask_phone
from webapp.notices.usecases import inbox, mark_read, unread_count
from webapp.notices.words import text_of
from webapp.push.usecases import BadSubscription, is_subscribed, subscribe, unsubscribe
from webapp.sms.usecases import dead_phone
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import now, seams, settings
from webapp.web.rendering import go, show
from webapp.wechat.usecases import messages_allowed

bp = Blueprint("notices", __name__)


@bp.get("/messages")
@open_to(Access.ALONE)
def messages() -> Response:
    """Every message in the reader's present language; showing them marks them read."""
    code = current_language().code
    listed = [(m, text_of(m.kind, m.facts, code, at=m.created_at), m.read_at is None) for m in inbox(current_user.id)]
    if unread_count(current_user.id):
        with unit_of_work():
            mark_read(current_user.id, now=now())
    dead = dead_phone(current_user.id)
    return show("notices/messages.html", messages=listed, dead_phone=dead and mask_phone(dead), **_push_state())


@bp.post("/push")
@open_to(Access.ALONE)
def push() -> Response:
    """Rings in this browser from now on. The browser's own address and keys come from its push service."""
    given = {name: request.form.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        with unit_of_work():
            subscribe(current_user.id, current_user.session_id, **given, hosts=settings().push_host_list, now=now())
    except BadSubscription:
        return show("notices/messages.html", 422, messages=[], push_fault=True, **_push_state())
    return go(url_for("notices.messages"))


@bp.post("/push/off")
@open_to(Access.ALONE)
def push_off() -> Response:
    """Rings here no more."""
    with unit_of_work():
        unsubscribe(current_user.session_id, account_id=current_user.id, now=now())
    return go(url_for("notices.messages"))


def _push_state() -> dict[str, Any]:
    gateway = seams().push
    key = gateway.public_key if gateway else ""
    left = messages_allowed(current_user.id) if settings().wechat_app_id else 0
    return {"push_key": key, "push_on": bool(key) and is_subscribed(current_user.session_id), "wechat_left": left}
