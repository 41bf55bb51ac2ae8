"""Many rows at once, past the ORM: executemany on SQLite, COPY on PostgreSQL. Only the importer of registers needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.core.db import db

PEOPLE = (
    "public_id", "case_id", "number_hash", "other_hash", "name_hash", "name", "number", "phone", "phone_hash", "document_type", "amount",
    "moved", "stage", "import_id",
)  # fmt: skip
PEOPLE_TYPES = (
    "varchar", "varchar", "bytea", "bytea", "bytea", "bytea", "bytea", "bytea", "bytea", "varchar", "int8", "int8", "varchar", "varchar",
)  # fmt: skip
CHANGES = ("import_id", "payee_id", "amount", "name", "name_hash", "phone", "phone_hash")
CHANGE_TYPES = ("varchar", "int8", "int8", "bytea", "bytea", "bytea", "bytea")
POSTINGS = ("case_id", "token", "segment", "first", "steps")
POSTING_TYPES = ("varchar", "bytea", "varchar", "int8", "bytea")


def insert_people(rows: Sequence[tuple[Any, ...]]) -> Sequence[int]:
    """Inserts rows in the order of PEOPLE, inside the caller's unit of work; returns their new ids."""
    ids: Sequence[int]
    if _postgresql():
        wanted = "SELECT nextval('case_payee_id_seq') FROM generate_series(1, %s)"
        ids = [row[0] for row in _cursor().execute(wanted, (len(rows),)).fetchall()]
        _copy(
            "case_payee",
            ("id", *PEOPLE),
            ("int8", *PEOPLE_TYPES),
            [(i, *row) for i, row in zip(ids, rows, strict=True)],
        )
        return ids
    first: int = (_cursor().execute("SELECT max(id) FROM case_payee").fetchone()[0] or 0) + 1
    ids = range(first, first + len(rows))  # nobody else writes meanwhile
    _many("case_payee", ("id", *PEOPLE), [(i, *row) for i, row in zip(ids, rows, strict=True)])
    return ids


def insert_changes(rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows in the order of CHANGES, inside the caller's unit of work."""
    _insert("register_change", CHANGES, CHANGE_TYPES, rows)


def insert_postings(rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows in the order of POSTINGS, inside the caller's unit of work."""
    _insert("name_posting", POSTINGS, POSTING_TYPES, rows)


def known_entries(case_id: str, hashes: Sequence[bytes]) -> Sequence[tuple[Any, ...]]:
    """(id, number_hash, other_hash, name_hash, amount, moved, merged_into_id, phone) of a case's entries that have one of these.

    Those of imports that haven't taken effect are left out.
    """
    columns = "p.id, p.number_hash, p.other_hash, p.name_hash, p.amount, p.moved, p.merged_into_id, p.phone"
    visible = "(p.import_id IS NULL OR i.applied_at IS NOT NULL)"
    query = f"SELECT {columns} FROM case_payee p LEFT JOIN register_import i ON i.id = p.import_id WHERE "  # noqa: S608 (our own words)
    if _postgresql():
        either = "(p.number_hash = ANY(%s) OR p.other_hash = ANY(%s))"
        named = (case_id, list(hashes), list(hashes))
        return list(_cursor().execute(f"{query}p.case_id = %s AND {visible} AND {either}", named).fetchall())
    found: dict[int, tuple[Any, ...]] = {}  # +case_id: by the index of the hashes, never by a walk over the case
    for start in range(0, len(hashes), 500):
        some = hashes[start : start + 500]
        marks = ", ".join("?" * len(some))
        for column in ("number_hash", "other_hash"):
            rows = (
                _cursor()
                .execute(f"{query}+p.case_id = ? AND {visible} AND p.{column} IN ({marks})", (case_id, *some))
                .fetchall()
            )
            found.update((row[0], row) for row in rows)
    return list(found.values())


def _insert(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows and _postgresql():
        _copy(table, columns, types, rows)
    elif rows:
        _many(table, columns, rows)


def _many(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(columns))
    _cursor().executemany(f"INSERT INTO {table} ({_named(columns)}) VALUES ({marks})", rows)  # noqa: S608 (our own names)


def _copy(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    with _cursor().copy(f"COPY {table} ({_named(columns)}) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _cursor() -> Any:
    return db.session.connection().connection.cursor()
