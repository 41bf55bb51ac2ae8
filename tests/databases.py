"""The two databases that tests run on: SQLite from a migrated template file, PostgreSQL from a migrated template database."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask_migrate import upgrade
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import event

from tests.fakes import TestClock
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.texts.bodies import publish_bodies

ROOT = Path(__file__).parents[1]
MIGRATIONS = str(ROOT / "migrations")


def migrate(url: str, folder: Path) -> None:
    """Brings an empty database up to date and puts the first texts into force, the way an operator does."""
    app = create_app(Settings(env=Environment.TEST, data_dir=folder, database_url=url))
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        with unit_of_work():
            publish_bodies(court="深圳市中级人民法院", platform="深圳移动微法院", now=TestClock()())
        db.session.remove()
        db.engine.dispose()  # a database that somebody is connected to can't be a template


def sqlite_plan(ask: Callable[[], object], part: str = "") -> list[str]:
    """How SQLite goes about the last statement of `ask` that has `part` in it; PostgreSQL, which plans by how many rows there are, skips."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, values = next(one for one in reversed(asked) if part in one[0])
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [str(row[3]) for row in rows]


class Postgres:
    """A cluster of its own in a temporary folder, reached by a Unix socket; nothing outside is touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self._count = 0

    def start(self) -> None:
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = self.folder / "data"
        self._run(f"{self._bin}/initdb -D {data} -U postgres --auth=trust -E UTF8 --locale=C.UTF-8")
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c full_page_writes=off"
        self._run(f"{self._bin}/pg_ctl -D {data} -w -l {self.folder}/log -o '{options}' start")
        self._sql(SQL("CREATE DATABASE template_lingkuan"))

    def stop(self) -> None:
        self._run(f"{self._bin}/pg_ctl -D {self.folder}/data -m immediate stop")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def fresh(self, *, template: str = "template_lingkuan") -> str:
        """A new database made from the migrated one."""
        self._count += 1
        name = f"test_{self._count}"
        self._sql(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]
        self._sql(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def _sql(self, statement: SQL | Composed) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, command: str) -> None:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_user, "sh", "-c", command],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A cluster for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="lkpg", dir="/tmp"))  # a Unix socket's path must be short
    server = Postgres(folder)
    server.start()
    try:
        migrate(server.url("template_lingkuan"), folder)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
