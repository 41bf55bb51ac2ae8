"""More time, by one tap: nobody loses a code or a film because their hands are slow (WCAG 2.2, 2.2.1)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.loading import device
from webapp.accounts.phones import extend_code
from webapp.accounts.queries import primary_phone
from webapp.accounts.views import number_of
from webapp.core.db import unit_of_work
from webapp.identity.challenges import extend_challenge
from webapp.identity.queries import verification_of
from webapp.web.access import Access, open_to, safe_next
from webapp.web.present import now
from webapp.web.rendering import fragment, go, wants_part

PURPOSES = ("sign-in", "first", "add")

bp = Blueprint("more_time", __name__)


@bp.post("/signin/more-time")
@open_to(Access.EVERYONE)
def code() -> Response:
    """The code of this page's number, which this very browser asked for, lasts five minutes from now."""
    number = next(filter(None, map(number_of, PURPOSES)), "")
    if not number and current_user.is_authenticated and (phone := primary_phone(current_user.id)):
        number = phone.number
    with unit_of_work():
        given = bool(number) and extend_code(number, device=device(), now=now())
    return say_more(given)


@bp.post("/verify/<key>/more-time")
@open_to(Access.PAYEE)
def film(key: str) -> Response:
    """The gestures that stand may be filmed for five minutes from now."""
    verification = verification_of(current_user.id)
    with unit_of_work():
        given = verification is not None and extend_challenge(verification, current_user.session_id, key, now=now())
    return say_more(given)


def say_more(given: bool) -> Response:
    """The answer to whoever asked for more time: beside the button, or on the page that it came from."""
    more = "1" if given else "0"
    if wants_part():
        return fragment("ui/_more_said.html", given=more)
    path, _mark, query = safe_next(request.form.get("next"), url_for("home.index")).partition("?")
    said = [part for part in query.split("&") if part and not part.startswith("more=")]
    return go(f"{path}?{'&'.join([*said, f'more={more}'])}")
