"""Who is asking: Flask-Login's user, made from our own session cookie of the surface that is asked."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, request
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import Account, Clerk, WebSession
from webapp.accounts.sessions import Lifetime, find_session
from webapp.core.db import db
from webapp.web.access import Access
from webapp.web.present import now, settings

COOKIES = {"payee": "payee_session", "clerk": "desk_session"}
PATHS = {"payee": "/", "clerk": "/desk"}

login = LoginManager()
login.session_protection = None  # our sessions live in the database


class SignedInPayee(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A payee with a session. `id` is the account's."""

    marks = frozenset({Access.PAYEE})

    def __init__(self, account: Account, session: WebSession) -> None:
        self.id, self.session_id = account.id, session.id
        self.language, self.large_text = account.language, account.large_text


class SignedInClerk(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A clerk with a session. `id` is the clerk's."""

    def __init__(self, clerk: Clerk, session: WebSession) -> None:
        self.id, self.session_id = clerk.id, session.id
        self.name, self.role, self.language = clerk.display_name, clerk.role, clerk.language
        self.marks = frozenset({Access(clerk.role)})


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
    token = request.cookies.get(COOKIES[surface], "")
    session = find_session(token, surface, lifetime=lifetime_of(surface), now=now()) if token else None
    if session is None:
        return None
    if surface == "payee":
        account = db.session.get(Account, session.account_id)
        return SignedInPayee(account, session) if account else None
    clerk = db.session.get(Clerk, session.clerk_id)
    return SignedInClerk(clerk, session) if clerk and clerk.disabled_at is None else None


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


def drop_cookie(response: Response, surface: str) -> None:
    """Takes the token back."""
    response.delete_cookie(COOKIES[surface], path=PATHS[surface])


def init_sign_in(app: Flask) -> None:
    """Installs Flask-Login. Who asks is found out before any deed, so that no deed's transaction is in the way."""
    login.init_app(app)
    app.before_request(_know_who_asks)


def _know_who_asks() -> None:
    if request.endpoint != "static":
        current_user.is_authenticated  # noqa: B018 (loads the user)
