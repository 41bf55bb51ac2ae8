"""Headers that every answer carries, and CSRF. Nothing inline runs, nothing is cached, nobody frames us."""

from __future__ import annotations

import secrets

from flask import Flask, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_wtf import CSRFProtect

from webapp.web.access import is_findable

csrf = CSRFProtect()

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


class CookiePerSurface(SecureCookieSessionInterface):
    """Flask's own cookie holds the CSRF secret alone; the desk and the payees have one each."""

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 (Flask's signature)
        return "desk_form" if request.path.startswith("/desk") else "form"

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002 (Flask's signature)
        return "/desk" if request.path.startswith("/desk") else "/"


def nonce() -> str:
    """The nonce of this answer's scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def add_headers(response: Response) -> Response:
    """Security and caching headers; a view's own Cache-Control stays (static files alone have one)."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()")
    headers.add("Vary", "HX-Request, Cookie")
    if not is_findable(request.endpoint):
        headers.setdefault("X-Robots-Tag", "noindex, nofollow")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def widen() -> None:
    """Lets somebody who has signed in send a large file where one is expected; everybody else meets the common limit."""
    if request.endpoint in current_app.config["LARGE_UPLOADS"] and current_user.is_authenticated:
        request.max_content_length = current_app.config["MOST_LARGE_BYTES"]


def refuse_nul() -> None:
    """No word of ours holds a NUL, and PostgreSQL takes none: such an address isn't there, such a form has a fault."""
    if "\0" in request.path or any("\0" in part for pair in request.args.items(multi=True) for part in pair):
        abort(404)
    files = ((name, file.filename or "") for name, file in request.files.items(multi=True))
    if any("\0" in part for pair in (*request.form.items(multi=True), *files) for part in pair):
        abort(422)


def init_security(app: Flask) -> None:
    """Installs CSRF, cookies and headers."""
    app.session_interface = CookiePerSurface()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
    )
    app.before_request(widen)  # before CSRF, which reads the form
    csrf.init_app(app)
    app.before_request(refuse_nul)  # after CSRF: a form of somebody else's is no fault in a form
    app.after_request(add_headers)
