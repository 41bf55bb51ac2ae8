"""A clerk's own sign-in: password, second factors, recovery codes, and the browsers that are signed in."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts import sessions
from webapp.accounts.models import Clerk
from webapp.accounts.queries import sessions_of
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.staff import factors, passkeys
from webapp.staff.factors import LastFactor
from webapp.staff.forms import AppForm, PasskeyForm, PasswordForm
from webapp.staff.passkeys import BadPasskey
from webapp.staff.rules import new_totp_secret, totp_address
from webapp.staff.usecases import (
    TooManyTries,
    WeakPassword,
    begin_proof,
    change_password,
    check_password,
    forgive_try,
    hash_password,
    is_password_of,
)
from webapp.staff.views import party, passkeys_work_here, wait_words
from webapp.staff.words import browser_words
from webapp.web import desk_nav
from webapp.web.access import DESK, STAFF, open_to, require_fresh
from webapp.web.present import now, once_token, settings
from webapp.web.rendering import go, show
from webapp.web.tickets import open_ticket, seal_ticket

bp = Blueprint("desk_security", __name__, url_prefix="/desk/security")
desk_nav.add("desk_security.index", _l("登录与安全"), order=99)

DONE = {
    "password": (_l("密码已修改。"), "good"),
    "removed": (_l("已删除。"), "good"),
    "last": (_l("至少要留一种第二步验证。请先添加新的，再删除这一种。"), "refused"),
    "ended": (_l("已退出。"), "good"),
}


@bp.get("")
@open_to(*DESK)
def index() -> Response:
    """How this clerk signs in, and where they are signed in."""
    words, kind = DONE.get(request.args.get("done", ""), ("", ""))
    return show(
        "staff/security.html",
        app=factors.authenticator_of(current_user.id),
        keys=passkeys.passkeys_of(current_user.id),
        codes_left=factors.recovery_codes_left(current_user.id),
        sessions=[(one, browser_words(one.browser)) for one in sessions_of(current_user.id, now=now())],
        words=words,
        kind=kind,
    )


@bp.route("/password", methods=["GET", "POST"])
@open_to(*STAFF)
def password() -> BaseResponse:
    """A new password; who still has the one that somebody else gave them needn't type that again."""
    form, words, due = PasswordForm(), "", current_user.duty == "password"
    if request.method == "POST" and form.validate():
        try:
            if due and is_password_of(current_user.id, form.new.data or ""):
                words = _("这是别人给您的临时密码，请另设一个只有您自己知道的。")
            elif due or _old_fits(form.old.data or ""):
                return _new_password(form.new.data or "")
            else:
                words = _("现在的密码不对。")
        except TooManyTries as tries:
            words = wait_words(tries)
        except WeakPassword:
            words = _("密码不能只由用户名改写而成，请换一个。")
    return show("staff/password.html", 422 if words or form.errors else 200, form=form, words=words, due=due)


def _old_fits(old: str) -> bool:
    clerk = db.session.get_one(Clerk, current_user.id)
    with unit_of_work():
        try_id = begin_proof(clerk.id, current_user.session_id, now=now())
    fits = check_password(clerk.username, old, now=now()) == clerk.id
    if fits:
        with unit_of_work():
            forgive_try(try_id)
    return fits


def _new_password(new: str) -> BaseResponse:
    hashed = hash_password(new, username=db.session.get_one(Clerk, current_user.id).username)
    with unit_of_work():
        change_password(current_user.id, hashed, session_id=current_user.session_id, now=now())
    return go(url_for("desk.index") if current_user.duty else url_for("desk_security.index", done="password"))


@bp.get("/second-factor")
@open_to(*STAFF)
def second_factor() -> Response:
    """An authenticator app, or a passkey: what is added here is asked for at each sign-in from now on."""
    _fresh()
    return _show_enrolment(new_totp_secret(), AppForm())


def _fresh() -> None:
    if current_user.duty is None:  # a newcomer has just signed in, and has nothing else to do
        require_fresh(url_for("desk_security.second_factor"))


def _show_enrolment(secret: str, form: AppForm, words: str = "") -> Response:
    clerk, options = db.session.get_one(Clerk, current_user.id), ""
    if passkeys_work_here():
        with unit_of_work():
            options = passkeys.ask_to_add(clerk.id, current_user.session_id, party(), now=now())
    return show(
        "staff/second_factor.html",
        422 if words else 200,
        form=form,
        passkey=PasskeyForm(formdata=None),
        words=words,
        due=current_user.duty == "second_factor",
        secret=secret,
        ticket=seal_ticket("totp", f"{clerk.id}:{secret}"),
        qr=_qr(totp_address(secret, username=clerk.username, issuer=settings().court_short_name)),
        options=options,
        address=party().origin,
    )


def _qr(text: str) -> Markup:
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", scale=4, border=3, xmldecl=False, svgns=True, dark="#000", light="#fff"
    )
    return Markup(out.getvalue().decode())  # noqa: S704 (segno draws it from a text of our own)


@bp.post("/app")
@open_to(*STAFF)
def add_app() -> BaseResponse:
    """Takes the authenticator app in, if it shows the right code."""
    _fresh()
    owner, _colon, secret = open_ticket("totp", request.form.get("ticket", "")).partition(":")
    if owner != current_user.id:
        return _show_enrolment(new_totp_secret(), AppForm(formdata=None), words=_("这个二维码过期了，请扫描新的。"))
    with unit_of_work():
        added = factors.add_authenticator(current_user.id, secret, request.form.get("code", ""), now=now())
        codes = _first_codes() if added else None
    if not added:
        words = _("数字不对。请等应用显示下一组数字，再试一次；手机的时间要准。")
        return _show_enrolment(secret, AppForm(), words=words)
    return _after_adding(codes)


@bp.post("/passkeys")
@open_to(*STAFF)
def add_passkey() -> BaseResponse:
    """Takes a passkey in."""
    _fresh()
    form = PasskeyForm()
    form.validate()
    try:
        with unit_of_work():
            challenge = passkeys.take_challenge(current_user.session_id, passkeys.ADD, now=now())
        with unit_of_work():
            answer, title = request.form.get("answer", ""), form.title.data
            passkeys.add_passkey(current_user.id, challenge, answer, title=title, party=party(), now=now())
            codes = _first_codes()
    except BadPasskey:
        words = _("没有添加成功，请再试一次。")
        return _show_enrolment(new_totp_secret(), AppForm(formdata=None), words=words)
    return _after_adding(codes)


def _first_codes() -> list[str] | None:
    """Recovery codes with the first second factor. Inside a unit of work."""
    if factors.recovery_codes_left(current_user.id):
        return None
    return list(factors.new_recovery_codes(current_user.id, now=now()))


def _after_adding(codes: list[str] | None) -> BaseResponse:
    onward = url_for("desk.index") if current_user.duty else url_for("desk_security.index")
    return show("staff/recovery_codes.html", codes=codes, onward=onward) if codes else go(onward)


@bp.post("/factors/remove")
@open_to(*DESK)
def remove_factor() -> BaseResponse:
    """Removes one second factor; the last one stays where one is demanded."""
    require_fresh(url_for("desk_security.index"))
    demanded = settings().clerk_second_factor == "demand"
    try:
        with unit_of_work():
            factors.remove_factor(current_user.id, request.form.get("factor", ""), demanded=demanded, now=now())
    except LastFactor:
        return go(url_for("desk_security.index", done="last"))
    return go(url_for("desk_security.index", done="removed"))


@bp.post("/recovery-codes")
@open_to(*DESK)
def recovery_codes() -> BaseResponse:
    """Ten fresh recovery codes, shown this once; all earlier ones end."""
    require_fresh(url_for("desk_security.index"))
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            codes = factors.new_recovery_codes(current_user.id, now=now())
    except AlreadyDone:
        return go(url_for("desk_security.index"))
    return show("staff/recovery_codes.html", codes=codes, onward=url_for("desk_security.index"))


@bp.post("/sessions/end")
@open_to(*DESK)
def end_sessions() -> BaseResponse:
    """Signs one other browser of this clerk out, or all others."""
    chosen, mine = request.form.get("session", ""), current_user.session_id
    others = {session.id for session in sessions_of(current_user.id, now=now())} - {mine}
    if chosen != "others" and chosen not in others:
        abort(404)
    with unit_of_work():
        for session_id in others if chosen == "others" else {chosen}:
            sessions.end_session(session_id, now=now())
        actor = audit.Actor("clerk", current_user.id)
        audit.record(actor, "staff.sessions_ended", ("clerk", current_user.id), now=now())
    return go(url_for("desk_security.index", done="ended"))
