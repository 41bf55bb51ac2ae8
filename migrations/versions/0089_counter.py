"""An account says which clerk sat beside its payee at the counter; a payment's flags have room for that one too.

Revision ID: 0089
Revises: 0088
"""
import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("submission", sa.Column("helped_by", sa.String(length=22), nullable=True))
    widen_flags(80, 120)


def widen_flags(before, after):
    """SQLite holds no text to its length, so its schema alone is rewritten: a copied table would lose its triggers."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("payout_line", "flags", type_=sa.String(length=after), existing_nullable=False)
        return
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_master SET sql = replace(sql, 'flags VARCHAR({before})', 'flags VARCHAR({after})')"
        " WHERE type = 'table' AND name = 'payout_line'"
    )
    op.execute("PRAGMA writable_schema = RESET")


def downgrade():
    widen_flags(120, 80)
    op.drop_column("submission", "helped_by")
