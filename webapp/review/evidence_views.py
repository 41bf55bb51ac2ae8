"""The evidence screens: one item, everything known about it, and the next one loaded ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Account
from webapp.accounts.queries import may_see_court
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.docket import queries as docket
from webapp.docket.models import DocketItem, ItemKind, ItemState
from webapp.docket.rules import due
from webapp.evidence.models import Photo
from webapp.evidence.views import photo_response
from webapp.review import queries
from webapp.review.addresses import (
    MAY_DECIDE,
    args_of,
    asked_filters,
    asker,
    decides,
    item_address,
    manages,
    queue_address,
)
from webapp.review.deciding import decisions_on
from webapp.review.evidence import masked
from webapp.review.forms import AskForm, DecisionForm, NoteForm, OpinionForm
from webapp.review.holding import AHEAD, HOLD, actor, keep, take
from webapp.review.models import Decision
from webapp.review.opinions import notes_of, opinions_of
from webapp.review.previews import Preview, preview_refusal
from webapp.review.queue_views import age, told_rows
from webapp.review.reasons import reasons_for
from webapp.review.screens import screen_of
from webapp.review.usecases import looked
from webapp.review.words import VERDICTS
from webapp.web.access import DESK, open_to
from webapp.web.locale import BY_CODE, current_language
from webapp.web.present import now, settings
from webapp.web.rendering import go, show
from webapp.web.tickets import open_ticket, seal_ticket

bp = Blueprint("desk_evidence", __name__, url_prefix="/desk")


@bp.get("/review/<item_id>")
@open_to(*DESK)
def item(item_id: str) -> Response:
    """The evidence screen. Who may decide takes the item in hand by opening it, unless somebody else has it."""
    return show_item(found_item(item_id))


@bp.get("/review/<item_id>/next")
@open_to(*MAY_DECIDE)
def following(item_id: str) -> BaseResponse:
    """What comes after this item in its queue. Loaded ahead (`ahead`) it is kept for its reader for some minutes."""
    current = found_item(item_id)
    filters = asked_filters(ItemKind(current.kind))
    found = docket.following(current, filters, asker())
    if "ahead" not in request.args:
        return go(item_address(found, filters) if found else queue_address(filters, done="empty"))
    if found is None:
        return make_response("", 204)
    response = show_item(found, hold=AHEAD)
    response.headers["X-Address"] = item_address(found, filters)
    return response


@bp.get("/review/<item_id>/before")
@open_to(*DESK)
def before(item_id: str) -> BaseResponse:
    """What comes before this item in its queue."""
    current = found_item(item_id)
    filters = asked_filters(ItemKind(current.kind))
    found = docket.preceding(current, filters, asker())
    return go(item_address(found, filters) if found else queue_address(filters))


@bp.post("/review/<item_id>/keep")
@open_to(*MAY_DECIDE)
def keep_it(item_id: str) -> Response:
    """The page is looked at: its hold goes on. 409 when the item is in other hands."""
    found_item(item_id)
    with unit_of_work():
        kept = keep(item_id, current_user.id, request.form.get("hold", ""), now=now())
    return make_response("", 204 if kept else 409)


@bp.post("/review/<item_id>/reveal")
@open_to(*DESK)
def reveal(item_id: str) -> BaseResponse:
    """Shows the numbers whole, for a quarter of an hour, with a row in the audit trail."""
    found = found_item(item_id)
    with unit_of_work():
        audit.record(actor(current_user.id), "desk.revealed", _record_of(found), now=now())
    ticket = seal_ticket("reveal", f"{current_user.id}:{item_id}")
    return go(item_address(found, asked_filters(ItemKind(found.kind)), shown=ticket))


@bp.get("/photos/<photo_id>")
@open_to(*DESK)
def photo(photo_id: str) -> Response:
    """A picture or video of somebody's, with a row in the audit trail."""
    found = db.session.get(Photo, photo_id)
    if found is None or found.deleted_at is not None or not queries.may_see_photo(current_user, found):
        abort(404)
    with unit_of_work():
        looked(current_user.id, ("photo", photo_id), now=now())
    return photo_response(found)


def found_item(item_id: str) -> DocketItem:
    """The item of an address, or 404."""
    found: DocketItem = db.session.get(DocketItem, item_id) or abort(404)
    if not may_see_court(current_user, found.court):
        abort(404)
    return found


def _record_of(item: DocketItem) -> tuple[str, str]:
    """Which record the audit chain says was looked at."""
    if item.kind == ItemKind.IDENTITY:
        return "verification", item.thread
    return "submission", item.subject_id


def show_item(
    item: DocketItem, *, form: DecisionForm | None = None, status: int = 200, words: str = "", lost: bool = False, hold: timedelta = HOLD,
    forms: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The screen of an item: `words` say why what was sent wasn't done; what was typed is in the form. `lost`: it isn't taken again."""
    filters, kind, token = asked_filters(ItemKind(item.kind)), ItemKind(item.kind), None
    with unit_of_work():
        if decides() and not lost:
            token = take(item.id, current_user.id, now=now(), hold=hold)
        looked(current_user.id, _record_of(item), now=now())
    language = current_language().code
    screen = screen_of(
        item, today=in_china(now()).date(), language=language, specimen=settings().specimen_bank, clerk=current_user
    )
    if screen is None:
        return show("desk/gone.html", back=queue_address(filters), told=told_rows())
    past = decisions_on([item.id])
    form = form or DecisionForm(kind, reasons_for(kind, language), formdata=None, data=_undone(past))
    shown = open_ticket("reveal", request.args.get("shown", "")) == f"{current_user.id}:{item.id}"
    reads = BY_CODE[db.session.get_one(Account, screen.account_id).language]
    waiting = screen.waiting and item.state == ItemState.OPEN
    clerks = queries.names_of_clerks([item.holder_id, item.assigned_to, *_clerks_of(item, past)])
    return show(
        "desk/item.html", status, item=item, screen=screen, kind=kind.value, waiting=waiting, form=form, words=words,
        rows=screen.rows if shown else masked(screen.rows), shown=shown, token=token or "", may_decide=decides(),
        mine=bool(token) and waiting, holder=_holder(item, clerks), assigned=clerks.get(item.assigned_to or "", ""),
        state=item.state, age=age(item.since), due=due(item.since, settings().review_target_days), args=args_of(filters),
        queue=queue_address(filters), preview=preview_of(item, form, reads.code), reads=reads,
        notes=notes_of(item.thread), opinions=_opinions(item, clerks), past=_decided(past, clerks), told=told_rows(),
        done=request.args.get("done", ""), colleagues=queries.deciders({item.court}, besides=current_user.id), manages=manages(),
        **_other_forms(item, forms or {}),
    )  # fmt: skip


def preview_of(item: DocketItem, form: DecisionForm, language: str) -> Preview:
    """The SMS as it would go out for what is chosen now."""
    return preview_refusal(item, form.reason.data or "", form.words.data or "", language, now=now())


def _undone(past: Any) -> dict[str, Any]:
    """What was chosen before it was undone, so that it can be mended instead of written again."""
    latest: Decision | None = next(iter(past), None)
    if latest is None or latest.state != "undone" or latest.clerk_id != current_user.id or latest.approved:
        return {}
    return {"reason": latest.reason or "", "words": latest.words or "", "redo": latest.redo.split(",")}


def _clerks_of(item: DocketItem, past: Any) -> list[str]:
    asked = opinions_of(item.id)
    return [*(d.clerk_id for d in past), *(o.asked_by for o in asked), *(o.asked_of for o in asked)]


def _holder(item: DocketItem, clerks: dict[str, str]) -> str:
    """Who else has the item in hand now, by name."""
    held = item.held_until is not None and item.held_until > now() and item.holder_id != current_user.id
    return clerks.get(item.holder_id or "", "") if held else ""


def _opinions(item: DocketItem, clerks: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "by": clerks[one.asked_by], "of": clerks[one.asked_of], "question": one.question, "at": one.asked_at,
            "verdict": VERDICTS.get(one.verdict or "", ""), "words": one.words or "", "answered_at": one.answered_at,  # type: ignore[call-overload]  # a verdict's value is one
            "to_me": one.asked_of == current_user.id and one.answered_at is None,
            "mine": one.asked_by == current_user.id and one.answered_at is None,
        }
        for one in opinions_of(item.id)
    ]  # fmt: skip


def _decided(past: Any, clerks: dict[str, str]) -> list[dict[str, Any]]:
    words = {
        "pending": _("等待生效"),
        "done": _("已生效"),
        "undone": _("已撤销"),
        "failed": _("没有生效，当事人先改了"),
    }
    return [
        {"who": clerks.get(d.clerk_id, ""), "at": d.decided_at, "approved": d.approved, "state": words[d.state]} for d in past
    ]  # fmt: skip


def _other_forms(item: DocketItem, given: dict[str, Any]) -> dict[str, Any]:
    colleagues = [(clerk.id, clerk.display_name) for clerk in queries.deciders({item.court}, besides=current_user.id)]
    fresh = {"note_form": NoteForm(), "ask_form": AskForm(colleagues), "opinion_form": OpinionForm()}
    return {**fresh, **given}
