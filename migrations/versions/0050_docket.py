"""The docket of what waits for clerks, decisions that can be undone, notes, opinions, reasons; signs of one person twice.

What waits already is put on the docket by the worker when it starts: names are sealed, and a migration holds no keys.

Revision ID: 0050
Revises: 0011
"""
from alembic import op
import sqlalchemy as sa


revision = "0050"
down_revision = "0042"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "docket_item",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.String(length=22), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("document_type", sa.String(length=28), nullable=False),
        sa.Column("court", sa.String(length=60), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("flags", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("assigned_to", sa.String(length=22), nullable=True),
        sa.Column("assigned_by", sa.String(length=22), nullable=True),
        sa.Column("holder_id", sa.String(length=22), nullable=True),
        sa.Column("held_since", MOMENT, nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("hold_token", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["assigned_to"], ["clerk.id"], name=op.f("fk_docket_item_assigned_to")),
        sa.ForeignKeyConstraint(["assigned_by"], ["clerk.id"], name=op.f("fk_docket_item_assigned_by")),
        sa.ForeignKeyConstraint(["holder_id"], ["clerk.id"], name=op.f("fk_docket_item_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docket_item")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_docket_item_subject_id")),
    )
    op.create_index("ix_docket_item_queue", "docket_item", ["kind", "state", "since", "id"])
    flagged = sa.text("state = 'open' AND flags <> ''")
    op.create_index(
        "ix_docket_item_flagged", "docket_item", ["since", "id"], postgresql_where=flagged, sqlite_where=flagged
    )
    op.create_index("ix_docket_item_assigned", "docket_item", ["assigned_to", "state"])
    op.create_index("ix_docket_item_holder", "docket_item", ["holder_id", "state"])
    op.create_index(op.f("ix_docket_item_thread"), "docket_item", ["thread"])
    op.create_table(
        "docket_flag",
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("flag", sa.String(length=16), nullable=False),
        sa.Column("other", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("thread", "flag", "other", name=op.f("pk_docket_flag")),
    )
    op.create_table(
        "review_decision",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("item_id", sa.String(length=22), nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("redo", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["docket_item.id"], name=op.f("fk_review_decision_item_id")),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_review_decision_clerk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    pending = sa.text("state = 'pending'")
    op.create_index(
        "ix_review_decision_pending", "review_decision", ["item_id"], unique=True,
        postgresql_where=pending, sqlite_where=pending,
    )
    op.create_index(op.f("ix_review_decision_item_id"), "review_decision", ["item_id"])
    op.create_index("ix_review_decision_clerk", "review_decision", ["clerk_id", "decided_at"])
    op.create_index("ix_review_decision_day", "review_decision", ["decided_at"])
    op.create_table(
        "review_note",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_review_note_clerk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_note")),
    )
    op.create_index(op.f("ix_review_note_thread"), "review_note", ["thread"])
    op.create_table(
        "review_opinion",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("item_id", sa.String(length=22), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=False),
        sa.Column("asked_of", sa.String(length=22), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["docket_item.id"], name=op.f("fk_review_opinion_item_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["clerk.id"], name=op.f("fk_review_opinion_asked_by")),
        sa.ForeignKeyConstraint(["asked_of"], ["clerk.id"], name=op.f("fk_review_opinion_asked_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_opinion")),
    )
    op.create_index(op.f("ix_review_opinion_item_id"), "review_opinion", ["item_id"])
    op.create_index("ix_review_opinion_asked", "review_opinion", ["asked_of", "answered_at", "withdrawn_at"])
    op.create_table(
        "review_reason",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["clerk.id"], name=op.f("fk_review_reason_made_by")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_review_reason")),
    )
    op.create_table(
        "device_use",
        sa.Column("device_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_use_account_id")),
        sa.PrimaryKeyConstraint("device_hash", "account_id", name=op.f("pk_device_use")),
    )
    op.create_index(op.f("ix_device_use_account_id"), "device_use", ["account_id"])
    op.create_table(
        "face_print",
        sa.Column("verification_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("description", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["verification_id"], ["verification.id"], name=op.f("fk_face_print_verification_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_face_print_account_id")),
        sa.PrimaryKeyConstraint("verification_id", name=op.f("pk_face_print")),
    )
    op.create_index("ix_face_print_latest", "face_print", ["made_at"])
    op.create_table(
        "case_chart",
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["court_case.id"], name=op.f("fk_case_chart_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_chart")),
    )
    op.add_column("verification", sa.Column("match_hash", sa.LargeBinary(length=32), nullable=True))
    op.create_index(op.f("ix_verification_match_hash"), "verification", ["match_hash"])
    op.add_column("step_record", sa.Column("redo", sa.String(length=60), server_default="", nullable=False))
    op.add_column("submission", sa.Column("reason", sa.String(length=40), nullable=True))
    op.add_column("submission", sa.Column("redo", sa.String(length=60), server_default="", nullable=False))
    op.drop_table("review_claim")


def downgrade():
    op.create_table(
        "review_claim",
        sa.Column("subject_id", sa.String(length=22), nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_review_claim_clerk_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_review_claim")),
    )
    op.drop_column("submission", "redo")
    op.drop_column("submission", "reason")
    op.drop_column("step_record", "redo")
    op.drop_index(op.f("ix_verification_match_hash"), table_name="verification")
    op.drop_column("verification", "match_hash")
    for table in (
        "case_chart", "face_print", "device_use", "review_reason", "review_opinion", "review_note", "review_decision",
        "docket_flag", "docket_item",
    ):
        op.drop_table(table)
