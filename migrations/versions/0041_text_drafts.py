"""Drafts of texts, which a second person approves.

Revision ID: 0041
Revises: 0040
"""
from alembic import op
import sqlalchemy as sa


revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "text_draft",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effective_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("text_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["clerk.id"], name=op.f("fk_text_draft_made_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["clerk.id"], name=op.f("fk_text_draft_decided_by")),
        sa.ForeignKeyConstraint(["text_id"], ["text_version.id"], name=op.f("fk_text_draft_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_draft")),
    )
    op.create_index("ix_text_draft_state_kind_language", "text_draft", ["state", "kind", "language"])
    op.create_index(op.f("ix_consent_text_id"), "consent", ["text_id"])


def downgrade():
    op.drop_index(op.f("ix_consent_text_id"), table_name="consent")
    op.drop_index("ix_text_draft_state_kind_language", table_name="text_draft")
    op.drop_table("text_draft")
