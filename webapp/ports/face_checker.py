"""Finding a face in a picture, judging it, and comparing two, all on our own machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class FaceFault(StrEnum):
    """Why a face picture is not good enough; each has its own hint in the page."""

    NO_FACE = "no_face"
    MANY_FACES = "many_faces"
    TOO_SMALL = "too_small"
    CUT_OFF = "cut_off"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    EYES_CLOSED = "eyes_closed"
    COVERED = "covered"


class Likeness(StrEnum):
    """The three bands of a comparison, and the case in which there was nothing to compare."""

    AGREE = "agree"
    UNSURE = "unsure"
    DIFFER = "differ"
    NO_FACE = "no_face"


@dataclass(frozen=True, slots=True)
class FaceInspection:
    """`fault` is None when the face may be used. `box` is x, y, width, height in pixels of the largest face."""

    fault: FaceFault | None
    box: tuple[int, int, int, int] | None = None
    sharpness: float = 0.0
    brightness: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """`similarity` is the cosine of the two descriptions, −1 … 1; None when either picture shows no face."""

    likeness: Likeness
    similarity: float | None = None


FaceDescription = tuple[int, ...]
"""What a comparer knows a face by: small whole numbers that give no picture back, good for `alike` alone."""


class FaceChecker(Protocol):
    """Works on JPEG bytes. `compare` takes the live face first and the document's portrait second.

    `describe` gives None where there is no face. `alike` tells which of many faces are surely the same as one: their places
    with the cosine, the likest first. It is stricter than `compare`, because of many strangers one always looks a little alike.
    """

    def inspect(self, picture: bytes) -> FaceInspection: ...

    def compare(self, live: bytes, portrait: bytes) -> FaceComparison: ...

    def describe(self, picture: bytes) -> FaceDescription | None: ...

    def alike(self, one: FaceDescription, others: Sequence[Sequence[int]]) -> list[tuple[int, float]]: ...
