"""The desk's navigation: each room adds its own pages, with the roles that see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_login import current_user

from webapp.web.access import DESK, Access

Count = Callable[[Any], int]
"""How many things wait there, for a signed-in clerk."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the navigation. `needs_some`: it shows only while `count` finds something."""

    endpoint: str
    title: Any
    roles: frozenset[Access]
    count: Count | None
    needs_some: bool
    order: int


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as the layout draws it."""

    href: str
    title: str
    count: int | None
    here: bool


_entries: dict[str, Entry] = {}


def add(
    endpoint: str,
    title: Any,
    roles: tuple[Access, ...] = DESK,
    *,
    order: int,
    count: Count | None = None,
    needs_some: bool = False,
) -> None:
    """Adds a page, once, when its room's views are imported. `title` is a lazy text; smaller `order` stands first."""
    _entries[endpoint] = Entry(endpoint, title, frozenset(roles), count, needs_some, order)


def titles() -> list[tuple[str, Any]]:
    """(endpoint, title) of every page, whoever sees it."""
    return [(entry.endpoint, entry.title) for entry in _entries.values()]


def items() -> list[Item]:
    """What the clerk who asks may open, in order; rooms that this application doesn't mount are left out."""
    shown = (entry for entry in _entries.values() if entry.endpoint in current_app.view_functions)
    mine = sorted((entry for entry in shown if entry.roles & current_user.marks), key=lambda entry: entry.order)
    found = [(entry, entry.count(current_user) if entry.count else None) for entry in mine]
    return [_item(entry, count) for entry, count in found if count or not entry.needs_some]


def _item(entry: Entry, count: int | None) -> Item:
    href = url_for(entry.endpoint)
    return Item(href, str(entry.title), count, request.path.startswith(href))
