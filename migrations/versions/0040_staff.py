"""Courts, second factors, temporary passwords and stages of sign-in of clerks; the court that a review waits for.

Revision ID: 0040
Revises: 0011
"""
import json

from alembic import op
from flask import current_app
import sqlalchemy as sa


revision = "0040"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "clerk_court",
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("court", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_clerk_court_clerk_id")),
        sa.PrimaryKeyConstraint("clerk_id", "court", name=op.f("pk_clerk_court")),
    )
    op.create_table(
        "authenticator",
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_authenticator_clerk_id")),
        sa.PrimaryKeyConstraint("clerk_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_passkey_clerk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_clerk_id"), "passkey", ["clerk_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("value", sa.LargeBinary(length=64), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_passkey_challenge_session_id")),
        sa.PrimaryKeyConstraint("session_id", "purpose", name=op.f("pk_passkey_challenge")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("clerk_id", sa.String(length=22), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clerk_id"], ["clerk.id"], name=op.f("fk_recovery_code_clerk_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_clerk_id"), "recovery_code", ["clerk_id"])
    op.add_column("clerk", sa.Column("temporary_until", MOMENT, nullable=True))
    op.add_column("web_session", sa.Column("stage", sa.String(length=8), server_default="open", nullable=False))
    op.add_column("web_session", sa.Column("fresh_at", MOMENT, nullable=True))
    op.add_column("step_record", sa.Column("court", sa.String(length=60), nullable=True))
    keep_what_clerks_saw()


def keep_what_clerks_saw():
    """Reviews get the court that their payees named; clerks who are there keep the courts that there are."""
    courts = name_courts() | set(op.get_bind().scalars(sa.text("SELECT DISTINCT court FROM court_case")))
    clerks = list(op.get_bind().scalars(sa.text("SELECT id FROM clerk")))
    for clerk in clerks:
        for court in courts:
            row = {"clerk": clerk, "court": court}
            op.get_bind().execute(sa.text("INSERT INTO clerk_court (clerk_id, court) VALUES (:clerk, :court)"), row)


def name_courts():
    ring, named = current_app.extensions["key_ring"], set()
    reviews = sa.text("SELECT id, verification_id, answered_at FROM step_record WHERE step = 'court_review'")
    evidence = sa.text(
        "SELECT answer FROM step_record WHERE verification_id = :verification AND step = 'evidence'"
        " AND answered_at <= :at ORDER BY answered_at DESC LIMIT 1"
    )
    for review, verification, at in op.get_bind().execute(reviews).all():
        answer = op.get_bind().scalar(evidence, {"verification": verification, "at": at})
        if answer is None:
            continue
        court = json.loads(ring.open(bytes(answer), "step_record.answer")).get("court")
        row = {"court": court, "id": review}
        op.get_bind().execute(sa.text("UPDATE step_record SET court = :court WHERE id = :id"), row)
        named |= {court} - {None}
    return named


def downgrade():
    op.drop_column("step_record", "court")
    op.drop_column("web_session", "fresh_at")
    op.drop_column("web_session", "stage")
    op.drop_column("clerk", "temporary_until")
    op.drop_index(op.f("ix_recovery_code_clerk_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_table("passkey_challenge")
    op.drop_index(op.f("ix_passkey_clerk_id"), table_name="passkey")
    op.drop_table("passkey")
    op.drop_table("authenticator")
    op.drop_table("clerk_court")
