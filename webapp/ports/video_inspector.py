"""Decoding a face video: how long it really is, and frames to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from webapp.ports.liveness import Gesture, Liveness


class VideoFault(StrEnum):
    """Why a file is not a usable face video; each has its own words in the page."""

    NOT_A_VIDEO = "not_a_video"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_SMALL = "too_small"
    NO_FACE = "no_face"


@dataclass(frozen=True, slots=True)
class VideoInspection:
    """`seconds` is counted from decoded frames, not from the file's own claim. `stills` are JPEG: first, middle, last.

    `liveness` is None where a fault forbids to judge it, or nobody asked for it.
    """

    fault: VideoFault | None
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    stills: tuple[bytes, ...] = ()
    liveness: Liveness | None = None


class VideoInspector(Protocol):
    """Takes WebM or MP4 bytes. `longest` is in seconds. Never raises for a broken file: that is a fault.

    `challenge` is what was asked of the person, in order; without it nothing is said about liveness.
    """

    def inspect(self, video: bytes, *, longest: float, challenge: Sequence[Gesture] = ()) -> VideoInspection: ...
