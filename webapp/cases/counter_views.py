"""The counter: at the desk a code for the tablet; on the tablet the payee's own surface, with the clerk's name above it."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts.loading import drop_cookie, set_cookie
from webapp.accounts.models import Clerk
from webapp.cases.counter import CodeSpent, end_visit, helper_of, offer_visit, start_visit, visit_of_code
from webapp.cases.forms import CounterForm
from webapp.cases.models import Case, CasePayee
from webapp.cases.people_views import payee_or_404
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name
from webapp.core.once import AlreadyDone, spend
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
    """A clerk who has seen the person and the document gets a code for the tablet; it is shown once."""
    found, payee = payee_or_404(case_id, payee_id)
    form, code = CounterForm(), ""
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                code = offer_visit(payee, clerk_id=current_user.id, now=now())
        except AlreadyDone:
            return go(url_for("desk_counter.offer", case_id=case_id, payee_id=payee_id))
    link = f"{settings().public_url}/counter/{code}" if code else ""  # the payees' host may be another one
    return show(
        "desk/cases_counter.html",
        422 if form.errors else 200,
        case=found,
        payee=payee,
        form=form,
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
    """The tablet's first page: whose visit this is; then the payee's surface."""
    visit = visit_of_code(code, now=now())
    if visit is None:
        abort(404)
    payee = db.session.get_one(CasePayee, visit.payee_id)
    if request.method == "POST":
        response = make_response(
            go(url_for("payee.case_list") if "cases" in request.form else url_for("identity.verify"))
        )
        try:
            with unit_of_work():
                token = start_visit(code, language=current_language().code, browser=browser(), now=now())
        except CodeSpent:
            abort(404)
        set_cookie(response, "payee", token)
        return response
    case, clerk = db.session.get_one(Case, payee.case_id), db.session.get_one(Clerk, visit.clerk_id)
    return show("counter/begin.html", name=mask_name(payee.name), case=case, clerk=clerk.display_name)


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
