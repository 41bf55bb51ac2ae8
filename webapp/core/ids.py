"""Names that we make ourselves: random, so that nobody can count or guess them."""

from __future__ import annotations

import secrets


def new_id() -> str:
    """22 URL-safe characters, 128 random bits: the public name of a record."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """43 URL-safe characters, 256 random bits: a secret that is shown once and kept only as its hash."""
    return secrets.token_urlsafe(32)
