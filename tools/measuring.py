"""What all evaluations share: outcomes counted by group, peers on the same pictures, tables in Markdown."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "var" / "peers"


@dataclass(slots=True)
class Tally:
    """Right, wrong but told, and left empty; CPU seconds of each picture."""

    right: int = 0
    wrong: int = 0
    empty: int = 0
    seconds: list[float] = field(default_factory=list)

    def note(self, told: str | None, true: str | None, seconds: float | None = None) -> None:
        """Counts one answer; `true` is None where there is nothing to be read, and then an empty answer is right."""
        if told == true:
            self.right += 1
        elif told is None:
            self.empty += 1
        else:
            self.wrong += 1
        if seconds is not None:
            self.seconds.append(seconds)

    @property
    def count(self) -> int:
        """How many answers there were."""
        return self.right + self.wrong + self.empty

    def join(self, other: Tally) -> None:
        """Adds another tally's answers to this one's."""
        self.right, self.wrong, self.empty = (
            self.right + other.right,
            self.wrong + other.wrong,
            self.empty + other.empty,
        )
        self.seconds.extend(other.seconds)


Tallies = defaultdict[tuple[str, ...], Tally]


def tallies() -> Tallies:
    """Tallies by group; a group's names are the table's first columns."""
    return defaultdict(Tally)


def merged(parts: Iterable[Tallies]) -> Tallies:
    """The tallies of several processes as one."""
    whole = tallies()
    for part in parts:
        for key, tally in part.items():
            whole[key].join(tally)
    return whole


def keep(path: Path, named: Mapping[str, Tallies]) -> None:
    """Writes the tallies of a run, so that long measurements can be made in parts."""
    plain = {name: [[*key, asdict(tally)] for key, tally in groups.items()] for name, groups in named.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain))


def kept(path: Path) -> dict[str, Tallies]:
    """What `keep` wrote."""
    found: dict[str, Tallies] = {}
    for name, groups in json.loads(path.read_text()).items():
        found[name] = tallies()
        for *key, tally in groups:
            found[name][tuple(key)] = Tally(**tally)
    return found


def table(names: Sequence[str], groups: Tallies) -> str:
    """A Markdown table: the groups in order, counts, share of right ones, CPU time's mean and 95th percentile."""
    head = [*names, "pictures", "right", "wrong", "empty", "right %", "mean ms", "p95 ms"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for key in sorted(groups):
        tally = groups[key]
        share = f"{100 * tally.right / max(1, tally.count):.1f}"
        spent = np.array(tally.seconds or [float("nan")]) * 1000
        mean, high = ("–", "–") if not tally.seconds else (f"{spent.mean():.0f}", f"{np.percentile(spent, 95):.0f}")
        counts = [str(tally.count), str(tally.right), str(tally.wrong), str(tally.empty), share, mean, high]
        lines.append("| " + " | ".join([*key, *counts]) + " |")
    return "\n".join(lines)


def machine() -> str:
    """One line on what the figures were taken on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}; one thread a reader"


def memory() -> int:
    """The most memory this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class RapidOcr:
    """RapidOCR's own pipeline in its own environment (`make eval` installs it); one process, models loaded once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(PEERS / "bin" / "python"), str(ROOT / "tools" / "peers" / "rapid.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def read(self, picture: Path) -> tuple[list[str], float]:
        """The texts of a picture, and the CPU seconds they took."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        print(picture, file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return answer["texts"], answer["seconds"]


def tesseract(picture: Path, *, languages: str = "eng", mode: int = 11) -> tuple[list[str], float]:
    """Debian's tesseract on a picture: its lines, and the CPU seconds of its process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["/usr/bin/tesseract", str(picture), "-", "-l", languages, "--psm", str(mode)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.splitlines(), spent


def on_disk(packed: bytes) -> Path:
    """A picture in a file, for peers that read files."""
    with tempfile.NamedTemporaryFile(suffix=".jpg", delete=False) as file:
        file.write(packed)
    return Path(file.name)
