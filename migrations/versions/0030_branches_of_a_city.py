"""The city of each branch, for suggestions from what others of the same bank and city chose.

Revision ID: 0030
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

from webapp.payee.rules.branches import city_key

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("submission") as table:
        table.add_column(sa.Column("branch_city", sa.String(length=16), nullable=False, server_default=""))
        table.create_index("ix_submission_bank_code_branch_city", ["bank_code", "branch_city"])
    submission = sa.table("submission", sa.column("branch", sa.String), sa.column("branch_city", sa.String))
    for (branch,) in op.get_bind().execute(sa.select(submission.c.branch).distinct()).all():
        op.execute(submission.update().where(submission.c.branch == branch).values(branch_city=city_key(branch)))
    with op.batch_alter_table("submission") as table:
        table.alter_column("branch_city", server_default=None)


def downgrade():
    with op.batch_alter_table("submission") as table:
        table.drop_index("ix_submission_bank_code_branch_city")
        table.drop_column("branch_city")
