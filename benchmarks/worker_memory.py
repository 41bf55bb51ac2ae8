"""The most memory that a worker holds at any moment: it reads cards, passports, resident cards, faces and a film, and draws letters.

Usage: python -m benchmarks.worker_memory [--rounds 2] [--runs 3]
Runs processes of their own by turns, as glibc keeps memory by itself and as `webapp/core/memory.py` has it, and prints the most that
each held and the CPU time that it took. The pictures are the demo's specimens.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPECIMENS = ROOT / "static/specimens"
WAYS = ("glibc's own way", "the worker's way")


def main(rounds: int, runs: int) -> None:
    """Measures both ways by turns and prints their medians."""
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {rounds} rounds of all specimens, medians of {runs} runs"
    )
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way in WAYS:
            found[way].append(_in_a_process(way, rounds))
    for way, measured in found.items():
        most, seconds = (statistics.median(one) for one in zip(*measured, strict=True))
        print(f"{way:18} {most:5.0f} MB at most  {seconds:6.1f} s CPU", flush=True)


def _in_a_process(way: str, rounds: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.worker_memory", "--way", way, "--rounds", str(rounds)]
        environ = {**os.environ, "LINGKUAN_DATA_DIR": folder}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    most, seconds = done.stdout.split()[-2:]
    return float(most), float(seconds)


def work(way: str, rounds: int) -> None:
    """What one process does; prints the most MB it held, and its seconds of CPU."""
    from webapp.cli import draw_first_letter  # noqa: PLC0415 (the process that measures needs none of these)
    from webapp.core.memory import Trimmer, give_large_pieces_back  # noqa: PLC0415
    from wsgi import app  # noqa: PLC0415

    trimmer = Trimmer() if way == WAYS[1] else None
    if trimmer:
        give_large_pieces_back()
    runner = app.test_cli_runner()
    for _ in range(rounds):
        for arguments in readings():
            done = runner.invoke(args=["read", *arguments])
            assert done.exit_code == 0, done.output
            if trimmer:
                trimmer.after_work()
        with app.app_context():
            draw_first_letter(app.extensions["seams"])
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), round(time.process_time(), 1))


def readings() -> Iterator[list[str]]:
    """One command a picture, as a worker's jobs come."""
    for card in sorted(SPECIMENS.glob("bank-card-*.jpg")):
        yield ["card", str(card)]
    for pattern, kind in (("passport-*.jpg", "passport"), ("resident-*.jpg", "resident_id")):
        for document in sorted(SPECIMENS.glob(pattern)):
            yield ["document", "--type", kind, str(document)]
    yield ["liveness", "--challenge", "turn_left,nod", str(SPECIMENS / "face.webm")]
    yield ["face", str(SPECIMENS / "face.jpg"), str(SPECIMENS / "passport-mueller.jpg")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help="used inside")
    given = parser.parse_args()
    work(given.way, given.rounds) if given.way else main(given.rounds, given.runs)
