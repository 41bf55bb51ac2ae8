"""The migrations, up and down, on both databases; and that they make exactly what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, inspect, text

from tests.databases import MIGRATIONS, Postgres
from webapp.core.db import db
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app

CASE = (
    "INSERT INTO court_case (id, number, code, title, court, partner_bank, contact, opened_at)"
    " VALUES (:code, :code, :code, '', '', '', '', '2026-11-23 00:00:00+00:00')"
)
LETTER = (
    "INSERT INTO letter (id, number, version, case_payee_id, case_id, account_id, submission_id, signature_id, text_id,"
    " state, content, verification_code, signed_at) VALUES (:id, :id, 1, :n, :code, 'a', :id, 's', 't', 'replaced', '',"
    " :id, '2026-11-23 00:00:00+00:00')"
)

PAYEE = (
    "INSERT INTO case_payee (id, public_id, case_id, number_hash, name, number, phone, amount)"
    " VALUES (:id, CAST(:id AS VARCHAR), :case, :hash, :sealed, :sealed, :phone, 1)"
)
SMS = (
    "INSERT INTO sms_delivery (id, phone, body, created_at, urgent, segments, state, kind, tries, case_id)"
    " VALUES (:id, '', '', '2026-11-23 00:00:00+00:00', true, 1, :state, '', 1, :case)"
)
IMPORT = (
    "INSERT INTO register_import (id, case_id, file_name, sha256, imported_at, rows, added, changed, totals)"
    " VALUES ('i', 'A', 'r.csv', '', :now, 0, 0, 0, '{}')"
)


LINE = (
    "INSERT INTO payout_line (id, batch_id, number, export_no, case_id, case_payee_id, submission_id, letter_id,"
    " letter_sha256, amount, name, card_number, card_hash, bank_code, branch, flags, state, asked, reason, result_id)"
    " VALUES (:id, 'b', :id, CAST(:id AS VARCHAR), 'A', :id, 's', 'l', '', 1, :sealed, :sealed, :sealed, '', '', '',"
    " :state, 0, :reason, 'r')"
)


RESULT = (
    "INSERT INTO payout_result (id, case_id, key, file_name, sha256, object_key, state, cursor, counts, faults, imported_by,"
    " imported_at) VALUES ('r', 'A', 'k', '', '', '', 'done', 0, '{}', '[]', 'c', :now)"
)


def point_at_nothing(connection: Connection) -> None:
    """Lets rows in without those that they refer to."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
        return
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN")


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


def test_a_case_counts_on_from_the_letters_it_has_had(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0001")
        with db.engine.connect() as connection:
            point_at_nothing(connection)  # no payees are needed for counting
            for code, letters in (("A", 3), ("B", 0)):
                connection.execute(text(CASE), {"code": code})
                for n in range(letters):
                    connection.execute(text(LETTER), {"code": code, "n": n, "id": str(n)})
            connection.commit()
        db.engine.dispose()
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            counts = connection.execute(text("SELECT code, letters FROM court_case ORDER BY code")).all()
        db.engine.dispose()
    assert [tuple(row) for row in counts] == [("A", 3), ("B", 0)]


def test_a_phone_that_a_register_named_before_is_found_by_its_hash(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0085")
        ring = app.extensions["key_ring"]
        sealed = {n: ring.seal(f"+861000000004{n}".encode(), "case_payee.phone") for n in (1, 2)}
        with db.engine.connect() as connection:
            connection.execute(text(CASE), {"code": "A"})
            for n in (1, 2, 3):
                row = {"id": n, "case": "A", "sealed": b"-", "hash": bytes([n]), "phone": sealed.get(n)}
                connection.execute(text(PAYEE), row)
            connection.execute(text(IMPORT), {"now": "2026-11-23 00:00:00+00:00"})
            connection.execute(
                text("INSERT INTO register_change (import_id, payee_id, amount, phone) VALUES ('i', 3, 1, :phone)"),
                {"phone": sealed[2]},
            )
            connection.commit()
        db.engine.dispose()
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            people = connection.execute(text("SELECT phone_hash FROM case_payee ORDER BY id")).scalars().all()
            changed = connection.execute(text("SELECT phone_hash FROM register_change")).scalars().all()
        db.engine.dispose()
        first, second = (ring.keyed_hash("phone", f"+861000000004{n}") for n in (1, 2))
    assert [one and bytes(one) for one in (*people, *changed)] == [first, second, None, second]


def test_messages_that_were_lost_before_are_found_too(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0086")
        with db.engine.connect() as connection:
            for one, state, case_id in (("1", "refused", "A"), ("2", "undelivered", None), ("3", "sent", "A")):
                connection.execute(text(SMS), {"id": one, "state": state, "case": case_id})
            connection.commit()
        db.engine.dispose()
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            lost = connection.execute(text("SELECT delivery_id, place FROM lost_sms ORDER BY delivery_id")).all()
        db.engine.dispose()
    assert [tuple(row) for row in lost] == [("1", "A"), ("2", "nobody")]


CLERK = (
    "INSERT INTO clerk (id, username, display_name, password_hash, role, language, created_at, disabled_at)"
    " VALUES (:id, :id, :id, '', :role, 'zh_Hans', '2026-11-23 00:00:00+00:00', :disabled)"
)
ITEM = (
    "INSERT INTO docket_item (id, kind, subject_id, thread, state, since, document_type, court, language, flags, facts,"
    " assigned_to, assigned_by, holder_id, hold_token) VALUES (:id, 'account', :id, :id, :state, '2026-11-23 00:00:00+00:00',"
    " '', :court, '', '', :facts, :clerk, 'manager', :clerk, 't')"
)


def test_what_was_assigned_to_a_clerk_who_may_not_see_it_goes_back_to_the_queue(empty: Settings) -> None:
    app = create_app(empty)
    clerks = (("manager", "manager", None), ("here", "reviewer", None), ("auditor", "auditor", None))
    gone = ("gone", "reviewer", "2026-11-24 00:00:00+00:00")
    items = (
        ("own", "open", "A", "here"),
        ("anothers", "open", "B", "here"),
        ("decided", "decided", "B", "here"),
        ("closed", "closed", "B", "here"),
        ("auditors", "open", "A", "auditor"),
        ("of_one_gone", "open", "A", "gone"),
    )
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0089")
        with db.engine.connect() as connection:
            for clerk, role, disabled in (*clerks, gone):
                connection.execute(text(CLERK), {"id": clerk, "role": role, "disabled": disabled})
                connection.execute(text("INSERT INTO clerk_court (clerk_id, court) VALUES (:c, 'A')"), {"c": clerk})
            for item, state, court, clerk in items:
                row = {"id": item, "state": state, "court": court, "clerk": clerk, "facts": b"-"}
                connection.execute(text(ITEM), row)
            connection.commit()
        db.engine.dispose()
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            had = connection.execute(
                text("SELECT id, assigned_to, assigned_by, holder_id, hold_token FROM docket_item")
            )
            found = {row[0]: tuple(row[1:]) for row in had}
        db.engine.dispose()
    assert found == {
        "own": ("here", "manager", "here", "t"),
        "anothers": (None, None, None, None),
        "decided": (None, None, None, None),
        "closed": ("here", "manager", "here", "t"),
        "auditors": (None, None, None, None),
        "of_one_gone": (None, None, None, None),
    }


def test_payments_that_came_back_before_are_told_at_a_release_too(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0089")
        with db.engine.connect() as connection:
            point_at_nothing(connection)
            connection.execute(text(CASE), {"code": "A"})
            connection.execute(text(RESULT), {"now": "2026-11-23 00:00:00+00:00"})
            for n, state in enumerate(("returned", "paid", "live"), start=1):
                reason = "OTHER" if state == "returned" else None
                connection.execute(text(LINE), {"id": n, "sealed": b"-", "state": state, "reason": reason})
            connection.commit()
        db.engine.dispose()
        upgrade(directory=MIGRATIONS)
        told = text("SELECT line_id, known, says, reason, result_id, decided_by FROM payout_doubt")
        with db.engine.connect() as connection:
            doubts = connection.execute(told).all()
        db.engine.dispose()
    assert [tuple(doubt) for doubt in doubts] == [(1, "live", "returned", "OTHER", "r", None)]
