"""What the readers said of a demo's pictures, written down once: reading them anew would hold up every first start.

`pictures/readings.json` is made by tools/make_demo_court.py with the readers themselves; a test holds it to them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from webapp.ports.card_reader import BankSeen, CardKind, CardReading
from webapp.ports.document_reader import DocumentReading, DocumentSide
from webapp.ports.face_checker import FaceComparison, FaceDescription, FaceInspection, Likeness
from webapp.ports.liveness import Gesture, Liveness, Seen
from webapp.ports.seams import Seams
from webapp.ports.video_inspector import VideoInspection

FOLDER = Path(__file__).parent / "pictures"
TAIL = 18
"""So many bytes at the end of a film tell one take from another: an element of WebM that players skip."""


def picture(name: str) -> bytes:
    """A photo of `pictures`, by its name without the ending."""
    return (FOLDER / f"{name}.jpg").read_bytes()


def take_of(name: str, number: int) -> bytes:
    """A film of `pictures` as one person's own: no film is good twice."""
    return (FOLDER / f"{name}.webm").read_bytes() + b"\xec\x90" + number.to_bytes(TAIL - 2, "big")


@cache
def readings() -> dict[str, Any]:
    """What was written down."""
    found: dict[str, Any] = json.loads((FOLDER / "readings.json").read_text(encoding="utf-8"))
    return found


@cache
def _names() -> dict[str, str]:
    return {_digest(path.read_bytes()): path.stem for path in FOLDER.glob("*.*") if path.suffix in (".jpg", ".webm")}


def name_of(data: bytes) -> str:
    """Which of `pictures` this is. Raises KeyError for any other."""
    return _names()[_digest(data)]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class RecalledDocuments:
    """Documents as they were read once."""

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading:  # noqa: ARG002 (the port's signature)
        """Raises KeyError for a photo that isn't the demo's."""
        return DocumentReading(**readings()["documents"][name_of(picture)])


class RecalledCards:
    """Cards as they were read once."""

    def read(self, pictures: Sequence[bytes]) -> CardReading:
        """Raises KeyError for a photo that isn't the demo's."""
        read = readings()["cards"][name_of(pictures[0])]
        return CardReading(**{**read, "kind": CardKind(read["kind"]), "bank_seen": BankSeen(read["bank_seen"])})


class RecalledFaces:
    """Faces as they were compared once. Nobody is described, so that no stranger is said to have the face of a specimen."""

    def inspect(self, picture: bytes) -> FaceInspection:
        """The stills of the films are good ones."""
        name_of(picture)
        return FaceInspection(None)

    def compare(self, live: bytes, portrait: bytes) -> FaceComparison:
        """Raises KeyError for a pair that was never compared."""
        likeness, similarity = readings()["likeness"][f"{name_of(live)} {name_of(portrait)}"]
        return FaceComparison(Likeness(likeness), similarity)

    def describe(self, picture: bytes) -> FaceDescription | None:  # noqa: ARG002 (the port's signature)
        """None: see above."""
        return None

    def alike(self, one: FaceDescription, others: Sequence[Sequence[int]]) -> list[tuple[int, float]]:  # noqa: ARG002 (the port's signature)
        """Nobody."""
        return []


class RecalledFilms:
    """Films as they were watched once."""

    def inspect(self, video: bytes, *, longest: float, challenge: Sequence[Gesture] = ()) -> VideoInspection:  # noqa: ARG002 (the port's signature)
        """Raises KeyError for a film that isn't the demo's."""
        name = name_of(video[:-TAIL])
        seen = readings()["films"][name]
        live = Liveness(
            None,
            tuple(Seen(gesture, seen["seen"][gesture]) for gesture in challenge),
            same_face=True,
            frozen=False,
            confidence=seen["confidence"],
            rate=seen["rate"],
            similarity=seen["similarity"],
            best=picture(f"{name}-still"),
            prints=tuple(hashlib.sha256(video + bytes([place])).hexdigest()[:16] for place in range(20)),
        )
        width, height = seen["size"]
        return VideoInspection(None, seen["seconds"], width, height, (live.best,), live)


def gestures_of(film: str) -> tuple[Gesture, ...]:
    """What is done in a film, in order."""
    return tuple(Gesture(name) for name in readings()["films"][film]["seen"])


def recalling(seams: Seams) -> Seams:
    """The same seams with readers that know the demo's pictures by heart."""
    return replace(
        seams, documents=RecalledDocuments(), cards=RecalledCards(), faces=RecalledFaces(), videos=RecalledFilms()
    )
