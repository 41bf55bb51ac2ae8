"""A form that waits until its sender has proved who they are: sealed, it travels inside the page that asks for the proof."""

from __future__ import annotations

import json

from flask import request
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict

from webapp.web.tickets import open_ticket, seal_ticket

MOST = 100_000  # characters; no form that takes a proof is as long


def seal_form() -> str:
    """This request's form as a ticket, good for its session (which is one clerk's) and its address. Files aren't in it.

    "" when it is too long to be kept: the page that asks says so.
    """
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    plain = json.dumps([current_user.session_id, _here(), fields])
    return seal_ticket("form", plain) if len(plain) <= MOST else ""


def address_of(ticket: str) -> str:
    """Where the form of a ticket of this session was sent; "" when it is old, changed or another session's."""
    return _opened(ticket)[0]


def fields_for_here(ticket: str) -> ImmutableMultiDict[str, str] | None:
    """The fields of a ticket of this session and this very address, else None."""
    address, fields = _opened(ticket)
    return ImmutableMultiDict(fields) if address == _here() else None


def _opened(ticket: str) -> tuple[str, list[tuple[str, str]]]:
    session_id, address, fields = json.loads(open_ticket("form", ticket) or '["", "", []]')
    mine = getattr(current_user, "session_id", "") == session_id
    return (address, [(name, value) for name, value in fields]) if mine else ("", [])


def _here() -> str:
    return request.full_path.rstrip("?")
