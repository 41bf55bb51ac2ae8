"""Reading the number off a photo of a bank card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CardReading:
    """What was read. `number` is digits only, or None when the reader is not sure enough to fill it in."""

    number: str | None
    confidence: float
    bank_words: str | None = None
    milliseconds: int = 0


class CardReader(Protocol):
    """Reads one picture (JPEG bytes, upright, at most 1,600 px). Never guesses: unsure is `number=None`."""

    def read(self, picture: bytes) -> CardReading: ...
