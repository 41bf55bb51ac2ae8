"""Which pages each of the two applications has. On the public host no clerk's route exists at all."""

from __future__ import annotations

from flask import Flask

from webapp.accounts import views as accounts
from webapp.callbacks import views as callbacks
from webapp.cases import views as cases
from webapp.core.settings import Settings
from webapp.demo import views as demo
from webapp.evidence import views as evidence
from webapp.home import views as home
from webapp.identity import views as identity
from webapp.notices import views as notices
from webapp.payee import letter_views
from webapp.payee import views as payee
from webapp.review import seams_views
from webapp.review import views as review


def mount_payee(app: Flask) -> None:
    """The payees' application."""
    for room in (home, accounts, identity, cases, payee, notices, evidence):
        app.register_blueprint(room.bp)
    app.register_blueprint(letter_views.letters)
    settings: Settings = app.extensions["settings"]
    if settings.immigration == "signed":
        app.register_blueprint(callbacks.immigration)
    if settings.sms == "webhook":
        app.register_blueprint(callbacks.sms)


def mount_clerk(app: Flask) -> None:
    """The clerks' application, all of it below /desk."""
    for blueprint in review.blueprints:
        app.register_blueprint(blueprint)
    app.register_blueprint(seams_views.bp)


def mount_demo(app: Flask) -> None:
    """What only a demo shows: the sandbox page with its SMS inbox and specimen pictures."""
    app.register_blueprint(demo.bp)
