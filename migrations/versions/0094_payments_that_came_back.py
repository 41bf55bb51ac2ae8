"""Payments that came back before their answers were kept are told at a release as well, without the bank's words.

Revision ID: 0094
Revises: 0093
"""
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "INSERT INTO payout_doubt (case_id, line_id, known, says, reason, result_id)"
        " SELECT case_id, id, 'live', 'returned', reason, result_id FROM payout_line AS l"
        " WHERE state = 'returned' AND result_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM payout_doubt AS d WHERE d.line_id = l.id)"
    )


def downgrade():
    op.execute("DELETE FROM payout_doubt WHERE known IN ('live', 'processing')")
