"""Who is asking: Flask-Login's user, made from our own session cookie of the surface that is asked."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, after_this_request, g, request
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import Account, Clerk, WebSession
from webapp.accounts.queries import courts_of, has_second_factor
from webapp.accounts.sessions import OPEN, PROVED, SECOND, Lifetime, ends_at, find_session
from webapp.core import audit
from webapp.core.db import db
from webapp.core.ids import new_token
from webapp.web.access import Access
from webapp.web.present import now, settings

COOKIES = {"payee": "payee_session", "clerk": "desk_session"}
DEVICE, A_YEAR = "device", 365 * 24 * 3600
PATHS = {"payee": "/", "clerk": "/desk"}

UNSEEN = frozenset({"desk_door.time_left", "desk_door.counts"})
"""Pages that a browser asks for by itself: asking for one is no visit, so it keeps nobody signed in."""

login = LoginManager()
login.session_protection = None  # our sessions live in the database


class SignedInPayee(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A payee with a session. `id` is the account's.

    `helped_by`: the clerk who sits beside them at the counter; then they see cases of the clerk's `courts` alone (None: of
    all), no pictures kept for a form from before the visit (`helped_since`), and nothing of what is theirs and no court's.
    """

    def __init__(self, account: Account, session: WebSession) -> None:
        self.id, self.session_id = account.id, session.id
        self.language, self.large_text = account.language, account.large_text
        self.helped_by = session.clerk_id
        self.helped_since = session.created_at if session.clerk_id else None
        self.courts = courts_of(session.clerk_id) if session.clerk_id else None
        self.marks = frozenset({Access.PAYEE} if session.clerk_id else {Access.PAYEE, Access.ALONE})


class SignedInClerk(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A clerk with a session. `id` is the clerk's, `courts` whose records they see, `duty` what they must do first.

    `is_fresh`: they proved who they are within the last minutes. `seconds_left`: until the session ends by itself.
    """

    def __init__(self, clerk: Clerk, session: WebSession) -> None:
        self.id, self.session_id = clerk.id, session.id
        self.name, self.role, self.language = clerk.display_name, clerk.role, clerk.language
        self.duty, self.tour_step = _duty_of(clerk), clerk.tour_step
        self.marks = frozenset({Access.NEWCOMER if self.duty else Access(clerk.role)})
        self.courts = courts_of(clerk.id)
        self.is_fresh = session.fresh_at is not None and now() - session.fresh_at < PROVED
        self.seconds_left = int((ends_at(session, lifetime_of("clerk")) - now()).total_seconds())
        self.longest_left = int((session.expires_at - now()).total_seconds())


def _duty_of(clerk: Clerk) -> str | None:
    if clerk.temporary_until is not None:
        return "password"
    demanded = settings().clerk_second_factor == "demand"
    return "second_factor" if demanded and not has_second_factor(clerk.id) else None


def lifetime_of(surface: str) -> Lifetime:
    """How long a session of this surface lives, by the settings."""
    if surface == "payee":
        return Lifetime(timedelta(minutes=settings().payee_idle_minutes))
    return Lifetime(timedelta(minutes=settings().clerk_idle_minutes), timedelta(hours=settings().clerk_session_hours))


def surface_of(request: Request) -> str:
    """Which application an address belongs to."""
    return "clerk" if request.path.startswith("/desk") else "payee"


@login.request_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_user(request: Request) -> SignedInPayee | SignedInClerk | None:
    """The signed-in person of a request, or None."""
    surface = surface_of(request)
    session = _session_of(request, surface)
    if session is None or session.stage != OPEN:
        return None
    if surface == "payee":
        account = db.session.get(Account, session.account_id)
        return SignedInPayee(account, session) if account else None
    clerk = db.session.get(Clerk, session.clerk_id)
    return SignedInClerk(clerk, session) if clerk and clerk.disabled_at is None else None


def half_signed_in() -> tuple[Clerk, WebSession] | None:
    """The clerk of this browser who has shown a password and still owes the second factor."""
    session = _session_of(request, "clerk")
    if session is None or session.stage != SECOND:
        return None
    clerk = db.session.get_one(Clerk, session.clerk_id)
    return (clerk, session) if clerk.disabled_at is None else None


def _session_of(request: Request, surface: str) -> WebSession | None:
    token = request.cookies.get(COOKIES[surface], "")
    visit = request.endpoint not in UNSEEN
    return find_session(token, surface, lifetime=lifetime_of(surface), now=now(), visit=visit) if token else None


def set_cookie(response: Response, surface: str, token: str) -> None:
    """Hands the session's token to the browser."""
    age = None if surface == "clerk" else settings().payee_idle_minutes * 60
    response.set_cookie(
        COOKIES[surface],
        token,
        max_age=age,
        path=PATHS[surface],
        httponly=True,
        samesite="Lax",
        secure=settings().secure_cookies,
    )


def device() -> str:
    """The random token by which this browser is known again when it asks for a code; made when it is first needed.

    It signs nobody in: a browser that proved a number may go on asking for codes to it while strangers use theirs up.
    """
    known = request.cookies.get(DEVICE, "")[:80] or g.get("device", "")
    if not known:
        known = g.device = new_token()
        after_this_request(_hand_over_device)
    return known


def _hand_over_device(response: Response) -> Response:
    response.set_cookie(
        DEVICE, g.device, max_age=A_YEAR, httponly=True, samesite="Lax", secure=settings().secure_cookies
    )
    return response


def drop_cookie(response: Response, surface: str) -> None:
    """Takes the token back."""
    response.delete_cookie(COOKIES[surface], path=PATHS[surface])


def init_sign_in(app: Flask) -> None:
    """Installs Flask-Login. Who asks is found out before any deed, so that no deed's transaction is in the way."""
    login.init_app(app)
    app.before_request(_know_who_asks)
    app.teardown_request(_forget_who_asked)


def _know_who_asks() -> None:
    if request.endpoint != "static":
        current_user.is_authenticated  # noqa: B018 (loads the user)
        audit.helping.set(getattr(current_user, "helped_by", None))


def _forget_who_asked(_fault: BaseException | None) -> None:
    audit.helping.set(None)  # a thread serves one person after the other
