"""Making the application: settings and seams in, a Flask app out. It knows every room."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.accounts.loading import init_sign_in
from webapp.cases.spent import ask_ledger
from webapp.cli import add_commands
from webapp.core.clock import Clock, system_clock
from webapp.core.db import init_db
from webapp.core.sealing import KeyRing
from webapp.core.settings import Settings, Surface
from webapp.ledger.queries import overspent_by, spent_of
from webapp.mounting import mount_clerk, mount_demo, mount_payee
from webapp.payouts.queries import money_of
from webapp.ports.seams import Seams
from webapp.web.context import init_context
from webapp.web.errors import init_errors
from webapp.web.locale import init_locale
from webapp.web.packing import init_packing
from webapp.web.rendering import htmx
from webapp.web.security import init_security
from webapp.web.static_files import init_static_files
from webapp.wiring import build_sandbox_desk, build_seams

ROOT = Path(__file__).parents[1]
MOST_REQUEST_BYTES = 48_000_000
MOST_REGISTER_BYTES = 310_000_000


def create_app(settings: Settings, *, seams: Seams | None = None, clock: Clock = system_clock) -> Flask:
    """An application for these settings. `seams` and `clock` may be given by tests; a faulty setting is refused here."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = Flask(
        "webapp",
        root_path=str(ROOT / "webapp"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        TESTING=settings.env == "test",
        MAX_CONTENT_LENGTH=MOST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        LARGE_UPLOADS=frozenset({"desk_import.upload"}),
        MOST_LARGE_BYTES=MOST_REGISTER_BYTES,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
    app.extensions["settings"], app.extensions["clock"] = settings, clock
    app.extensions["key_ring"] = KeyRing(settings.key_ring, settings.index_key.encode())
    _install(app, settings)
    app.extensions["seams"] = seams or build_seams(settings)
    _mount(app, settings)
    add_commands(app)
    return app


def _install(app: Flask, settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]  # Flask's own recipe
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    init_db(app)
    init_packing(app)  # the first to be installed is the last to see an answer
    init_security(app)
    init_locale(app, str(ROOT / "translations"))
    init_static_files(app)
    init_sign_in(app)
    init_context(app)
    init_errors(app)
    htmx.init_app(app)
    ask_ledger(spent_of, overspent_by, money_of)


def _mount(app: Flask, settings: Settings) -> None:
    if settings.surface in (Surface.PAYEE, Surface.BOTH):
        mount_payee(app)
    if settings.surface in (Surface.CLERK, Surface.BOTH):
        mount_clerk(app)
    if settings.demo:
        app.extensions["sandbox"] = build_sandbox_desk(settings)
        mount_demo(app)
