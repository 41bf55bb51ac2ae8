"""Whether a recording shows a living person who does what was asked, in the order in which it was asked.

Everything is judged against the person's own first second ("neutral"): angles of the head and openings of mouth and eyes
from the mesh. A gesture that wasn't asked for is as bad as one that is missing, or a film of all gestures would pass any
challenge; only blinks come by themselves. Limits and how they were found: docs/recognition.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, NamedTuple

import cv2
import numpy as np

from webapp.adapters.vision.mesh import LEFT_CHEEK, RIGHT_CHEEK, Mesh
from webapp.adapters.vision.pictures import Array, encode, fit, sharpness
from webapp.ports.liveness import Gesture, Liveness, LivenessFault, Seen

AGREE, DIFFER = 0.45, 0.36  # bands of the cosine of two faces: the same, a clerk looks, another
FASTEST = 20.0  # looks a second where a blink is asked for; half of that is enough for what a head does
LOOK_SIDE, STILL_SIDE = 400, 1280
NEUTRAL_SECONDS = 1.0
FEWEST_LOOKS, FEWEST_COUNTING = 20, 0.6
LONGEST_JUMP = 0.5  # face widths between two looks
STILL_SECONDS, STILL_CHANGE = 1.5, 0.25  # grey levels; so still for so long is no camera's picture, whose least is 1.4
STILL_SHARE = 0.8  # of the looks; a codec lets even a frozen picture flicker now and then
BLINK_RATE = 14.5  # looks a second that a blink needs; 15, and a little less for uneven clocks
BLINK_SECONDS = (0.04, 1.0)
MERGE_SECONDS = 0.25
UNASKED = 1.25  # a gesture that wasn't asked for must be so much clearer to count
SPOKEN = 2.0  # and a mouth that opens, which is often only a word or a smile, even more
TURN, NOD, MOUTH, LIDS = 12.0, 9.0, 0.033, 0.62
"""Degrees, degrees, share of the face's height, share of the neutral opening."""
STRAIGHT, COMPARABLE = 8.0, 20.0  # degrees from neutral within which a face may be kept, and compared


@dataclass(frozen=True)
class Look:
    """One frame: when, the head's angles, the openings, and what tells frozen frames and known films."""

    time: float
    yaw: float
    pitch: float
    mouth: float
    lids: float
    middle: Array
    width: float
    thumb: Array


@dataclass
class Shot:
    """The sharpest frame of half a second."""

    look: Look
    frame: Array
    face: Any
    sharpness: float


class Window(NamedTuple):
    """Where the face is cut out to see whether anything moves in it; it stays while the face stays about there.

    A mesh trembles by a pixel even where the picture stands still, and its trembling would look like life.
    """

    middle: Array
    width: float

    def holds(self, middle: Array, width: float) -> bool:
        """Whether a face is still about here."""
        near = float(np.hypot(*(middle - self.middle))) < 0.1 * self.width
        return near and abs(width - self.width) < 0.1 * self.width

    def thumb(self, picture: Array) -> Array:
        """The grey face as 64 × 64."""
        half = self.width * 0.7
        x, y = (max(0, round(float(v - half))) for v in self.middle)
        cut = picture[y : round(float(self.middle[1] + half)), x : round(float(self.middle[0] + half))]
        grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY) if cut.size else np.zeros((64, 64), np.uint8)
        return np.asarray(cv2.resize(grey, (64, 64)), np.float32)


class Event(NamedTuple):
    """A gesture at its strongest (`at`, seconds), `strength` as a multiple of its limit, and when it began."""

    gesture: Gesture
    at: float
    strength: float
    begin: float


class LivenessWatch:
    """Looks at a film's frames as they are decoded; `verdict` comes at the end. `find` is YuNet, `mesh` the mesh.

    `describe` gives the unit vector of a face (SFace).
    """

    def __init__(
        self,
        find: Callable[[Array], list[Any]],
        mesh: Callable[[Array, Any], Mesh],
        describe: Callable[[Array, Any], Array],
        *,
        challenge: Sequence[Gesture],
    ) -> None:
        self._find, self._mesh, self._describe, self._challenge = find, mesh, describe, challenge
        self._pause = 0.8 / (FASTEST if Gesture.BLINK in challenge else FASTEST / 2)
        self._looks: list[Look] = []
        self._shots: dict[int, Shot] = {}
        self._window: Window | None = None
        self._prints: list[str] = []
        self._frames, self._seen_frames, self._last = 0, 0, -1.0
        self._first: float | None = None
        self._end = 0.0

    def wants(self, time: float) -> bool:
        """Whether a frame at `time` seconds should be shown to `see`; every frame must be asked about."""
        self._first = time if self._first is None else self._first
        self._frames += 1
        self._end = time
        return time - self._last >= self._pause

    def see(self, time: float, frame: Array) -> None:
        """One frame (BGR)."""
        self._last = time
        self._seen_frames += 1
        self._prints.append(frame_print(frame))
        small = fit(frame, LOOK_SIDE)
        faces = self._find(small)
        if len(faces) != 1 and not (faces and _alone(faces)):
            return
        mesh = self._mesh(small, faces[0])
        middle = mesh.points[[RIGHT_CHEEK, LEFT_CHEEK], :2].mean(axis=0)
        if self._window is None or not self._window.holds(middle, mesh.width):
            self._window = Window(middle, mesh.width)
        look = Look(
            time, mesh.yaw, mesh.pitch, mesh.mouth_open, mesh.eyes_open, middle, mesh.width, self._window.thumb(small)
        )
        if self._looks and _jumped(self._looks[-1], look):
            return
        self._looks.append(look)
        self._keep(Shot(look, frame, faces[0], sharpness(small, width=LOOK_SIDE)))

    def verdict(self) -> Liveness:
        """Whether the gestures of the challenge are in the film, in order, by one living face."""
        challenge = self._challenge
        seen_share = len(self._looks) / max(1, self._seen_frames)
        rate = self._rate()
        prints = film_prints(self._prints)
        if len(self._looks) < FEWEST_LOOKS or seen_share < FEWEST_COUNTING:
            return Liveness(LivenessFault.UNCLEAR, _none(challenge), rate=rate, prints=prints)
        motion = Motion(self._looks)
        seen, others, clearness = in_order(motion.events(challenge), challenge)
        frozen = self._frozen()
        best, similarity = self._faces(motion)
        same = None if similarity is None or DIFFER <= similarity < AGREE else similarity >= AGREE
        slow = Gesture.BLINK in challenge and rate < BLINK_RATE
        fault = _fault(seen, others=others, frozen=frozen, same=same, slow=slow)
        confidence = round(seen_share * clearness, 2)
        return Liveness(fault, seen, same, frozen, confidence, rate, similarity, best, prints)

    def _rate(self) -> float:
        span = self._end - (self._first or 0.0)
        return round((self._frames - 1) / span, 1) if span > 0 else 0.0

    def _keep(self, shot: Shot) -> None:
        place = int(shot.look.time * 2)
        known = self._shots.get(place)
        if known is None or _calm(shot, known):
            self._shots[place] = Shot(shot.look, fit(shot.frame, STILL_SIDE).copy(), shot.face, shot.sharpness)

    def _frozen(self) -> bool:
        """True when the picture stood still for longer than any camera's noise allows."""
        still = [
            (after.time, float(np.abs(before.thumb - after.thumb).mean()) < STILL_CHANGE)
            for before, after in pairwise(self._looks)
        ]
        for place, (begin, _) in enumerate(still):
            within = [one for time, one in still[place:] if time - begin <= STILL_SECONDS]
            if place + len(within) < len(still) and sum(within) >= STILL_SHARE * len(within):
                return True
        return False

    def _faces(self, motion: Motion) -> tuple[bytes, float | None]:
        """The best still, and the lowest similarity of any look that isn't turned far away with the first."""
        shots = [shot for _, shot in sorted(self._shots.items())]
        straight = [shot for shot in shots if motion.is_straight(shot.look)]
        if not straight:
            return b"", None
        best = max(straight, key=lambda shot: shot.sharpness * min(1.0, shot.look.lids / max(motion.lids, 1e-6)) ** 2)
        compared = [shot for shot in shots if motion.turned(shot.look) < COMPARABLE]
        vectors = [self._describe(*_scaled(shot)) for shot in compared]
        alike = [float(vectors[0] @ other) for other in vectors[1:]]
        late = compared[-1].look.time - compared[0].look.time
        return encode(best.frame), round(min(alike), 3) if alike and late > 1 else None


class Motion:
    """The looks against the person's own neutral ones."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self._looks = looks
        start = looks[0].time
        calm = [look for look in looks if look.time - start <= NEUTRAL_SECONDS]
        self.yaw, self.pitch, self.mouth, self.lids = (
            float(np.median([getattr(look, name) for look in calm])) for name in ("yaw", "pitch", "mouth", "lids")
        )

    def is_straight(self, look: Look) -> bool:
        """Whether the head is about where it was in the beginning, with the mouth as it was."""
        return self.turned(look) < STRAIGHT and look.mouth - self.mouth < MOUTH

    def turned(self, look: Look) -> float:
        """Degrees that the head is turned or bent away from where it was in the beginning."""
        return max(abs(look.yaw - self.yaw), abs(look.pitch - self.pitch))

    def events(self, challenge: Iterable[Gesture]) -> list[Event]:
        """All gestures in the film, by their beginnings."""
        asked = set(challenge)
        times = np.array([look.time for look in self._looks])
        found = []
        for gesture, strengths in self._strengths().items():
            limit = 1.0 if gesture in asked else SPOKEN if gesture is Gesture.OPEN_MOUTH else UNASKED
            for first, last in _runs(times, strengths >= limit):
                peak = first + int(np.argmax(strengths[first : last + 1]))
                if gesture is Gesture.BLINK and not self._brief(times, first, last):
                    continue
                found.append(Event(gesture, float(times[peak]), float(strengths[peak]), float(times[first])))
        return sorted(found, key=lambda event: event.begin)

    def _strengths(self) -> dict[Gesture, Array]:
        yaw = _smooth([look.yaw - self.yaw for look in self._looks])
        pitch = _smooth([look.pitch - self.pitch for look in self._looks])
        mouth = _smooth([look.mouth - self.mouth for look in self._looks])
        lids = np.array([look.lids for look in self._looks]) / max(self.lids, 1e-6)
        ahead = np.abs(yaw) < TURN
        shut = np.where(ahead & (np.abs(pitch) < NOD), (1 - lids) / (1 - LIDS), 0.0)
        return {
            Gesture.TURN_LEFT: yaw / TURN,
            Gesture.TURN_RIGHT: -yaw / TURN,
            Gesture.NOD: np.where(ahead, np.abs(pitch) / NOD, 0.0),
            Gesture.OPEN_MOUTH: np.where(ahead, mouth / MOUTH, 0.0),
            Gesture.BLINK: shut,
        }

    @staticmethod
    def _brief(times: Array, first: int, last: int) -> bool:
        """A blink opens again; eyes that are shut until the end don't blink."""
        if last + 1 >= len(times) or first == 0:
            return False
        return BLINK_SECONDS[0] <= float(times[last + 1] - times[first]) <= BLINK_SECONDS[1]


def in_order(events: Sequence[Event], challenge: Sequence[Gesture]) -> tuple[tuple[Seen, ...], bool, float]:
    """Each gesture of the challenge with its time, whether there was anything else, and how clear the weakest was (0 … 1).

    Blinks that weren't asked for are overlooked, and so are further ones where one was.
    """
    told = [event.gesture for event in events if event.gesture is not Gesture.BLINK]
    merged = [gesture for place, gesture in enumerate(told) if place == 0 or told[place - 1] is not gesture]
    others = merged != [gesture for gesture in challenge if gesture is not Gesture.BLINK]
    each = [[event for event in events if event.gesture is gesture] for gesture in challenge]
    ways = [way for way in product(*each) if all(one.begin < next_.begin for one, next_ in pairwise(way))]
    if not ways:
        chosen = [max(found, key=lambda event: event.strength) if found else None for found in each]
        if None not in chosen:
            chosen[-1] = None  # all are there, but not in this order
        seen = [Seen(gesture, event and round(event.at, 2)) for gesture, event in zip(challenge, chosen, strict=True)]
        return tuple(seen), others, 0.0
    way = max(ways, key=lambda way: min((event.strength for event in way), default=1.0))
    clearness = min(1.0, (min((event.strength for event in way), default=1.3) - 0.5) * 1.25)
    return tuple(Seen(event.gesture, round(event.at, 2)) for event in way), others, clearness


def frame_print(frame: Array) -> str:
    """99 bits of a frame, as 25 hex digits: which of its lowest frequencies (a DCT of 32 × 32) are above the median.

    Packing a film anew or making it smaller leaves most of them as they are.
    """
    small = cv2.cvtColor(cv2.resize(frame, (32, 32), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    low = np.asarray(cv2.dct(small.astype(np.float32)))[:10, :10].ravel()[1:]
    return f"{int(''.join('1' if bit else '0' for bit in low > np.median(low)), 2):025x}"


def film_prints(frames: Sequence[str]) -> tuple[str, ...]:
    """What tells a film from every other one: each two prints that follow one another, where the picture changed.

    Single frames of one person at one table are often alike in two films; changes from one to the next seldom are.
    """
    changed = [print_ for place, print_ in enumerate(frames) if place == 0 or frames[place - 1] != print_]
    return tuple(dict.fromkeys("".join(two) for two in pairwise(changed)))


def _fault(seen: Sequence[Seen], *, others: bool, frozen: bool, same: bool | None, slow: bool) -> LivenessFault | None:
    """The gravest one first."""
    told = (
        (same is False, LivenessFault.SWAPPED),
        (frozen, LivenessFault.FROZEN),
        (slow, LivenessFault.TOO_SLOW),
        (any(one.at is None for one in seen), LivenessFault.UNSEEN),
        (others, LivenessFault.OTHER),
        (same is None, LivenessFault.UNSURE),
    )
    return next((fault for holds, fault in told if holds), None)


def _jumped(before: Look, after: Look) -> bool:
    return float(np.hypot(*(after.middle - before.middle))) > LONGEST_JUMP * before.width and (
        after.time - before.time < 0.25
    )


def _alone(faces: list[Any]) -> bool:
    """Whether the others are far smaller: passers-by."""
    return all(float(face[2] * face[3]) < 0.25 * float(faces[0][2] * faces[0][3]) for face in faces[1:])


def _calm(shot: Shot, known: Shot) -> bool:
    return shot.sharpness * shot.look.lids > known.sharpness * known.look.lids


def _scaled(shot: Shot) -> tuple[Array, Any]:
    """The shot at the size at which its face was found."""
    return fit(shot.frame, LOOK_SIDE), shot.face


def _smooth(values: Sequence[float]) -> Array:
    """Median of three: one bad look is no movement."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0))


def _runs(times: Array, holds: Array) -> list[tuple[int, int]]:
    """First and last place of each stretch in which `holds`; stretches less than a moment apart are one."""
    runs: list[tuple[int, int]] = []
    for place in np.flatnonzero(holds).tolist():
        if runs and (runs[-1][1] == place - 1 or times[place] - times[runs[-1][1]] <= MERGE_SECONDS):
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _none(challenge: Sequence[Gesture]) -> tuple[Seen, ...]:
    return tuple(Seen(gesture, None) for gesture in challenge)
