"""Asking the authority whether a live face is the person of this resident ID number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from webapp.ports.liveness import Gesture


class FaceVerdict(StrEnum):
    """The authority's answer, folded from its many codes into what a payee can act on."""

    MATCH = "match"
    NO_MATCH = "no_match"
    NAME_MISMATCH = "name_mismatch"
    NO_RECORD = "no_record"
    NO_PORTRAIT = "no_portrait"
    POOR_PICTURE = "poor_picture"
    NOT_LIVE = "not_live"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class FaceQuestion:
    """`picture` is JPEG; `request_id` is ours and makes the question idempotent.

    `video` (MP4 or WebM, a few seconds) shows `gestures` in their order; an authority that judges liveness itself compares
    it in place of the picture, all others leave it alone.
    """

    request_id: str
    name: str
    id_number: str
    picture: bytes
    video: bytes = b""
    gestures: tuple[Gesture, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """`reference` is the authority's own number for this answer, kept as evidence."""

    verdict: FaceVerdict
    reference: str
    similarity: float | None = None


class FaceAuthority(Protocol):
    """Raises SeamUnavailable or SeamMisused; every answer, also "no", is a FaceAnswer.

    `wanted_gestures` are what the authority wants to see in a film, drawn anew each time; none where that is left to us.
    """

    def compare(self, question: FaceQuestion) -> FaceAnswer: ...

    def wanted_gestures(self) -> tuple[Gesture, ...]: ...
