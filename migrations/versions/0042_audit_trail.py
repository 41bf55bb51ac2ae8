"""The audit trail is searched: by person (a keyed hash of the name), by actor, action and time; proofs of the chain.

Revision ID: 0042
Revises: 0041
"""
from alembic import op
from flask import current_app
import sqlalchemy as sa

from webapp.identity.rules.names import name_key


revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEARCHED = ("actor_id", "subject_id", "action")


def upgrade():
    op.drop_index(op.f("ix_audit_entry_action"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_subject_id"), table_name="audit_entry")
    for column in SEARCHED:
        op.create_index(op.f(f"ix_audit_entry_{column}_id"), "audit_entry", [column, "id"])
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.add_column("identity", sa.Column("name_hash", sa.LargeBinary(length=32), nullable=True))
    op.create_index(op.f("ix_identity_name_hash"), "identity", ["name_hash"])
    op.create_table(
        "chain_proof",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=False),
        sa.Column("rows_seen", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("broken_at", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["clerk.id"], name=op.f("fk_chain_proof_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_proof")),
    )
    hash_names()


def hash_names():
    """Identities that are there can be found by name too."""
    ring = current_app.extensions["key_ring"]
    for identity, sealed in op.get_bind().execute(sa.text("SELECT id, name FROM identity")).all():
        name = ring.open(bytes(sealed), "identity.name").decode()
        row = {"hash": ring.keyed_hash("name", name_key(name)), "id": identity}
        op.get_bind().execute(sa.text("UPDATE identity SET name_hash = :hash WHERE id = :id"), row)


def downgrade():
    op.drop_table("chain_proof")
    op.drop_index(op.f("ix_identity_name_hash"), table_name="identity")
    op.drop_column("identity", "name_hash")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    for column in SEARCHED:
        op.drop_index(op.f(f"ix_audit_entry_{column}_id"), table_name="audit_entry")
    op.create_index(op.f("ix_audit_entry_subject_id"), "audit_entry", ["subject_id"])
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"])
