"""Where each clerk is in the first-day tour, and when they ended it.

Revision ID: 0084
Revises: 0081
"""
import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("clerk", sa.Column("tour_step", sa.SmallInteger(), nullable=True))
    op.add_column("clerk", sa.Column("tour_ended_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("clerk", "tour_ended_at")
    op.drop_column("clerk", "tour_step")
