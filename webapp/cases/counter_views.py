"""The counter: at the desk a code for the tablet; on the tablet the payee's own surface, with the clerk's name above it."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts.forms import CodeForm
from webapp.accounts.loading import device, drop_cookie, set_cookie
from webapp.accounts.models import Clerk
from webapp.accounts.phones import CodeOutcome, code_stands, extend_code
from webapp.accounts.views import OUTCOME_WORDS, seconds_to_next, send_another, wants_another_code
from webapp.accounts.words import next_code_here
from webapp.cases import counter as deeds
from webapp.cases.counter import CodeSpent, Tablet, end_visit, helper_of, offer_visit
from webapp.cases.forms import CounterForm
from webapp.cases.models import Case, CasePayee
from webapp.cases.people_models import CounterVisit
from webapp.cases.people_views import payee_or_404
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name, mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.identity.time_views import say_more
from webapp.typed.usecases import forget_typed
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import browser, now, once_token, settings
from webapp.web.rendering import go, show

desk = Blueprint("desk_counter", __name__, url_prefix="/desk/cases/<case_id>/people")
tablet = Blueprint("counter", __name__, url_prefix="/counter")
AT_THE_COUNTER = (Access.REVIEWER, Access.MANAGER)


@desk.route("/<payee_id>/counter", methods=["GET", "POST"])
@open_to(*AT_THE_COUNTER)
def offer(case_id: str, payee_id: str) -> Response:
    """A clerk who has seen the person and the document gets a code for the tablet; it is shown once.

    Whoever has an account shows there by a code to its phone that they are present, unless the clerk says here why they can't.
    """
    found, payee = payee_or_404(case_id, payee_id)
    form, code, phone = CounterForm(), "", deeds.phone_of(payee)
    if request.method == "POST" and form.validate():
        reason = form.given_reason if phone else ""
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                code = offer_visit(payee, clerk_id=current_user.id, reason=reason, now=now())
        except AlreadyDone:
            return go(url_for("desk_counter.offer", case_id=case_id, payee_id=payee_id))
    link = f"{settings().public_url}/counter/{code}" if code else ""  # the payees' host may be another one
    return show(
        "desk/cases_counter.html",
        422 if form.errors else 200,
        case=found,
        payee=payee,
        form=form,
        phone=mask_phone(phone) if phone else "",
        unproved=bool(phone and form.given_reason),
        code=code,
        link=link,
        qr=_qr(link),
    )


def _qr(link: str) -> Markup:
    """The link as an SVG, black on white in either theme, four modules of quiet around it."""
    if not link:
        return Markup()
    out = io.BytesIO()
    code = segno.make(link, error="m")
    code.save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return Markup(out.getvalue().decode())  # noqa: S704 (segno draws it from a link of our own)


@tablet.app_context_processor
def helped() -> dict[str, str]:
    """The clerk who stands beside whoever acts, for the bar above each page."""
    session_id = getattr(current_user, "session_id", None)
    if session_id is None or not getattr(current_user, "helped_by", None):
        return {"helper": ""}
    clerk = helper_of(session_id)
    return {"helper": clerk.display_name if clerk else ""}


@tablet.route("/<code>", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def begin(code: str) -> Response:
    """The tablet's first page: whose visit this is, and a code to the phone of whoever has an account; then the payee's surface."""
    visit = deeds.visit_by_code(code) or abort(404)
    if not deeds.is_open(visit, now=now()):
        return _over(visit)
    form, number, words = CodeForm(), deeds.phone_to_prove(visit), ""
    if number and wants_another_code():
        words = send_another(number)
        _keep_open(visit.id)
    elif request.method == "POST" and (not number or form.validate()):
        try:
            response = _start(code, form)
        except CodeSpent:
            return _over(visit)
        if response is not None:
            return response
    payee = db.session.get_one(CasePayee, visit.payee_id)
    return show(
        "counter/begin.html",
        422 if form.errors else 200,
        name=mask_name(payee.name),
        case=db.session.get_one(Case, payee.case_id),
        clerk=db.session.get_one(Clerk, visit.clerk_id).display_name,
        form=form,
        phone=mask_phone(number) if number else "",
        words=words,
        more=url_for("counter.more_time", code=code) if number and _stands(number) else "",
        next_code=next_code_here(seconds_to_next(number) if number else 0),
    )


def _start(code: str, form: CodeForm) -> Response | None:
    """The payee's surface; None, with words beside the field, where the SMS code isn't right. Raises CodeSpent."""
    onward = url_for("payee.case_list") if "cases" in request.form else url_for("identity.verify")
    here, phone = Tablet(current_language().code, browser(), device()), settings().court_phone
    with unit_of_work():
        outcome, token = deeds.start_visit(code, tablet=here, typed=form.code.data or "", court_phone=phone, now=now())
    if outcome is not CodeOutcome.RIGHT:
        form.code.errors = [OUTCOME_WORDS[outcome]()]
        return None
    response = make_response(go(onward))
    set_cookie(response, "payee", token)
    return response


def _over(visit: CounterVisit) -> Response:
    """The visit's time is over, or it was begun already: words, and who helps on."""
    return show("counter/over.html", 410, used=visit.used_at is not None)


def _stands(number: str) -> bool:
    return code_stands(number, device=device(), now=now())


def _keep_open(visit_id: str) -> None:
    with unit_of_work():
        deeds.keep_open(visit_id, now=now())


@tablet.post("/<code>/more-time")
@open_to(Access.EVERYONE)
def more_time(code: str) -> Response:
    """The SMS code that this tablet asked for, and the visit with it, last five minutes from now."""
    visit = deeds.visit_by_code(code) or abort(404)
    number = deeds.phone_to_prove(visit) if deeds.is_open(visit, now=now()) else ""
    with unit_of_work():
        given = bool(number) and extend_code(number, device=device(), now=now())
        if given:
            deeds.keep_open(visit.id, now=now())
    return say_more(given)


@tablet.post("/end")
@open_to(Access.PAYEE)
def end() -> Response:
    """The payee is done: the tablet forgets who it was."""
    with unit_of_work():
        end_visit(current_user.session_id, now=now())
        forget_typed(current_user.id)
    response = make_response(go(url_for("counter.ended")))
    drop_cookie(response, "payee")
    return response


@tablet.get("/ended")
@open_to(Access.EVERYONE)
def ended() -> Response:
    """The tablet goes back to the clerk."""
    return show("counter/ended.html", words=_("办理已结束，请把平板交还工作人员。"))
