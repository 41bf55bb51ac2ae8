"""How well faces are compared and films of gestures are judged: a part of `make eval`, or alone.

`python tools/evaluate_faces.py [--full]` prints Markdown tables for docs/recognition.md. Faces are the two public-domain
ones that this project carries, and their degradations, so these are not error rates of people: they show where the limits
lie. `--full` films every pair of gestures (20 minutes of one thread), else every gesture is filmed twice (5 minutes).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import cv2  # noqa: E402 (the paths above must come first)
import numpy as np  # noqa: E402
from drawing.face_clips import (  # noqa: E402
    PEOPLE,
    PRINT_MOVES,
    SPECIMENS,
    Frame,
    checker,
    frozen,
    held_photo,
    live,
    still_person,
    swapped,
)
from measuring import machine  # noqa: E402

from webapp.adapters.sandbox.moving_face import as_webm  # noqa: E402
from webapp.adapters.vision.pictures import encode  # noqa: E402
from webapp.adapters.vision.videos import OpenCvVideoInspector  # noqa: E402
from webapp.ports.face_checker import Likeness  # noqa: E402
from webapp.ports.liveness import Gesture  # noqa: E402

FEW = ((0, 2), (2, 1), (1, 3), (3, 4), (4, 0))
LONGEST = 7.0


def printed_on_a_card(picture: Frame) -> Frame:
    """As small as a document's portrait in a photo of it, pale, with fine lines of print over it, packed by a phone."""
    small = cv2.resize(picture, None, fx=0.22, fy=0.22, interpolation=cv2.INTER_AREA).astype(np.float32)
    y, x = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32)
    lines = np.clip(1 - 3 * np.abs(np.sin(y / 2.2 + 2 * np.sin(x / 17))), 0, 1)[..., None]
    pale = np.clip(70 + 0.66 * small - 22 * lines, 0, 255).astype(np.uint8)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pale, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR))


SPOILS: dict[str, Callable[[Frame], Frame]] = {
    "as it is": lambda picture: picture,
    "a quarter of the size": lambda picture: np.asarray(cv2.resize(picture, None, fx=0.25, fy=0.25)),
    "dark": lambda picture: np.asarray(picture * 0.4, np.uint8),
    "grey": lambda picture: np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)),
    "blurred": lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 3)),
    "printed on a card": printed_on_a_card,
    "mirrored": lambda picture: np.asarray(picture[:, ::-1]),
    "noisy": lambda picture: np.clip(
        picture + np.random.default_rng(1).normal(0, 18, picture.shape), 0, 255
    ).astype(np.uint8),
    "tilted": lambda picture: np.asarray(
        cv2.warpAffine(picture, cv2.getRotationMatrix2D((360, 480), 12, 1), (720, 960), borderMode=cv2.BORDER_REPLICATE)
    ),
}  # fmt: skip


def main() -> None:
    """Measures both, and prints it."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--full", action="store_true", help="films of every pair of gestures")
    print(machine(), flush=True)
    measure(full=ask.parse_args().full)


def measure(*, full: bool) -> None:
    """Prints the table of pairs and the table of films."""
    compare()
    watch(list(permutations(Gesture, 2)) if full else few())


def few() -> list[tuple[Gesture, ...]]:
    """Five pairs in which every gesture comes first once and second once."""
    known = tuple(Gesture)
    return [(known[one], known[other]) for one, other in FEW]


def compare() -> None:
    """Cosines of same and different faces, each spoilt in each way, and the bands they fall into."""
    photos = {who: _read(SPECIMENS / name) for who, name in PEOPLE.items()}
    shots = {(who, spoil): encode(make(photo)) for who, photo in photos.items() for spoil, make in SPOILS.items()}
    bands: dict[str, list[tuple[float, Likeness]]] = {"same": [], "different": []}
    for (one, other), group in _pairs(shots):
        found = checker().compare(shots[one], shots[other])
        if found.similarity is not None:
            bands[group].append((found.similarity, found.likeness))
    print(
        "\n| pairs | count | lowest | highest | agree | unsure | differ |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for group, found in bands.items():
        cosines, names = [cosine for cosine, _ in found], Counter(band for _, band in found)
        row = (
            group,
            len(found),
            f"{min(cosines):.2f}",
            f"{max(cosines):.2f}",
            *(names[band] for band in list(Likeness)[:3]),
        )
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


def _pairs(shots: dict[tuple[str, str], bytes]) -> Iterator[tuple[tuple[tuple[str, str], tuple[str, str]], str]]:
    for pair in combinations(shots, 2):
        yield pair, "same" if pair[0][0] == pair[1][0] else "different"


def watch(challenges: Sequence[tuple[Gesture, ...]]) -> None:
    """Which films are accepted: each as a file, for the challenge named, in CPU seconds of one thread."""
    print("\n| film | judged | accepted | refused as | CPU s |\n| --- | --- | --- | --- | --- |")
    others = {pair: [one for one in permutations(Gesture, 2) if one != pair] for pair in challenges}
    own, wrong = Tried("does what was asked"), Tried("does what another challenge asks")
    for who in PEOPLE:
        for place, pair in enumerate(challenges):
            film = as_webm(live(who, pair, seed=place + 1), 16)
            own.judge(film, pair)
            for other in others[pair][place % 4 :: 7]:
                wrong.judge(film, other)
    own.tell()
    wrong.tell()
    for name, films in impostors():
        tried = Tried(name)
        for film in films:
            for challenge in challenges[:3]:
                tried.judge(film, challenge)
        tried.tell()


def impostors() -> Iterator[tuple[str, Iterator[bytes]]]:
    """What somebody might show instead of the living person."""
    left, nod = Gesture.TURN_LEFT, Gesture.NOD
    yield "a printed photo, moved", (as_webm(held_photo(who, move), 16) for who in PEOPLE for move in PRINT_MOVES)
    yield "nothing is done", (as_webm(still_person(who), 16) for who in PEOPLE)
    yield "three gestures instead of two", (as_webm(live(who, tuple(Gesture)[:3], each=1.6), 16) for who in PEOPLE)
    halves = {who: live(who, (left, nod)) for who in PEOPLE}
    one, other = PEOPLE
    yield "two people", (as_webm(swapped(halves[a], halves[b]), 16) for a, b in ((one, other), (other, one)))
    yield "stands still from 3.7 s on", (as_webm(frozen(frames, 0.62), 16) for frames in halves.values())


class Tried:
    """Counts of one kind of film."""

    def __init__(self, name: str) -> None:
        self.name, self.accepted, self.refused, self.seconds = name, 0, Counter[str](), list[float]()

    def judge(self, film: bytes, challenge: Sequence[Gesture]) -> None:
        """Holds one film against one challenge."""
        started = time.thread_time()
        found = OpenCvVideoInspector(checker()).inspect(film, longest=LONGEST, challenge=challenge)
        self.seconds.append(time.thread_time() - started)
        fault = found.fault or (found.liveness.fault if found.liveness else None)
        if fault is None:
            self.accepted += 1
        else:
            self.refused[str(fault)] += 1

    def tell(self) -> None:
        """Prints its row."""
        refused = ", ".join(f"{fault} {count}" for fault, count in self.refused.most_common()) or "–"
        print(
            f"| {self.name} | {len(self.seconds)} | {self.accepted} | {refused} | {np.mean(self.seconds):.1f} |",
            flush=True,
        )


def _read(path: Path) -> Frame:
    picture = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(path)
    return np.asarray(picture, np.uint8)


if __name__ == "__main__":
    main()
