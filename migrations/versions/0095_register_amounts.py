"""What each register has changed in what people are owed is kept.

Revision ID: 0095
Revises: 0094
"""
import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "register_amount",
        sa.Column("import_id", sa.String(length=22), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["register_import.id"], name=op.f("fk_register_amount_import_id_register_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "payee_id", name=op.f("pk_register_amount")),
    )
    op.create_index(op.f("ix_register_amount_payee_id"), "register_amount", ["payee_id"])


def downgrade():
    op.drop_index(op.f("ix_register_amount_payee_id"), table_name="register_amount")
    op.drop_table("register_amount")
