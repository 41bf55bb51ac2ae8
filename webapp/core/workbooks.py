"""Workbooks that people hand in: opened by a process of their own, so that none takes the worker's memory or ends it.

A cell written far from the others makes the library ask for more memory than there is, and ends the process; a reference
that is no cell makes it panic. Both are the child's end alone (workbook_child.py), which has no keys and no settings.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

from webapp.core.tables import UnreadableTable

Cell = str | int | float
MOST_UNPACKED = 400_000_000
MOST_MEMORY = 3_000_000_000
MOST_SECONDS = 300
"""Of a core; a million rows of six columns take ten."""
_CHILD = Path(__file__).with_name("workbook_child.py")
_STOPPED = (0, -signal.SIGTERM, -signal.SIGINT)


class Sheet(NamedTuple):
    """A sheet's name, how many rows hold anything, the number of the last one, and the first ones."""

    name: str
    height: int
    end: int
    first: list[list[Cell]]


class Workbook:
    """An opened workbook; `with` ends its process. Raises UnreadableTable, here and while rows are read."""

    def __init__(self, data: bytes, *, memory: int = MOST_MEMORY, seconds: int = MOST_SECONDS) -> None:
        limits = [str(n) for n in (memory, seconds, MOST_UNPACKED)]
        self._child = subprocess.Popen(  # noqa: S603 (our own file, and numbers)
            [sys.executable, "-I", str(_CHILD), *limits],
            env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            self._tell(b"%d\n" % len(data), data)
            self.sheets = [Sheet(*each) for each in self._hear()]
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def rows(self, at: int) -> Iterator[list[Cell]]:
        """All rows of one sheet, from its very first."""
        self._tell(b"%d\n" % at)
        while rows := self._hear():
            yield from rows

    def _tell(self, *what: bytes) -> None:
        try:
            for each in what:
                self._child.stdin.write(each)  # type: ignore[union-attr]  # it is a pipe
            self._child.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            return  # it has ended: what it said last, or how it ended, is heard next

    def _hear(self) -> Any:
        line = self._child.stdout.readline()  # type: ignore[union-attr]  # it is a pipe
        if not line.endswith(b"\n"):
            self._explain()
        said = json.loads(line)
        if isinstance(said, dict):
            raise UnreadableTable(said["fault"], said["detail"])
        return said

    def _explain(self) -> None:
        code = self._child.wait()
        if code in _STOPPED:
            raise RuntimeError("somebody ended the reading of a workbook")
        raise UnreadableTable("huge_xlsx")

    def _end(self) -> None:
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            try:
                pipe.close()  # type: ignore[union-attr]  # they are pipes
            except BrokenPipeError:
                continue
        self._child.wait()
