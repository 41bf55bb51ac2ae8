"""The staff's administration: who works at the desk, with which rights, for which courts."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Clerk, Role
from webapp.accounts.queries import clerk_by_name, courts_of, sessions_of
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.staff import administration
from webapp.staff.administration import TEMPORARY, OwnRights
from webapp.staff.forms import NewClerkForm, RightsForm
from webapp.staff.usecases import create_clerk, hash_password
from webapp.staff.words import ROLES, browser_words, court_words
from webapp.web import desk_nav
from webapp.web.access import Access, open_to, require_fresh
from webapp.web.present import now, once_token, settings
from webapp.web.rendering import go, show

bp = Blueprint("desk_staff", __name__, url_prefix="/desk/staff")
MAY_LOOK = (Access.ADMINISTRATOR, Access.AUDITOR)
desk_nav.add("desk_staff.people", _l("工作人员"), MAY_LOOK, order=80)


@bp.get("")
@open_to(*MAY_LOOK)
def people() -> Response:
    """Everybody, with their rights: what an auditor reviews each month."""
    courts, second, seen = administration.all_courts(), administration.with_second_factor(), administration.last_seen()
    rows = [
        {
            "clerk": clerk,
            "role": ROLES[Role(clerk.role)],
            "courts": court_words(courts.get(clerk.id, []), settings().court_list),
            "second": clerk.id in second,
            "seen": seen.get(clerk.id),
        }
        for clerk in administration.staff()
    ]
    return show("staff/list.html", rows=rows, may_change=Access.ADMINISTRATOR in current_user.marks)


@bp.route("/new", methods=["GET", "POST"])
@open_to(Access.ADMINISTRATOR)
def new() -> BaseResponse:
    """A new member of the staff, with a temporary password that is shown once."""
    require_fresh(url_for("desk_staff.new"))
    form, words = NewClerkForm(), ""
    if request.method == "GET" or not form.validate():
        return show("staff/new.html", 422 if form.errors else 200, form=form, words=words)
    if clerk_by_name(form.username.data) is not None:
        return show("staff/new.html", 422, form=form, words=_("这个用户名已经有人用了。"))
    password = administration.temporary_password()
    hashed = hash_password(password, username=form.username.data)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            clerk = create_clerk(
                form.username.data,
                display_name=form.display_name.data,
                password_hash=hashed,
                role=Role(form.role.data),
                courts=form.courts.data,
                now=now(),
                actor=audit.Actor("clerk", current_user.id),
                temporary_until=now() + TEMPORARY,
            )
    except AlreadyDone:
        return go(url_for("desk_staff.people"))
    return show("staff/given.html", clerk=clerk, password=password)


@bp.route("/<clerk_id>", methods=["GET", "POST"])
@open_to(Access.ADMINISTRATOR)
def clerk(clerk_id: str) -> BaseResponse:
    """One clerk: name, role, courts, and the browsers that are signed in."""
    found = _clerk_or_404(clerk_id)
    require_fresh(url_for("desk_staff.clerk", clerk_id=clerk_id))
    known = {"display_name": found.display_name, "role": found.role, "courts": sorted(courts_of(clerk_id))}
    form, myself = RightsForm(data=known), clerk_id == current_user.id
    if request.method == "GET":
        return _show_clerk(found, form)
    if myself:
        del form.role, form.courts
    if not form.validate():
        return _show_clerk(found, form, 422)
    with unit_of_work():
        administration.rename(clerk_id, form.display_name.data, by=current_user.id, now=now())
        if not myself:
            role, courts = Role(form.role.data), form.courts.data
            administration.give_rights(clerk_id, role, courts, by=current_user.id, now=now())
    return go(url_for("desk_staff.clerk", clerk_id=clerk_id, done="yes"))


def _clerk_or_404(clerk_id: str) -> Clerk:
    return db.session.get(Clerk, clerk_id) or abort(404)


def _show_clerk(found: Clerk, form: RightsForm, status: int = 200) -> Response:
    return show(
        "staff/clerk.html",
        status,
        person=found,
        form=form,
        words="",
        myself=found.id == current_user.id,
        done=request.args.get("done", ""),
        sessions=[(one, browser_words(one.browser)) for one in sessions_of(found.id, now=now())],
    )


@bp.post("/<clerk_id>/reset")
@open_to(Access.ADMINISTRATOR)
def reset(clerk_id: str) -> BaseResponse:
    """A way back in for who forgot the password or lost the second factor."""
    found = _clerk_or_404(clerk_id)
    require_fresh(url_for("desk_staff.clerk", clerk_id=clerk_id))
    password = administration.temporary_password()
    hashed = hash_password(password, username=found.username)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            administration.reset_sign_in(clerk_id, hashed, by=current_user.id, now=now())
    except AlreadyDone:
        return go(url_for("desk_staff.clerk", clerk_id=clerk_id))
    except OwnRights:
        abort(404)
    return show("staff/given.html", clerk=_clerk_or_404(clerk_id), password=password)


@bp.post("/<clerk_id>/switch")
@open_to(Access.ADMINISTRATOR)
def switch(clerk_id: str) -> BaseResponse:
    """Shuts a clerk out at once, or lets them in again."""
    _clerk_or_404(clerk_id)
    require_fresh(url_for("desk_staff.clerk", clerk_id=clerk_id))
    try:
        with unit_of_work():
            administration.switch(clerk_id, on=request.form.get("to") == "on", by=current_user.id, now=now())
    except OwnRights:
        abort(404)
    return go(url_for("desk_staff.clerk", clerk_id=clerk_id, done="yes"))


@bp.post("/<clerk_id>/sessions/end")
@open_to(Access.ADMINISTRATOR)
def end_session(clerk_id: str) -> BaseResponse:
    """Signs one of a clerk's browsers out."""
    _clerk_or_404(clerk_id)
    chosen = request.form.get("session", "")
    if chosen not in {session.id for session in sessions_of(clerk_id, now=now())}:
        abort(404)
    with unit_of_work():
        administration.end_session_of(clerk_id, chosen, by=current_user.id, now=now())
    return go(url_for("desk_staff.clerk", clerk_id=clerk_id, done="yes"))
