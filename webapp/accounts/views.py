"""Signing in with a phone, and looking after one's numbers."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import sessions
from webapp.accounts.forms import CodeForm, PhoneForm
from webapp.accounts.loading import drop_cookie, lifetime_of, set_cookie
from webapp.accounts.models import Account
from webapp.accounts.phones import (
    CodeOutcome,
    MustWait,
    check_code,
    keep_phone,
    make_primary,
    next_code_at,
    number_hash,
    remove_phone,
    send_code,
)
from webapp.accounts.queries import accounts_with_phone, phones_of
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.web.access import Access, open_to, safe_next
from webapp.web.locale import current_language, large_text
from webapp.web.present import browser, client, now, once_token, settings
from webapp.web.rendering import go, show
from webapp.web.tickets import open_ticket, seal_ticket

bp = Blueprint("accounts", __name__)


def code_words(code: str) -> str:
    """The SMS that carries a code; the last line binds it to this site, so that phones fill it in (WebOTP)."""
    host = settings().public_url.split("://")[-1].split(":")[0]
    text = _("验证码 %(code)s，5 分钟内有效。请勿告诉任何人，法院工作人员也不会向您索要。", code=code)
    return f"{text}\n@{host} #{code}"


def wait_words(until_seconds: int) -> str:
    """How long until the next code may be asked for."""
    if until_seconds < 120:
        return str(_("验证码发送太频繁，请 %(n)s 秒后再试。", n=until_seconds))
    if until_seconds < 7200:
        return str(_("验证码发送太频繁，请 %(n)s 分钟后再试。", n=-(-until_seconds // 60)))
    return str(_("今天的验证码次数已用完，请 %(n)s 小时后再试，或拨打法院电话。", n=-(-until_seconds // 3600)))


OUTCOME_WORDS = {
    CodeOutcome.WRONG: lambda: _("验证码不对，请再看一看短信。"),
    CodeOutcome.EXPIRED: lambda: _("验证码已经过期，请重新获取。"),
    CodeOutcome.TOO_MANY_TRIES: lambda: _("这个验证码错的次数太多，已经作废，请重新获取。"),
    CodeOutcome.NONE_SENT: lambda: _("请先获取验证码。"),
}


def open_account(response: Response) -> str:
    """Makes a new account with a session, inside a unit of work, and hands the cookie over; returns its id."""
    account = Account(created_at=now(), language=current_language().code, large_text=large_text())
    db.session.add(account)
    db.session.flush()
    token = sessions.open_session(
        "payee", lifetime=lifetime_of("payee"), browser=browser(), now=now(), account_id=account.id
    )
    audit.record(audit.Actor("payee", account.id), "accounts.opened", ("account", account.id), now=now())
    set_cookie(response, "payee", token)
    return account.id


def ask_for_code(form: PhoneForm, account_id: str | None) -> bool:
    """Sends a code to a valid form's number; False with words beside the field when it must wait."""
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            send_code(form.number, account_id=account_id, client=client(), words=code_words, now=now())
    except AlreadyDone:
        return True
    except MustWait as wait:
        form.phone.errors = [*form.phone.errors, wait_words(max(1, int((wait.until - now()).total_seconds())))]
        return False
    return True


def seconds_to_next(number: str) -> int:
    """Seconds until another code may be sent to a number."""
    return max(0, int((next_code_at(number, client(), now=now()) - now()).total_seconds()))


@bp.route("/signin", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in() -> Response:
    """A payee who was here before comes back: a number, a code."""
    form = PhoneForm()
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    if current_user.is_authenticated:
        return go(onward)
    if request.method == "POST" and form.validate() and ask_for_code(form, None):
        return go(url_for("accounts.sign_in_code", number=seal_ticket("number", form.number), next=onward))
    return show("accounts/sign_in.html", 422 if form.errors else 200, form=form, onward=onward)


@bp.route("/signin/code", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in_code() -> Response:
    """The code; a right one opens the session of the account, or lets choose when several share the number."""
    form, number = CodeForm(), open_ticket("number", request.args.get("number", ""))
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    if not number:
        return go(url_for("accounts.sign_in"))
    if request.method == "POST" and form.validate():
        outcome, response = _sign_in_with(number, form.code.data, onward)
        if response is not None:
            return response
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    return show(
        "accounts/sign_in_code.html",
        422 if form.errors else 200,
        form=form,
        phone=mask_phone(number),
        wait=seconds_to_next(number),
        onward=onward,
    )


def _sign_in_with(number: str, code: str, onward: str) -> tuple[CodeOutcome, Response | None]:
    response = make_response(redirect(onward, code=303))
    with unit_of_work():
        outcome = check_code(number, code, now=now())
        if outcome is not CodeOutcome.RIGHT:
            return outcome, None
        found = accounts_with_phone(number_hash(number))
        if not found:
            account_id = open_account(response)
            keep_phone(account_id, number, now=now())
            return outcome, response
        token = sessions.open_session(
            "payee", lifetime=lifetime_of("payee"), browser=browser(), now=now(), account_id=found[0].id
        )
        if len(found) > 1:
            _mark_proved(token, number)
            response = make_response(redirect(url_for("identity.who", next=onward), code=303))
        audit.record(audit.Actor("payee", found[0].id), "accounts.signed_in", ("account", found[0].id), now=now())
    set_cookie(response, "payee", token)
    return outcome, response


def _mark_proved(token: str, number: str) -> None:
    session = sessions.find_by_token(token)
    session.proved_hash, session.proved_at = number_hash(number), now()


@bp.post("/signout")
@open_to(Access.EVERYONE)
def sign_out() -> Response:
    """Ends this browser's session."""
    response = make_response(redirect(url_for("home.index"), code=303))
    if current_user.is_authenticated:
        with unit_of_work():
            sessions.end_session(current_user.session_id, now=now())
            audit.record(
                audit.Actor("payee", current_user.id), "accounts.signed_out", ("account", current_user.id), now=now()
            )
    drop_cookie(response, "payee")
    return response


@bp.route("/phones", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def phones() -> Response:
    """「管理手机号码」: the account's numbers; a new one is added by a code."""
    form = PhoneForm()
    if request.method == "POST" and form.validate() and ask_for_code(form, current_user.id):
        return go(
            url_for("accounts.add_code", number=seal_ticket("number", form.number), next=request.args.get("next", ""))
        )
    listed = [(phone, mask_phone(phone.number)) for phone in phones_of(current_user.id)]
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    return show("accounts/phones.html", 422 if form.errors else 200, form=form, phones=listed, onward=onward)


@bp.route("/phones/code", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def add_code() -> Response:
    """The code of a number to be added."""
    form, number = CodeForm(), open_ticket("number", request.args.get("number", ""))
    onward = safe_next(request.args.get("next"), url_for("accounts.phones"))
    if not number:
        return go(url_for("accounts.phones"))
    if request.method == "POST" and form.validate():
        with unit_of_work():
            outcome = check_code(number, form.code.data, now=now())
            if outcome is CodeOutcome.RIGHT:
                keep_phone(current_user.id, number, now=now())
        if outcome is CodeOutcome.RIGHT:
            return go(onward)
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    return show(
        "accounts/sign_in_code.html",
        422 if form.errors else 200,
        form=form,
        phone=mask_phone(number),
        wait=seconds_to_next(number),
        onward=onward,
        adding=True,
    )


@bp.post("/phones/<phone_id>/<deed>")
@open_to(Access.PAYEE)
def change_phone(phone_id: str, deed: str) -> Response:
    """Chooses or removes one of the account's numbers."""
    deeds = {"choose": make_primary, "remove": remove_phone}
    if deed in deeds:
        with unit_of_work():
            deeds[deed](current_user.id, phone_id, now=now())
    return go(url_for("accounts.phones", next=request.args.get("next", "")))
