"""Each answer that takes back or contradicts what was known of a payment is kept, with who decided what follows.

Revision ID: 0088
Revises: 0087
"""
import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "payout_doubt",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("line_id", SERIAL, nullable=False),
        sa.Column("known", sa.String(length=10), nullable=False),
        sa.Column("known_words", sa.LargeBinary(), nullable=True),
        sa.Column("says", sa.String(length=10), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("result_id", sa.String(length=22), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["court_case.id"], name=op.f("fk_payout_doubt_case_id_court_case")),
        sa.ForeignKeyConstraint(["line_id"], ["payout_line.id"], name=op.f("fk_payout_doubt_line_id_payout_line")),
        sa.ForeignKeyConstraint(
            ["result_id"], ["payout_result.id"], name=op.f("fk_payout_doubt_result_id_payout_result")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["clerk.id"], name=op.f("fk_payout_doubt_decided_by_clerk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_doubt")),
    )
    op.create_index(op.f("ix_payout_doubt_case_id"), "payout_doubt", ["case_id"])
    op.create_index(op.f("ix_payout_doubt_line_id"), "payout_doubt", ["line_id"])


def downgrade():
    op.drop_index(op.f("ix_payout_doubt_line_id"), table_name="payout_doubt")
    op.drop_index(op.f("ix_payout_doubt_case_id"), table_name="payout_doubt")
    op.drop_table("payout_doubt")
