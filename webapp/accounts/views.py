"""Signing in with a phone, and looking after one's numbers."""

from __future__ import annotations

from math import ceil
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import sessions
from webapp.accounts.forms import CodeForm, PhoneForm
from webapp.accounts.loading import device, drop_cookie, lifetime_of, set_cookie
from webapp.accounts.models import Account, Phone
from webapp.accounts.phones import (
    LONGEST_CODE,
    Asker,
    CodeOutcome,
    MustWait,
    check_code,
    code_stands,
    keep_phone,
    make_primary,
    next_code_at,
    number_hash,
    remove_phone,
    send_code,
)
from webapp.accounts.queries import accounts_with_phone, phones_of, primary_phone
from webapp.accounts.rules import REGIONS, as_typed
from webapp.accounts.words import next_code_here, wait_words
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.sms.usecases import post_sms
from webapp.typed.usecases import forget_typed
from webapp.web.access import Access, open_to, safe_next
from webapp.web.context import with_number
from webapp.web.locale import BY_CODE, current_language, large_text
from webapp.web.locale import COOKIE as LANGUAGE_COOKIE
from webapp.web.present import browser, client, now, once_token, settings
from webapp.web.rendering import go, show
from webapp.web.tickets import LIFE as TICKET_LIFE
from webapp.web.tickets import open_ticket, seal_ticket

bp = Blueprint("accounts", __name__)


def code_words(code: str) -> str:
    """The SMS that carries a code; the last line binds it to this site, so that phones fill it in (WebOTP)."""
    host = settings().public_url.split("://")[-1].split(":")[0]
    text = _("验证码 %(code)s，5 分钟内有效。请勿告诉任何人，法院工作人员也不会向您索要。", code=code)
    return f"{text}\n@{host} #{code}"


OUTCOME_WORDS = {
    CodeOutcome.WRONG: lambda: _("验证码不对，请再看一看短信。"),
    CodeOutcome.EXPIRED: lambda: _("验证码已经过期，请重新获取。"),
    CodeOutcome.TOO_MANY_TRIES: lambda: _("这个验证码错的次数太多，已经作废，请重新获取。"),
    CodeOutcome.NONE_SENT: lambda: _("请先获取验证码。"),
}


def number_ticket(purpose: str, number: str) -> str:
    """A number on its way to its code's page, for this purpose and this account alone.

    A ticket for signing in elsewhere must not put its number on the account of whoever left a phone lying.
    """
    return seal_ticket(_ticket_kind(purpose), number, life=LONGEST_CODE + TICKET_LIFE)  # as long as its code may last


def number_of(purpose: str) -> str:
    """The number of the ticket that came with this request; "" when it is for something else, or somebody else."""
    return open_ticket(_ticket_kind(purpose), request.args.get("number", ""))


def _ticket_kind(purpose: str) -> str:
    return f"number.{purpose}.{current_user.id if current_user.is_authenticated else ''}"


def take_in_hand(response: Response, *, proved: bool = True) -> None:
    """A fresh token for this browser now that its rights have grown, so that one planted before is worth nothing.

    `proved`: by a code to one of the account's phones. Inside a unit of work.
    """
    if proved:
        sessions.note_code(current_user.session_id, now=now())
    set_cookie(response, "payee", sessions.renew_token(current_user.session_id))


def prove_again(number: str, onward: str, why: str) -> Response:
    """The page that asks for a code to a number that is known already; once it is typed, the way goes `onward`.

    `why` is said above the field.
    """
    form, asked, words = CodeForm(), wants_another_code(), ""
    if asked:
        words = send_another(number)
    elif request.method == "POST" and form.validate():
        response = make_response(redirect(onward, code=303))
        with unit_of_work():
            outcome = check_code(number, form.code.data, device=device(), now=now())
            if outcome is CodeOutcome.RIGHT:
                take_in_hand(response)
        if outcome is CodeOutcome.RIGHT:
            return response
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    return show(
        "accounts/prove_again.html",
        422 if form.errors and not asked else 200,
        form=form,
        phone=mask_phone(number),
        words=words,
        why=why,
        next_code=next_code_here(seconds_to_next(number)),
    )


def open_account(response: Response, *, proved: bool = False) -> str:
    """Makes a new account with a session, inside a unit of work, and hands the cookie over; returns its id.

    `proved`: by a code to the phone that the account is about to get.
    """
    account = Account(created_at=now(), language=current_language().code, large_text=large_text())
    db.session.add(account)
    db.session.flush()
    token = sessions.open_session(
        "payee", lifetime=lifetime_of("payee"), browser=browser(), now=now(), account_id=account.id
    )
    if proved:
        sessions.note_code(sessions.find_by_token(token).id, now=now())
    audit.record(audit.Actor("payee", account.id), "accounts.opened", ("account", account.id), now=now())
    set_cookie(response, "payee", token)
    return account.id


def ask_for_code(form: PhoneForm, account_id: str | None) -> bool:
    """Sends a code to a valid form's number; False with words beside the field when it must wait."""
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            send_code(form.number, asker(account_id), words=code_words, now=now())
    except AlreadyDone:
        return True
    except MustWait as wait:
        if code_stands(form.number, device=device(), now=now()):
            return True  # the one that was sent to this browser is still good: the page to type it is what is needed
        form.phone.errors = [*form.phone.errors, wait_words(max(1, ceil((wait.until - now()).total_seconds())))]
        return False
    return True


def wants_another_code() -> bool:
    """True for the button that asks for another code on the page where one is typed."""
    return request.method == "POST" and request.form.get("send") == "1"


def send_another(number: str) -> str:
    """Sends another code to a number that was typed before; why it has to wait, or ""."""
    form = PhoneForm(formdata=None)
    form.number = number
    return (
        ""
        if ask_for_code(form, current_user.id if current_user.is_authenticated else None)
        else str(form.phone.errors[0])
    )


def show_code_page(form: CodeForm, number: str, *, back: str) -> Response:
    """Where the code that went to a number is typed, and another is sent if that is asked for; `back`: where the number was typed."""
    words = send_another(number) if wants_another_code() else ""
    return show(
        "accounts/sign_in_code.html",
        422 if form.errors else 200,
        form=form,
        phone=mask_phone(number),
        words=words,
        stands=code_stands(number, device=device(), now=now()),
        next_code=next_code_here(seconds_to_next(number)),
        back=back,
    )


def phone_form(number: str) -> PhoneForm:
    """The form of a number; it holds the one that was typed before, when somebody comes back from its code's page."""
    region, national = as_typed(number)
    return PhoneForm(data={"region": region, "phone": national} if region in REGIONS else {"phone": number})


def seconds_to_next(number: str) -> int:
    """Whole seconds after which another code may be sent to a number, not a moment too early."""
    free_at = next_code_at(number, asker(current_user.id if current_user.is_authenticated else None), now=now())
    return max(0, ceil((free_at - now()).total_seconds()))


def asker(account_id: str | None) -> Asker:
    """Who asks for a code."""
    return Asker(client(), device(), account_id)


@bp.route("/signin", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in() -> Response:
    """A payee who was here before comes back: a number, a code."""
    form = phone_form(number_of("sign-in"))
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    if current_user.is_authenticated:
        return go(onward)
    if request.method == "POST" and form.validate() and ask_for_code(form, None):
        return go(url_for("accounts.sign_in_code", number=number_ticket("sign-in", form.number), next=onward))
    return show("accounts/sign_in.html", 422 if form.errors else 200, form=form, onward=onward)


@bp.route("/signin/code", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in_code() -> Response:
    """The code; a right one opens the session of the account, or lets choose when several share the number."""
    form, number = CodeForm(), number_of("sign-in")
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    if not number:
        return go(url_for("accounts.sign_in"))
    if request.method == "POST" and not wants_another_code() and form.validate():
        outcome, response = _sign_in_with(number, form.code.data, onward)
        if response is not None:
            return response
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    back = url_for("accounts.sign_in", number=request.args["number"], next=onward)
    return show_code_page(form, number, back=back)


def _sign_in_with(number: str, code: str, onward: str) -> tuple[CodeOutcome, Response | None]:
    response = make_response(redirect(onward, code=303))
    with unit_of_work():
        outcome = check_code(number, code, device=device(), now=now())
        if outcome is not CodeOutcome.RIGHT:
            return outcome, None
        found = accounts_with_phone(number_hash(number))
        if not found:
            account_id = open_account(response, proved=True)
            keep_phone(account_id, number, now=now())
            return outcome, response
        token = sessions.open_session(
            "payee", lifetime=lifetime_of("payee"), browser=browser(), now=now(), account_id=found[0].id
        )
        if len(found) == 1:
            sessions.note_code(sessions.find_by_token(token).id, now=now())
            keep_language(found[0].id)
        else:
            _mark_proved(token, number)
            response = make_response(redirect(url_for("identity.who", next=onward), code=303))
        audit.record(audit.Actor("payee", found[0].id), "accounts.signed_in", ("account", found[0].id), now=now())
    set_cookie(response, "payee", token)
    return outcome, response


def keep_language(account_id: str) -> None:
    """A language chosen in this browser before its owner was known is the newest wish. Inside a unit of work."""
    chosen = BY_CODE.get(request.cookies.get(LANGUAGE_COOKIE, ""))
    if chosen is not None:
        db.session.get_one(Account, account_id).language = chosen.code


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
            forget_typed(current_user.id)
            audit.record(
                audit.Actor("payee", current_user.id), "accounts.signed_out", ("account", current_user.id), now=now()
            )
    drop_cookie(response, "payee")
    return response


@bp.route("/phones", methods=["GET", "POST"])
@open_to(Access.ALONE)
def phones() -> Response:
    """「管理手机号码」: the account's numbers; a new one is added by a code, after a code to a number it has already."""
    form, mine = phone_form(number_of("add")), phones_of(current_user.id)
    onward = safe_next(request.args.get("next"), url_for("home.index"))
    if request.method == "POST" and _must_prove():
        return go(url_for("accounts.prove", next=onward))
    if request.method == "POST" and form.validate() and ask_for_code(form, current_user.id):
        return go(url_for("accounts.add_code", number=number_ticket("add", form.number), next=onward))
    listed = [(phone, mask_phone(phone.number)) for phone in mine]
    return show(
        "accounts/phones.html",
        422 if form.errors else 200,
        form=form,
        phones=listed,
        onward=onward,
        must_prove=_must_prove(),
    )


def _must_prove() -> bool:
    """A number may be added, chosen or removed only by somebody who has just shown that they hold one of the account's."""
    return bool(phones_of(current_user.id)) and not sessions.code_is_fresh(current_user.session_id, now=now())


@bp.route("/phones/prove", methods=["GET", "POST"])
@open_to(Access.ALONE)
def prove() -> Response:
    """A code to the primary number, before numbers may be changed."""
    onward = url_for("accounts.phones", next=safe_next(request.args.get("next"), ""))
    phone = primary_phone(current_user.id)
    if phone is None or not _must_prove():
        return go(onward)
    why = with_number(_("更改手机号之前，需要向 %(phone)s 发送短信验证码。"), phone=mask_phone(phone.number))
    return prove_again(phone.number, onward, why)


@bp.route("/phones/code", methods=["GET", "POST"])
@open_to(Access.ALONE)
def add_code() -> Response:
    """The code of a number to be added."""
    form, number = CodeForm(), number_of("add")
    onward = safe_next(request.args.get("next"), url_for("accounts.phones"))
    if not number:
        return go(url_for("accounts.phones"))
    if _must_prove():
        return go(url_for("accounts.prove", next=onward))
    if request.method == "POST" and not wants_another_code() and form.validate():
        response, known = make_response(redirect(onward, code=303)), primary_phone(current_user.id)
        with unit_of_work():
            outcome = check_code(number, form.code.data, device=device(), now=now())
            if outcome is CodeOutcome.RIGHT:
                keep_phone(current_user.id, number, now=now())
                take_in_hand(response)
                _warn(
                    known,
                    _l("您的账户刚刚添加了手机号 %(number)s。如非本人操作，请立即拨打法院电话 %(court)s。"),
                    number,
                )
        if outcome is CodeOutcome.RIGHT:
            return response
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    back = url_for("accounts.phones", number=request.args["number"], next=onward)
    return show_code_page(form, number, back=back)


CHANGES = {
    "choose": (
        make_primary,
        _l("您的账户刚刚把常用手机号改为 %(number)s。如非本人操作，请立即拨打法院电话 %(court)s。"),
    ),
    "remove": (remove_phone, _l("您的账户刚刚删除了手机号 %(number)s。如非本人操作，请立即拨打法院电话 %(court)s。")),
}


@bp.post("/phones/<phone_id>/<deed>")
@open_to(Access.ALONE)
def change_phone(phone_id: str, deed: str) -> Response:
    """Chooses or removes one of the account's numbers. Removing one signs every other browser out."""
    onward = safe_next(request.args.get("next"), "")
    if _must_prove():
        return go(url_for("accounts.prove", next=onward))
    if deed in CHANGES:
        change, words = CHANGES[deed]
        known = primary_phone(current_user.id)
        with unit_of_work():
            changed = next((phone.number for phone in phones_of(current_user.id) if phone.id == phone_id), "")
            if change(current_user.id, phone_id, now=now()):
                _warn(known, words, changed)
                if deed == "remove":
                    sessions.end_other_sessions(current_user.id, besides=current_user.session_id, now=now())
    return go(url_for("accounts.phones", next=onward))


def _warn(known: Phone | None, words: Any, number: str) -> None:
    """Tells the number that was primary until now, in the account's language. Inside a unit of work."""
    if known is not None:
        with force_locale(current_language().code):
            text = str(words) % {"number": mask_phone(number), "court": settings().court_phone}
        post_sms(known.number, text, now=now())
