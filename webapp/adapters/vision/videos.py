"""Decoding a face video for real: its length from its frames, three stills, whether a face is in them, and what it does."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from webapp.adapters.vision.faces import OpenCvFaceChecker
from webapp.adapters.vision.liveness import LivenessWatch
from webapp.adapters.vision.pictures import Array, encode, fit
from webapp.ports.face_checker import FaceFault
from webapp.ports.liveness import Gesture
from webapp.ports.video_inspector import VideoFault, VideoInspection

GRACE, SHORTEST = 0.5, 1.0  # seconds
SMALLEST, LARGEST_SIDE, STILL = 160, 4096, 1280  # pixels
FASTEST = 250  # frames a second; what claims more is counted as if it were this
USUAL_RATES = (5, FASTEST)
MOST_WORK = 15.0  # seconds of this thread's own time, ten times what a phone's film takes; more is made to keep us busy
STANDARD_RATE = 30.0
KEPT = 24  # frames in memory at a time


class OpenCvVideoInspector:
    """Decodes with OpenCV's own FFmpeg, in one thread. `faces` looks at the frames."""

    def __init__(self, faces: OpenCvFaceChecker) -> None:
        self._faces = faces

    def inspect(self, video: bytes, *, longest: float, challenge: Sequence[Gesture] = ()) -> VideoInspection:
        """Never believes the file: frames are decoded until the end, or until they pass `longest` seconds."""
        watch = self._faces.watch(challenge) if challenge else None
        film = _Film(longest + GRACE, watch)
        if _is_container(video):
            film.decode(video)
        if not film.frames:
            return VideoInspection(VideoFault.NOT_A_VIDEO)
        stills = tuple(encode(frame) for frame in film.stills())
        fault = self._fault(film, stills)
        liveness = watch.verdict() if watch and fault is None else None
        return VideoInspection(fault, round(film.seconds, 2), film.width, film.height, stills, liveness)

    def _fault(self, film: _Film, stills: tuple[bytes, ...]) -> VideoFault | None:
        if film.seconds > film.limit or film.overworked:
            return VideoFault.TOO_LONG
        if film.seconds < SHORTEST:
            return VideoFault.TOO_SHORT
        if min(film.width, film.height) < SMALLEST:
            return VideoFault.TOO_SMALL
        seen = any(self._faces.inspect(still).fault is not FaceFault.NO_FACE for still in stills)
        return None if seen else VideoFault.NO_FACE


@contextmanager
def _readable(video: bytes) -> Iterator[str]:
    """A path to the bytes. On Linux they stay in memory, for a face must not lie unsealed on a disk."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("video"), "wb") as file:
            file.write(video)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(video)
            file.flush()
            yield file.name


def _is_container(video: bytes) -> bool:
    """WebM or MP4 by their first bytes. FFmpeg also opens playlists, which would have it fetch other files."""
    return video[:4] == b"\x1a\x45\xdf\xa3" or video[4:8] == b"ftyp"


class _Film:
    """What decoding gave: the time that the frames span, and a few of them, evenly spread, shrunk. `watch` sees them all."""

    def __init__(self, limit: float, watch: LivenessWatch | None = None) -> None:
        self.limit = limit
        self._watch = watch
        self.frames: list[Array] = []
        self.seconds, self.width, self.height = 0.0, 0, 0
        self.overworked = False
        self._every = 1

    def decode(self, video: bytes) -> None:
        """Fills the film, up to the first frame that passes the limit or can't be decoded."""
        with _readable(video) as path:
            try:
                capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
                if capture.isOpened() and _sane(capture):
                    self._collect(capture)
                capture.release()
            except cv2.error:  # a file made to break decoders; what came before the break may still be judged
                return

    def stills(self) -> list[Array]:
        """First, middle and last; fewer where there are fewer frames."""
        last = len(self.frames) - 1
        return [self.frames[place] for place in sorted({0, last // 2, last})]

    def _collect(self, capture: Any) -> None:
        rate = capture.get(cv2.CAP_PROP_FPS)
        step = 1 / (rate if USUAL_RATES[0] <= rate <= USUAL_RATES[1] else STANDARD_RATE)
        first = None
        count = 0
        deadline = time.thread_time() + MOST_WORK  # a stream may change its frames' size in the middle: only work tells
        while self.seconds <= self.limit and not self.overworked and capture.grab():
            self.overworked = time.thread_time() > deadline
            stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            first = stamp if first is None else first
            count += 1
            spanned = stamp - first + step if stamp > first else 0.0
            self.seconds = max(self.seconds, spanned or (count * step if stamp == 0 else step), count / FASTEST)
            self._keep(capture, count)

    def _keep(self, capture: Any, count: int) -> None:
        """Every nth frame, n doubling whenever there are too many, so that memory stays small however long it is."""
        kept = (count - 1) % self._every == 0
        watched = self._watch is not None and self.seconds <= self.limit and self._watch.wants(self.seconds)
        good, frame = capture.retrieve() if kept or watched else (False, None)
        if not good or frame is None:
            return
        if watched and self._watch is not None:
            self._watch.see(self.seconds, np.asarray(frame))
        if not kept:
            return
        self.height, self.width = frame.shape[:2]
        self.frames.append(fit(np.asarray(frame), STILL))
        if len(self.frames) > KEPT:
            self.frames = self.frames[::2]
            self._every *= 2


def _sane(capture: Any) -> bool:
    """Sides that a camera may have; what claims others isn't decoded at all."""
    sides = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return all(0 < side <= LARGEST_SIDE for side in sides)
