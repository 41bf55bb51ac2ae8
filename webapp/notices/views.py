"""The payee's inbox."""

from __future__ import annotations

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.core.db import unit_of_work
from webapp.notices.usecases import inbox, mark_read, unread_count
from webapp.notices.words import text_of
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import now
from webapp.web.rendering import show

bp = Blueprint("notices", __name__)


@bp.get("/messages")
@open_to(Access.PAYEE)
def messages() -> Response:
    """Every message in the reader's present language; showing them marks them read."""
    listed = [(m, text_of(m.kind, m.facts, current_language().code), m.read_at is None) for m in inbox(current_user.id)]
    if unread_count(current_user.id):
        with unit_of_work():
            mark_read(current_user.id, now=now())
    return show("notices/messages.html", messages=listed)
