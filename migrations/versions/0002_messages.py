"""Messages: how long an SMS is and whether it may ring at night, browsers that ring, message texts in versions.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-23 14:30:00

"""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("sms_delivery") as table:
        table.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("segments", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("text_version") as table:
        table.alter_column("kind", existing_type=sa.String(12), type_=sa.String(40), existing_nullable=False)
        table.add_column(sa.Column("origin", sa.String(8), nullable=False, server_default="product"))
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("account_id", sa.String(22), nullable=False),
        sa.Column("session_id", sa.String(22), nullable=False),
        sa.Column("endpoint", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_push_subscription_account_id_account")),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_push_subscription_session_id_web_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscription_endpoint_hash")),
    )
    op.create_index(op.f("ix_push_subscription_account_id"), "push_subscription", ["account_id"])
    op.create_index(op.f("ix_push_subscription_session_id"), "push_subscription", ["session_id"])
    op.create_table(
        "push_delivery",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("subscription_id", sa.String(22), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(80), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["subscription_id"], ["push_subscription.id"], name=op.f("fk_push_delivery_subscription_id_push_subscription")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_delivery")),
    )
    op.create_index(op.f("ix_push_delivery_subscription_id"), "push_delivery", ["subscription_id"])


def downgrade():
    op.drop_table("push_delivery")
    op.drop_table("push_subscription")
    op.execute("DELETE FROM text_version WHERE kind LIKE 'message.%'")
    with op.batch_alter_table("text_version") as table:
        table.drop_column("origin")
        table.alter_column("kind", existing_type=sa.String(40), type_=sa.String(12), existing_nullable=False)
    with op.batch_alter_table("sms_delivery") as table:
        table.drop_column("segments")
        table.drop_column("urgent")
