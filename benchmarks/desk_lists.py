"""How long the desk's lists take at a million people: one case with 1,000,000 named, 300,000 of whom have handed in an account,
on SQLite and on PostgreSQL, with the plan of each page's slowest query.

Usage: python -m benchmarks.desk_lists [sqlite] [postgresql] [--share 1.0]
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from tests.databases import migrate, running_postgres
from webapp.accounts.models import Clerk
from webapp.accounts.sessions import Lifetime, open_session
from webapp.charts.usecases import count_case
from webapp.core.db import db, unit_of_work
from webapp.core.sealing import key_ring
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app

NAMED, HANDED_IN, WAITING = 1_000_000, 300_000, 20_000
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
ROUNDS, BUDGET = 15, 100.0
CASE = "c" + "0" * 21
PAGES = (
    "/desk/identity", "/desk/identity?tab=overdue", "/desk/identity?tab=flagged", "/desk/identity?flag=same_face",
    "/desk/identity?court=court-3&language=en", "/desk/identity?after={deep}", "/desk/identity?before={deep}", "/desk/accounts",
    f"/desk/accounts?case={CASE}&age=week", "/desk/accounts?tab=decided", "/desk/workload", "/desk/charts", f"/desk/charts/{CASE}",
    f"/desk/charts/{CASE}/days.csv", "/desk/reasons",
)  # fmt: skip

# i(kind, n): an id; h(n): a keyed hash; t(n): so many minutes before now; n: 1 … the number before it
ROWS: tuple[tuple[str, int, str], ...] = (
    ("account (id, created_at, language, large_text)", HANDED_IN,
     "i('a', n), t(n % 40000), CASE n % 4 WHEN 0 THEN 'en' WHEN 1 THEN 'zh_Hant' ELSE 'zh_Hans' END, {false}"),
    ('phone (id, account_id, number, number_hash, proved_at, "primary")', HANDED_IN,
     "i('p', n), i('a', n), {phone.number}, h(-n), t(n % 40000), {true}"),
    ("case_payee (public_id, case_id, number_hash, name, number, amount)", NAMED,
     f"i('q', n), '{CASE}', h(n), {{case_payee.name}}, {{case_payee.number}}, 1000000"),
    ("verification (id, account_id, document_type, means, table_version, started_at, finished_at, match_hash)", HANDED_IN,
     "i('v', n), i('a', n), 'passport', 'court', 1, t(n % 40000 + 30 + n % 97), CASE WHEN n % 10 > 0 THEN t(n % 40000) END, h(n)"),
    ("step_record (id, verification_id, step, state, answer, answered_at)", HANDED_IN,
     "i('s', n), i('v', n), 'phone', 'accepted', {step_record.answer}, t(n % 40000)"),
    ("step_record (id, verification_id, step, state, answer, answered_at, decided_at, reason, superseded_at)", HANDED_IN // 5,
     "i('r', n), i('v', n * 5), 'evidence', 'returned', {step_record.answer}, t(n), t(n),"
     " CASE n % 3 WHEN 0 THEN 'front/photo:glare' WHEN 1 THEN 'court:unclear' ELSE 'photo:blurred' END, t(n)"),
    ("identity (id, account_id, verification_id, document_type, match_hash, name, number, nationality, phone_id, proved_at)", HANDED_IN,
     "i('d', n), i('a', n), i('v', n), 'passport', h(n), {identity.name}, {identity.number}, 'DEU', i('p', n), t(n % 40000)"),
    ("submission (id, case_payee_id, case_id, account_id, identity_id, version, state, needs_review, card_number, card_hash, bank_code,"
     " branch, branch_city, phone, luhn_confirmed, verdict, submitted_at, decided_at)", HANDED_IN,
     f"i('u', n), n, '{CASE}', i('a', n), i('d', n), 1, CASE WHEN n <= {WAITING} THEN 'signed' WHEN n % 20 = 0 THEN 'refused'"
     f" ELSE 'accepted' END, CASE WHEN n <= {WAITING} THEN {{true}} ELSE {{false}} END, {{submission.card_number}}, h(n + 7000000),"
     " 'SPECIMEN', 'branch', '', {submission.phone}, {false}, 'phone_differs', t(n % 40000), t(n % 40000)"),
    ("letter (id, number, version, case_payee_id, case_id, account_id, submission_id, signature_id, text_id, state, content,"
     " verification_code, signed_at)", HANDED_IN - HANDED_IN // 20,
     f"i('l', n), i('l', n), 1, n, '{CASE}', i('a', n), i('u', n), 'sig', 'text', 'current', {{letter.content}}, substr(i('l', n), 3),"
     " t(n % 40000)"),
    ("docket_item (id, kind, subject_id, thread, state, since, document_type, court, case_id, language, flags, facts)", HANDED_IN,
     f"i('k', n), 'identity', i('x', n), i('v', n), CASE WHEN n <= {WAITING} THEN 'open' ELSE 'closed' END, t(n % 20000), 'passport',"
     " CASE n % 7 WHEN 3 THEN 'court-3' ELSE 'court-1' END, NULL, CASE n % 4 WHEN 0 THEN 'en' ELSE 'zh_Hans' END,"
     " CASE WHEN n % 9973 = 0 THEN ' same_face ' WHEN n % 50 = 0 THEN ' doubt ' ELSE '' END, {docket_item.facts}"),
    ("docket_item (id, kind, subject_id, thread, state, since, document_type, court, case_id, language, flags, facts)", HANDED_IN,
     f"i('m', n), 'account', i('u', n), i('e', n), CASE WHEN n <= {WAITING} THEN 'open' ELSE 'closed' END, t(n % 20000), 'passport',"
     f" 'court-1', '{CASE}', 'zh_Hans', '', {{docket_item.facts}}"),
    ("review_decision (id, item_id, clerk_id, approved, redo, state, waited, decided_at, effective_at)", HANDED_IN // 2,
     "i('w', n), i('m', n + 20000), i('b', n % 20), {true}, '', 'done', 7200, t(n % 40000), t(n % 40000)"),
)  # fmt: skip


def main(wanted: list[str], share: float) -> None:
    """Fills and measures each database."""
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in wanted:
            migrate("", Path(folder))
            measure("SQLite", Settings(env=Environment.TEST, data_dir=Path(folder)), share)
        if "postgresql" in wanted:
            with running_postgres() as server:
                measure(
                    "PostgreSQL",
                    Settings(env=Environment.TEST, data_dir=Path(folder), database_url=server.fresh()),
                    share,
                )


def measure(name: str, settings: Settings, share: float) -> None:
    """Prints every page's time at its fastest (a shared machine disturbs), with its slowest query's plan."""
    app = create_app(settings, clock=lambda: NOW)
    with app.app_context():
        started = time.monotonic()
        fill(share)
        print(f"\n## {name}: filled in {time.monotonic() - started:.0f} s", flush=True)
        started = time.monotonic()
        count_case(CASE, now=NOW)
        print(f"counting the case, by the worker: {1000 * (time.monotonic() - started):.0f} ms")
        token = _signed_in()
        deep = db.session.scalar(
            text(
                "SELECT id FROM docket_item WHERE kind = 'identity' AND state = 'open' ORDER BY since LIMIT 1 OFFSET :n"
            ),
            {"n": int(WAITING * share) // 2},
        )
        db.session.rollback()
    for page in PAGES:
        _page(app, token, page.format(deep=deep))
    with app.app_context():
        db.engine.dispose()


def fill(share: float) -> None:
    """The rows, by statements of the database itself; each table's own sealed value stands in every row of it."""
    postgres = db.engine.dialect.name == "postgresql"
    raw = db.engine.raw_connection()
    cursor = raw.cursor()
    for statement in _functions(raw) if postgres else _pragmas(raw):
        cursor.execute(statement)
    moment = NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
    for number in range(20):
        cursor.execute(
            "INSERT INTO clerk (id, username, display_name, password_hash, role, language, created_at)"
            f" VALUES ('{_id('b', number)}', 'clerk{number}', 'Clerk {number}', '', 'manager', 'zh_Hans', '{moment}')"
        )
        for court in ("court-1", "court-3"):
            cursor.execute(f"INSERT INTO clerk_court (clerk_id, court) VALUES ('{_id('b', number)}', '{court}')")
    cursor.execute(
        "INSERT INTO court_case (id, number, code, title, court, partner_bank, contact, opened_at)"
        f" VALUES ('{CASE}', '（2023）粤0399执1号', 'BENCH234', 'a million people', 'court-1', 'bank', '', '{moment}')"
    )
    for table, count, values in ROWS:
        filled = _filled(values, postgres)
        series = _series(int(count * share), postgres)
        cursor.execute(f"{series[0]}INSERT INTO {table} SELECT {filled} FROM {series[1]}")
    raw.commit()
    for statement in ["VACUUM ANALYZE"] if postgres else ["ANALYZE"]:
        if postgres:
            raw.driver_connection.autocommit = True  # type: ignore[union-attr]  # psycopg's own
        cursor.execute(statement)
    if not postgres:
        cursor.execute("PRAGMA foreign_keys = ON")
    raw.close()
    db.engine.dispose()


def _pragmas(raw: Any) -> tuple[str, ...]:
    raw.driver_connection.create_function("i", 2, _id, deterministic=True)
    raw.driver_connection.create_function("h", 1, _hash, deterministic=True)
    raw.driver_connection.create_function("t", 1, _moment, deterministic=True)
    return "PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "BEGIN"


def _functions(_raw: Any) -> tuple[str, ...]:
    kind, at = "LANGUAGE sql IMMUTABLE AS", NOW.isoformat()
    return (
        "SET session_replication_role = replica",  # rows refer to texts and signatures that no list looks at
        f"CREATE FUNCTION i(text, bigint) RETURNS text {kind} $$ SELECT $1 || lpad($2::text, 21, '0') $$",
        f"CREATE FUNCTION h(bigint) RETURNS bytea {kind} $$ SELECT sha256(convert_to($1::text, 'UTF8')) $$",
        f"CREATE FUNCTION t(bigint) RETURNS timestamptz {kind} $$ SELECT timestamptz '{at}' - $1 * interval '1 minute' $$",
    )


def _series(count: int, postgres: bool) -> tuple[str, str]:
    if postgres:
        return "", f"generate_series(1, {count}) AS series(n)"
    return f"WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}) ", "series"


def _filled(values: str, postgres: bool) -> str:
    """Places a sealed value of each named column, and the database's own true and false."""
    values = values.replace("{true}", "true" if postgres else "1").replace("{false}", "false" if postgres else "0")
    facts = json.dumps({"name": "MUELLER ANNA", "number": "C0*****47", "nationality": "DEU", "tries": 1})
    while "{" in values:
        before, _, rest = values.partition("{")
        place, _, after = rest.partition("}")
        sealed = key_ring().seal(facts.encode(), place).hex()
        values = f"{before}'\\x{sealed}'::bytea{after}" if postgres else f"{before}X'{sealed}'{after}"
    return values


def _id(kind: str, number: int) -> str:
    return f"{kind}{number:021d}"


def _hash(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def _moment(minutes: int) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")


def _signed_in() -> str:
    with unit_of_work():
        clerk = db.session.query(Clerk).first()
        return open_session(
            "clerk", lifetime=Lifetime(timedelta(hours=1)), browser="", now=NOW, clerk_id=clerk.id if clerk else None
        )


def _page(app: Flask, token: str, address: str) -> None:
    client = app.test_client()
    client.set_cookie("desk_session", token, path="/desk")
    times, work, queries = [], [], []
    for _ in range(ROUNDS):
        with app.app_context(), _watched(queries):
            started, worked = time.perf_counter(), time.process_time()
            reply = client.get(address)
            times.append(1000 * (time.perf_counter() - started))
            work.append(1000 * (time.process_time() - worked))
        assert reply.status_code == 200, (address, reply.status_code)
    slowest = min(_rounds(queries), key=lambda query: query[0])
    mark = "" if min(times) <= BUDGET else "   <-- over the budget"
    count = len(queries) // ROUNDS
    print(
        f"{min(times):6.1f} ms (processor {min(work):5.1f})  {count:2} queries, slowest {slowest[0]:5.1f} ms  {address}{mark}"
    )
    with app.app_context():
        print("\n".join(f"            {line}" for line in _plan(slowest[1], slowest[2])), flush=True)
        db.session.rollback()


def _rounds(queries: list[tuple[float, str, Any]]) -> list[tuple[float, str, Any]]:
    """The slowest query of each round: the fastest of these is what it costs when nobody else wants the processor."""
    each = len(queries) // ROUNDS
    return [max(queries[n * each : (n + 1) * each], key=lambda query: query[0]) for n in range(ROUNDS)]


@contextmanager
def _watched(into: list[tuple[float, str, Any]]) -> Iterator[None]:
    begun: dict[int, float] = {}

    def before(_c: Any, cursor: Any, _s: str, _p: Any, _x: Any, _m: bool) -> None:
        begun[id(cursor)] = time.perf_counter()

    def after(_c: Any, cursor: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if statement.startswith("SELECT"):
            into.append((1000 * (time.perf_counter() - begun[id(cursor)]), statement, parameters))

    hooks: list[tuple[str, Callable[..., None]]] = [("before_cursor_execute", before), ("after_cursor_execute", after)]
    for name, hook in hooks:
        event.listen(db.engine, name, hook)
    try:
        yield
    finally:
        for name, hook in hooks:
            event.remove(db.engine, name, hook)


def _plan(statement: str, parameters: Any) -> list[str]:
    postgres = db.engine.dialect.name == "postgresql"
    prefix = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " if postgres else "EXPLAIN QUERY PLAN "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(prefix + statement, parameters).all()
    return [str(row[-1]) for row in rows][:10]


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        [name for name in given if name in ("sqlite", "postgresql")] or ["sqlite", "postgresql"],
        float(given[given.index("--share") + 1]) if "--share" in given else 1.0,
    )
