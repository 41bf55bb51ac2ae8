"""Takes in what a page's script sends while somebody types; without a script nothing comes here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.core.sealing import keyed_hash
from webapp.typed.rules import fields_of
from webapp.typed.usecases import keep_typed
from webapp.web.access import Access, open_to
from webapp.web.present import now

bp = Blueprint("typed", __name__)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page says to the script that keeps its form: which form, whose (told by no name), when it was drawn.

    `again`: the form is filled in with what was typed before.
    """

    place: str
    owner: str
    drawn: int
    again: bool = False


def typed_here(place: str, *, again: bool = False) -> Typed:
    """For the macro `form` of a page whose form is kept while it is typed."""
    return Typed(place, keyed_hash("typed.owner", current_user.id).hex()[:16], int(now().timestamp() * 1000), again)


@bp.post("/typed")
@open_to(Access.PAYEE)
def keep() -> Response:
    """Keeps the form as it stands. 204 kept, 409 it was handed in meanwhile, 422 no form of ours."""
    place, drawn = request.form.get("typed_at", ""), request.form.get("typed_drawn", "")
    if not fields_of(place) or not (drawn.isascii() and drawn.isdigit() and len(drawn) < 15):
        abort(422)
    since = datetime.fromtimestamp(int(drawn) / 1000, UTC)
    kept = keep_typed(current_user.id, place, request.form, drawn=since, now=now())
    return Response(status=204 if kept else 409)
