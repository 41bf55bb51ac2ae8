"""Reading the printed fields of an identity document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol


class DocumentSide(StrEnum):
    """Which face of which kind of document a picture is said to show."""

    RESIDENT_FRONT = "resident_front"
    RESIDENT_BACK = "resident_back"
    PERMIT_FRONT = "permit_front"
    PERMIT_BACK = "permit_back"
    DATA_PAGE = "data_page"


class PictureFault(StrEnum):
    """Why a picture of a document is not good enough; each has its own hint in the page."""

    TOO_SMALL = "too_small"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    GLARE = "glare"
    NO_DOCUMENT = "no_document"


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """`fields` holds only what was read surely, `confidences` how surely (0 … 1, of the lines a field stands on).

    Fields: name, number, nationality (alpha-3), birth_date, expiry_date (ISO), sex (M, F, or X), of a resident card also
    nation (民族, by GB/T 3304), address and authority.
    """

    fault: PictureFault | None
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mrz_valid: bool | None = None
    milliseconds: int = 0
    confidences: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


class DocumentReader(Protocol):
    """Judges and reads one picture (JPEG bytes, upright). What is unreadable is left out, never guessed."""

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading: ...
