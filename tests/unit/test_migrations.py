"""The migrations, up and down, on both databases; and that they make exactly what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from tests.databases import MIGRATIONS, Postgres
from webapp.core.db import db
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a database with nothing in it."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.fresh(template="template1")
    return Settings(env=Environment.TEST, data_dir=tmp_path, database_url=url)


def test_migrations_go_up_down_and_up_again(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        assert "audit_entry" in inspect(db.engine).get_table_names()
        downgrade(directory=MIGRATIONS, revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade(directory=MIGRATIONS)
        db.engine.dispose()


def test_the_migrations_make_what_the_models_say(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
        db.engine.dispose()
    assert [d for d in differences if "sqlite" not in str(d)] == []
