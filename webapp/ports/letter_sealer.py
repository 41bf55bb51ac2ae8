"""The court's seal on a PDF: an electronic signature that any reader of PDFs checks and that any change breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SealVerdict(StrEnum):
    """INTACT alone speaks for a file: the court's own seal covers every byte of it."""

    INTACT = "intact"
    CHANGED = "changed"  # the court's seal is there, but something was changed or added afterwards
    FOREIGN = "foreign"  # sealed by somebody else
    UNSEALED = "unsealed"
    UNREADABLE = "unreadable"  # no PDF, or a broken one


@dataclass(frozen=True, slots=True)
class SealReport:
    """`sealed_at` is what the seal itself says; `stamped_at` is vouched for by a time stamp authority, where one was asked."""

    verdict: SealVerdict
    signer: str = ""
    sealed_at: datetime | None = None
    stamped_at: datetime | None = None


class LetterSealer(Protocol):
    """`seal` may ask a time stamp authority: it raises SeamUnavailable while that one is down. `check` asks nobody outside."""

    def seal(self, pdf: bytes) -> bytes: ...

    def check(self, pdf: bytes) -> SealReport: ...
