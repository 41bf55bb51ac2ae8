"""A film is accepted when a living face does what was asked, in order, and for no other reason."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawing.face_clips import Frame, checker, frozen, held_photo, live, still_person, swapped

from webapp.adapters.sandbox.moving_face import as_webm
from webapp.adapters.vision.liveness import Event, film_prints, frame_print, in_order
from webapp.adapters.vision.videos import OpenCvVideoInspector
from webapp.ports.liveness import Gesture, Liveness, LivenessFault
from webapp.ports.video_inspector import VideoFault

LEFT, RIGHT, NOD, BLINK, MOUTH = Gesture
SIDE, RATE = 360, 16


@cache
def take(who: str, *gestures: Gesture, rate: int = RATE, seed: int = 1) -> tuple[Frame, ...]:
    return tuple(live(who, gestures, side=SIDE, rate=rate, seed=seed))


def watched(frames: Sequence[Frame], *challenge: Gesture, rate: int = RATE) -> Liveness:
    watch = checker().watch(challenge)
    for number, frame in enumerate(frames):
        if watch.wants(number / rate):
            watch.see(number / rate, frame)
    return watch.verdict()


def handed_in(frames: Sequence[Frame], *challenge: Gesture) -> Liveness | None:
    """The same as a file, packed and decoded."""
    seen = OpenCvVideoInspector(checker()).inspect(as_webm(frames, RATE), longest=7, challenge=challenge)
    assert seen.fault is None
    return seen.liveness


def test_who_does_what_was_asked_in_order_is_accepted_with_a_still_that_may_be_compared() -> None:
    found = handed_in(take("collins", RIGHT, BLINK), RIGHT, BLINK)
    assert found is not None
    assert found.fault is None
    assert (found.same_face, found.frozen) == (True, False)
    first, second = (one.at for one in found.seen)
    assert first == pytest.approx(2.4, abs=0.5)
    assert second == pytest.approx(4.8, abs=0.4)
    assert found.confidence > 0.5
    assert found.rate == pytest.approx(RATE, abs=1)
    assert checker().inspect(found.best).fault is None


@pytest.mark.parametrize(
    ("who", "gestures"), [("hopper", (LEFT, NOD)), ("collins", (NOD, MOUTH)), ("hopper", (MOUTH, RIGHT))]
)
def test_each_gesture_is_seen_with_each_face(who: str, gestures: tuple[Gesture, Gesture]) -> None:
    found = watched(take(who, *gestures), *gestures)
    assert found.fault is None
    assert all(one.at is not None for one in found.seen)


@pytest.mark.parametrize("asked", [(BLINK, RIGHT), (LEFT, BLINK), (RIGHT, NOD), (RIGHT, MOUTH), (NOD, RIGHT)])
def test_a_film_of_other_gestures_or_in_another_order_is_refused(asked: tuple[Gesture, Gesture]) -> None:
    found = watched(take("collins", RIGHT, BLINK), *asked)
    assert found.fault in (LivenessFault.UNSEEN, LivenessFault.OTHER)


def test_a_film_of_every_gesture_answers_no_challenge() -> None:
    frames = take("collins", LEFT, NOD, RIGHT, MOUTH)
    for challenge in ((LEFT, NOD), (LEFT, MOUTH)):
        assert watched(frames, *challenge).fault in (LivenessFault.OTHER, LivenessFault.UNSEEN)


@pytest.mark.parametrize("move", ["turned right, then left", "turned left, then bent"])
def test_a_printed_photo_that_is_turned_and_bent_before_the_camera_does_nothing(move: str) -> None:
    frames = held_photo("collins", move, side=SIDE)
    for challenge in ((RIGHT, LEFT), (LEFT, NOD)):
        assert watched(frames, *challenge).fault is LivenessFault.UNSEEN


def test_who_only_looks_into_the_camera_is_told_what_was_not_seen() -> None:
    found = watched(still_person("hopper", seconds=4, side=SIDE), LEFT, NOD)
    assert found.fault is LivenessFault.UNSEEN
    assert [one.at for one in found.seen] == [None, None]


def test_a_picture_that_stands_still_is_called_frozen() -> None:
    """As a file, for a codec lets even a frozen picture flicker."""
    found = handed_in(frozen(take("collins", RIGHT, BLINK), 0.65), RIGHT, BLINK)
    assert found is not None
    assert found.frozen is True
    assert found.fault is LivenessFault.FROZEN


def test_two_people_in_one_film_are_told_apart() -> None:
    found = watched(swapped(take("hopper", LEFT, NOD), take("collins", LEFT, NOD)), LEFT, NOD)
    assert (found.same_face, found.fault) == (False, LivenessFault.SWAPPED)


def test_a_camera_too_slow_for_a_blink_is_said_to_be_so() -> None:
    slow = take("collins", RIGHT, BLINK)[::2]
    assert watched(slow, RIGHT, BLINK, rate=RATE // 2).fault is LivenessFault.TOO_SLOW
    assert watched(take("hopper", LEFT, NOD)[::2], LEFT, NOD, rate=RATE // 2).fault is None


def test_a_film_in_which_hardly_a_face_is_seen_is_unclear() -> None:
    gone = [frame if number % 3 == 0 else frame * 0 for number, frame in enumerate(take("collins", RIGHT, BLINK))]
    assert watched(gone, RIGHT, BLINK).fault is LivenessFault.UNCLEAR


def test_without_a_challenge_nothing_is_said_about_liveness() -> None:
    seen = OpenCvVideoInspector(checker()).inspect(as_webm(take("collins", RIGHT, BLINK)[:40], RATE), longest=7)
    assert (seen.fault, seen.liveness) == (None, None)


def test_a_film_that_is_too_long_is_refused_before_its_gestures_are_judged() -> None:
    whole = as_webm(take("collins", RIGHT, BLINK), RATE)
    seen = OpenCvVideoInspector(checker()).inspect(whole, longest=3, challenge=(RIGHT, BLINK))
    assert (seen.fault, seen.liveness) == (VideoFault.TOO_LONG, None)


def prints(frames: Sequence[Frame]) -> set[str]:
    return set(film_prints([frame_print(frame) for frame in frames]))


def test_a_film_packed_anew_is_known_again_and_another_take_is_not(tmp_path: Path) -> None:
    first, path = take("collins", RIGHT, BLINK), tmp_path / "again.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (202, 270))
    for frame in first:
        writer.write(cv2.resize(frame, (202, 270)))
    writer.release()
    capture, again = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        again.append(np.asarray(read[1], np.uint8))
    known = prints(first)
    assert len(known) >= 8
    assert len(known & prints(again)) >= 0.4 * len(known)
    assert len(known & prints(take("collins", RIGHT, BLINK, seed=2))) <= 0.1 * len(known)


def event(gesture: Gesture, at: float, strength: float = 1.5) -> Event:
    return Event(gesture, at, strength, at - 0.3)


def test_gestures_count_only_in_the_order_in_which_they_were_asked() -> None:
    events = [event(LEFT, 2.0), event(NOD, 4.0)]
    seen, others, clear = in_order(events, (LEFT, NOD))
    assert ([one.at for one in seen], others) == ([2.0, 4.0], False)
    assert clear > 0
    seen, others, _ = in_order(events, (NOD, LEFT))
    assert others
    assert seen[-1].at is None


def test_a_blink_that_nobody_asked_for_is_no_fault_and_any_other_gesture_is() -> None:
    events = [event(LEFT, 2.0), event(BLINK, 3.0), event(NOD, 4.0)]
    assert in_order(events, (LEFT, NOD))[1] is False
    assert in_order([*events, event(MOUTH, 5.0)], (LEFT, NOD))[1] is True


def test_the_same_gesture_twice_in_a_row_is_one() -> None:
    assert in_order([event(NOD, 2.0), event(NOD, 2.6), event(LEFT, 4.0)], (NOD, LEFT))[1] is False


def test_of_all_challenges_a_pair_of_events_answers_one() -> None:
    events = [event(RIGHT, 2.0), event(MOUTH, 4.0)]
    answered = []
    for challenge in permutations(Gesture, 2):
        seen, others, _ = in_order(events, challenge)
        if not others and all(one.at is not None for one in seen):
            answered.append(challenge)
    assert answered == [(RIGHT, MOUTH)]
