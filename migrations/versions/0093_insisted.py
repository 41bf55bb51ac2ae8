"""An account says which of its contradictions its payee has looked at and confirmed as typed.

Revision ID: 0093
Revises: 0092
"""
import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("submission", sa.Column("insisted", sa.String(length=40), nullable=False, server_default=""))


def downgrade():
    op.drop_column("submission", "insisted")
