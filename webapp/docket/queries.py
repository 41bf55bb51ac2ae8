"""Reading the docket: what waits, how much of it, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, TextClause, and_, func, not_, or_, select, text

from webapp.core.db import db
from webapp.docket.models import FLAGGED, WAS_SAME_FACE, DocketFlag, DocketItem, Flag, ItemKind, ItemState
from webapp.docket.rules import overdue_before

Condition = ColumnElement[bool] | TextClause
PAGE = 25
COUNTED = 1000
"""Nobody needs to know how many more than this wait: counting ends there, so that a tab costs the same at any size."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at the queue, when, and what counts as overdue."""

    clerk_id: str
    now: datetime
    target_days: int
    courts: frozenset[str]
    """The courts whose items this clerk may see."""
    asked: tuple[str, ...] = ()
    """Items about which this clerk was asked for an opinion."""
    others: ColumnElement[bool] | None = None
    """What is true of an item that somebody else decides on: it isn't handed to this clerk."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; empty: everything. `tab` is one of TABS."""

    kind: ItemKind = ItemKind.IDENTITY
    tab: str = "open"
    document_type: str = ""
    court: str = ""
    case_id: str = ""
    language: str = ""
    assigned: str = ""
    age: str = ""
    flag: str = ""


TABS = ("open", "mine", "overdue", "flagged", "asked", "decided")
AGES = {"day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Page:
    """Some items in order, and whether there are more before and after them."""

    items: Sequence[DocketItem]
    before: bool
    after: bool


def page_of(filters: Filters, asker: Asker, *, after: str = "", before: str = "") -> Page:
    """A page of the queue, the oldest first, beginning after one item or ending before one (key-set paging)."""
    backwards = bool(before)
    anchor = db.session.get(DocketItem, before or after) if before or after else None
    query = select(DocketItem).where(*_wanted(filters, asker))
    if anchor is not None:
        query = query.where(_beyond(anchor, backwards=backwards))
    found = list(db.session.scalars(_ordered(query, backwards=backwards).limit(PAGE + 1)))
    more, items = len(found) > PAGE, found[:PAGE]
    if backwards:
        return Page(items[::-1], more, anchor is not None)
    return Page(items, anchor is not None, more)


def following(item: DocketItem, filters: Filters, asker: Asker) -> DocketItem | None:
    """What this clerk should see next: the first free item after this one, else the first of all; not somebody else's."""
    free = select(DocketItem).where(*_wanted(filters, asker), DocketItem.id != item.id, *_free(asker))
    free = free.where(DocketItem.state == ItemState.OPEN)
    later = db.session.scalar(_ordered(free.where(_beyond(item))).limit(1))
    return later or db.session.scalar(_ordered(free).limit(1))


def first_free(filters: Filters, asker: Asker) -> DocketItem | None:
    """The first item of a queue that nobody else has."""
    free = select(DocketItem).where(*_wanted(filters, asker), *_free(asker), DocketItem.state == ItemState.OPEN)
    return db.session.scalar(_ordered(free).limit(1))


def preceding(item: DocketItem, filters: Filters, asker: Asker) -> DocketItem | None:
    """The item before this one in the same queue."""
    query = select(DocketItem).where(*_wanted(filters, asker), _beyond(item, backwards=True))
    return db.session.scalar(_ordered(query, backwards=True).limit(1))


def counts(kind: ItemKind, asker: Asker) -> dict[str, int]:
    """How many items each tab holds, counted up to COUNTED."""
    return {tab: count(Filters(kind, tab), asker) for tab in TABS}


def count(filters: Filters, asker: Asker) -> int:
    """How many items fit, counted up to COUNTED."""
    return _counted(select(DocketItem).where(*_wanted(filters, asker)))


def count_open(kind: ItemKind, courts: frozenset[str]) -> int:
    """How many items of a kind wait in these courts, counted up to COUNTED."""
    waiting = DocketItem.kind == kind, DocketItem.state == ItemState.OPEN, DocketItem.court.in_(courts)
    return _counted(select(DocketItem).where(*waiting))


def _counted(query: Select[DocketItem]) -> int:
    """In the queue's order, though a count needs none: else PostgreSQL, promised so few rows, looks for them through the whole table."""
    some = _ordered(query.with_only_columns(DocketItem.id)).limit(COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def oldest(kind: ItemKind) -> datetime | None:
    """Since when the oldest item of a kind waits."""
    query = select(DocketItem.since).where(DocketItem.kind == kind, DocketItem.state == ItemState.OPEN)
    return db.session.scalar(query.order_by(DocketItem.since).limit(1))


def flags_of(*threads: str) -> Sequence[DocketFlag]:
    """What is odd about these threads as they stand, the newest first."""
    query = select(DocketFlag).where(DocketFlag.thread.in_(threads), DocketFlag.flag != WAS_SAME_FACE)
    return db.session.scalars(query.order_by(DocketFlag.found_at.desc(), DocketFlag.other).limit(50)).all()


def faces_before(thread: str) -> Sequence[DocketFlag]:
    """The faces that an earlier film of a thread had in common with others, the newest first."""
    query = select(DocketFlag).where(DocketFlag.thread == thread, DocketFlag.flag == WAS_SAME_FACE)
    return db.session.scalars(query.order_by(DocketFlag.found_at.desc(), DocketFlag.other).limit(12)).all()


def faces_like(thread: str) -> Sequence[str]:
    """The threads whose face was found to be like this one's."""
    query = select(DocketFlag.other).where(DocketFlag.thread == thread, DocketFlag.flag == Flag.SAME_FACE)
    return db.session.scalars(query.order_by(DocketFlag.other)).all()


def item_of(subject_id: str) -> DocketItem | None:
    """The item of a step record or submission."""
    return db.session.scalar(select(DocketItem).where(DocketItem.subject_id == subject_id))


def earlier_items(item: DocketItem) -> Sequence[str]:
    """Ids of all items of the same thread."""
    return db.session.scalars(select(DocketItem.id).where(DocketItem.thread == item.thread)).all()


def _only_flagged(filters: Filters) -> bool:
    """True where the few flagged items are wanted: their own index serves then, and none that begins with the kind must."""
    return filters.tab == "flagged" or (filters.flag in set(Flag) and filters.tab != "decided")


def _wanted(filters: Filters, asker: Asker) -> list[Condition]:
    kind = DocketItem.kind.concat("") if _only_flagged(filters) else DocketItem.kind
    found: list[Condition] = [kind == filters.kind, DocketItem.court.in_(asker.courts), *_of_tab(filters.tab, asker)]
    plain = (
        (DocketItem.document_type, filters.document_type), (DocketItem.court, filters.court),
        (DocketItem.case_id, filters.case_id), (DocketItem.language, filters.language),
    )  # fmt: skip
    found += [column == value for column, value in plain if value]
    if filters.assigned == "nobody":
        found.append(DocketItem.assigned_to.is_(None))
    elif filters.assigned:
        found.append(DocketItem.assigned_to == filters.assigned)
    if filters.age in AGES:
        found.append(DocketItem.since <= asker.now - AGES[filters.age])
    if filters.flag in set(Flag):
        found.append(DocketItem.flags.like(f"% {filters.flag} %"))
    if _only_flagged(filters):
        found.append(_flagged())
    return found


def _of_tab(tab: str, asker: Asker) -> list[Condition]:
    open_ = DocketItem.state == ItemState.OPEN
    given = select(DocketItem.id).where(DocketItem.assigned_to == asker.clerk_id, open_)
    held = select(DocketItem.id).where(DocketItem.holder_id == asker.clerk_id, open_, DocketItem.held_until > asker.now)
    mine = DocketItem.id.in_(given.union_all(held))  # each by its own index; an OR would walk all that is open
    of_tab: dict[str, list[Condition]] = {
        "mine": [open_, mine],
        "overdue": [open_, DocketItem.since < overdue_before(asker.now, asker.target_days)],
        "flagged": [],
        "asked": [open_, DocketItem.id.in_(asker.asked)],
        "decided": [DocketItem.state == ItemState.DECIDED],
    }
    return of_tab.get(tab, [open_])


def _flagged() -> TextClause:
    """Open and flagged, in the index's own words."""
    return text(f"({FLAGGED.text})")


def _free(asker: Asker) -> Sequence[ColumnElement[bool]]:
    unheld = or_(
        DocketItem.holder_id.is_(None), DocketItem.holder_id == asker.clerk_id, DocketItem.held_until <= asker.now
    )
    free = [unheld, or_(DocketItem.assigned_to.is_(None), DocketItem.assigned_to == asker.clerk_id)]
    return free if asker.others is None else [*free, not_(asker.others)]


def _beyond(item: DocketItem, *, backwards: bool = False) -> ColumnElement[bool]:
    if backwards:
        return or_(DocketItem.since < item.since, and_(DocketItem.since == item.since, DocketItem.id < item.id))
    return or_(DocketItem.since > item.since, and_(DocketItem.since == item.since, DocketItem.id > item.id))


def _ordered(query: Select[DocketItem], *, backwards: bool = False) -> Select[DocketItem]:
    if backwards:
        return query.order_by(DocketItem.since.desc(), DocketItem.id.desc())
    return query.order_by(DocketItem.since, DocketItem.id)
