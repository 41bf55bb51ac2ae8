"""Corrections of register entries are kept with what stood there before; an SMS says which case it is about.

Revision ID: 0085
Revises: 0084
"""
import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "payee_correction",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["case_payee.id"], name=op.f("fk_payee_correction_payee_id_case_payee")),
        sa.ForeignKeyConstraint(["made_by"], ["clerk.id"], name=op.f("fk_payee_correction_made_by_clerk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_correction")),
    )
    op.create_index(op.f("ix_payee_correction_payee_id"), "payee_correction", ["payee_id"])
    op.add_column("sms_delivery", sa.Column("case_id", sa.String(length=22), nullable=True))


def downgrade():
    op.drop_column("sms_delivery", "case_id")
    op.drop_index(op.f("ix_payee_correction_payee_id"), table_name="payee_correction")
    op.drop_table("payee_correction")
