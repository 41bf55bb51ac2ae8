"""A guard around a seam: no transaction may be open while somebody outside is asked."""

from __future__ import annotations

from typing import Any, TypeVar

from webapp.core.db import db

T = TypeVar("T")


class TransactionLeftOpen(Exception):
    """A use case calls the outside world while it holds the database: call `end_reading` first."""


class _Quiet:
    def __init__(self, seam: Any) -> None:
        self._seam = seam

    def __getattr__(self, name: str) -> Any:
        deed = getattr(self._seam, name)
        if not callable(deed):
            return deed

        def guarded(*args: Any, **kwargs: Any) -> Any:
            if db.session().in_transaction():
                raise TransactionLeftOpen(f"{type(self._seam).__name__}.{name}")
            return deed(*args, **kwargs)

        return guarded


def quiet(seam: T) -> T:
    """The same seam, refusing every call while a transaction is open."""
    guarded: Any = _Quiet(seam)
    return guarded  # type: ignore[no-any-return]  # it answers to everything that the seam does
