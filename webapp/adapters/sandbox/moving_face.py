"""A face that does what it is told: a photograph laid over its own mesh, turned in space, and filmed.

The demo's made-up people hand such films in where a living person would stand before the camera, and the checks of
liveness are tested and measured with them. Every film sways in its own way, so no two are alike.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
UPPER_LIP = frozenset(
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
) | {62, 76, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408}
BROW, CHIN, RIGHT_CHEEK, LEFT_CHEEK = 10, 152, 234, 454
EYELIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((263, 466, 388, 387, 386, 385, 384, 398, 362), (263, 249, 390, 373, 374, 380, 381, 382, 362)),
)
"""The upper and the lower edge of the right and the left eye, corner to corner."""
THROAT = (38, 22, 46)  # BGR inside an open mouth
LASH = 0.35  # brightness of the line of lashes, of the skin's
SPECIMEN = Path(__file__).parents[3] / "static" / "specimens" / "face.jpg"
FAR = 6.0  # face widths between the camera and the face


@dataclass(frozen=True)
class Pose:
    """What the face does at one moment: degrees to its own left and down, 0 … 1 of an open mouth and of shut eyes."""

    yaw: float = 0.0
    pitch: float = 0.0
    mouth: float = 0.0
    lids: float = 0.0


NEUTRAL = Pose()
STRONGEST: dict[str, Pose] = {
    "turn_left": Pose(yaw=30),
    "turn_right": Pose(yaw=-30),
    "nod": Pose(pitch=20),
    "blink": Pose(lids=1),
    "open_mouth": Pose(mouth=1),
}
TAKES = {"blink": 0.45}
"""Seconds of a gesture, where it isn't the usual time."""


@dataclass(frozen=True)
class Script:
    """When which gesture is done: a calm beginning, then one after another, each within its `each` seconds."""

    gestures: Sequence[str]
    calm: float = 1.2
    each: float = 2.4
    usual: float = 1.6

    @property
    def seconds(self) -> float:
        return self.calm + self.each * len(self.gestures)

    def pose(self, time: float) -> Pose:
        """The pose at `time` seconds."""
        place = int((time - self.calm) // self.each)
        if not 0 <= place < len(self.gestures):
            return NEUTRAL
        gesture = self.gestures[place]
        takes = TAKES.get(gesture, self.usual)
        gone = (time - self.calm - place * self.each - (self.each - takes) / 2) / takes
        if not 0 < gone < 1:
            return NEUTRAL
        strength, most = math.sin(math.pi * gone) ** 1.3, STRONGEST[gesture]
        return Pose(
            most.yaw * strength, most.pitch * strength, most.mouth * strength, most.lids * min(1, strength * 1.6)
        )


@dataclass
class MovingFace:
    """`photo`: BGR, a face that looks at the camera. `mesh`: its 468 points in pixels of it, z growing away."""

    photo: NDArray[np.uint8]
    mesh: Array
    _triangles: NDArray[np.int64] = field(init=False)
    _rest: Array = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.photo.shape[:2]
        edge = [(x, y) for x in np.linspace(0, width - 1, 9) for y in np.linspace(0, height - 1, 9)]
        far = float(self.mesh[:, 2].max())
        border = np.array([(x, y, far) for x, y in edge if x in (0, width - 1) or y in (0, height - 1)])
        self._rest = np.vstack([self.mesh, border])
        self._triangles = _delaunay(self._rest[:, :2], (width, height))

    def frame(self, pose: Pose) -> NDArray[np.uint8]:
        """One picture of the size of the photo."""
        moved = self._moved(pose)
        height, width = self.photo.shape[:2]
        corners = moved[self._triangles]
        order = np.argsort(-corners[:, :, 2].mean(axis=1))
        ids = np.zeros((height, width), np.int32)
        flat = np.rint(corners[:, :, :2] * 16).astype(np.int32)
        for number in order:
            cv2.fillConvexPoly(ids, flat[number], int(number), lineType=cv2.LINE_8, shift=4)
        back = _affine(corners[:, :, :2], self._rest[self._triangles][:, :, :2])[ids]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        source = [(back[..., i, 0] * x + back[..., i, 1] * y + back[..., i, 2]).astype(np.float32) for i in (0, 1)]
        picture = np.asarray(
            cv2.remap(self.photo, source[0], source[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
        for upper, lower in EYELIDS:
            if pose.lids > 0.05:
                _draw_lid(picture, moved[list(upper), :2], moved[list(lower), :2], pose.lids)
        if pose.mouth > 0.05:
            lips = np.rint(moved[list(INNER_LIPS), :2]).astype(np.int32)
            cv2.fillPoly(picture, [lips], THROAT, lineType=cv2.LINE_AA)
        return picture

    def _moved(self, pose: Pose) -> Array:
        points = self._rest.copy()
        face = points[:468]
        self._open_mouth(face, pose.mouth)
        middle = (face[RIGHT_CHEEK] + face[LEFT_CHEEK]) / 2
        turned = (face - middle) @ _rotation(pose).T
        width = float(np.hypot(*(face[LEFT_CHEEK, :2] - face[RIGHT_CHEEK, :2])))
        near = FAR * width / (FAR * width + turned[:, 2:3])
        at_rest = FAR * width / (FAR * width + (face - middle)[:, 2:3])
        turned[:, :2] *= near / at_rest
        points[:468] = turned + middle
        return points

    @staticmethod
    def _open_mouth(face: Array, wide: float) -> None:
        line = face[[13, 14], 1].mean()
        reach = face[CHIN, 1] - line
        across = (face[:, 0] - face[[13, 14], 0].mean()) / (0.55 * (face[LEFT_CHEEK, 0] - face[RIGHT_CHEEK, 0]))
        lower = (face[:, 1] >= line) & ~np.isin(np.arange(468), list(UPPER_LIP))
        face[:, 1] += np.where(lower, 0.65 * reach * wide * np.clip(1 - across**2, 0, 1), 0)


def act(lay: Callable[[NDArray[np.uint8]], Any], gestures: Sequence[str], *, seed: int) -> bytes:
    """The demo's person does `gestures`, as WebM. `lay` finds a face's mesh in a picture (`.points`)."""
    photo = np.asarray(cv2.imread(str(SPECIMEN), cv2.IMREAD_REDUCED_COLOR_2), np.uint8)
    script = Script(gestures)
    return as_webm(film(MovingFace(photo, lay(photo).points), script.pose, script.seconds, seed=seed))


def film(
    face: MovingFace, pose_at: Callable[[float], Pose], seconds: float, *, seed: int, rate: int = 20
) -> Iterator[NDArray[np.uint8]]:
    """The frames of a recording: the head sways a little, the hand that holds the phone too, and the sensor is noisy."""
    chance = np.random.default_rng(seed)
    phases, speeds = chance.uniform(0, 2 * math.pi, 5), chance.uniform(0.15, 0.5, 5)
    height, width = face.photo.shape[:2]
    for number in range(round(seconds * rate)):
        time = number / rate
        sway = np.sin(phases + 2 * math.pi * speeds * time)
        pose = pose_at(time)
        frame = face.frame(replace(pose, yaw=pose.yaw + 1.5 * sway[0], pitch=pose.pitch + 1.2 * sway[1]))
        shift = cv2.getRotationMatrix2D((width / 2, height / 2), 0.8 * sway[2], 1 + 0.012 * sway[3])
        shift[:, 2] += (4 * sway[4], 3 * sway[0])
        held = cv2.warpAffine(frame, shift, (width, height), borderMode=cv2.BORDER_REFLECT)
        grain = chance.normal(0, 1.2, held.shape[:2])[..., None]
        yield np.clip(held + grain, 0, 255).astype(np.uint8)


def as_webm(frames: Iterator[NDArray[np.uint8]] | Sequence[NDArray[np.uint8]], rate: int = 20) -> bytes:
    """The frames as VP8 in WebM, as browsers record."""
    with tempfile.TemporaryDirectory() as folder:
        path, writer = Path(folder) / "face.webm", None
        for frame in frames:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, size)
            writer.write(frame)
        if writer is not None:
            writer.release()
        return path.read_bytes()


def _draw_lid(picture: NDArray[np.uint8], upper: Array, lower: Array, shut: float) -> None:
    """Draws the upper lid down over the eye: skin of the lid, and the dark line of the lashes at its edge."""
    high = float(np.abs(lower[:, 1] - upper[:, 1]).max())
    above, below = upper - np.array([0, 0.35 * high]), lower + np.array([0, 0.25 * high])
    edge = upper + (below - upper) * min(1.0, shut)
    skin_at = np.rint(upper[2:-2] - (0, 0.9 * high)).astype(int)
    skin = np.median(picture[skin_at[:, 1], skin_at[:, 0]], axis=0)
    drawn = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(drawn, [np.rint(np.vstack([above, edge[::-1]]) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    mask = np.asarray(cv2.GaussianBlur(drawn, (0, 0), max(0.8, 0.08 * high)))[..., None]
    picture[:] = np.clip(picture * (1 - mask) + skin * mask, 0, 255).astype(np.uint8)
    line = [np.rint(edge * 16).astype(np.int32)]
    dark = tuple(float(value) for value in skin * LASH)
    cv2.polylines(picture, line, False, dark, max(1, round(0.14 * high)), cv2.LINE_AA, 4)


def _rotation(pose: Pose) -> Array:
    """x to the right of the picture, y down, z away. The person's left is the picture's right."""
    yaw, pitch = math.radians(-pose.yaw), math.radians(pose.pitch)
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    return np.asarray(about_y @ about_x)


def _delaunay(flat: Array, size: tuple[int, int]) -> NDArray[np.int64]:
    """Triangles as numbers of points."""
    plane = cv2.Subdiv2D((-1, -1, size[0] + 2, size[1] + 2))
    for x, y in flat:
        plane.insert((float(np.clip(x, 0, size[0] - 1)), float(np.clip(y, 0, size[1] - 1))))
    corners = np.asarray(plane.getTriangleList()).reshape(-1, 3, 2)
    near = np.linalg.norm(corners[:, :, None, :] - flat[None, None, :, :], axis=3)
    numbers, apart = near.argmin(axis=2), near.min(axis=2)
    whole = (apart.max(axis=1) < 1.5) & (np.array([len(set(three)) for three in numbers]) == 3)
    return np.asarray(numbers[whole], np.int64)


def _affine(source: Array, target: Array) -> Array:
    """For each triangle the 2 × 3 map that takes its corners from `source` to `target`."""
    ones = np.concatenate([source, np.ones((*source.shape[:2], 1))], axis=2)
    ones += np.eye(3) * 1e-6  # a triangle seen edge-on has no inverse
    return np.transpose(np.linalg.solve(ones, target), (0, 2, 1))
