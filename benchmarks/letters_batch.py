"""Many letters in one go, as `flask letters make` makes them, its process killed (SIGKILL) three times on the way and begun again.

Each letter is drawn, sealed, kept in a folder and told to its payee; at the end each must be there once: its file whole, under
the court's seal and with the hash that its one row of the audit trail vouches for, its payee told once. Times are those of
the processes that made them, starting included, beside drawing and sealing alone in this one.

Usage: python -m benchmarks.letters_batch [letters]     On SQLite in a temporary folder.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from benchmarks.letter import letter, signature
from benchmarks.payouts import machine, seconds_of
from tests.crowd import add_people, make_case
from tests.databases import migrate
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.evidence.usecases import open_file, seal_file
from webapp.factory import create_app
from webapp.identity.models import ReservedSignature
from webapp.notices.models import Message
from webapp.payee.jobs import letter_html, letter_qr
from webapp.payee.models import Letter, LetterState
from webapp.ports.letter_sealer import SealVerdict

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CASE = "（2023）粤0399执1234号"
KILLED_AT = (0.25, 0.5, 0.75)
ALONE = 40


def main(count: int) -> None:
    """Signs them, makes them with three kills, and looks at every one."""
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        migrate("", folder)
        app = create_app(Settings(env=Environment.TEST, data_dir=folder), clock=lambda: NOW)
        with app.app_context():
            sign(count)
            draw()  # the first loads the fonts
            alone = 1000 * seconds_of(draw) / ALONE
            print(f"drawing and sealing alone: {alone:.1f} ms of CPU a letter", flush=True)
            db.engine.dispose()
        used, took = cpu_of_children(), time.perf_counter()
        for part in KILLED_AT:
            run(folder, kill_after=int(part * count))
        run(folder)
        used, took = cpu_of_children() - used, time.perf_counter() - took
        print(
            f"{count} letters in {took:.0f} s with {len(KILLED_AT)} kills: {1000 * took / count:.1f} ms a letter,"
            f" {1000 * used / count:.1f} ms of CPU ({1000 * used / count / alone:.2f} × alone)"
        )
        with app.app_context():
            look_at_all(count, folder)


def sign(count: int) -> None:
    """So many payees of one case who have signed, and no file yet."""
    entries = add_people(make_case(NOW), [100_000 + n for n in range(count)], now=NOW)
    picture, store = "pictures/signature", current_app.extensions["seams"].store
    seal_file(picture, signature(), store=store)
    with unit_of_work():
        db.session.execute(update(ReservedSignature).values(picture_key=picture))
        for start in range(0, count, 1000):
            some = select(Letter).where(Letter.case_payee_id.in_(entries[start : start + 1000]))
            for one in db.session.scalars(some):
                content: dict[str, Any] = {**signed(one.content["party"]["name"]), "letter_number": one.number}
                one.content = {**content, "verification_code": one.verification_code}
                one.state, one.pdf_key, one.pdf_sha256, one.made_at = LetterState.SIGNING, None, None, None
            db.session.flush()
            db.session.expunge_all()


def signed(name: str) -> dict[str, Any]:
    """What is kept of a letter when it is signed."""
    return {key: value for key, value in letter(name).items() if key not in ("beside", "signature", "qr")}


def draw() -> None:
    """Some letters as they come to be sealed, with nothing kept or written down."""
    seams = current_app.extensions["seams"]
    for n in range(ALONE):
        content = {**signed(f"何志豪{n}"), "signature": "signature", "qr": "qr"}
        pictures = {"signature": signature(), "qr": letter_qr(content["verification_code"])}
        seams.sealer.seal(seams.letters.render(letter_html(content), pictures))


def run(folder: Path, *, kill_after: int | None = None) -> None:
    """The command once, to its end or until so many letters are there."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "letters", "make", "--case", CASE]
    environment = {**os.environ, "ENV": "test", "DATA_DIR": str(folder)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        if kill_after is not None and made(folder) >= kill_after:
            process.kill()
            process.wait()
            print(f"killed with {made(folder)} made", flush=True)
            return
        time.sleep(0.3)
    if process.returncode or kill_after is not None:
        raise SystemExit(f"the command ended with {process.returncode} before it was meant to")


def made(folder: Path) -> int:
    """How many letters have a file."""
    with closing(sqlite3.connect(folder / "lingkuan.db")) as bare:
        return int(bare.execute("SELECT count(*) FROM letter WHERE pdf_key IS NOT NULL").fetchone()[0])


def cpu_of_children() -> float:
    """What the processes that have ended took of the processor, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def look_at_all(count: int, folder: Path) -> None:
    """Ends with the first letter that isn't there exactly once."""
    seams = current_app.extensions["seams"]
    noted = select(audit.AuditEntry).where(audit.AuditEntry.action == "payee.letter_made")
    vouched = Counter((row.subject_id, row.detail["sha256"]) for row in db.session.scalars(noted))
    told = Counter(db.session.scalars(select(Message.account_id).where(Message.kind == "letter_signed")))
    query = select(Letter.id, Letter.account_id, Letter.pdf_key, Letter.pdf_sha256, Letter.state)
    letters = db.session.execute(query).all()
    for one in letters:
        pdf = open_file(one.pdf_key or "", store=seams.store)
        whole = (
            hashlib.sha256(pdf).hexdigest() == one.pdf_sha256 and seams.sealer.check(pdf).verdict is SealVerdict.INTACT
        )
        once = vouched[one.id, one.pdf_sha256] == told[one.account_id] == 1
        if not (whole and once and one.state == LetterState.CURRENT):
            raise SystemExit(f"letter {one.id}: whole {whole}, once {once}, {one.state}")
    if len(letters) != count or vouched.total() != count or told.total() != count or not audit.verify_chain().holds:
        raise SystemExit(f"{len(letters)} letters, {vouched.total()} rows of the trail, {told.total()} messages")
    files = {path for path in (folder / "objects" / "letters").rglob("*") if path.is_file()}
    kept = {folder / "objects" / one.pdf_key for one in letters}
    if not kept <= files:
        raise SystemExit("the letters' files aren't where the store keeps them")
    spare = files - kept
    print(
        f"each is there once, whole, sealed, in the trail and told; {len(spare)} files that a kill left and nothing means"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
