"""The worker's handlers of this room, each for one kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask import current_app

from webapp.cases.imports import RESTAGE
from webapp.core.jobs import Handler
from webapp.payouts.usecases.batches import MAKE_BATCH, WRITE_BATCH, fill_batch
from webapp.payouts.usecases.files import write_batch
from webapp.payouts.usecases.results import READ_RESULT, read_result
from webapp.payouts.usecases.rounds import OPEN_ROUND, work_out_shares
from webapp.payouts.usecases.settling import restage
from webapp.ports.seams import Seams


def handlers(seams: Seams, *, certificate: Path | None) -> Mapping[str, Handler]:
    """Kind of job → what does it. `certificate`: the bank's, when files are sealed for it instead of by a password."""

    def now() -> datetime:
        moment: datetime = current_app.extensions["clock"]()
        return moment

    return {
        OPEN_ROUND: lambda p: work_out_shares(p["round"], now=now()),
        MAKE_BATCH: lambda p: fill_batch(p["batch"], now=now()),
        WRITE_BATCH: lambda p: write_batch(p["batch"], certificate=certificate, store=seams.store, now=now()),
        RESTAGE: lambda p: restage(p["case"]),
        READ_RESULT: lambda p: read_result(p["result"], store=seams.store, now=now()),
    }
