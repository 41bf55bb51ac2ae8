"""Finding and comparing faces with YuNet and SFace (OpenCV's own networks), on this machine alone.

Bands, as measured on public-domain photographs and 190 pairs of different portraits (docs/recognition.md): agree at a
cosine of 0.45 and above, differ below 0.36, a clerk looks in between.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from webapp.adapters.vision.liveness import AGREE, DIFFER, LivenessWatch
from webapp.adapters.vision.looks import look_fault
from webapp.adapters.vision.mesh import FaceMesher, Mesh
from webapp.adapters.vision.models import FACE_DESCRIBER, FACE_FINDER, model_path
from webapp.adapters.vision.pictures import Array, brightness, decode, fit, sharpness
from webapp.ports.face_checker import FaceComparison, FaceDescription, FaceFault, FaceInspection, Likeness
from webapp.ports.liveness import Gesture

LONGEST = 640
SURE_FACE = 0.8
SMALLEST_SHARE = 0.16
DARKEST, BRIGHTEST, BLUNTEST = 45.0, 225.0, 12.0
MOST_TURNED = 0.30
FACE_WIDTH = 160  # sharpness is judged at this size
SCALE = 1270  # a descriptor of length 1 has numbers of some 0.1; so they fit into a byte or two
SURELY_SAME = 0.6  # of one face among thousands; pairs of strangers were never above 0.45 (docs/recognition.md)


class OpenCvFaceChecker:
    """A face checker of one process; OpenCV's networks aren't for several threads, so a lock lets one in."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._lock = threading.Lock()

    @cached_property
    def _finder(self) -> Any:
        return cv2.FaceDetectorYN.create(str(model_path(self._models, FACE_FINDER)), "", (LONGEST, LONGEST), 0.6)

    @cached_property
    def _describer(self) -> Any:
        return cv2.FaceRecognizerSF.create(str(model_path(self._models, FACE_DESCRIBER)), "")

    @cached_property
    def _mesher(self) -> FaceMesher:
        return FaceMesher(self._models)

    def inspect(self, picture: bytes) -> FaceInspection:
        """Judges a live face: one, large, whole, bright, sharp, looking at the camera with open eyes, nothing over it."""
        array = decode(picture)
        if array is None:
            return FaceInspection(FaceFault.NO_FACE)
        small = fit(array, LONGEST)
        faces = self._find(small)
        if not faces:
            return FaceInspection(FaceFault.NO_FACE)
        largest = faces[0]
        scale = array.shape[1] / small.shape[1]
        x, y, w, h = _inside(largest, scale, array)
        cut = array[y : y + h, x : x + w]
        light, edge = brightness(cut), sharpness(cut, width=FACE_WIDTH)
        fault = _crowd(faces) or _placed(largest, small) or _quality(light, edge) or turned(largest)
        fault = fault or look_fault(small, self._lay(small, largest))
        return FaceInspection(fault, (x, y, w, h), round(edge, 1), round(light, 1))

    def compare(self, live: bytes, portrait: bytes) -> FaceComparison:
        """Cosine of the largest face of each picture."""
        described = [self._describe(picture) for picture in (live, portrait)]
        if described[0] is None or described[1] is None:
            return FaceComparison(Likeness.NO_FACE)
        similarity = float(described[0] @ described[1])
        return FaceComparison(likeness(similarity), round(similarity, 3))

    def describe(self, picture: bytes) -> FaceDescription | None:
        """The largest face's descriptor, as whole numbers: the rounding moves a cosine by less than 0.001."""
        described = self._describe(picture)
        return None if described is None else tuple(int(value) for value in np.rint(described * SCALE))

    def alike(self, one: FaceDescription, others: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
        """Cosines of SURELY_SAME and above."""
        if not others:
            return []
        mine, many = np.asarray(one, float), np.asarray(others, float)
        cosines = (many @ mine) / (np.linalg.norm(many, axis=1) * np.linalg.norm(mine) + 1e-9)
        found = [(int(place), round(float(cosines[place]), 3)) for place in np.flatnonzero(cosines >= SURELY_SAME)]
        return sorted(found, key=lambda match: -match[1])

    def mesh(self, picture: Array) -> Mesh | None:
        """The mesh of the largest face in a BGR picture; None where there is none."""
        faces = self._find(picture)
        return self._lay(picture, faces[0]) if faces else None

    def watch(self, challenge: Sequence[Gesture]) -> LivenessWatch:
        """Looks at the frames of one film, with these networks."""
        return LivenessWatch(self._find, self._lay, self._describe_face, challenge=challenge)

    def _lay(self, picture: Array, face: Any) -> Mesh:
        with self._lock:
            return self._mesher.mesh(picture, face)

    def _find(self, picture: Array) -> list[Any]:
        with self._lock:
            self._finder.setInputSize((picture.shape[1], picture.shape[0]))
            _, faces = self._finder.detect(picture)
        sure = [face for face in (faces if faces is not None else []) if face[14] >= SURE_FACE]
        return sorted(sure, key=lambda face: -float(face[2] * face[3]))

    def _describe(self, picture: bytes) -> Array | None:
        array = decode(picture)
        if array is None:
            return None
        for longest in (LONGEST, 1280):  # the portrait on a document is a small part of its picture
            small = fit(array, longest)
            faces = self._find(small)
            if faces:
                break
        else:
            return None
        return self._describe_face(small, faces[0])

    def _describe_face(self, picture: Array, face: Any) -> Array:
        with self._lock:
            feature = self._describer.feature(self._describer.alignCrop(picture, face)).flatten()
        return np.asarray(feature / (np.linalg.norm(feature) + 1e-9))


def likeness(similarity: float) -> Likeness:
    """The band of a cosine: agree, a clerk looks, differ."""
    if similarity >= AGREE:
        return Likeness.AGREE
    return Likeness.UNSURE if similarity >= DIFFER else Likeness.DIFFER


def _inside(face: Any, scale: float, picture: Array) -> tuple[int, int, int, int]:
    """The face's box in pixels of the whole picture, cut at its edges."""
    left, top, width, height = (float(value) * scale for value in face[:4])
    x, y = max(0, round(left)), max(0, round(top))
    right, bottom = min(picture.shape[1], round(left + width)), min(picture.shape[0], round(top + height))
    return x, y, right - x, bottom - y


def _crowd(faces: list[Any]) -> FaceFault | None:
    largest = float(faces[0][2] * faces[0][3])
    others = [face for face in faces[1:] if float(face[2] * face[3]) > 0.25 * largest]
    return FaceFault.MANY_FACES if others else None


def _placed(face: Any, picture: Array) -> FaceFault | None:
    height, width = picture.shape[:2]
    if float(face[2]) < SMALLEST_SHARE * min(height, width):
        return FaceFault.TOO_SMALL
    return None if _whole(np.asarray(face[4:14], float).reshape(5, 2), width, height) else FaceFault.CUT_OFF


def _whole(points: Array, width: int, height: int) -> bool:
    """Whether brow, chin and both cheeks can be in the picture; the box can't tell, YuNet draws it around what it sees.

    `points`: right eye, left eye, nose, corners of the mouth. From the eyes to the mouth is a third of a face's height.
    """
    eyes, mouth = float(points[:2, 1].mean()), float(points[3:, 1].mean())
    third = max(1.0, mouth - eyes)
    brow, chin = eyes - 0.6 * third, mouth + 0.5 * third
    left, right = float(points[:, 0].min()) - 0.3 * third, float(points[:, 0].max()) + 0.3 * third
    return brow >= 0 and chin <= height and left >= 0 and right <= width


def _quality(light: float, edge: float) -> FaceFault | None:
    if light < DARKEST:
        return FaceFault.TOO_DARK
    if light > BRIGHTEST:
        return FaceFault.TOO_BRIGHT
    return FaceFault.BLURRED if edge < BLUNTEST else None


def turned(face: Any) -> FaceFault | None:
    """Yaw from the nose's place between the eyes (YuNet's landmarks): 0 is straight on, 0.5 is over one eye.

    Eyes stand 63 mm apart and the tip of the nose about 30 mm before them, so the limit is a turn of some 32 degrees.
    """
    right_eye, left_eye, nose = (float(v) for v in (face[4], face[6], face[8]))
    between = abs(left_eye - right_eye)
    if between < 1:
        return FaceFault.TURNED_AWAY
    shift = abs(nose - (right_eye + left_eye) / 2) / between
    return FaceFault.TURNED_AWAY if shift > MOST_TURNED else None
