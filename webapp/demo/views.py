"""The sandbox page of a demo: every phone's SMS inbox, which number gives which weather, specimen pictures."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request

from webapp.identity.words import GESTURES
from webapp.web.access import Access, open_to
from webapp.web.rendering import show

bp = Blueprint("demo", __name__)
NEWEST = 6
"""So many messages of all phones are shown; a phone's own inbox has them all."""


@bp.get("/sandbox")
@open_to(Access.EVERYONE)
def sandbox() -> Response:
    """Exists only in a demo (the factory mounts it there alone)."""
    desk, phone = current_app.extensions["sandbox"], request.args.get("phone", "")
    folder = Path(current_app.static_folder or "") / "specimens"
    pictures = sorted(p.name for p in folder.glob("*.jpg"))
    return show(
        "demo/sandbox.html",
        inbox=desk.inbox(phone)[: None if phone else NEWEST],
        pushed=desk.pushed(),
        mailed=desk.mailed(),
        weather=desk.weather,
        people=desk.people,
        pictures=pictures,
        gestures=GESTURES,
    )


@bp.get("/sandbox/film.webm")
@open_to(Access.EVERYONE)
def film() -> Response:
    """A film of the specimens' person who does `first`, then `second`: a new one each time, as each is good once."""
    asked = [request.args.get(name, "") for name in ("first", "second")]
    if asked[0] == asked[1] or not set(asked) <= set(GESTURES):
        abort(404)
    made = current_app.extensions["sandbox"].film(asked)
    answer = Response(made, mimetype="video/webm")
    answer.headers["Content-Disposition"] = f"attachment; filename=face-{asked[0]}-{asked[1]}.webm"
    return answer
