"""Films to test and measure liveness with: two public-domain faces that move as told, and what an impostor might show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from webapp.adapters.sandbox.moving_face import NEUTRAL, MovingFace, Script, film
from webapp.adapters.vision.faces import OpenCvFaceChecker
from webapp.adapters.vision.pictures import fit

Frame = NDArray[np.uint8]
ROOT = Path(__file__).parents[2]
SPECIMENS = ROOT / "static" / "specimens"
PEOPLE = {"collins": "face.jpg", "hopper": "face-of-another.jpg"}
SIDE, RATE = 480, 16


@cache
def checker() -> OpenCvFaceChecker:
    """The project's own networks, loaded once."""
    return OpenCvFaceChecker(ROOT / "models")


@cache
def actor(who: str, side: int = SIDE) -> MovingFace:
    """One of `PEOPLE`, at most `side` pixels high."""
    photo = cv2.imread(str(SPECIMENS / PEOPLE[who]))
    if photo is None:
        raise FileNotFoundError(PEOPLE[who])
    small = fit(np.asarray(photo), side)
    mesh = checker().mesh(small)
    if mesh is None:
        raise ValueError(f"no face in {PEOPLE[who]}")
    return MovingFace(small, mesh.points)


def live(
    who: str, gestures: Sequence[str], *, seed: int = 1, rate: int = RATE, side: int = SIDE, each: float = 2.4
) -> list[Frame]:
    """The person does these gestures, one after the other, each within `each` seconds."""
    script = Script(gestures, each=each)
    return list(film(actor(who, side), script.pose, script.seconds, seed=seed, rate=rate))


def still_person(who: str, *, seed: int = 1, seconds: float = 6, rate: int = RATE, side: int = SIDE) -> list[Frame]:
    """The person looks into the camera and does nothing."""
    return list(film(actor(who, side), lambda _time: NEUTRAL, seconds, seed=seed, rate=rate))


def frozen(frames: Sequence[Frame], share: float = 0.5) -> list[Frame]:
    """A film that stands still from `share` of its length on."""
    stop = round(len(frames) * share)
    return [*frames[:stop], *[frames[stop]] * (len(frames) - stop)]


def swapped(one: Sequence[Frame], other: Sequence[Frame], share: float = 0.5) -> list[Frame]:
    """Somebody else from `share` of its length on."""
    stop = round(len(one) * share)
    return [*one[:stop], *other[stop:]]


def held_photo(who: str, move: str, *, seconds: float = 6.0, rate: int = RATE, side: int = SIDE) -> list[Frame]:
    """A print of the person before the camera, moved as `move` says: `PRINT_MOVES`."""
    photo = actor(who, side).photo
    return list(_printed(photo, PRINT_MOVES[move], round(seconds * rate), rate))


def _printed(
    photo: Frame, move: Callable[[float], tuple[float, float, float]], count: int, rate: int
) -> Iterator[Frame]:
    height, width = photo.shape[:2]
    middle = np.array([width, height], float) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * middle
    chance = np.random.default_rng(7)
    for number in range(count):
        yaw, pitch, roll = (math.radians(angle) for angle in move(number / rate))
        x, y = (
            corners[:, 0] * math.cos(roll) - corners[:, 1] * math.sin(roll),
            corners[:, 0] * math.sin(roll) + corners[:, 1] * math.cos(roll),
        )
        depth = x * math.sin(yaw) + y * math.sin(pitch)
        near = 1 / (1 + depth / (2.5 * width))
        there = np.column_stack([x * math.cos(yaw) * near, y * math.cos(pitch) * near]) * 0.9 + middle
        here = corners + middle
        map_ = cv2.getPerspectiveTransform(here.astype(np.float32), there.astype(np.float32))
        frame = cv2.warpPerspective(photo, map_, (width, height), borderValue=(120, 122, 126))
        yield np.clip(frame + chance.normal(0, 1.2, frame.shape[:2])[..., None], 0, 255).astype(np.uint8)


def _swing(time: float, most: float) -> float:
    """Out and back once within four seconds, after a calm one."""
    return most * math.sin(math.pi * min(1.0, max(0.0, (time - 1.2) / 2.4))) if time < 3.6 else 0.0


def _later(time: float, most: float) -> float:
    return _swing(time - 2.4, most)


PRINT_MOVES: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "turned left, then bent": lambda t: (_swing(t, 45), _later(t, 40), 0),
    "turned right, then left": lambda t: (_swing(t, -50) + _later(t, 50), 0, 0),
    "bent down and up": lambda t: (0, _swing(t, 45) + _later(t, -45), 0),
    "turned far, then tilted": lambda t: (_swing(t, 60), 0, _later(t, 25)),
    "trembling": lambda t: (3 * math.sin(7 * t), 3 * math.cos(5 * t), 2 * math.sin(4 * t)),
}


MASKED = (
    234,
    93,
    132,
    58,
    172,
    136,
    150,
    149,
    176,
    148,
    152,
    377,
    400,
    378,
    379,
    365,
    397,
    288,
    361,
    323,
    454,
    5,
    50,
    280,
)
GLASSES = (
    (70, 63, 105, 66, 107, 193, 128, 114, 120, 119, 118, 117, 111, 35),
    (300, 293, 334, 296, 336, 417, 357, 343, 349, 348, 347, 346, 340, 265),
)
WHITE, BLUE, BLACK, BEIGE, DARK = (
    (235, 232, 230),
    (205, 160, 110),
    (34, 30, 30),
    (170, 195, 215),
    (25, 22, 20),
)  # BGR


def masked(who: str, colour: tuple[int, int, int]) -> Frame:
    """The person with a mask of this colour over mouth and nose, with folds."""
    return _over(actor(who, 640), (MASKED,), colour)


def in_sunglasses(who: str) -> Frame:
    """The person with dark glasses."""
    return _over(actor(who, 640), GLASSES, DARK)


def _over(face: MovingFace, areas: Sequence[Sequence[int]], colour: tuple[int, int, int]) -> Frame:
    shape = np.zeros(face.photo.shape[:2], np.float32)
    for area in areas:
        hull = cv2.convexHull(np.rint(face.mesh[list(area), :2]).astype(np.int32))
        cv2.fillConvexPoly(shape, hull, 1.0, cv2.LINE_AA)
    rows = np.arange(face.photo.shape[0])[:, None, None]
    folds = (
        np.array(colour) * (1 + 0.12 * np.sin(rows / 5)) + np.random.default_rng(2).normal(0, 3, shape.shape)[..., None]
    )
    whole = face.photo * (1 - shape[..., None]) + folds * shape[..., None]
    return np.clip(whole, 0, 255).astype(np.uint8)
