"""How long money takes: a round, a batch, its file, the bank's answer, and all letters as a ZIP; with the memory of each.

Each deed is set beside a floor that this machine can't beat: as many rows of the same width written bare by SQLite, or as many
bytes sealed by AES-GCM, the last column says how many times that floor it takes.

Usage: python -m benchmarks.payouts [people]     On SQLite in a temporary folder; DATABASE_URL chooses PostgreSQL.
"""

from __future__ import annotations

import gc
import os
import platform
import resource
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask_migrate import upgrade
from sqlalchemy import select

from tests.crowd import add_people, make_case
from tests.fakes import Fakes
from tests.payouts.conftest import add_manager, result_csv, row_of
from webapp.core.db import MIGRATIONS, db, unit_of_work
from webapp.core.sealing import key_ring
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.rules import RoundKind
from webapp.payouts.letters import Sent, letters_zip
from webapp.payouts.usecases import batches, files, results, rounds
from webapp.texts.bodies import publish_bodies

LETTER_BYTES = 60_000
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def now() -> datetime:
    """One moment for everything."""
    return NOW


class Files:
    """A store that keeps what payments write, and makes any letter up when it is asked for, so that memory shows what ours is."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.letter = b"%PDF-1.4" + os.urandom(LETTER_BYTES)

    def put(self, key: str, data: bytes) -> None:
        """Keeps all but letters."""
        if not key.startswith("letters/"):
            self.kept[key] = data

    def get(self, key: str) -> bytes:
        """Sealed bytes of any letter, or what was kept."""
        return key_ring().seal(self.letter, key) if key.startswith("letters/") else self.kept[key]

    def delete(self, key: str) -> None:
        """Forgets."""
        self.kept.pop(key, None)


@contextmanager
def measured(what: str, people: int, floor: float = 0.0) -> Iterator[None]:
    """Prints the time, the rate, by how much the process grew at most meanwhile, and how many floors (seconds of CPU) that is."""
    gc.collect()
    before, most, done = resident(), [resident()], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most[0] = max(most[0], resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        took, used = time.perf_counter() - start, time.process_time() - cpu
        done.set()
        watcher.join()
        print(
            f"{what:34} {took:8.1f} s ({used:6.1f} s of CPU)  {people / took:9.0f} /s   grew by {max(0, most[0] - before):5.0f} MB"
            + (f"   {used / floor:6.1f} × the floor of {floor:.2f} s" if floor else ""),
            flush=True,
        )


def resident() -> float:
    """What this process holds of memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def machine() -> str:
    """The processor, its cores, the kernel and the interpreter."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def seconds_of(deed: Callable[[], object]) -> float:
    """What a deed takes of the processor."""
    start = time.process_time()
    deed()
    return time.process_time() - start


def rows_floor(count: int, *, width: int) -> float:
    """So many rows of random bytes with one unique key, bare, in one transaction."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "floor.sqlite")) as bare:
        bare.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, number TEXT UNIQUE, rest BLOB)")
        rest = os.urandom(width)

        def write() -> None:
            with bare:
                bare.executemany(
                    "INSERT INTO line (number, rest) VALUES (?, ?)", ((f"{n:015d}", rest) for n in range(count))
                )

        return seconds_of(write)


def seal_floor(count: int, *, size: int) -> float:
    """So many values sealed and opened by the library that we use, with nothing around it."""
    cipher, value = AESGCM(bytes(32)), os.urandom(size)

    def seal() -> None:
        for n in range(count):
            nonce = n.to_bytes(12, "big")
            cipher.decrypt(nonce, cipher.encrypt(nonce, value, b""), b"")

    return seconds_of(seal)


def main(people: int) -> None:
    """Everything in its order, once."""
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            env=Environment.TEST, data_dir=Path(folder), database_url=os.environ.get("DATABASE_URL", "")
        )
        store = Files()
        app = create_app(settings, seams=replace(Fakes().seams(), store=store), clock=now)
        with app.app_context():
            upgrade(directory=str(MIGRATIONS))
            with unit_of_work():
                publish_bodies(court="court", platform="platform", now=NOW)
            case_id, maker, releaser = make_case(NOW), add_manager("a", now), add_manager("b", now)  # type: ignore[arg-type]  # a clock is a clock
            with measured("(people, accounts and letters made)", people):
                add_people(case_id, [100_000 + n for n in range(people)], now=NOW)
            pay(case_id, people, maker, releaser, store)
            fetch(case_id, people, store)


def pay(case_id: str, people: int, maker: str, releaser: str, store: Files) -> None:
    """From the round to the bank's answer."""
    with unit_of_work():
        opened = rounds.open_round(case_id, rounds.RoundAsked(RoundKind.PERCENT, 350_000), clerk_id=maker, now=NOW)
    with measured("a round's shares", people, rows_floor(people, width=24)):
        rounds.work_out_shares(opened.id, now=NOW)
    with unit_of_work():
        batch = batches.make_batch(case_id, "csv-gb18030", clerk_id=maker, now=NOW)
    lines = rows_floor(people, width=300) + 2 * seal_floor(people, size=20)  # name and account of each are sealed
    with measured("a batch", people, lines):
        batches.fill_batch(batch.id, now=NOW)
    with unit_of_work():
        control = db.session.get_one(PayoutBatch, batch.id).control or ""
        batches.release_batch(batch.id, control, clerk_id=releaser, now=NOW)
    with measured("its file, in an envelope", people, seal_floor(people, size=20)):
        files.write_batch(batch.id, certificate=None, store=store, now=NOW)
    query = select(PayoutLine).where(PayoutLine.batch_id == batch.id).execution_options(yield_per=1000)
    data = result_csv(answer(n, line) for n, line in enumerate(db.session.scalars(query)))
    db.session.expunge_all()
    db.session.rollback()
    result_id, _ = results.take_result(case_id, "r.csv", data, clerk_id=maker, store=store, now=NOW)
    with measured("the bank's answer, all told", people, lines):
        results.read_result(result_id, store=store, now=NOW)


def answer(place: int, line: PayoutLine) -> list[str]:
    """One payment in twenty comes back for its payee to mend, the others have arrived."""
    return row_of(line, "退汇", "户名不符") if place % 20 == 0 else row_of(line)


def fetch(case_id: str, people: int, store: Files) -> None:
    """All letters as one ZIP."""
    sent, size = Sent(), 0
    with measured(f"letters of {LETTER_BYTES // 1000} kB as a ZIP", people, seal_floor(people, size=LETTER_BYTES)):
        for piece in letters_zip(case_id, store=store, sent=sent):
            size += len(piece)
    print(f"{'':34} {sent.count} letters, {size / 1e6:.0f} MB", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
