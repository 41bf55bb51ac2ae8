"""`make run` keeps its worker: one that ended is started again, one that was stopped isn't."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tools.keeping import Kept

COUNTS = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(float(sys.argv[2]))"


def begun(file: Path, count: int) -> bool:
    """Waits until it was started so many times."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if file.exists() and len(file.read_text()) >= count:
            return True
        time.sleep(0.02)
    return False


def test_a_worker_that_ended_is_started_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "starts"
    kept = Kept([sys.executable, "-c", COUNTS, str(file), "0"], os.environ, pause=0.05)
    assert begun(file, 3)
    kept.stop()
    kept.wait()
    assert "is started again" in capfd.readouterr().err


def test_a_worker_that_was_stopped_stays_so(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    kept = Kept([sys.executable, "-c", COUNTS, str(file), "600"], os.environ, pause=0.05)
    assert begun(file, 1)
    kept.stop()
    kept.wait()
    time.sleep(0.3)
    assert file.read_text() == "x"
