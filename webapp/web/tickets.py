"""Small secrets that travel in an address: sealed, and good for a quarter of an hour where nothing else is said."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from webapp.core.sealing import CannotOpen, key_ring
from webapp.web.present import now

LIFE = timedelta(minutes=15)


def seal_ticket(kind: str, value: str, *, life: timedelta = LIFE) -> str:
    """`value` as URL-safe text that only this application can read."""
    plain = f"{int((now() + life).timestamp())}:{value}".encode()
    return base64.urlsafe_b64encode(key_ring().seal(plain, f"ticket.{kind}")).decode().rstrip("=")


def open_ticket(kind: str, ticket: str) -> str:
    """The value, or "" when the ticket is old, changed or of another kind."""
    try:
        sealed = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
        ends, _, value = key_ring().open(sealed, f"ticket.{kind}").decode().partition(":")
    except (CannotOpen, ValueError, binascii.Error):
        return ""
    return value if float(ends) > now().timestamp() else ""
