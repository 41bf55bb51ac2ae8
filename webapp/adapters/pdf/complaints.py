"""Hears what xhtml2pdf only logs: a letter with a blank for a picture is a success to it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGER = logging.getLogger("xhtml2pdf")


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.places: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # Where it was said, not what: the words may quote a person's name.
        self.places.append(f"{record.name}:{record.lineno}")


@contextmanager
def listening() -> Iterator[list[str]]:
    """Gives the list of places that complained; nothing of it reaches the application's log.

    One at a time in a process: the caller holds a lock.
    """
    ear, level, propagate = _Ear(), _LOGGER.level, _LOGGER.propagate
    _LOGGER.addHandler(ear)
    _LOGGER.setLevel(logging.WARNING)
    _LOGGER.propagate = False
    try:
        yield ear.places
    finally:
        _LOGGER.removeHandler(ear)
        _LOGGER.setLevel(level)
        _LOGGER.propagate = propagate
