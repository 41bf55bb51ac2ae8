"""The gestures that a payee was asked for before the camera, and hashed prints of the films that were handed in.

Revision ID: 0011
Revises: 0010
"""
from alembic import op
import sqlalchemy as sa


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "face_challenge",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("verification_id", sa.String(length=22), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("gestures", sa.String(length=60), nullable=False),
        sa.Column("cannot", sa.String(length=60), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_face_challenge_verification_id")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_face_challenge_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face_challenge")),
    )
    op.create_index("ix_face_challenge_step", "face_challenge", ["verification_id", "step", "drawn_at"])
    op.create_table(
        "film_print",
        sa.Column("photo_id", sa.String(length=22), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_film_print_photo_id")),
        sa.PrimaryKeyConstraint("photo_id", "hash", name=op.f("pk_film_print")),
    )
    op.create_index(op.f("ix_film_print_hash"), "film_print", ["hash"])


def downgrade():
    op.drop_index(op.f("ix_film_print_hash"), table_name="film_print")
    op.drop_table("film_print")
    op.drop_index("ix_face_challenge_step", table_name="face_challenge")
    op.drop_table("face_challenge")
