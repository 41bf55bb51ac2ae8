"""The payees' front door: home, language, large text, help, and the files that make it an app."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from sqlalchemy import text as sql
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Account
from webapp.accounts.queries import primary_phone
from webapp.cases.models import Case
from webapp.cases.queries import entries_of
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_phone
from webapp.core.seam_health import worker_is_seen
from webapp.home import guide
from webapp.identity.models import Identity, Verification
from webapp.identity.pages import WAITING
from webapp.identity.queries import (
    identity_of,
    open_refusal,
    signature_of,
    states_of,
    table_of,
    verification_of,
)
from webapp.identity.words import AT_DOCUMENT, STEPS, reason_code
from webapp.journey.engine import current_step, is_waiting
from webapp.notices.usecases import unread_count
from webapp.notices.words import HEADLINES
from webapp.payee.queries import Stage, given_back
from webapp.payee.words import STAGE_NOTE
from webapp.texts.models import Consent, TextKind, TextVersion
from webapp.texts.queries import consents_of, current_text, text_in_force
from webapp.web.access import Access, findable, open_to, safe_next
from webapp.web.locale import BY_CODE, COOKIE, current_language, large_text
from webapp.web.present import now, settings
from webapp.web.rendering import go, show
from webapp.web.static_files import assets_version

bp = Blueprint("home", __name__)
YEAR = 365 * 86400


@bp.app_context_processor
def _help_place() -> dict[str, str]:
    """`help_part`: which part of the guide is about the page that is asked for."""
    return {"help_part": guide.part_of(request.endpoint, (request.view_args or {}).get("key"))}


@bp.get("/")
@open_to(Access.EVERYONE)
@findable
def index() -> Response:
    """Badge, cases, messages, signature, phones; nothing personal before somebody has signed in."""
    if not current_user.is_authenticated:
        return show("home/index.html", identity=None, phone=None, unread=0, signature=None, resume=None, returned=[])
    verification, phone = verification_of(current_user.id), primary_phone(current_user.id)
    identity = identity_of(current_user.id)
    return show(
        "home/index.html",
        identity=identity,
        returned=_returned(identity) if identity is not None else [],
        phone=mask_phone(phone.number) if phone else None,
        unread=unread_count(current_user.id),
        signature=signature_of(current_user.id),
        resume=_resume(verification) if verification is not None and verification.finished_at is None else None,
    )


def _returned(identity: Identity) -> list[dict[str, Any]]:
    """The cases whose account came back to be mended: from a clerk, or from the bank together with the money."""
    cases = {entry.id: (entry, case) for entry, case in entries_of(identity.match_hash, current_user.courts)}
    return [
        {
            "case": cases[entry.id][1].number,
            "words": STAGE_NOTE[Stage.RETURNED] if by_bank else HEADLINES["account_returned"],
            "href": url_for("payee.case", public_id=entry.public_id),
        }
        for entry, by_bank in given_back([entry for entry, _case in cases.values()], identity)
    ]


def _resume(verification: Verification) -> dict[str, Any] | None:
    """How far a verification under way has come: whose turn it is, and where it goes on."""
    table, states = table_of(verification), states_of(verification.id)
    step = current_step(table, states)
    if step is None:
        return None
    refusal = open_refusal(verification.id)
    at_document = refusal is not None and reason_code(refusal.reason) in AT_DOCUMENT
    return {
        "step": STEPS[step.key],
        "waits_for": WAITING[step.key][0]() if is_waiting(table, states) else "",
        "refused": refusal is not None,
        "href": url_for("identity.step", key="document") if at_document else url_for("identity.verify"),
    }


@bp.route("/language", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def language() -> BaseResponse:
    """The language sheet as a page, and the choice, which lasts for the account."""
    onward = safe_next(request.values.get("next"), url_for("home.index"))
    if request.method == "GET":
        return show("home/language.html", onward=onward)
    chosen = BY_CODE.get(request.form.get("language", ""))
    response = make_response(redirect(onward, code=303))
    if chosen is not None:
        _keep(response, COOKIE, chosen.code)
        if current_user.is_authenticated:
            with unit_of_work():
                db.session.get_one(Account, current_user.id).language = chosen.code
    _whole_page(response, onward)
    return response


@bp.post("/text-size")
@open_to(Access.EVERYONE)
def text_size() -> BaseResponse:
    """Switches the large-text mode."""
    onward, large = safe_next(request.form.get("next"), url_for("home.index")), not large_text()
    response = make_response(redirect(onward, code=303))
    _keep(response, "text", "large" if large else "normal")
    if current_user.is_authenticated:
        with unit_of_work():
            db.session.get_one(Account, current_user.id).large_text = large
    _whole_page(response, onward)
    return response


def _keep(response: BaseResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings().secure_cookies)


def _whole_page(response: BaseResponse, onward: str) -> None:
    """Language and text size stand on <html>, so htmx must load the whole page anew."""
    if "HX-Request" in request.headers:
        response.status_code = 204
        response.headers["HX-Redirect"] = onward


@bp.get("/help")
@open_to(Access.EVERYONE)
@findable
def help() -> Response:  # noqa: A001 (the address is /help)
    """How it goes, questions and answers, a person to talk to."""
    folder = Path(current_app.static_folder or "")
    return show(
        "home/help.html",
        parts=guide.PARTS,
        pictures=guide.pictures(folder, current_language().code),
        width=guide.WIDTH,
        height=guide.HEIGHT,
        address=urlsplit(settings().public_url).netloc,
    )


@bp.get("/texts/<kind>")
@open_to(Access.EVERYONE)
@findable
def text_page(kind: str) -> BaseResponse:
    """A legal text by itself."""
    if kind not in set(TextKind):
        return go(url_for("home.index"))
    return show("home/text.html", text=text_in_force(TextKind(kind), current_language().code, now=now()))


@bp.get("/consents")
@open_to(Access.ALONE)
def consents() -> Response:
    """What the payee agreed to, when, and about which case."""
    rows = [(one, _title_here(text), text, _case_of(one)) for one, text in consents_of(current_user.id)]
    return show("home/consents.html", rows=rows, tags={code: language.tag for code, language in BY_CODE.items()})


def _title_here(text: TextVersion) -> str:
    """What a text is called in the language of the page, whichever it was agreed to in."""
    code = current_language().code
    same = text if text.language == code else current_text(text.kind, code, now=now())
    return same.title if same is not None else text.title


def _case_of(consent: Consent) -> str:
    case = db.session.get(Case, consent.about) if consent.about else None
    return case.number if case is not None else ""


@bp.get("/consents/<consent_id>")
@open_to(Access.ALONE)
def consent(consent_id: str) -> Response:
    """One agreement, with the text as it was then."""
    found = db.session.get(Consent, consent_id)
    if found is None or found.account_id != current_user.id:
        abort(404)
    text = db.session.get_one(TextVersion, found.text_id)
    return show("home/consent.html", consent=found, text=text, case=_case_of(found))


@bp.get("/manifest.webmanifest")
@open_to(Access.EVERYONE)
def manifest() -> Response:
    """What makes it installable, in the reader's language."""
    return Response(render_template("home/manifest.webmanifest"), mimetype="application/manifest+json")


@bp.get("/sw.js")
@open_to(Access.EVERYONE)
def service_worker() -> Response:
    """The service worker, from the root so that it may serve every page. Another version of anything it keeps makes it another."""
    script = Path(current_app.static_folder or "") / "js" / "sw.js"
    page = (Path(current_app.root_path) / str(current_app.template_folder) / "home" / "offline.html").read_text()
    said = f"{settings().court_phone}{settings().court_hours}{settings().court_address}"
    version = hashlib.sha256(f"{assets_version()}{page}{said}".encode()).hexdigest()[:12]
    response = Response(f'const VERSION = "{version}";\n{script.read_text()}', mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@open_to(Access.EVERYONE)
def offline() -> Response:
    """What is shown without a network."""
    return show("home/offline.html")


@bp.get("/healthz")
@open_to(Access.EVERYONE)
def health() -> Response:
    """200 when the database answers; says beside it when no worker has been seen for a minute, which pages can do without."""
    db.session.execute(sql("SELECT 1"))
    worker = "" if worker_is_seen(now=now()) else "no worker has been seen for a minute\n"
    return Response(f"ok\n{worker}", mimetype="text/plain")
