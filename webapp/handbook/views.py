"""The clerks' handbook, at hand at the desk: docs/clerk.md and its Chinese twin."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from webapp.handbook.reading import read
from webapp.web import desk_nav
from webapp.web.access import DESK, open_to
from webapp.web.locale import current_language
from webapp.web.rendering import show

bp = Blueprint("desk_handbook", __name__, url_prefix="/desk")
desk_nav.add("desk_handbook.index", _l("操作手册"), order=98)
DOCS = Path(__file__).parents[2] / "docs"


@bp.get("/handbook")
@open_to(*DESK)
def index() -> Response:
    """The whole of it on one page, with its contents at the head."""
    chinese = current_language().code.startswith("zh")
    return show("desk/handbook.html", book=read(DOCS / ("clerk.zh-CN.md" if chinese else "clerk.md")))
