"""What a payee is asked to do before the camera, and whether a recording shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Gesture(StrEnum):
    """One movement of the head or face. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    BLINK = "blink"
    OPEN_MOUTH = "open_mouth"


class LivenessFault(StrEnum):
    """Why a recording doesn't prove a living person who does what was asked; each has its own words in the page."""

    UNCLEAR = "unclear"  # too few frames with a sure face in them
    FROZEN = "frozen"
    SWAPPED = "swapped"  # not the same face throughout
    UNSURE = "unsure"  # perhaps not the same face
    TOO_SLOW = "too_slow"  # too few frames a second for a blink
    UNSEEN = "unseen"  # a gesture that was asked for isn't there
    OTHER = "other"  # the gestures are there, but others too, or in another order


@dataclass(frozen=True, slots=True)
class Seen:
    """One gesture that was asked for; `at` is the second at which it was strongest, None when it wasn't seen in its turn."""

    gesture: Gesture
    at: float | None


@dataclass(frozen=True, slots=True)
class Liveness:
    """What a recording shows. `same_face` and `frozen` are None when that can't be told.

    `confidence`: 0 … 1, the share of frames that count × how clearly the weakest gesture passed its limit. `rate`: frames
    a second. `best`: JPEG of the clearest look into the camera. `prints`: hex digits that tell one film from another,
    in the film's order; most of them stay when a file is packed anew.
    """

    fault: LivenessFault | None
    seen: tuple[Seen, ...] = ()
    same_face: bool | None = None
    frozen: bool | None = None
    confidence: float = 0.0
    rate: float = 0.0
    similarity: float | None = None
    best: bytes = b""
    prints: tuple[str, ...] = field(default=(), repr=False)
