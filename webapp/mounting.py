"""Which pages each of the two applications has. On the public host no clerk's route exists at all."""

from __future__ import annotations

from flask import Flask

from webapp.accounts import views as accounts
from webapp.amending import views as amending
from webapp.callbacks import views as callbacks
from webapp.cases import counter_views, desk_views, import_views, people_views
from webapp.cases import views as cases
from webapp.charts import views as charts
from webapp.core.settings import Settings
from webapp.demo import style_views as style
from webapp.demo import views as demo
from webapp.docket.usecases import hand_back
from webapp.evidence import views as evidence
from webapp.evidence.showing import ask_desk
from webapp.genuine import views as genuine
from webapp.handbook import views as handbook
from webapp.handover import views as handover
from webapp.home import views as home
from webapp.identity import photo_views, time_views
from webapp.identity import views as identity
from webapp.notices import views as notices
from webapp.payee import bank_views, card_views, letter_views
from webapp.payee import views as payee
from webapp.payouts import letter_views as payout_letters
from webapp.payouts import result_views as payout_results
from webapp.payouts import views as payouts
from webapp.review import (
    decision_views,
    delivery_views,
    evidence_sheet_views,
    evidence_views,
    queue_views,
    reason_views,
    seams_views,
    workload_views,
)
from webapp.review import views as review
from webapp.review.queries import may_see_photo
from webapp.search import views as search
from webapp.staff import admin_views, security_views
from webapp.staff import views as staff
from webapp.staff.administration import when_rights_shrink
from webapp.trail import views as trail
from webapp.typed import views as typed
from webapp.wechat import views as wechat
from webapp.wording import views as wording


def mount_payee(app: Flask) -> None:
    """The payees' application."""
    for room in (home, accounts, typed, identity, cases, payee, notices, evidence, handover, genuine):
        app.register_blueprint(room.bp)
    app.register_blueprint(letter_views.letters)
    app.register_blueprint(bank_views.bp)
    app.register_blueprint(card_views.bp)
    app.register_blueprint(photo_views.bp)
    app.register_blueprint(time_views.bp)
    app.register_blueprint(counter_views.tablet)
    ask_desk(may_see_photo)
    settings: Settings = app.extensions["settings"]
    if settings.wechat_app_id:
        app.register_blueprint(wechat.bp)
    if settings.immigration == "signed":
        app.register_blueprint(callbacks.immigration)
    if "webhook" in (settings.sms, settings.sms_fallback):
        app.register_blueprint(callbacks.sms)


def mount_clerk(app: Flask) -> None:
    """The clerks' application, all of it below /desk."""
    for blueprint in (
        staff.door,
        security_views.bp,
        admin_views.bp,
        review.desk,
        seams_views.bp,
        delivery_views.bp,
        queue_views.bp,
        evidence_views.bp,
        decision_views.bp,
        reason_views.bp,
        workload_views.bp,
        charts.bp,
        desk_views.bp,
        import_views.bp,
        people_views.bp,
        counter_views.desk,
        amending.bp,
        search.bp,
        evidence_sheet_views.bp,
        payouts.bp,
        payout_results.bp,
        payout_letters.bp,
        wording.bp,
        trail.bp,
        handbook.bp,
    ):
        app.register_blueprint(blueprint)
    when_rights_shrink("docket", lambda clerk_id, courts, now: hand_back(clerk_id, courts, now=now))


def mount_demo(app: Flask) -> None:
    """What only a demo shows: the sandbox page with its SMS inbox and specimen pictures, and the parts of all pages."""
    app.register_blueprint(demo.bp)
    app.register_blueprint(style.bp)
