"""What is typed into a long form, until it is handed in.

Revision ID: 0080
Revises: 0070
"""
import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "typed_form",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_typed_form_account_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_typed_form")),
    )
    op.create_index(op.f("ix_typed_form_account_id"), "typed_form", ["account_id"])
    op.create_index(op.f("ix_typed_form_changed_at"), "typed_form", ["changed_at"])


def downgrade():
    op.drop_index(op.f("ix_typed_form_changed_at"), table_name="typed_form")
    op.drop_index(op.f("ix_typed_form_account_id"), table_name="typed_form")
    op.drop_table("typed_form")
