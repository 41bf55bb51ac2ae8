"""Keeps a process running."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence


class Kept:
    """A process that is started again, after a pause, whenever it ends by itself."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], *, pause: float = 2.0) -> None:
        self._command, self._env, self._pause = command, env, pause
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._env)

    def _keep(self) -> None:
        while True:
            code = self._process.wait()
            if self._stopping.wait(self._pause):
                return
            print(f"  the worker has ended ({code}) and is started again", file=sys.stderr, flush=True)
            self._process = self._start()
            if self._stopping.is_set():  # told to stop at this very moment
                self._process.terminate()

    def stop(self) -> None:
        """Ends it for good; it may finish what it has in hand."""
        self._stopping.set()
        self._process.terminate()

    def wait(self) -> None:
        """Waits for its end."""
        self._thread.join()
