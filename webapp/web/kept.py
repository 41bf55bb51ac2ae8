"""A form that waits until its sender has proved who they are, or has signed in again: sealed, it travels inside the page that asks."""

from __future__ import annotations

import json

from flask import request
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict

from webapp.web.tickets import open_ticket, seal_ticket

MOST = 100_000  # characters; no form that takes a proof is as long


def seal_form(clerk_id: str = "") -> str:
    """This request's form as a ticket, good for its session (which is one clerk's) and its address. Files aren't in it.

    `clerk_id`: whose it is where their session has ended; then it is good for whichever session that clerk has next.

    "" when it is too long to be kept: the page that asks says so.
    """
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    plain = json.dumps([clerk_id or current_user.session_id, _here(), fields])
    return seal_ticket("form", plain) if len(plain) <= MOST else ""


def address_of(ticket: str, *, clerk_id: str = "") -> str:
    """Where the form of a ticket of this session was sent; "" when it is old, changed or another session's.

    `clerk_id`: who has just signed in, whose session only the next request will have.
    """
    return _opened(ticket, clerk_id)[0]


def fields_for_here(ticket: str) -> ImmutableMultiDict[str, str] | None:
    """The fields of a ticket of this session and this very address, else None."""
    address, fields = _opened(ticket)
    return ImmutableMultiDict(fields) if address == _here() else None


def _opened(ticket: str, clerk_id: str = "") -> tuple[str, list[tuple[str, str]]]:
    owner, address, fields = json.loads(open_ticket("form", ticket) or '["", "", []]')
    mine = owner and owner in (clerk_id, getattr(current_user, "session_id", ""), getattr(current_user, "id", ""))
    return (address, [(name, value) for name, value in fields]) if mine else ("", [])


def _here() -> str:
    return request.full_path.rstrip("?")
