"""A code remembers which browser asked for it, and whether that one had proved the number before.

Revision ID: 0031
Revises: 0030
"""
import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("phone_code") as table:
        table.add_column(sa.Column("device_hash", sa.LargeBinary(length=32), nullable=True))
        table.add_column(sa.Column("known", sa.Boolean(), nullable=False, server_default=sa.false()))
    code = sa.table("phone_code", sa.column("device_hash", sa.LargeBinary), sa.column("client_hash", sa.LargeBinary))
    op.execute(code.update().values(device_hash=code.c.client_hash))  # no browser's: codes of before are asked for anew
    with op.batch_alter_table("phone_code") as table:
        table.alter_column("device_hash", existing_type=sa.LargeBinary(length=32), nullable=False)
        table.alter_column("known", existing_type=sa.Boolean(), server_default=None)


def downgrade():
    with op.batch_alter_table("phone_code") as table:
        table.drop_column("known")
        table.drop_column("device_hash")
