"""The phone of a register's entry is found by a keyed hash, as a proved phone is.

Revision ID: 0086
Revises: 0085
"""
import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

AT_ONCE = 5000
GIVEN = sa.text("phone_hash IS NOT NULL")


def upgrade():
    op.add_column("case_payee", sa.Column("phone_hash", sa.LargeBinary(length=32), nullable=True))
    op.add_column("register_change", sa.Column("phone_hash", sa.LargeBinary(length=32), nullable=True))
    hash_phones("case_payee", "id")
    for (one,) in op.get_bind().execute(sa.text("SELECT DISTINCT import_id FROM register_change")).all():
        hash_phones("register_change", "payee_id", one)
    op.create_index(
        "ix_case_payee_phone_hash", "case_payee", ["phone_hash"], postgresql_where=GIVEN, sqlite_where=GIVEN
    )


def hash_phones(table, key, one=None):
    """Those who are named already can be found too; a million of them in parts, which memory holds."""
    ring, database, after = current_app.extensions["key_ring"], op.get_bind(), 0
    mine = " AND import_id = :one" if one else ""
    some = sa.text(
        f"SELECT {key} AS key, phone FROM {table} WHERE phone IS NOT NULL AND {key} > :after{mine} ORDER BY {key} LIMIT {AT_ONCE}"  # noqa: S608
    )
    write = sa.text(f"UPDATE {table} SET phone_hash = :hash WHERE {key} = :key{mine}")  # noqa: S608
    keyed = ring.hasher("phone")
    own = {"one": one} if one else {}
    while rows := database.execute(some, {"after": after, **own}).all():
        phones = [(row.key, ring.open(bytes(row.phone), "case_payee.phone").decode()) for row in rows]
        database.execute(write, [{"key": key, "hash": keyed(phone), **own} for key, phone in phones])
        after = rows[-1].key


def downgrade():
    op.drop_index("ix_case_payee_phone_hash", table_name="case_payee")
    op.drop_column("register_change", "phone_hash")
    op.drop_column("case_payee", "phone_hash")
