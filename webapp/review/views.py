"""The clerks' desk: its queues, its evidence screens, its cases. Of other courts' records a clerk sees nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.cases.desk_views import case_or_404
from webapp.cases.models import Case
from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name
from webapp.evidence.usecases import open_file
from webapp.payee.models import Letter
from webapp.review import queries, queue_views
from webapp.review.usecases import looked
from webapp.review.words import JOBS
from webapp.web import desk_nav
from webapp.web.access import DESK, Access, open_to
from webapp.web.numbers import BEYOND_COUNTS, typed_number
from webapp.web.present import now, seams
from webapp.web.rendering import go, show

desk = Blueprint("desk", __name__, url_prefix="/desk")
MAY_DECIDE = (Access.REVIEWER, Access.MANAGER)
MAY_REVIVE = (Access.REVIEWER, Access.MANAGER, Access.ADMINISTRATOR)


@desk.app_context_processor
def desk_context() -> dict[str, Any]:
    """Whether who asks may decide on what waits."""
    return {"may_decide": bool(getattr(current_user, "marks", frozenset()) & set(MAY_DECIDE))}


desk_nav.add("desk.identities", _l("身份审核"), order=10, count=queries.count_waiting_identities)
desk_nav.add("desk.accounts", _l("账户审核"), order=20, count=queries.count_waiting_accounts)
desk_nav.add("desk_charts.overview", _l("案件进度"), order=32)
desk_nav.add("desk_workload.workload", _l("工作量"), (Access.MANAGER, Access.AUDITOR), order=25)
desk_nav.add("desk_reasons.reasons", _l("退回原因"), order=62)
desk_nav.add("desk.find_letter", _l("核对确认书"), order=40)
desk_nav.add("desk.dead_jobs", _l("后台任务"), order=95, count=lambda _clerk: jobs.count_dead(), needs_some=True)


@desk.get("/")
@open_to(*DESK)
def index() -> BaseResponse:
    """The first page that this clerk's role has."""
    return go(desk_nav.items()[0].href)


desk.add_url_rule("/identity", "identities", queue_views.identities)
desk.add_url_rule("/accounts", "accounts", queue_views.accounts)


@desk.get("/cases/<case_id>/letters")
@open_to(*DESK)
def case_letters(case_id: str) -> Response:
    """The letters of a case, the newest first."""
    found = case_or_404(case_id)
    page = typed_number(request.args, "page", least=1, most=BEYOND_COUNTS)
    letters, total = queries.letters_of(case_id, page=page)
    rows = [(letter, mask_name(letter.content["party"]["name"])) for letter in letters]
    return show(
        "desk/case_letters.html", case=found, rows=rows, total=total, page=page, pages=-(-total // queries.PAGE)
    )


@desk.get("/letters/<letter_id>.pdf")
@open_to(*DESK)
def letter(letter_id: str) -> Response:
    """A signed letter, with a row in the audit trail."""
    found = db.session.get(Letter, letter_id)
    if found is None or found.pdf_key is None:
        abort(404)
    case_or_404(found.case_id)
    with unit_of_work():
        looked(current_user.id, ("letter", letter_id), now=now())
    return make_response(open_file(found.pdf_key, store=seams().store), 200, {"Content-Type": "application/pdf"})


@desk.get("/letters")
@open_to(*DESK)
def find_letter() -> BaseResponse:
    """The letter of a verification code or number that somebody shows at the counter."""
    code = request.args.get("code", "")
    found = queries.letter_by_code(code, current_user) if code else None
    if found is not None:
        with unit_of_work():
            looked(current_user.id, ("letter", found.id), now=now())
    return show("desk/find_letter.html", code=code, letter=found, case=db.session.get(Case, found.case_id) if found else None,
                name=mask_name(found.content["party"]["name"]) if found else "")  # fmt: skip


@desk.get("/jobs")
@open_to(*DESK)
def dead_jobs() -> Response:
    """What the worker gave up: somebody waits for each of these, so they are here to be tried again."""
    rows = [(job, JOBS.get(job.kind, job.kind)) for job in jobs.dead_jobs()]
    may_revive = bool(current_user.marks & set(MAY_REVIVE))
    back = typed_number(request.args, "back") if "back" in request.args else None
    return show("desk/jobs.html", rows=rows, total=jobs.count_dead(), may_revive=may_revive, back=back)


@desk.post("/jobs")
@open_to(*MAY_REVIVE)
def revive_jobs() -> BaseResponse:
    """Puts one dead job (`job`), or all of them, back into the queue."""
    one = typed_number(request.form, "job")
    chosen = None if "all" in request.form else [one] if one else []
    with unit_of_work():
        count = jobs.revive(chosen, actor=audit.Actor("clerk", current_user.id), now=now())
    return go(url_for("desk.dead_jobs", back=count))
