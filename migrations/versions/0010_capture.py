"""Photos are drafts until a form takes them in; a desk may lend a phone the taking of its pictures.

Revision ID: 0010
Revises: 0009
"""
import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("photo") as table:
        table.add_column(sa.Column("draft_until", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("frame_of", sa.String(length=22), nullable=True))
        table.add_column(sa.Column("upload_key", sa.String(length=22), nullable=True))
        table.create_index("ix_photo_draft_until", ["draft_until"])
        table.create_index("ix_photo_frame_of", ["frame_of"])
        table.create_index("ix_photo_account_id_upload_key", ["account_id", "upload_key"], unique=True)
    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("whose", sa.LargeBinary(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("back", sa.String(length=120), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_handover_account_id_account")),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_handover_session_id_web_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_handover_link_hash")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_handover_phone_hash")),
    )
    op.create_index("ix_handover_account_id", "handover", ["account_id"])
    op.create_index("ix_handover_session_id", "handover", ["session_id"])


def downgrade():
    op.drop_table("handover")
    with op.batch_alter_table("photo") as table:
        table.drop_index("ix_photo_account_id_upload_key")
        table.drop_index("ix_photo_frame_of")
        table.drop_index("ix_photo_draft_until")
        table.drop_column("upload_key")
        table.drop_column("frame_of")
        table.drop_column("draft_until")
