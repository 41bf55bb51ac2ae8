"""What every test may ask for: an application on either database, fakes for all seams, a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from werkzeug.routing import Rule

from tests.databases import ROOT, Postgres, migrate, running_postgres
from tests.fakes import Fakes, TestClock
from tests.walker import Browser, Walker
from webapp.core.db import db
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.staff import usecases as staff
from webapp.worker import Worker
from webapp.working import all_handlers

hypothesis_settings.register_profile("lingkuan", deadline=None)  # a busy machine is no fault of the rule that is tried
hypothesis_settings.load_profile("lingkuan")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: Playwright keeps an event loop running in its process, in which asyncio.run refuses to work."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests; started when the first one asks."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that holds the first texts and nothing else."""
    folder = tmp_path_factory.mktemp("template")
    migrate("", folder)
    return folder / "lingkuan.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of one's own, on each of the two."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        for part in template.parent.glob("lingkuan.db*"):
            shutil.copy(part, tmp_path / part.name)
        yield ""
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.fresh()
        yield url
        server.drop(url)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        env=Environment.TEST, data_dir=tmp_path, database_url=database_url, models_dir=ROOT / "models", undo_seconds=0
    )


MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Each template is compiled once for all tests, not once for each: that was a fifth of their time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Argon2 at its least cost: another fifth. The demo that the browser walks through keeps the full one (RFC 9106)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_routes() -> Iterator[None]:
    """Werkzeug writes a function for each route of each application; equal routes get the one that was written first."""
    write, written = Rule._compile_builder, {}

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in written:
            written[key] = write(rule, append_unknown)
        return written[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture
def make_app(
    settings: Settings, fakes: Fakes, clock: TestClock, compiled_templates: BytecodeCache
) -> Iterator[MakeApp]:
    """Makes an application with some settings changed or some seams missing."""
    made: list[Flask] = []

    def make(*, seams: dict[str, bool] | None = None, **changed: Any) -> Flask:
        app = create_app(replace(settings, **changed), seams=fakes.seams(**(seams or {})), clock=clock)
        app.jinja_env.bytecode_cache, app.test_client_class = compiled_templates, Browser
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def work(app: Flask) -> Callable[[], int]:
    """Does every due job, as the worker would; returns how many."""
    return worker_of(app)


def worker_of(app: Flask) -> Callable[[], int]:
    """The same for any application."""
    worker = Worker(app, all_handlers(app), lease=app.extensions["settings"].job_lease)

    def run() -> int:
        with app.app_context():
            count = 0
            while worker.run_one():
                count += 1
            return count

    return run


@pytest.fixture
def walker(client: FlaskClient, fakes: Fakes, work: Callable[[], int]) -> Walker:
    """A payee's browser."""
    return Walker(client, fakes, work)
