"""The sandbox page of a demo: every phone's SMS inbox, which number gives which weather, specimen pictures."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, request

from webapp.web.access import Access, open_to
from webapp.web.rendering import show

bp = Blueprint("demo", __name__)


@bp.get("/sandbox")
@open_to(Access.EVERYONE)
def sandbox() -> Response:
    """Exists only in a demo (the factory mounts it there alone)."""
    desk = current_app.extensions["sandbox"]
    folder = Path(current_app.static_folder or "") / "specimens"
    pictures = sorted(p.name for p in folder.glob("*.jpg"))
    return show(
        "demo/sandbox.html",
        inbox=desk.inbox(request.args.get("phone", "")),
        pushed=desk.pushed(),
        weather=desk.weather,
        people=desk.people,
        pictures=pictures,
    )
