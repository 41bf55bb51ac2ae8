"""How long the lists of a case, and the search over all cases, take at a million people; with EXPLAIN.

Usage: python -m benchmarks.people [rows] [sqlite|postgresql …]

A register of made-up people is imported (see benchmarks.register); then each list is asked for as its page does, 30 times,
anywhere in the case, and its slowest statement is explained by the database.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from benchmarks.payouts import machine
from benchmarks.register import SURNAMES, write_register
from tests.databases import migrate, running_postgres
from webapp.accounts.models import Role
from webapp.cases.finding import people_page
from webapp.cases.imports import Control, apply_import, read_register_file, take_file
from webapp.cases.models import Case, CasePayee, Stage
from webapp.cases.queries import tally_of
from webapp.cases.usecases import create_case
from webapp.core import audit
from webapp.core.clock import in_china, system_clock
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.factory import create_app
from webapp.search.queries import search
from webapp.staff.usecases import create_clerk, hash_password

ROUNDS = 30


def fill(folder: Path, rows: int, store: Any) -> Case:
    """A case of so many people, of whom every third has come some way, and an older case of a few before it."""
    now = system_clock()
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
    write_register(folder / "register.csv", rows)
    with (folder / "register.csv").open("rb") as file:
        import_id = take_file(case.id, "register.csv", file, Control(), clerk_id=clerk.id, store=store, now=now)
    read_register_file(import_id, store=store, today=in_china(now).date(), test_phones=False, now=system_clock)
    with unit_of_work():
        apply_import(import_id, actor=audit.OPERATOR, now=now)
    begun = (
        "UPDATE case_payee SET stage = CASE id % 12 WHEN 0 THEN 'verified' WHEN 3 THEN 'submitted' WHEN 6 THEN 'signed'"
    )
    with unit_of_work():
        db.session.execute(text(f"{begun} ELSE 'accepted' END WHERE id % 3 = 0"))
        db.session.execute(text("UPDATE case_payee SET stage = 'returned' WHERE id % 100003 = 0"))
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE case_payee"))
    return db.session.get_one(Case, case.id)


def lists(case: Case, rows: int) -> dict[str, Callable[[int], object]]:
    """Each list by its name; it is given the number of the round."""
    today = in_china(system_clock()).date()
    some = [db.session.get_one(CasePayee, 1 + n * 7919 % rows) for n in range(ROUNDS)]
    whole, numbers = [one.name for one in some], [one.number for one in some]

    def ask(**how: Any) -> object:
        return people_page(case, **{"stage": None, "typed": "", "after": 0, "today": today, **how})

    return {
        "a page anywhere": lambda n: ask(after=n * rows // ROUNDS),
        "a page of a common stage": lambda n: ask(stage=Stage.SIGNED, after=n * rows // ROUNDS),
        "a page of a rare stage": lambda _: ask(stage=Stage.RETURNED, after=0),
        "a surname": lambda n: ask(typed=SURNAMES[n]),
        "a whole name": lambda n: ask(typed=whole[n]),
        "a whole name at a stage": lambda n: ask(typed=whole[n], stage=Stage.RETURNED),
        "the end of a name": lambda n: ask(typed=whole[n][1:]),
        "characters of many names": lambda n: ask(typed=whole[n][::-1]),  # opened in vain: they stand in another order
        "over all cases, a name": lambda n: search(whole[n], [case.court], today=today),
        "over all cases, a surname": lambda n: search(SURNAMES[n], [case.court], today=today),
        "a document number": lambda n: ask(typed=numbers[n]),
        "the tally of all stages": lambda _: tally_of(case),
    }


def measure(what: str, ask: Callable[[int], object]) -> None:
    """One line of times, and how the database answers the slowest statement."""
    took, statements = [], []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool) -> None:
        statements.append((time.perf_counter() - context.began, statement, parameters))

    def begin(_c: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        context.began = time.perf_counter()

    event.listen(db.engine, "before_cursor_execute", begin)
    event.listen(db.engine, "after_cursor_execute", note)
    for n in range(ROUNDS):
        db.session.expire_all()
        began, spent = time.perf_counter(), time.process_time()
        ask(n)
        took.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - spent)))
        db.session.rollback()
    event.remove(db.engine, "before_cursor_execute", begin)
    event.remove(db.engine, "after_cursor_execute", note)
    wall, core = sorted(t[0] for t in took), sorted(t[1] for t in took)
    middle, core_middle = statistics.median(wall), statistics.median(core)
    print(f"{what:26} median {middle:7.1f} ms, worst {wall[-1]:7.1f} (of one core {core_middle:6.1f}, {core[-1]:6.1f})")
    _slowest, statement, parameters = max(statements, key=lambda one: one[0])
    explain(statement, parameters)


def explain(statement: str, parameters: Any) -> None:
    """The database's own plan, a line each."""
    cursor = db.session.connection().connection.cursor()
    word = "EXPLAIN (COSTS OFF)" if db.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    for row in cursor.execute(f"{word} {statement}", parameters).fetchall():
        print(f"      {row[-1]}")
    db.session.rollback()


def run(what: str, folder: Path, url: str, rows: int) -> None:
    """All lists on one database."""
    app = create_app(Settings(env=Environment.TEST, data_dir=folder, database_url=url))
    with app.app_context():
        case = fill(folder, rows, app.extensions["seams"].store)
        print(f"{what}, {case.people} people")
        for name, ask in lists(case, rows).items():
            measure(name, ask)


def main(rows: int, databases: list[str]) -> None:
    """Prints the times of each list."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "sqlite" in databases:
            migrate("", folder)
            run("SQLite", folder, "", rows)
        if "postgresql" in databases:
            with running_postgres() as server:
                run("PostgreSQL", folder, server.fresh(), rows)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 1_000_000, given[1:] or ["sqlite", "postgresql"])
