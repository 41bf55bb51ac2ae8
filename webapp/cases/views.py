"""A poster's code leads here, and on to where its reader stands."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from webapp.cases.queries import case_by_code
from webapp.web.access import Access, open_to
from webapp.web.rendering import go

bp = Blueprint("cases", __name__)


@bp.get("/c/<code>")
@open_to(Access.EVERYONE)
def by_code(code: str) -> Response:
    """The case list, which asks for verification first; a code that no case has is told as such."""
    if case_by_code(code) is None:
        abort(404)
    return go(url_for("payee.case_list"))
