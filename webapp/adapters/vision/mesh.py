"""The 468-point mesh of a face and the contours of its eyes (MediaPipe's face_landmark and iris_landmark networks, run
by OpenCV), and what is measured on them.

Numbers of points are those of MediaPipe's canonical face model. "Left" and "right" are the person's own. The mesh alone
hardly follows the lids of a blink; the second network does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from webapp.adapters.vision.models import EYE_CONTOUR, FACE_MESH, model_path
from webapp.adapters.vision.pictures import Array

SIDE, MARGIN = 192, 1.5  # the network's input in pixels, and how much wider than YuNet's box it looks
RIGHT_CHEEK, LEFT_CHEEK, BROW, CHIN = 234, 454, 10, 152
EYES = ((33, 133), (263, 362))
"""Outer and inner corner of the right and the left eye."""
EYE_SIDE, EYE_MARGIN = 64, 2.3  # the eye network's input in pixels, and how much wider than the eye it looks
LOWER_LID, UPPER_LID, CORNERS = slice(1, 8), slice(9, 16), (0, 8)
"""Points of the eye network's answer."""
MOUTH = (61, 291, 13, 14)
"""Both corners, then the inner edges of the upper and the lower lip."""


@dataclass(frozen=True)
class Mesh:
    """`points`: 468 × 3 in pixels of the picture, z growing away from the camera. `presence`: 0 … 1, that it is a face.

    `eyes_open`: the eyes' height over their width, the mean of both: about 0.2 open, below 0.12 shut.
    """

    points: Array
    presence: float
    eyes_open: float

    @property
    def yaw(self) -> float:
        """Degrees that the head is turned to the person's own left."""
        across = self.points[LEFT_CHEEK] - self.points[RIGHT_CHEEK]
        return math.degrees(math.atan2(across[2], math.hypot(across[0], across[1])))

    @property
    def pitch(self) -> float:
        """Degrees that the head is bent down; where 0 is differs from face to face."""
        down = self.points[CHIN] - self.points[BROW]
        return math.degrees(math.atan2(down[2], math.hypot(down[0], down[1])))

    @property
    def mouth_open(self) -> float:
        """The gap between the lips over the height of the face (brow to chin)."""
        flat = self.points[:, :2]
        return _apart(flat, MOUTH[2], MOUTH[3]) / max(_apart(flat, BROW, CHIN), 1.0)

    @property
    def width(self) -> float:
        """Cheek to cheek, in pixels."""
        return max(_apart(self.points[:, :2], RIGHT_CHEEK, LEFT_CHEEK), 1.0)


class FaceMesher:
    """Lays the mesh over a face that YuNet found. Not for several threads: whoever holds it locks it."""

    def __init__(self, models: Path) -> None:
        self._models = models

    @cached_property
    def _net(self) -> Any:
        return cv2.dnn.readNetFromTFLite(str(model_path(self._models, FACE_MESH)))

    @cached_property
    def _eye_net(self) -> Any:
        return cv2.dnn.readNetFromTFLite(str(model_path(self._models, EYE_CONTOUR)))

    def mesh(self, picture: Array, face: Any) -> Mesh:
        """`picture`: BGR. `face`: one row of YuNet's answer (x, y, width, height, five points, score)."""
        to_face = _square(face)
        cut = cv2.warpAffine(picture, to_face, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._net.setInput(cv2.dnn.blobFromImage(cut, 1 / 255, (SIDE, SIDE), swapRB=True))
        answers = self._net.forward(self._net.getUnconnectedOutLayersNames())
        flag, points = sorted((np.asarray(answer).ravel() for answer in answers), key=len)
        found = _back(points.reshape(468, 3), to_face)
        eyes = [self._open(picture, found, outer, inner) for outer, inner in EYES]
        return Mesh(found, float(1 / (1 + np.exp(-flag[0]))), sum(eyes) / len(eyes))

    def _open(self, picture: Array, points: Array, outer: int, inner: int) -> float:
        to_eye = _eye_square(points[outer, :2], points[inner, :2])
        cut = cv2.warpAffine(picture, to_eye, (EYE_SIDE, EYE_SIDE), borderMode=cv2.BORDER_REPLICATE)
        if points[outer, 0] > points[inner, 0]:  # the network knows one kind of eye
            cut = cut[:, ::-1]
        self._eye_net.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(cut), 1 / 255, swapRB=True))
        answers = self._eye_net.forward(self._eye_net.getUnconnectedOutLayersNames())
        contour = max((np.asarray(answer).ravel() for answer in answers), key=len).reshape(-1, 3)
        across = np.hypot(*(contour[CORNERS[0], :2] - contour[CORNERS[1], :2]))
        return float(np.abs(contour[UPPER_LID, 1] - contour[LOWER_LID, 1]).mean() / max(across, 1.0))


def _square(face: Any) -> Array:
    """The affine map from the picture onto the network's input: the eyes level, the face in the middle."""
    x, y, width, height = (float(v) for v in face[:4])
    tilt = math.degrees(math.atan2(float(face[7] - face[5]), float(face[6] - face[4])))
    scale = SIDE / (MARGIN * max(width, height))
    middle = (x + width / 2, y + height / 2)
    turned = np.asarray(cv2.getRotationMatrix2D(middle, tilt, scale), float)
    turned[:, 2] += SIDE / 2 - np.array(middle)
    return turned


def _eye_square(outer: Array, inner: Array) -> Array:
    """The affine map from the picture onto the eye network's input: the eye level, in the middle."""
    middle, along = (outer + inner) / 2, (inner - outer) * (1 if outer[0] < inner[0] else -1)
    side = max(float(np.hypot(*along)) * EYE_MARGIN, 1.0)
    tilt = math.degrees(math.atan2(along[1], along[0]))
    turned = np.asarray(cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), tilt, EYE_SIDE / side), float)
    turned[:, 2] += EYE_SIDE / 2 - middle
    return turned


def _back(points: Array, to_face: Array) -> Array:
    from_face = cv2.invertAffineTransform(to_face)
    flat = points[:, :2] @ from_face[:, :2].T + from_face[:, 2]
    return np.column_stack([flat, points[:, 2] * math.hypot(from_face[0, 0], from_face[0, 1])])


def _apart(flat: Array, one: int, other: int) -> float:
    return float(np.hypot(*(flat[one] - flat[other])))
