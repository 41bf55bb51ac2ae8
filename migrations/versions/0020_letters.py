"""Letters found by their file's hash, questions about letters counted, mails with a letter on their way, reminders of corrections.

Revision ID: 0020
Revises: 0011
"""
from alembic import op
import sqlalchemy as sa


revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_letter_pdf_sha256"), "letter", ["pdf_sha256"])
    op.create_table(
        "letter_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_look")),
    )
    op.create_index(op.f("ix_letter_look_client_hash"), "letter_look", ["client_hash"])
    op.create_index(op.f("ix_letter_look_at"), "letter_look", ["at"])
    op.create_table(
        "letter_mail",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("letter_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_mail_letter_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_letter_mail_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_mail")),
    )
    op.create_index(op.f("ix_letter_mail_letter_id"), "letter_mail", ["letter_id"])
    op.create_index(op.f("ix_letter_mail_account_id"), "letter_mail", ["account_id"])


def downgrade():
    op.drop_index(op.f("ix_letter_mail_account_id"), table_name="letter_mail")
    op.drop_index(op.f("ix_letter_mail_letter_id"), table_name="letter_mail")
    op.drop_table("letter_mail")
    op.drop_index(op.f("ix_letter_look_at"), table_name="letter_look")
    op.drop_index(op.f("ix_letter_look_client_hash"), table_name="letter_look")
    op.drop_table("letter_look")
    op.drop_index(op.f("ix_letter_pdf_sha256"), table_name="letter")
    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_column("reminded_at")
