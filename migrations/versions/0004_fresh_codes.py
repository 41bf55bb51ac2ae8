"""A session remembers when a code last proved that its payee holds one of the account's phones.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23 14:50:00

"""
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("web_session") as table:
        table.add_column(sa.Column("code_proved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("web_session") as table:
        table.drop_column("code_proved_at")
