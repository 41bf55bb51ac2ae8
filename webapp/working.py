"""Every kind of job and its handler: what a worker can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Flask

from webapp.core.jobs import Handler
from webapp.identity import jobs as identity
from webapp.payee import jobs as payee
from webapp.push.usecases import SEND_PUSH, send_push
from webapp.sms.usecases import SEND_SMS, send_sms


def all_handlers(app: Flask) -> Mapping[str, Handler]:
    """The handlers over this application's seams, settings and clock."""
    seams, settings = app.extensions["seams"], app.extensions["settings"]

    def now() -> datetime:
        moment: datetime = app.extensions["clock"]()
        return moment

    return {
        "check_face": lambda p: identity.check_face(p["record"], seams=seams, now=now()),
        "check_evidence": lambda p: identity.check_evidence(p["record"], seams=seams, now=now()),
        "check_video": lambda p: identity.check_video(p["record"], seams=seams, now=now()),
        "ask_immigration": lambda p: identity.ask_immigration(p["record"], seams=seams, now=now()),
        SEND_SMS: lambda p: send_sms(
            p["delivery"],
            gateway=seams.sms,
            signature=settings.court_short_name,
            quiet=settings.quiet_hours,
            now=now(),
        ),
        SEND_PUSH: lambda p: send_push(p["delivery"], gateway=seams.push, quiet=settings.quiet_hours, now=now()),
        **payee.handlers(seams),
    }
