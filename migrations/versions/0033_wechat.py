"""Readers in WeChat's mini-program, and the subscribe messages on their way to them.

Revision ID: 0033
Revises: 0032
"""
import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "wechat_reader",
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=False),
        sa.Column("openid_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_wechat_reader_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_wechat_reader")),
        sa.UniqueConstraint("openid_hash", name=op.f("uq_wechat_reader_openid_hash")),
    )
    op.create_table(
        "wechat_delivery",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_wechat_delivery_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_delivery")),
    )
    op.create_index(op.f("ix_wechat_delivery_account_id"), "wechat_delivery", ["account_id"])


def downgrade():
    op.drop_index(op.f("ix_wechat_delivery_account_id"), table_name="wechat_delivery")
    op.drop_table("wechat_delivery")
    op.drop_table("wechat_reader")
