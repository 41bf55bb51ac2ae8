"""Asking the authority whether a live face is the person of this resident ID number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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

    `video` (MP4 or WebM, a few seconds), where there is one, is judged for liveness and compared in place of the picture.
    """

    request_id: str
    name: str
    id_number: str
    picture: bytes
    video: bytes = b""


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """`reference` is the authority's own number for this answer, kept as evidence."""

    verdict: FaceVerdict
    reference: str
    similarity: float | None = None


class FaceAuthority(Protocol):
    """Raises SeamUnavailable or SeamMisused; every answer, also "no", is a FaceAnswer."""

    def compare(self, question: FaceQuestion) -> FaceAnswer: ...
