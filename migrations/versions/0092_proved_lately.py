"""Identities are found by when they were proved: a register that comes into force asks who has done so lately.

Revision ID: 0092
Revises: 0091
"""
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_identity_proved_at", "identity", ["proved_at"])


def downgrade():
    op.drop_index("ix_identity_proved_at", table_name="identity")
