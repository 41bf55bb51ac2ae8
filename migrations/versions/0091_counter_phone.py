"""A visit at the counter says why no code went to the payee's phone, and what was handed in then says in which visit.

Revision ID: 0091
Revises: 0090
"""
import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("counter_visit", sa.Column("reason", sa.LargeBinary(), nullable=True))
    op.add_column("counter_visit", sa.Column("unproved", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("submission", sa.Column("unproved_visit", sa.String(length=22), nullable=True))


def downgrade():
    op.drop_column("submission", "unproved_visit")
    op.drop_column("counter_visit", "unproved")
    op.drop_column("counter_visit", "reason")
