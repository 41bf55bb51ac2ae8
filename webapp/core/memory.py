"""How a process that reads pictures keeps the memory it holds near what it uses; where the C library isn't glibc, nothing happens."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Any

M_MMAP_THRESHOLD = -3  # mallopt(3)
LARGE = 12 << 20  # bytes: a network's layers over a whole picture, and nothing else
TRIM_EVERY = 5.0  # seconds; a trim takes some ten milliseconds of a process that holds half a gigabyte


def give_large_pieces_back(glibc: Any = None) -> None:
    """From now on pieces of `LARGE` bytes go back to the system when they are freed.

    By itself glibc moves that limit up to 32 MB with each piece that is freed, and what lies below it stays with the process in a heap
    full of holes: 50 MB more at the worst moment of reading a passport (benchmarks/worker_memory.py).
    """
    if mallopt := getattr(glibc or ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE)


class Trimmer:
    """Hands free memory back to the system, at most once in `TRIM_EVERY` seconds."""

    def __init__(
        self, trim: Callable[[int], int] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._trim = trim or getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._clock, self._next = clock, clock()

    def after_work(self) -> None:
        """To be called when a piece of work is done."""
        if self._trim is None or self._clock() < self._next:
            return
        self._next = self._clock() + TRIM_EVERY
        self._trim(0)
