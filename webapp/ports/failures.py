"""How a seam fails. "No" is an answer, never an exception; only these two are raised."""

from __future__ import annotations


class SeamUnavailable(Exception):
    """The other side is down, slow or talking nonsense: the same question may be asked again later."""


class SeamMisused(Exception):
    """We asked wrongly (a missing field, a wrong credential): asking again cannot help, mending code or settings can."""
