"""Decoding a face video for real: its length from its frames, three stills, and whether a face is in them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import cv2

from webapp.adapters.vision.pictures import Array, encode, fit
from webapp.ports.face_checker import FaceChecker, FaceFault
from webapp.ports.video_inspector import VideoFault, VideoInspection

GRACE = 0.5
SHORTEST = 1.0
SMALLEST = 160
MOST_SIDE = 4096
MOST_FRAMES_A_SECOND = 130


class OpenCvVideoInspector:
    """Decodes with OpenCV's own FFmpeg. `faces` says whether a still shows somebody."""

    def __init__(self, faces: FaceChecker) -> None:
        self._faces = faces

    def inspect(self, video: bytes, *, longest: float) -> VideoInspection:
        """Never believes the file: frames are decoded until the end, or until they pass `longest`."""
        with tempfile.NamedTemporaryFile(suffix=".video") as file:
            file.write(video)
            file.flush()
            return self._judge(_decode(Path(file.name), longest), longest)

    def _judge(self, film: _Film, longest: float) -> VideoInspection:
        if not film.frames:
            return VideoInspection(VideoFault.NOT_A_VIDEO)
        height, width = film.frames[0].shape[:2]
        stills = tuple(encode(fit(frame, 1280)) for frame in film.stills())
        fault = _fault(film.seconds, min(height, width), longest)
        if fault is None and all(self._faces.inspect(still).fault is FaceFault.NO_FACE for still in stills):
            fault = VideoFault.NO_FACE
        return VideoInspection(fault, round(film.seconds, 2), width, height, stills)


class _Film:
    """Decoded frames (thinned out, so that memory stays small) and the time that they span."""

    def __init__(self) -> None:
        self.frames: list[Array] = []
        self.seconds = 0.0

    def stills(self) -> list[Array]:
        """First, middle and last."""
        last = len(self.frames) - 1
        return [self.frames[i] for i in sorted({min(2, last), last // 2, last})]


def _decode(path: Path, longest: float) -> _Film:
    film = _Film()
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if capture.isOpened() and _sane(capture):
            _collect(capture, film, longest)
    except cv2.error:
        film.frames.clear()
    finally:
        capture.release()
    return film


def _sane(capture: Any) -> bool:
    sides = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return all(0 < side <= MOST_SIDE for side in sides)


def _collect(capture: Any, film: _Film, longest: float) -> None:
    rate = capture.get(cv2.CAP_PROP_FPS)
    step = 1 / rate if 5 <= rate <= 120 else 1 / 30
    stamp = 0.0
    for count in range(int((longest + GRACE) * MOST_FRAMES_A_SECOND)):
        good, frame = capture.read()
        if not good:
            break
        stamp = max(stamp, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        if count % 5 == 0 or len(film.frames) < 3:
            film.frames.append(frame)
        film.seconds = max(stamp + step, (count + 1) * step if stamp == 0 else 0.0)
        if film.seconds > longest + GRACE:
            break


def _fault(seconds: float, side: int, longest: float) -> VideoFault | None:
    if seconds > longest + GRACE:
        return VideoFault.TOO_LONG
    if seconds < SHORTEST:
        return VideoFault.TOO_SHORT
    return VideoFault.TOO_SMALL if side < SMALLEST else None
