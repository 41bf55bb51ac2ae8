"""What a page inside WeChat asks for: a signature for its share menu, and what the mini-program's shell brings back.

The shell opens these pages in a web-view. What only its own pages can do (a button that tells the phone number, the
question whether messages may be sent) it does there, and comes back to /wechat/back with one-time codes behind the #,
where no server's log sees them (docs/wechat.md).
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, abort, jsonify, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import sessions
from webapp.accounts.models import WebSession
from webapp.accounts.phones import keep_phone, number_hash
from webapp.accounts.queries import accounts_with_phone, phones_of
from webapp.accounts.rules import check_phone
from webapp.accounts.views import number_ticket, take_in_hand
from webapp.core.db import db, end_reading, unit_of_work
from webapp.ports.failures import SeamFailure
from webapp.ports.wechat import PhoneVerdict, WeChat
from webapp.web.access import Access, open_to, safe_next
from webapp.web.locale import current_language
from webapp.web.present import now, seams, settings
from webapp.web.rendering import go, show
from webapp.web.tickets import open_ticket, seal_ticket
from webapp.wechat.usecases import allow_messages, forget_reader

bp = Blueprint("wechat", __name__, url_prefix="/wechat")


def _wechat() -> WeChat:
    return seams().wechat or abort(404)


@bp.get("/signature")
@open_to(Access.PAYEE)
def signature() -> Response:
    """What `wx.config` needs on one of our own pages. 422 for any other address: our name isn't lent to strangers.

    Ours is what PUBLIC_URL says, never the host that a request names: whoever asks writes that themselves. The desk's host has
    no page that WeChat opens.
    """
    url = request.args.get("url", "")
    if not url.startswith(settings().public_url.rstrip("/") + "/"):
        abort(422)
    end_reading()
    try:
        signed = _wechat().sign_page(url)
    except SeamFailure:
        abort(503)
    return jsonify(appId=signed.app_id, timestamp=signed.timestamp, nonceStr=signed.nonce, signature=signed.signature)


@bp.app_context_processor
def _context() -> dict[str, object]:
    return {"wechat": {"page": _shell_page, "messages": bool(settings().wechat_template)}}


def _shell_page(what: str, onward: str) -> str:
    """The mini-program's page that asks for the `phone` or for `messages`, and where it comes back to.

    The ticket goes along and comes back: what somebody else's WeChat brings can't be put on this account.
    """
    state = seal_ticket(f"wechat.{current_user.id}", "shell")
    home = settings().public_url.rstrip("/") + url_for("wechat.back", state=state, next=onward)
    return f"{settings().wechat_shell_page}?{urlencode({'ask': what, 'template': settings().wechat_template, 'back': home})}"


@bp.route("/back", methods=["GET", "POST"])
@open_to(Access.ALONE)
def back() -> Response:
    """The shell came back. The page's script hands the codes in, out of sight of any address."""
    state, onward = request.args.get("state", ""), safe_next(request.args.get("next"), url_for("home.index"))
    if not open_ticket(f"wechat.{current_user.id}", state):
        return go(onward)
    words = ""
    if request.method == "POST":
        outcome = _take(request.form.get("code", "")[:200], request.form.get("login", "")[:200], onward)
        if not isinstance(outcome, str):
            return outcome
        words = outcome
    return show("wechat/back.html", 422 if words else 200, words=words, onward=onward)


def _take(code: str, login: str, onward: str) -> Response | str:
    """Where to go, or words about what didn't work.

    The one question to a party that a page asks by itself: somebody stands there with a code that lives five minutes. The
    guard's budget for WeChat is short, so that a dead WeChat holds no page for long.
    """
    end_reading()
    try:
        if login and (openid := _wechat().openid(login)):
            with unit_of_work():
                allow_messages(current_user.id, openid, language=current_language().code, now=now())
            end_reading()
        told = _wechat().phone(code) if code else None
    except SeamFailure:
        return str(_("微信暂时没有回应。请稍后再试，或用短信验证码。"))
    if told is None:
        return go(onward)
    if told.verdict is PhoneVerdict.CODE_USED:
        return str(_("这次授权已经失效，请再点一次“获取手机号”。"))
    checked = check_phone(told.phone)
    if checked.fault is not None:
        return str(_("微信绑定的手机号不能接收短信，请用短信验证码添加另一个号码。"))
    return _prove(checked.value, onward)


def _prove(number: str, onward: str) -> Response:
    """A number that WeChat vouches for counts like one whose code was typed, and goes the same ways."""
    mine, response = phones_of(current_user.id), make_response(go(onward))
    chooses = make_response(go(url_for("identity.who", number=number_ticket("first", number))))
    if any(phone.number == number for phone in mine):
        with unit_of_work():
            take_in_hand(response)
        return response
    if mine and not sessions.code_is_fresh(current_user.session_id, now=now()):
        return go(url_for("accounts.prove", next=onward))
    others = () if mine else accounts_with_phone(number_hash(number), besides=current_user.id)
    with unit_of_work():
        if others:
            session = db.session.get_one(WebSession, current_user.session_id)
            session.proved_hash, session.proved_at = number_hash(number), now()
            take_in_hand(chooses, proved=False)
        else:
            keep_phone(current_user.id, number, now=now())
            take_in_hand(response)
    return chooses if others else response


@bp.post("/off")
@open_to(Access.ALONE)
def off() -> Response:
    """No more messages in WeChat."""
    with unit_of_work():
        forget_reader(current_user.id, now=now())
    return go(url_for("notices.messages"))
