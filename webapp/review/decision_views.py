"""What a clerk does with an item: decides, undoes, takes over, hands on, notes down, asks a colleague."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Account
from webapp.cases.models import Case
from webapp.core.db import db, unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.docket import queries as docket
from webapp.docket.models import DocketItem, ItemKind
from webapp.review import queries
from webapp.review.addresses import MAY_DECIDE, asked_filters, asker, item_address, manages, queue_address
from webapp.review.deciding import (
    Choice,
    HelpedHere,
    PassedHere,
    StillAsking,
    TooLate,
    decide,
    kind_of,
    saw_failure,
    take_effect,
    undo,
)
from webapp.review.evidence_views import found_item, preview_of, show_item
from webapp.review.forms import AskForm, DecisionForm, NoteForm, OpinionForm
from webapp.review.holding import NotWaiting, NotYours, assign, let_go, take
from webapp.review.models import Verdict
from webapp.review.opinions import SamePerson, answer, ask, withdraw, write_note
from webapp.review.queue_views import told_rows
from webapp.review.reasons import reasons_for
from webapp.review.screens import screen_of
from webapp.web.access import DESK, open_to
from webapp.web.locale import BY_CODE, current_language
from webapp.web.present import now, once_token, settings
from webapp.web.rendering import fragment, go

bp = Blueprint("desk_decisions", __name__, url_prefix="/desk")


def _form(item: DocketItem) -> DecisionForm:
    kind = ItemKind(item.kind)
    case = db.session.get(Case, item.case_id) if item.case_id else None
    return DecisionForm(kind, reasons_for(kind, current_language().code), contact=case.contact if case else "")


@bp.post("/review/<item_id>/decide")
@open_to(*MAY_DECIDE)
def decide_item(item_id: str) -> BaseResponse:
    """Approves or refuses an item in hand. Sent in the background (`X-Background`) it answers with what can be undone."""
    item, chosen = found_item(item_id), request.form.get("decision")
    form = _form(item)
    if chosen == "preview":
        return show_item(item, form=form)
    approved = chosen == "approve"
    if not approved and not form.validate():
        return show_item(item, form=form, status=422)
    redo = tuple(form.redo.data or ())
    choice = Choice(True) if approved else Choice(False, form.reason.data or None, form.words.data, redo)
    held = timedelta(seconds=settings().undo_seconds)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            token = request.form.get("hold", "")
            made = decide(item_id, choice, clerk_id=current_user.id, token=token, undo=held, now=now()).id
    except NotYours as lost:
        return show_item(item, form=form, status=409, words=_lost_to(lost), lost=True)
    except StillAsking:
        return show_item(item, form=form, status=409, words=_("还在等同事的意见，这次决定没有提交。可以先撤回询问。"))
    except HelpedHere as refused:
        return _another_decides(item, form, refused)
    except (NotWaiting, AlreadyDone):
        return _gone(item)
    if not held:
        take_effect(made, now=now())  # its job stands behind it, should this process die right here
    return _onward(item, "approved" if approved else "refused")


def _another_decides(item: DocketItem, form: DecisionForm, refused: HelpedHere) -> BaseResponse:
    """Says that somebody else accepts this; what this clerk will never accept goes back to the queue."""
    if not isinstance(refused, PassedHere):
        words = _("您在柜台协助过这位当事人，请由另一位同事通过。这次决定没有提交。")
        return show_item(item, form=form, status=409, words=words)
    with unit_of_work():
        let_go(item.id, current_user.id, now=now())
    words = _("这个人的身份由您审核通过，账户请由另一位同事审核。这次决定没有提交，这一件已退回队列。")
    return show_item(item, form=form, status=409, words=words, lost=True)


def _lost_to(lost: NotYours) -> str:
    name = queries.names_of_clerks([lost.holder_id]).get(lost.holder_id or "", "")
    if name:
        return str(_("%(name)s已经接手这一件，您的决定没有提交。您填写的内容还在。", name=name))
    return str(_("这一页已经过时，您的决定没有提交。您填写的内容还在，请重新打开这一件。"))


def _gone(item: DocketItem) -> BaseResponse:
    if "X-Background" in request.headers:
        return fragment("desk/_told.html", 410, told=told_rows(), gone=item.facts["name"])
    return go(queue_address(asked_filters(ItemKind(item.kind)), done="elsewhere"))


def _onward(item: DocketItem, done: str) -> BaseResponse:
    if "X-Background" in request.headers:
        return fragment("desk/_told.html", told=told_rows())
    filters = asked_filters(ItemKind(item.kind))
    following = docket.following(item, filters, asker())
    return go(item_address(following, filters, done=done) if following else queue_address(filters, done=done))


@bp.post("/review/<item_id>/preview")
@open_to(*MAY_DECIDE)
def preview(item_id: str) -> Response:
    """The SMS for what is chosen now, as it would go out."""
    item = found_item(item_id)
    language = current_language().code
    specimen = settings().specimen_bank
    screen = screen_of(item, today=now().date(), language=language, specimen=specimen, clerk=current_user) or abort(404)
    reads = BY_CODE[db.session.get_one(Account, screen.account_id).language]
    return fragment("desk/_sms.html", preview=preview_of(item, _form(item), reads.code), reads=reads)


@bp.post("/decisions/<decision_id>/undo")
@open_to(*MAY_DECIDE)
def undo_decision(decision_id: str) -> BaseResponse:
    """Takes back a decision that hasn't taken effect; the item is open again, with what was written."""
    try:
        with unit_of_work():
            item_id = undo(decision_id, clerk_id=current_user.id, now=now())
    except TooLate:
        return go(queue_address(asked_filters(kind_of(decision_id, current_user.id)), done="late"))
    item = found_item(item_id)
    return go(item_address(item, asked_filters(ItemKind(item.kind)), done="undone"))


@bp.post("/decisions/<decision_id>/seen")
@open_to(*MAY_DECIDE)
def seen(decision_id: str) -> BaseResponse:
    """The clerk has read that a decision came too late."""
    with unit_of_work():
        saw_failure(decision_id, current_user.id, now=now())
    kind = ItemKind.ACCOUNT if request.form.get("kind") == ItemKind.ACCOUNT else ItemKind.IDENTITY
    return go(queue_address(asked_filters(kind)))


@bp.post("/review/<item_id>/take")
@open_to(*MAY_DECIDE)
def take_over(item_id: str) -> BaseResponse:
    """Takes an item out of somebody else's hands; `leave` gives one's own back to the queue."""
    item = found_item(item_id)
    filters = asked_filters(ItemKind(item.kind))
    if "leave" in request.form:
        with unit_of_work():
            let_go(item_id, current_user.id, now=now())
        return go(queue_address(filters))
    with unit_of_work():
        take(item_id, current_user.id, now=now(), take_over=True)
    if "words" in request.form:  # what was typed on a page that had lost the item comes along
        return show_item(item, form=_form(item))
    return go(item_address(item, filters))


@bp.post("/review/<item_id>/assign")
@open_to(*MAY_DECIDE)
def assign_item(item_id: str) -> BaseResponse:
    """Says who is to do this: anybody for themselves, a manager for everybody."""
    item, to = found_item(item_id), request.form.get("to") or None
    if not manages() and to != current_user.id and not (to is None and item.assigned_to == current_user.id):
        abort(404)
    try:
        with unit_of_work():
            assign(item_id, to, by=current_user.id, now=now())
    except (NotWaiting, LookupError):
        return _gone(item)
    return go(item_address(item, asked_filters(ItemKind(item.kind)), done="assigned"))


@bp.post("/review/<item_id>/note")
@open_to(*MAY_DECIDE)
def note(item_id: str) -> BaseResponse:
    """Writes a note for colleagues."""
    item, form = found_item(item_id), NoteForm()
    if not form.validate():
        return show_item(item, status=422, forms={"note_form": form})
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            write_note(item_id, current_user.id, form.note.data or "", now=now())
    except AlreadyDone:
        pass
    return go(item_address(item, asked_filters(ItemKind(item.kind)), done="noted"))


@bp.post("/review/<item_id>/ask")
@open_to(*MAY_DECIDE)
def ask_colleague(item_id: str) -> BaseResponse:
    """Asks a named colleague for a second opinion."""
    item = found_item(item_id)
    form = AskForm(
        [(clerk.id, clerk.display_name) for clerk in queries.deciders({item.court}, besides=current_user.id)]
    )
    if not form.validate():
        return show_item(item, status=422, forms={"ask_form": form})
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            ask(item_id, form.colleague.data, form.question.data or "", by=current_user.id, now=now())
    except (NotWaiting, LookupError, SamePerson, AlreadyDone):
        return _gone(item)
    return go(item_address(item, asked_filters(ItemKind(item.kind)), done="asked"))


@bp.post("/opinions/<opinion_id>")
@open_to(*MAY_DECIDE)
def give_opinion(opinion_id: str) -> BaseResponse:
    """Answers a colleague; `withdraw`: the one who asked goes on without."""
    item = found_item(request.form.get("item", ""))
    if "withdraw" in request.form:
        with unit_of_work():
            withdraw(opinion_id, current_user.id, now=now())
        return go(item_address(item, asked_filters(ItemKind(item.kind))))
    form = OpinionForm()
    if not form.validate():
        return show_item(item, status=422, forms={"opinion_form": form})
    with unit_of_work():
        given = answer(opinion_id, current_user.id, Verdict(form.verdict.data), form.opinion.data or "", now=now())
    if given is None:
        return _gone(item)
    return go(queue_address(asked_filters(ItemKind(item.kind)), done="answered"))


@bp.get("/told")
@open_to(*DESK)
def told() -> Response:
    """What can still be undone, and what came too late."""
    return fragment("desk/_told.html", told=told_rows())
