"""Face videos are decoded for real: a long one, an empty one and a broken one are told apart, and none hangs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.seams.vision_pictures import MODELS, film, opened
from webapp.adapters.vision import videos
from webapp.adapters.vision.faces import OpenCvFaceChecker
from webapp.adapters.vision.videos import OpenCvVideoInspector
from webapp.ports.video_inspector import VideoFault, VideoInspector

LONGEST = 5.0


@pytest.fixture(scope="module")
def inspector() -> VideoInspector:
    return OpenCvVideoInspector(OpenCvFaceChecker(MODELS))


@pytest.fixture(params=["webm", "mp4"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"face.{request.param}"


def test_a_video_of_a_face_is_accepted_with_three_stills(inspector: VideoInspector, path: Path) -> None:
    seen = inspector.inspect(film(path, seconds=3), longest=LONGEST)
    assert seen.fault is None
    assert seen.seconds == pytest.approx(3, abs=0.15)
    assert (seen.width, seen.height) == (320, 320)
    assert [opened(still).size for still in seen.stills] == [(320, 320)] * 3
    assert len(set(seen.stills)) == 3


@pytest.mark.parametrize(
    ("seconds", "size", "face", "fault"),
    [
        (8.0, (320, 320), True, VideoFault.TOO_LONG),
        (0.5, (320, 320), True, VideoFault.TOO_SHORT),
        (2.0, (128, 128), True, VideoFault.TOO_SMALL),
        (2.0, (320, 320), False, VideoFault.NO_FACE),
    ],
    ids=["long", "short", "small", "nobody"],
)
def test_each_fault_of_a_video_has_its_own_name(
    inspector: VideoInspector, path: Path, seconds: float, size: tuple[int, int], face: bool, fault: VideoFault
) -> None:
    assert inspector.inspect(film(path, seconds=seconds, size=size, face=face), longest=LONGEST).fault is fault


def test_decoding_stops_soon_after_the_limit(inspector: VideoInspector, path: Path) -> None:
    seen = inspector.inspect(film(path, seconds=12, size=(200, 200)), longest=LONGEST)
    assert seen.fault is VideoFault.TOO_LONG
    assert seen.seconds < LONGEST + 1


def test_half_a_second_more_than_asked_is_forgiven(inspector: VideoInspector, path: Path) -> None:
    assert inspector.inspect(film(path, seconds=5.4), longest=LONGEST).fault is None


def test_a_recording_whose_header_knows_no_duration_is_measured_by_its_frames(
    inspector: VideoInspector, tmp_path: Path
) -> None:
    """A browser streams WebM out before it knows how long it will be, so the element Duration (0x4489) is missing."""
    whole = film(tmp_path / "face.webm", seconds=3)
    place = whole.index(b"\x44\x89\x88")
    unknown = whole[:place] + b"\xec\x89" + whole[place + 2 :].replace(b"\x88", b"\x00", 1)  # Void of nine bytes
    assert b"\x44\x89\x88" not in unknown[:4096]
    seen = inspector.inspect(unknown, longest=LONGEST)
    assert seen.fault is None
    assert seen.seconds == pytest.approx(3, abs=0.15)


def test_a_film_made_to_keep_a_worker_busy_is_given_up(
    inspector: VideoInspector, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "MOST_WORK", 0.02)
    seen = inspector.inspect(film(path, seconds=4, rate=60), longest=LONGEST)
    assert seen.fault is VideoFault.TOO_LONG
    assert seen.seconds < 4


def test_a_file_that_breaks_off_is_judged_by_what_there_is(inspector: VideoInspector, tmp_path: Path) -> None:
    whole = film(tmp_path / "face.webm", seconds=4)
    seen = inspector.inspect(whole[: len(whole) // 2], longest=LONGEST)
    assert seen.fault is None
    assert 1 < seen.seconds < 3


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"nonsense",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
        b"\x1a\x45\xdf\xa3" + bytes(4000),
        b"\x00\x00\x00\x1cftypisom" + bytes(4000),
        b"RIFF\x00\x00\x00\x00AVI LIST",
    ],
    ids=["empty", "text", "playlist", "webm's head", "mp4's head", "avi"],
)
def test_what_is_no_video_is_said_to_be_none(inspector: VideoInspector, nonsense: bytes) -> None:
    seen = inspector.inspect(nonsense, longest=LONGEST)
    assert (seen.fault, seen.stills) == (VideoFault.NOT_A_VIDEO, ())


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_never_raises(inspector: VideoInspector, path: Path, seed: int) -> None:
    broken, chance = bytearray(film(path, seconds=2, size=(200, 200))), random.Random(seed)  # noqa: S311 (noise, not a secret)
    for _ in range(300):
        broken[chance.randrange(12, len(broken))] = chance.randrange(256)
    seen = inspector.inspect(bytes(broken), longest=LONGEST)
    assert seen.fault is None or seen.fault in VideoFault
    assert len(seen.stills) <= 3
