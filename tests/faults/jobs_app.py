"""A worker of its own process for the kill tests: real handlers over seams that stop in the middle when a file says so.

`BARRIER` is a folder: when it holds a file named like the call (`sms`, `face`, `immigration`, `bank`, `card`, `document`,
`video`, `letter`, `push`), that call writes `<name>.reached` and sleeps for ever, so that the test can kill the process there.
Every call that gets through is counted in `<name>.calls`, one line each.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.fakes import Fakes
from webapp.adapters.storage.local import LocalObjectStore
from webapp.core.settings import Settings
from webapp.factory import create_app
from webapp.ports.seams import Seams
from webapp.worker import Worker
from webapp.working import all_handlers

BARRIER = Path(os.environ["BARRIER"])


class Stopping:
    """Wraps a seam: before and after its call it may stop for ever."""

    def __init__(self, name: str, seam: Any) -> None:
        self._name, self._seam = name, seam

    def __getattr__(self, method: str) -> Any:
        deed = getattr(self._seam, method)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._stop("before")
            answer = deed(*args, **kwargs)
            key = getattr(args[0], "key", "") or getattr(args[0], "request_id", "") if args else ""
            with (BARRIER / f"{self._name}.calls").open("a") as file:
                file.write(f"{key}\n")
            self._stop("after")
            return answer

        return guarded

    def _stop(self, moment: str) -> None:
        if (BARRIER / f"{self._name}.{moment}").exists():
            (BARRIER / f"{self._name}.reached").touch()
            time.sleep(600)


def stopping_seams(settings: Settings) -> Seams:
    """Fakes behind stopping seams, and the real local store."""
    fakes = Fakes().seams()
    wrapped = {
        "sms": fakes.sms, "face_authority": fakes.face_authority, "immigration": fakes.immigration, "account_check": fakes.account_check,
        "cards": fakes.cards, "documents": fakes.documents, "faces": fakes.faces, "videos": fakes.videos, "letters": fakes.letters, "push": fakes.push,
    }  # fmt: skip
    return replace(
        fakes,
        store=LocalObjectStore(settings.data_dir / "objects"),
        **{name: Stopping(name, seam) for name, seam in wrapped.items()},
    )


def main() -> None:
    settings = Settings.from_env(os.environ)
    app = create_app(settings, seams=stopping_seams(settings))
    Worker(app, all_handlers(app), lease=settings.job_lease).run_forever()


if __name__ == "__main__":
    main()
