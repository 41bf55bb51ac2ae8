"""The queue's filters as they stand in an address, and who asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request, url_for
from flask_login import current_user

from webapp.docket.models import DocketItem, ItemKind
from webapp.docket.queries import TABS, Asker, Filters
from webapp.review.opinions import items_asked_of
from webapp.review.queries import identity_passed_by
from webapp.web.access import Access
from webapp.web.present import now, settings

MAY_DECIDE = (Access.REVIEWER, Access.MANAGER)
NAMES = {
    "tab": "tab", "type": "document_type", "court": "court", "case": "case_id", "language": "language", "who": "assigned",
    "age": "age", "flag": "flag",
}  # fmt: skip
QUEUES = {ItemKind.IDENTITY: "desk.identities", ItemKind.ACCOUNT: "desk.accounts"}


def asked_filters(kind: ItemKind) -> Filters:
    """What the address asks for; what it says wrongly is left out."""
    given = {field: request.args.get(name, "")[:60] for name, field in NAMES.items()}
    given["tab"] = given["tab"] if given["tab"] in TABS else "open"
    return Filters(kind, **given)


def args_of(filters: Filters, **changed: str) -> dict[str, Any]:
    """The filters as an address says them, shortest form."""
    values = {**asdict(filters), **{NAMES.get(name, name): value for name, value in changed.items()}}
    found: dict[str, Any] = {name: str(values[field]) for name, field in NAMES.items() if values[field]}
    if found.get("tab") == "open":
        del found["tab"]
    return found


def queue_address(filters: Filters, **changed: Any) -> str:
    """Where the queue with these filters is."""
    return url_for(QUEUES[filters.kind], **args_of(filters), **changed)


def item_address(item: DocketItem, filters: Filters, **more: Any) -> str:
    """Where an item is, as one comes to it from that queue."""
    return url_for("desk_evidence.item", item_id=item.id, **args_of(filters), **more)


def asker() -> Asker:
    """The clerk who is signed in."""
    return Asker(
        current_user.id,
        now(),
        settings().review_target_days,
        frozenset(current_user.courts),
        items_asked_of(current_user.id),
        identity_passed_by(current_user.id),
    )


def decides() -> bool:
    """Whether the clerk who is signed in may decide."""
    return bool(current_user.marks & set(MAY_DECIDE))


def manages() -> bool:
    """Whether the clerk who is signed in hands out work."""
    return Access.MANAGER in current_user.marks
