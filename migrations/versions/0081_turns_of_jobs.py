"""Codes and warnings go before what people wait for, and that before other messages.

Revision ID: 0081
Revises: 0080
"""
import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

QUEUED = sa.text("state = 'queued'")


def upgrade():
    op.add_column("job", sa.Column("turn", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.drop_index("ix_job_waiting", "job")
    op.create_index("ix_job_waiting", "job", ["turn", "run_at", "id"], postgresql_where=QUEUED, sqlite_where=QUEUED)


def downgrade():
    op.drop_index("ix_job_waiting", "job")
    op.create_index("ix_job_waiting", "job", ["run_at"], postgresql_where=QUEUED, sqlite_where=QUEUED)
    op.drop_column("job", "turn")
