"""How long a register takes, beside a floor: csv, two AES-GCM and one HMAC a row, an INSERT into bare SQLite with its index.

Usage: python -m benchmarks.register [rows] [sqlite|postgresql …]

Each of the two runs in a process of its own on one core, and says its wall time, its processor time and its largest
memory. While ours reads, another process opens a case's page and writes a row of its own, over and over, and says how long
that took; so does one in which nothing is imported.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.databases import migrate, running_postgres
from webapp.accounts.models import Role
from webapp.cases.imports import Control, apply_import, read_register_file, take_file
from webapp.cases.models import Case
from webapp.cases.register_models import RegisterImport
from webapp.cases.usecases import create_case
from webapp.core import audit
from webapp.core.clock import in_china, system_clock
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.identity.rules.dated_numbers import upgrade
from webapp.staff.usecases import create_clerk, hash_password

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
    "廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志豪文美玲晓东海燕春梅子涵宇轩浩然欣怡梓雨辰一诺思远嘉懿"
    "俊晨曦佳琪天佑若彤博瑞雪莹鹏飞凯旋丹青云峰"
)


def write_register(path: Path, rows: int) -> None:
    """A register of made-up people, as a court's spreadsheet saves it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["序号", "姓名", "身份证号码", "应发金额（元）", "联系电话"])
        for n in range(rows):
            name = (
                SURNAMES[n * 7 % len(SURNAMES)] + GIVEN[n * 13 % len(GIVEN)] + GIVEN[n // 97 % len(GIVEN)] * (n % 5 > 0)
            )
            born = f"{50 + n // 28 // 12 % 50:02d}{n // 28 % 12 + 1:02d}{n % 28 + 1:02d}"
            number = upgrade(f"4403{n // 16_800_000 % 9 + 1:02d}{born}{n // 16_800 % 999 + 1:03d}")
            writer.writerow([n + 1, name, number, f"{n % 90_000 + n % 100 / 100:.2f}", ""])


def floor(path: Path, folder: Path) -> None:
    """The least that such an import can do."""
    clock = _Clock()
    key = AESGCM(os.urandom(32))
    base = sqlite3.connect(folder / "floor.db", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, hash BLOB, name BLOB, number BLOB, amount INTEGER)")
    base.execute("CREATE INDEX ix ON p (hash)")

    def rows() -> Iterator[tuple[Any, ...]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = csv.reader(file)
            next(read)
            for _, name, number, amount, _ in read:
                digest = hmac.digest(b"key", number.encode(), hashlib.sha256)
                yield digest, _sealed(key, name), _sealed(key, number), int(amount.replace(".", ""))

    base.execute("BEGIN")
    base.executemany("INSERT INTO p (hash, name, number, amount) VALUES (?, ?, ?, ?)", rows())
    base.execute("COMMIT")
    clock.tell("all of it")
    print(f"={clock.all()}")


def _sealed(key: AESGCM, text: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + key.encrypt(nonce, text.encode(), b"place")


def ours(path: Path, folder: Path, url: str) -> None:
    """The product's own way: upload sealed, job, application."""
    app = create_app(Settings(env=Environment.TEST, data_dir=folder, database_url=url))
    with app.app_context():
        now, store = system_clock(), app.extensions["seams"].store
        with unit_of_work():
            clerk = create_clerk(
                "bench",
                display_name="bench",
                password_hash=hash_password("a register of a million", username="bench"),
                role=Role.MANAGER,
                courts=(),
                now=now,
            )
            case = create_case("（2023）粤0399执1号", title="", court="", partner_bank="", contact="", now=now)
        clock = _Clock()
        with path.open("rb") as file:
            import_id = take_file(case.id, "register.csv", file, Control(), clerk_id=clerk.id, store=store, now=now)
        clock.tell("sealed into the store")
        read_register_file(import_id, store=store, today=in_china(now).date(), test_phones=False, now=system_clock)
        clock.tell("read and written")
        with unit_of_work():
            done = apply_import(import_id, actor=audit.OPERATOR, now=now)
        clock.tell(f"put into force ({done.added} people)")
        print(f"={clock.all()}")


class _Clock:
    """Wall time and processor time, step by step."""

    def __init__(self) -> None:
        self._began = self._last = (time.perf_counter(), time.process_time())

    def tell(self, what: str) -> None:
        """One line for the step that just ended."""
        now = (time.perf_counter(), time.process_time())
        print(
            f"  {what:32} {now[0] - self._last[0]:7.2f} s by the clock, {now[1] - self._last[1]:6.2f} s of one core",
            flush=True,
        )
        self._last = now

    def all(self) -> str:
        """Processor seconds since the beginning."""
        return f"{time.process_time() - self._began[1]:.3f}"


def visitor(folder: Path, url: str, until: Path) -> None:
    """Somebody at the desk meanwhile: looks at a case, and leaves a row in the audit trail as each look does."""
    app = create_app(Settings(env=Environment.TEST, data_dir=folder, database_url=url))
    reads, writes = [], []
    client = app.test_client()
    with app.app_context():
        while not until.exists():
            began = time.perf_counter()
            client.get("/healthz")
            for case in db.session.query(Case).all():
                db.session.query(RegisterImport).filter_by(case_id=case.id).all()
            db.session.rollback()
            reads.append(time.perf_counter() - began)
            began = time.perf_counter()
            with unit_of_work():
                audit.record(audit.OPERATOR, "bench.looked", ("case", "x"), now=system_clock())
            writes.append(time.perf_counter() - began)
            time.sleep(0.05)
    for what, took in (("a page that reads", reads), ("a page that writes", writes)):
        ordered = sorted(1000 * t for t in took)
        middle, late = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
        print(
            f"  meanwhile, {what:19} median {middle:6.1f} ms, 95 % {late:6.1f}, worst {ordered[-1]:7.1f} ({len(ordered)})"
        )


def measured(what: str, *arguments: str, visited: tuple[str, str] | None = None) -> float:
    """Runs a part of this file in a process of its own; prints and returns its processor time in seconds."""
    folder = Path(arguments[1])
    stop = folder / "stop"
    stop.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.register", "--part"]
    other = subprocess.Popen([*command, "visitor", *visited, str(stop)]) if visited else None
    print(what)
    try:
        ran = subprocess.run([*command, what, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    finally:
        stop.touch()
        if other is not None:
            other.wait()
    print("".join(line for line in ran.stdout.splitlines(keepends=True) if not line.startswith("=")), flush=True)
    return float(next(line[1:] for line in ran.stdout.splitlines() if line.startswith("=")))


def part(what: str, *arguments: str) -> None:
    """One of the parts, in its own process, on one core."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1] if what == "visitor" else cores[0]})
    if what == "floor":
        floor(Path(arguments[0]), Path(arguments[1]))
    elif what == "ours":
        ours(Path(arguments[0]), Path(arguments[1]), arguments[2])
    else:
        visitor(Path(arguments[0]), arguments[1], Path(arguments[2]))
    if what != "visitor":
        print(f"  largest memory        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


def main(rows: int, databases: list[str]) -> None:
    """Prints floor and ours of each database, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder, register = Path(name), Path(name) / "register.csv"
        write_register(register, rows)
        print(f"{rows} rows, {register.stat().st_size / 1e6:.0f} MB, {json.dumps({'load': os.getloadavg()[0]})}")
        least = measured("floor", str(register), str(folder))
        if "sqlite" in databases:
            migrate("", folder)
            spent = measured("ours", str(register), str(folder), "", visited=(str(folder), ""))
            print(f"SQLite: {spent / least:.2f} × the floor")
        if "postgresql" in databases:
            with running_postgres() as server:
                url = server.fresh()
                spent = measured("ours", str(register), str(folder), url, visited=(str(folder), url))
            print(f"PostgreSQL: {spent / least:.2f} × the floor (without the server's own work)")


if __name__ == "__main__":
    if "--part" in sys.argv:
        part(*sys.argv[sys.argv.index("--part") + 1 :])
    else:
        given = sys.argv[1:]
        main(int(given[0]) if given else 1_000_000, given[1:] or ["sqlite", "postgresql"])
