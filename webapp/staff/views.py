"""The desk's door: name and password, the second factor, proving oneself again, and staying signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts import sessions
from webapp.accounts.loading import COOKIES, drop_cookie, half_signed_in, lifetime_of, set_cookie
from webapp.accounts.models import Clerk, WebSession
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.staff import factors, passkeys
from webapp.staff.forms import ProveForm, SecondForm, SignInForm
from webapp.staff.passkeys import BadPasskey, RelyingParty
from webapp.staff.tour import stop_at, walk
from webapp.staff.usecases import (
    TooManyTries,
    begin_code_try,
    begin_proof,
    begin_try,
    check_password,
    complete_sign_in,
    forgive_try,
    let_in,
    note_proof,
)
from webapp.staff.words import DEEDS, ROLES
from webapp.web import desk_nav
from webapp.web.access import DESK, STAFF, Access, ProofWanted, SignInWanted, open_to, safe_next
from webapp.web.kept import address_of, fields_for_here, seal_form
from webapp.web.locale import COOKIE, DESK_COOKIE, DESK_LANGUAGES
from webapp.web.present import browser, client, now, settings
from webapp.web.rendering import fragment, go, show, wants_part
from webapp.web.tickets import open_ticket, seal_ticket
from webapp.web.way_back import page_before

door = Blueprint("desk_door", __name__, url_prefix="/desk")
WARN_SECONDS = 120
CHOSEN_AT_THE_DOOR = "desk_language"
KEPT = "kept_form"
HOLDERS = ("desk_door.prove", "desk_door.sign_in", "desk_door.second")
KNOWN, KNOWN_FOR = "known_clerk", timedelta(days=90)


@door.app_context_processor
def desk_frame() -> dict[str, Any]:
    """What the desk's layout shows of who is signed in: their pages, their role, and when they will be signed out."""
    if not request.path.startswith("/desk") or not current_user.is_authenticated:
        return {}
    warn = min(WARN_SECONDS, settings().clerk_idle_minutes * 60 // 4)
    find = (
        url_for("desk_search.ask")
        if current_user.duty is None and "desk_search.ask" in current_app.view_functions
        else ""
    )
    return {
        "desk_nav": desk_nav.items(),
        "find_address": find,
        "tour": tour_panel(),
        "role_name": ROLES[current_user.role],
        "idle_warning": warn,
    }


def tour_panel(at: str = "", *, moved: bool = False) -> dict[str, Any] | None:
    """What the first-day tour shows this clerk now, or None. `points`: where it points, the best place first."""
    if current_user.tour_step is None or current_user.duty is not None:
        return None
    stop, number, of = stop_at(current_user.role, current_user.tour_step)
    href = url_for(stop.endpoint) if stop.endpoint in current_app.view_functions else ""
    points = "|".join(filter(None, (stop.points, f'.desk-nav a[href="{href}"]' if href else "")))
    return {
        "title": stop.title, "words": stop.words, "number": number, "of": of, "points": points, "moved": moved,
        "href": href if not (at or request.path).startswith(href or "/") else "",
    }  # fmt: skip


def party() -> RelyingParty:
    """To whom passkeys belong."""
    return RelyingParty.at(settings().desk, settings().court_short_name)


def passkeys_work_here() -> bool:
    """False where a browser would refuse: under another host name than the desk's own, or under a bare IP address."""
    host = party().host
    named = not host.replace(".", "").isdigit() and ":" not in host
    return named and request.host.split(":", 1)[0] == host


def onward() -> str:
    """Where the clerk wanted to go."""
    return safe_next(request.args.get("next"), url_for("desk.index"))


def wait_words(tries: TooManyTries) -> str:
    """How long a clerk must wait after too many tries."""
    return str(_("尝试次数太多，请 %(n)s 秒后再试。", n=max(1, int((tries.until - now()).total_seconds()))))


@door.route("/sign-in", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in() -> BaseResponse:
    """Name and password; failures say the same whichever was wrong."""
    form, words, kept = SignInForm(), "", request.form.get(KEPT, "")
    if request.method == "POST":
        try:
            entered = _try_door(form.username.data or "", form.password.data or "")
            if entered is not None:
                return _know_again(_let_in(*entered, kept), form.username.data or "")
            words = _("用户名或密码不对。")
        except TooManyTries as tries:
            words = wait_words(tries)
    return _show_sign_in(form, request.args.get("next"), words, kept=kept)


def _show_sign_in(form: SignInForm, back: str | None, words: str = "", *, kept: str = "") -> Response:
    """`kept`: a form that came after its clerk's session had ended, and goes on once that clerk has signed in."""
    action = url_for("desk_door.sign_in", next=back)
    context = {"words": words, "action": action, "kept": kept, "KEPT": KEPT}
    return show("staff/sign_in.html", 422 if words else 200, form=form, path=action, **context)


def _let_in(token: str, owes_second: bool, kept: str) -> BaseResponse:
    """After the right password: to the second factor, which holds a kept form in its turn, or in."""
    if not owes_second:
        return _entered(token, onward(), kept)
    if not kept:
        return _entered(token, url_for("desk_door.second", next=request.args.get("next")))
    session = sessions.find_by_token(token)
    response = _show_second(db.session.get_one(Clerk, session.clerk_id), session, SecondForm(formdata=None), kept=kept)
    set_cookie(response, "clerk", token)
    return response


def _try_door(username: str, password: str) -> tuple[str, bool] | None:
    """The new session's token, or None. Two short writes, with the slow look at the password between them."""
    with unit_of_work():
        try_id = begin_try(username, client=client(), known=known_browser(username), now=now())
    clerk_id = check_password(username, password, now=now())
    if clerk_id is None:
        return None
    with unit_of_work():
        if (chosen := request.cookies.get(CHOSEN_AT_THE_DOOR)) in DESK_LANGUAGES:
            db.session.get_one(Clerk, clerk_id).language = str(chosen)
        return let_in(clerk_id, try_id, lifetime=lifetime_of("clerk"), browser=browser(), now=now())


def _entered(token: str, following: str, kept: str = "") -> BaseResponse:
    """In, and onward; a form that waited goes on to its address (307: the browser sends what it has just sent here)."""
    address = address_of(kept, clerk_id=sessions.clerk_of_token(token)) if kept else ""
    onto = redirect(address or following, code=307 if address else 303)
    response = _no_longer_kept() if kept and not address else make_response(onto)
    set_cookie(response, "clerk", token)
    response.delete_cookie(CHOSEN_AT_THE_DOOR)
    return response


def known_browser(username: str) -> str:
    """The mark that this browser got when it let this very clerk in; empty for others, and for other clerks' marks."""
    mark = request.cookies.get(KNOWN, "")[:400]
    return mark if mark and open_ticket(KNOWN, mark) == username.strip().lower() else ""


def _know_again(response: BaseResponse, username: str) -> BaseResponse:
    """Marks a browser that was given the right password: it signs nobody in, but strangers' guesses don't stop it any more."""
    mark = seal_ticket(KNOWN, username.strip().lower(), life=KNOWN_FOR)
    secure = settings().secure_cookies
    response.set_cookie(
        KNOWN, mark, max_age=KNOWN_FOR, path="/desk/sign-in", httponly=True, samesite="Lax", secure=secure
    )
    return response


@door.route("/sign-in/second", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def second() -> BaseResponse:
    """The second factor: a passkey, the app's code, or a recovery code. Only who has shown the password gets here."""
    half = half_signed_in()
    if half is None:
        return go(url_for("desk_door.sign_in", next=request.args.get("next")))
    (clerk, session), kept = half, request.form.get(KEPT, "")
    if request.method == "GET":
        return _show_second(clerk, session, SecondForm())
    try:
        by = _second_factor(clerk.id, session.id)
    except TooManyTries as tries:
        return _show_second(clerk, session, SecondForm(), words=wait_words(tries), kept=kept)
    if by is None:
        return _show_second(clerk, session, SecondForm(), words=_("没有通过。请检查后再试一次。"), kept=kept)
    with unit_of_work():
        token = complete_sign_in(session.id, by=by, lifetime=lifetime_of("clerk"), now=now())
    return _entered(token, onward(), kept)


def _second_factor(clerk_id: str, session_id: str) -> str | None:
    """By which factor the clerk got in, or None."""
    if "answer" in request.form:
        return "passkey" if passkey_answers(clerk_id, session_id, passkeys.ENTER) else None
    kind = "recovery" if request.form.get("recovery") else "code"
    with unit_of_work():
        try_id = begin_code_try(clerk_id, kind, client=client(), now=now())
    with unit_of_work():
        checked = factors.spend_recovery_code if kind == "recovery" else factors.code_fits
        fits = checked(clerk_id, request.form.get(kind, ""), now=now())
        if fits:
            forgive_try(try_id)
    return kind if fits else None


def passkey_answers(clerk_id: str, session_id: str, purpose: str) -> bool:
    """True when the form brings a passkey's answer to the challenge that this browser was given."""
    try:
        with unit_of_work():
            challenge = passkeys.take_challenge(session_id, purpose, now=now())
        with unit_of_work():
            passkeys.use_passkey(clerk_id, challenge, request.form.get("answer", ""), purpose, party=party(), now=now())
    except BadPasskey:
        return False
    return True


def passkey_question(clerk_id: str, session_id: str, purpose: str) -> str:
    """What the page's passkey button asks for, as JSON; empty when the clerk has none, or none works here."""
    if not passkeys_work_here() or not passkeys.passkeys_of(clerk_id):
        return ""
    with unit_of_work():
        return passkeys.ask_for(clerk_id, session_id, purpose, party(), now=now())


def _show_second(clerk: Clerk, session: WebSession, form: SecondForm, words: str = "", *, kept: str = "") -> Response:
    action = url_for("desk_door.second", next=request.args.get("next"))
    return show(
        "staff/second.html",
        422 if words else 200,
        form=form,
        words=words,
        action=action,
        path=action,
        kept=kept,
        KEPT=KEPT,
        app=factors.authenticator_of(clerk.id) is not None,
        options=passkey_question(clerk.id, session.id, passkeys.ENTER),
        has_passkeys=bool(passkeys.passkeys_of(clerk.id)),
        address=party().origin,
    )


@door.route("/prove", methods=["GET", "POST"])
@open_to(*STAFF)
def prove() -> BaseResponse:
    """Before what matters most: the password once more, or a passkey. Then five minutes are free.

    A form that was kept meanwhile goes on to its address (307: the browser sends what it has just sent here).
    """
    form, words, kept = ProveForm(), "", request.form.get(KEPT, "")
    if request.method == "POST":
        try:
            if _proved(form.password.data or ""):
                address = address_of(kept)
                if kept and not address:
                    return _no_longer_kept()
                return redirect(address, code=307) if address else go(onward())
            words = _("没有通过。请检查后再试一次。")
        except TooManyTries as tries:
            words = wait_words(tries)
    return _show_prove(form, onward(), request.args, words, kept=kept)


def _show_prove(form: ProveForm, back: str, waiting: Mapping[str, str], words: str = "", *, kept: str = "") -> Response:
    """`waiting`: what the proof is for, as `_waiting` tells it."""
    options = passkey_question(current_user.id, current_user.session_id, passkeys.PROVE)
    of: dict[str, Any] = {name: waiting[name] for name in ("deed", "files", "long") if name in waiting}
    status, action = 422 if words else 200, url_for("desk_door.prove", next=back, **of)
    context = {"words": words, "options": options, "action": action, "kept": kept, "of": of, "KEPT": KEPT}
    deed = DEEDS.get(of.get("deed", ""))
    return show(
        "staff/prove.html", status, form=form, path=action, deed=deed, **context
    )  # its own address may show no page


def _waiting(kept: str, *, may_keep: bool) -> dict[str, Any]:
    """What waits for the proof: which deed, and what of its form could not be kept (`files`, or all that was `long`)."""
    files = any(file.filename for file in request.files.values())
    marks = {"files": files and bool(kept), "long": request.method == "POST" and may_keep and not kept}
    return {"deed": request.endpoint or "", **{name: "1" for name, so in marks.items() if so}}


@door.app_errorhandler(ProofWanted)
def ask_for_proof(wanted: ProofWanted) -> BaseResponse:
    """To the page that asks; where a form was sent, that page is the answer and holds the form."""
    kept = seal_form() if request.method == "POST" and wanted.keep else ""
    of = _waiting(kept, may_keep=wanted.keep)
    if not kept:
        return go(url_for("desk_door.prove", next=wanted.back, **of))
    response = _show_prove(ProveForm(formdata=None), wanted.back, of, kept=kept)
    if wants_part():
        response.headers["HX-Push-Url"] = url_for("desk_door.prove", next=wanted.back)
    return response


@door.app_errorhandler(SignInWanted)
def ask_to_sign_in(_wanted: SignInWanted) -> BaseResponse:
    """To the door; where a form was sent from a session that has ended since, the door is the answer and holds the form."""
    back = page_before() or None
    clerk_id = sessions.clerk_of_token(request.cookies.get(COOKIES["clerk"], ""))
    kept = seal_form(clerk_id) if clerk_id and _was_sent_by_hand() else ""
    if not kept:
        return go(url_for("desk_door.sign_in", next=back))
    response = _show_sign_in(SignInForm(formdata=None), back, kept=kept)
    if wants_part():
        response.headers["HX-Push-Url"] = url_for("desk_door.sign_in", next=back)
    return response


def _was_sent_by_hand() -> bool:
    """Whether a page takes the place of the one with the form, as after a press; not where a script asks for itself."""
    itself = "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    return request.blueprint != door.name and ("HX-Boosted" in request.headers or not itself)


@door.before_app_request
def take_up_kept_form() -> BaseResponse | None:
    """A kept form comes to its address: its fields take the place of the proof's, whose CSRF token was looked at before."""
    if request.method != "POST" or not request.path.startswith("/desk") or request.endpoint in HOLDERS:
        return None
    if KEPT not in request.form:
        return None
    fields = fields_for_here(request.form[KEPT])
    if fields is None:
        return _no_longer_kept()
    request.form = fields
    return None


def _no_longer_kept() -> Response:
    words = _("刚才填写的内容没有保留下来，也没有办理。请回到原来的页面重新填写。")
    return show("errors/error.html", 400, heading=_("这个页面放得太久了"), words=words)


def _proved(password: str) -> bool:
    clerk = db.session.get_one(Clerk, current_user.id)
    if "answer" in request.form:
        proved, by, try_id = passkey_answers(clerk.id, current_user.session_id, passkeys.PROVE), "passkey", None
    else:
        with unit_of_work():
            try_id = begin_proof(clerk.id, current_user.session_id, now=now())
        proved, by = check_password(clerk.username, password, now=now()) == clerk.id, "password"
    if proved:
        with unit_of_work():
            if try_id is not None:
                forgive_try(try_id)
            note_proof(current_user.session_id, now=now())
            audit.record(audit.Actor("clerk", clerk.id), "desk.proved", ("clerk", clerk.id), now=now(), by=by)
    return proved


@door.get("/time-left")
@open_to(*STAFF)
def time_left() -> Response:
    """How many seconds are left before the clerk is signed out. Asking is no visit."""
    return jsonify(left=current_user.seconds_left, longest=current_user.longest_left)


@door.post("/stay")
@open_to(*STAFF)
def stay() -> Response:
    """The clerk is still there: the idle time begins anew."""
    with unit_of_work():
        session = db.session.get_one(WebSession, current_user.session_id)
        session.seen_at = now()
        left = sessions.ends_at(session, lifetime_of("clerk")) - now()
    return jsonify(left=int(left.total_seconds()), longest=current_user.longest_left)


@door.post("/sign-out")
@open_to(Access.EVERYONE)
def sign_out() -> BaseResponse:
    """Ends this browser's session."""
    response = make_response(redirect(url_for("desk_door.sign_in"), code=303))
    half = half_signed_in()
    if half is not None:
        with unit_of_work():
            sessions.end_session(half[1].id, now=now())
    elif current_user.is_authenticated:
        with unit_of_work():
            sessions.end_session(current_user.session_id, now=now())
            actor = audit.Actor("clerk", current_user.id)
            audit.record(actor, "desk.signed_out", ("clerk", current_user.id), now=now())
    drop_cookie(response, "clerk")
    return response


@door.after_app_request
def remember_language(response: BaseResponse) -> BaseResponse:
    """The desk speaks its clerk's language also at the door, and when a session has ended."""
    if request.path.startswith("/desk") and current_user.is_authenticated:
        spoken = str(current_user.language)
        if request.cookies.get(DESK_COOKIE) != spoken:
            _speak(response, spoken)
    return response


def _speak(response: BaseResponse, language: str) -> None:
    secure = settings().secure_cookies
    response.set_cookie(
        DESK_COOKIE, language, max_age=KNOWN_FOR, path="/desk", httponly=True, samesite="Lax", secure=secure
    )


@door.get("/language/<to>")
@open_to(Access.EVERYONE)
def language(to: str) -> BaseResponse:
    """The clerk's language, kept with the clerk; at the door with the browser, until somebody signs in there."""
    onward = go(safe_next(request.args.get("next"), url_for("desk.index")))
    if to not in DESK_LANGUAGES:
        return onward
    if current_user.is_authenticated:
        with unit_of_work():
            db.session.get_one(Clerk, current_user.id).language = to
        return onward
    response = make_response(onward)
    for name in (COOKIE, CHOSEN_AT_THE_DOOR):
        response.set_cookie(name, to, secure=request.is_secure, httponly=True, samesite="Lax")
    _speak(response, to)
    return response


@door.post("/tour")
@open_to(*DESK)
def tour() -> BaseResponse:
    """The next or the last place of the first-day tour, its end, or its beginning."""
    to = request.form.get("to", "")
    with unit_of_work():
        walk(current_user.id, to, now=now())
        current_user.tour_step = db.session.get_one(Clerk, current_user.id).tour_step
    back = safe_next(request.form.get("next"), url_for("desk.index"))
    if not wants_part() or to == "begin":
        return go(url_for("desk.index") if to == "begin" else back)
    return fragment(
        "staff/_tour.html", tour=tour_panel(back, moved=True), tour_over=current_user.tour_step is None, path=back
    )


@door.get("/counts")
@open_to(*DESK)
def counts() -> Response:
    """How many things wait behind each entry of the navigation, for a page that stays open. Asking is no visit."""
    return jsonify({item.href: item.count for item in desk_nav.items() if item.count is not None})
