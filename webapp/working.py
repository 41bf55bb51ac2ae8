"""Every kind of job and its handler: what a worker can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Flask

from webapp.cases.imports import CLEAR_REGISTER, READ_REGISTER, clear_import, read_register_file
from webapp.cases.reminders import SEND_REMINDERS, send_reminders
from webapp.charts.usecases import COUNT_CASE, count_case
from webapp.core.clock import in_china
from webapp.core.jobs import Handler
from webapp.identity import jobs as identity
from webapp.identity.twice import LOOK_FOR_OTHERS, look_for_others
from webapp.payee import jobs as payee
from webapp.payouts import jobs as payouts
from webapp.push.usecases import SEND_PUSH, send_push
from webapp.review import jobs as review
from webapp.sms.usecases import FETCH_RECEIPTS, SEND_SMS, fetch_receipts, send_sms
from webapp.trail.usecases import PROVE_CHAIN, prove
from webapp.wechat.rules import field_map
from webapp.wechat.usecases import SEND_WECHAT, send_wechat


def all_handlers(app: Flask) -> Mapping[str, Handler]:
    """The handlers over this application's seams, settings and clock."""
    seams, settings = app.extensions["seams"], app.extensions["settings"]

    def now() -> datetime:
        moment: datetime = app.extensions["clock"]()
        return moment

    return {
        "check_face": lambda p: identity.check_face(p["record"], seams=seams, now=now()),
        identity.READ_DOCUMENT: lambda p: identity.read_first(p["photo"], seams=seams, now=now()),
        "check_evidence": lambda p: identity.check_evidence(p["record"], seams=seams, now=now()),
        "check_video": lambda p: identity.check_video(p["record"], seams=seams, now=now()),
        LOOK_FOR_OTHERS: lambda p: look_for_others(p["verification"], seams=seams, now=now()),
        "ask_immigration": lambda p: identity.ask_immigration(p["record"], seams=seams, now=now()),
        SEND_SMS: lambda p: send_sms(
            p["delivery"],
            gateway=seams.sms,
            signature=settings.court_short_name,
            quiet=settings.quiet_hours,
            now=now(),
            receipts=seams.receipts,
        ),
        FETCH_RECEIPTS: lambda _: fetch_receipts(source=seams.receipts, now=now()),
        SEND_PUSH: lambda p: send_push(p["delivery"], gateway=seams.push, quiet=settings.quiet_hours, now=now()),
        PROVE_CHAIN: lambda p: prove(p["proof"], heads_file=settings.heads_file, now=now),
        SEND_WECHAT: lambda p: send_wechat(
            p["delivery"],
            wechat=seams.wechat,
            template=settings.wechat_template,
            fields=field_map(settings.wechat_template_fields),
            quiet=settings.quiet_hours,
            now=now(),
        ),
        READ_REGISTER: lambda p: read_register_file(
            p["import"], store=seams.store, today=in_china(now()).date(), test_phones=settings.test_phones, now=now
        ),
        CLEAR_REGISTER: lambda p: clear_import(p["import"], store=seams.store),
        SEND_REMINDERS: lambda p: send_reminders(
            p["reminder"], facts={"link": settings.public_url, "phone": settings.court_phone}, now=now()
        ),
        **payee.handlers(seams),
        **payouts.handlers(seams, certificate=settings.bank_certificate_file),
        **review.handlers(),
        COUNT_CASE: lambda p: count_case(p["case"], now=now()),
    }
