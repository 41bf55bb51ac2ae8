"""A worker hands back what it doesn't use."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.core.memory import TRIM_EVERY, Trimmer, give_large_pieces_back

HOLDS = """
from pathlib import Path
from webapp.core.memory import Trimmer, give_large_pieces_back

def held():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line)

give_large_pieces_back()
before = held()
for size in (31 << 20, 20 << 20):  # by itself glibc keeps the second in its heap, for the first has raised its limit
    piece = bytearray(size)
    above = bytes(200_000)
    del piece
print((held() - before) // 1024)
small = [bytes(1000) for _ in range(100_000)]
last = small.pop()
del small
Trimmer().after_work()
print((held() - before) // 1024)
"""


def test_memory_is_handed_back_but_not_after_every_job() -> None:
    trims, now = [], [0.0]

    def trim(left: int) -> int:
        trims.append(left)
        return 1

    trimmer = Trimmer(trim, clock=lambda: now[0])
    for second in range(12):
        now[0] = float(second)
        trimmer.after_work()
    assert len(trims) == 3, f"seconds 0, {TRIM_EVERY:.0f} and {2 * TRIM_EVERY:.0f}"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has its own ways")
def test_a_process_that_is_done_with_large_pieces_and_many_small_ones_holds_neither() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOLDS], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    large, small = map(int, done.stdout.split())
    assert large < 5, "MB more than before, after one of 31 and one of 20"
    assert small < 20, "MB more than before, after 100 of small ones"


def test_a_c_library_without_these_calls_is_left_alone() -> None:
    give_large_pieces_back(object())
