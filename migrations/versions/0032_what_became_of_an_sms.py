"""An SMS remembers whose it is, which message, why it didn't arrive, and which delivery it repeats.

Revision ID: 0032
Revises: 0031
"""
import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("sms_delivery") as table:
        table.add_column(sa.Column("account_id", sa.String(length=22), nullable=True))
        table.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default=""))
        table.add_column(sa.Column("fault", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("again_of", sa.String(length=22), nullable=True))
        table.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="1"))
        table.create_foreign_key(op.f("fk_sms_delivery_account_id"), "account", ["account_id"], ["id"])
        table.create_foreign_key(op.f("fk_sms_delivery_again_of"), "sms_delivery", ["again_of"], ["id"])
        table.create_index(op.f("ix_sms_delivery_account_id"), ["account_id"])
        table.create_index(op.f("ix_sms_delivery_again_of"), ["again_of"])
        table.create_index(op.f("ix_sms_delivery_reference"), ["reference"])
        table.create_index("ix_sms_delivery_state_created_at", ["state", "created_at"])
    with op.batch_alter_table("sms_delivery") as table:
        table.alter_column("kind", existing_type=sa.String(length=40), server_default=None)
        table.alter_column("tries", existing_type=sa.Integer(), server_default=None)


def downgrade():
    with op.batch_alter_table("sms_delivery") as table:
        table.drop_index("ix_sms_delivery_state_created_at")
        table.drop_index(op.f("ix_sms_delivery_reference"))
        table.drop_index(op.f("ix_sms_delivery_again_of"))
        table.drop_index(op.f("ix_sms_delivery_account_id"))
        table.drop_constraint(op.f("fk_sms_delivery_again_of"), type_="foreignkey")
        table.drop_constraint(op.f("fk_sms_delivery_account_id"), type_="foreignkey")
        for name in ("tries", "again_of", "fault", "kind", "account_id"):
            table.drop_column(name)
