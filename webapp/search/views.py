"""The field in the desk's navigation: whoever it means, over all cases of the clerk's courts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from webapp.cases.models import Stage
from webapp.cases.rules import format_amount
from webapp.cases.words import STAGES
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import unit_of_work
from webapp.core.masking import mask_number
from webapp.docket.models import DocketItem, ItemState
from webapp.identity.words import document_name
from webapp.search.queries import Answer, Hit, search
from webapp.web.access import DESK, open_to
from webapp.web.numbers import typed_number
from webapp.web.present import now, settings
from webapp.web.rendering import show

bp = Blueprint("desk_search", __name__, url_prefix="/desk")
SHORTEST, LONGEST = 2, 60


@bp.get("/search")
@open_to(*DESK)
def ask() -> Response:
    """The field alone: what was searched for stands in no address, so a reload begins anew."""
    return show("desk/search.html", q="", answer=Answer(), rows=[], waiting=[], words="", after=0)


@bp.post("/search")
@open_to(*DESK)
def find() -> Response:
    """One page of whom the typed words mean. The search and whom it showed leave a row in the audit trail."""
    typed = " ".join(request.form.get("q", "").split())[:LONGEST]
    after = typed_number(request.form, "after")
    if len(typed) < SHORTEST:
        words = _("请至少输入两个字。")
        return show("desk/search.html", 422, q=typed, answer=Answer(), rows=[], waiting=[], words=words, after=0)
    answer = search(
        typed, current_user.courts, today=in_china(now()).date(), after=after, test_phones=settings().test_phones
    )
    with unit_of_work():
        by, shown = audit.Actor("clerk", current_user.id), [hit.payee.id for hit in answer.hits]
        reviews = [item.id for item in answer.waiting]
        audit.record(by, "desk.searched", ("clerk", current_user.id), now=now(), found=shown, items=reviews)
    return show(
        "desk/search.html", q=typed, answer=answer, rows=[_row(hit) for hit in answer.hits],
        waiting=[_item(item) for item in answer.waiting], words="", after=after,
    )  # fmt: skip


def _row(hit: Hit) -> dict[str, Any]:
    payee = hit.payee
    return {
        "href": url_for("desk_people.person", case_id=payee.case_id, payee_id=payee.id), "name": payee.name,
        "number": mask_number(payee.number), "type": document_name(payee.document_type) if payee.document_type else "",
        "case": hit.case.number, "case_href": url_for("desk_cases.case", case_id=hit.case.id),
        "amount": format_amount(payee.amount), "stage": STAGES[Stage(payee.stage)], "merged": payee.merged_into_id is not None,
        "letter": url_for("desk.letter", letter_id=hit.letter_id) if hit.letter_id else "", "letter_number": hit.letter_number,
        "review": url_for("desk_evidence.item", item_id=hit.item_id) if hit.item_id else "",
    }  # fmt: skip


def _item(item: DocketItem) -> dict[str, Any]:
    return {
        "href": url_for("desk_evidence.item", item_id=item.id), "name": item.facts["name"], "number": item.facts["number"],
        "type": document_name(item.document_type), "court": item.court, "open": item.state == ItemState.OPEN,
    }  # fmt: skip
