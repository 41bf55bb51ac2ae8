"""The queues: what waits, filtered by the address, the oldest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.queries import may_see_court
from webapp.cases.queries import cases_of
from webapp.core.db import db, unit_of_work
from webapp.docket import queries as docket
from webapp.docket.models import DocketItem, Flag, ItemKind
from webapp.docket.queries import Filters
from webapp.docket.rules import due, overdue_before
from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.nationalities import country_name
from webapp.identity.words import DOCUMENT_TYPES, document_name
from webapp.review import queries
from webapp.review.addresses import (
    MAY_DECIDE,
    QUEUES,
    args_of,
    asked_filters,
    asker,
    decides,
    item_address,
    manages,
    queue_address,
)
from webapp.review.deciding import told_to
from webapp.review.holding import NotWaiting, assign
from webapp.review.words import FLAGS, bank_words
from webapp.web.access import DESK, Access, open_to
from webapp.web.locale import LANGUAGES, current_language
from webapp.web.present import now, settings
from webapp.web.rendering import go, show

bp = Blueprint("desk_queue", __name__, url_prefix="/desk")
MOST_ASSIGNED = 50


@open_to(*DESK)
def identities() -> Response:
    """Identity reviews that wait, the oldest first."""
    return _queue(ItemKind.IDENTITY)


@open_to(*DESK)
def accounts() -> Response:
    """Accounts that only a clerk can judge, the oldest first."""
    return _queue(ItemKind.ACCOUNT)


def _queue(kind: ItemKind) -> Response:
    filters, who = asked_filters(kind), asker()
    page = docket.page_of(filters, who, after=request.args.get("after", ""), before=request.args.get("before", ""))
    clerks = queries.names_of_clerks([*(i.assigned_to for i in page.items), *(i.holder_id for i in page.items)])
    cases = queries.case_numbers(item.case_id for item in page.items)
    late = overdue_before(who.now, who.target_days)
    return show(
        "desk/queue.html", kind=kind.value, filters=filters, args=args_of(filters), heads=_heads(kind),
        rows=[_row(item, filters, clerks, cases, late) for item in page.items], tabs=_tabs(filters, who),
        options=_options(kind), colleagues=queries.deciders(current_user.courts) if manages() else [], may_decide=decides(),
        earlier=queue_address(filters, before=page.items[0].id) if page.items and page.before else "",
        later=queue_address(filters, after=page.items[-1].id) if page.items and page.after else "",
        told=told_rows(), done=request.args.get("done", ""), target=settings().review_target_days,
        filtered=bool(set(args_of(filters)) - {"tab"}),
    )  # fmt: skip


def _heads(kind: ItemKind) -> list[Any]:
    middle = (
        [_("国籍"), _("证件号码"), _("受诉法院")]
        if kind is ItemKind.IDENTITY
        else [_("案件"), _("证件号码"), _("银行核验")]
    )
    return [_("姓名"), _("证件类型"), *middle, _("已等待"), _("期限"), (_("第几次"), "num"), _("留意"), _("处理人")]


def _row(
    item: DocketItem, filters: Filters, clerks: dict[str, str], cases: dict[str, str], late: datetime
) -> dict[str, Any]:
    facts, language = item.facts, current_language().code
    held = item.holder_id if item.held_until is not None and item.held_until > now() else None
    if item.kind == ItemKind.IDENTITY:
        middle = (country_name(facts["nationality"], language), facts["number"], item.court)
    else:
        middle = (cases.get(item.case_id or "", ""), facts["number"], bank_words(facts.get("verdict")))
    return {
        "id": item.id, "href": item_address(item, filters), "name": facts["name"], "type": document_name(item.document_type),
        "middle": middle, "age": age(item.since), "late": item.since < late,
        "due": due(item.since, settings().review_target_days), "tries": facts.get("tries", 1),
        "flags": [FLAGS[flag] for flag in item.flag_list], "who": clerks.get(held or item.assigned_to or "", ""),
        "held": bool(held), "mine": current_user.id in (held, item.assigned_to),
    }  # fmt: skip


def age(since: datetime) -> str:
    """How long something has waited."""
    minutes = int((now() - since).total_seconds() // 60)
    if minutes < 60:
        return str(_("%(n)s 分钟", n=minutes))
    return str(_("%(n)s 小时", n=minutes // 60) if minutes < 48 * 60 else _("%(n)s 天", n=minutes // 1440))


def _tabs(filters: Filters, who: docket.Asker) -> list[dict[str, Any]]:
    titles = {
        "open": _("待审"), "mine": _("我的"), "overdue": _("超过期限"), "flagged": _("要留意"), "asked": _("请我看看"),
        "decided": _("刚决定的"),
    }  # fmt: skip
    counts = docket.counts(filters.kind, who)
    return [
        {
            "href": url_for(QUEUES[filters.kind], tab=tab if tab != "open" else None), "title": title, "here": tab == filters.tab,
            "count": f"{counts[tab] - 1}+" if counts[tab] >= docket.COUNTED else str(counts[tab]), "tab": tab,
        }
        for tab, title in titles.items()
    ]  # fmt: skip


def _options(kind: ItemKind) -> dict[str, list[tuple[str, Any]]]:
    return {
        "type": [("", _("全部证件")), *((t.value, DOCUMENT_TYPES[t]) for t in DocumentType)],
        "court": [("", _("全部法院")), *((name, name) for name in settings().court_list if name in current_user.courts)],
        "case": [("", _("全部案件")), *((case.id, case.number) for case in cases_of(current_user.courts)[:100])] if kind is ItemKind.ACCOUNT else [],
        "language": [("", _("全部语言")), *((language.code, language.name) for language in LANGUAGES)],
        "who": [("", _("不论分给谁")), ("nobody", _("没有分配")), *((c.id, c.display_name) for c in queries.deciders(current_user.courts))],
        "age": [("", _("不论多久")), ("day", _("超过 1 天")), ("week", _("超过 7 天"))],
        "flag": [("", _("不论有无提示")), *((flag.value, FLAGS[flag]) for flag in Flag)],
    }  # fmt: skip


def told_rows() -> list[dict[str, Any]]:
    """One's own decisions that can still be undone, and those that came too late."""
    return [
        {
            "id": decision.id, "item": item.id, "name": item.facts["name"], "approved": decision.approved, "kind": item.kind,
            "failed": decision.state == "failed", "left": max(0, int((decision.effective_at - now()).total_seconds())),
        }
        for decision, item in told_to(current_user.id, now=now())
    ]  # fmt: skip


@bp.get("/queue/<kind>/next")
@open_to(*MAY_DECIDE)
def take_next(kind: str) -> BaseResponse:
    """The oldest item that is free, in one step."""
    if kind not in set(ItemKind):
        abort(404)
    filters = asked_filters(ItemKind(kind))
    first = docket.first_free(filters, asker())
    return go(item_address(first, filters) if first else queue_address(filters, done="empty"))


@bp.post("/queue/assign")
@open_to(Access.MANAGER)
def assign_many() -> BaseResponse:
    """A manager hands out the items that are ticked."""
    to, count = request.form.get("to") or None, 0
    for item_id in request.form.getlist("item")[:MOST_ASSIGNED]:
        found = db.session.get(DocketItem, item_id)
        if found is None or not may_see_court(current_user, found.court):
            continue
        try:
            with unit_of_work():
                assign(item_id, to, by=current_user.id, now=now())
            count += 1
        except (NotWaiting, LookupError):
            continue
    kind = ItemKind.ACCOUNT if request.form.get("kind") == ItemKind.ACCOUNT else ItemKind.IDENTITY
    return go(queue_address(asked_filters(kind), done=f"assigned-{count}"))
