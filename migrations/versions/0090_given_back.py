"""Items that were assigned to clerks who may not see or decide them go back to the queue.

Assigning one so is refused since, and rights that shrink give back what they must; what was assigned before that stayed.

Revision ID: 0090
Revises: 0089
"""
from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

DECIDE = (
    "SELECT 1 FROM clerk JOIN clerk_court ON clerk_court.clerk_id = clerk.id WHERE clerk.id = docket_item.{column}"
    " AND clerk_court.court = docket_item.court AND clerk.disabled_at IS NULL AND clerk.role IN ('reviewer', 'manager')"
)
GIVE_BACK = (
    "UPDATE docket_item SET {values} WHERE state <> 'closed' AND {column} IS NOT NULL AND NOT EXISTS (" + DECIDE + ")"
)


def upgrade():
    op.execute(GIVE_BACK.format(column="assigned_to", values="assigned_to = NULL, assigned_by = NULL"))
    op.execute(GIVE_BACK.format(column="holder_id", values="holder_id = NULL, held_until = NULL, hold_token = NULL"))


def downgrade():
    """Who had them isn't known any more, and none of them could do anything with one."""
