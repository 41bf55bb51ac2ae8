"""Outages and hurries of a job, a case's letter counter, and tries of a client.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23 14:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003'
down_revision = "0002"
branch_labels = None
depends_on = None

DEAD = sa.text("state = 'dead'")


def upgrade():
    op.add_column('job', sa.Column('outages', sa.Integer(), server_default='0', nullable=False))
    op.add_column('job', sa.Column('hurried_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_job_dead', 'job', ['id'], unique=False, postgresql_where=DEAD, sqlite_where=DEAD)
    op.add_column('court_case', sa.Column('letters', sa.Integer(), server_default='0', nullable=False))
    op.execute("UPDATE court_case SET letters = (SELECT count(*) FROM letter WHERE letter.case_id = court_case.id)")
    op.create_index('ix_sign_in_try_client_hash', 'sign_in_try', ['client_hash'], unique=False)


def downgrade():
    # Plain DROP COLUMN, which SQLite has had since 3.35: a batch would rebuild tables that others refer to.
    op.drop_index('ix_sign_in_try_client_hash', 'sign_in_try')
    op.drop_column('court_case', 'letters')
    op.drop_index('ix_job_dead', 'job')
    op.drop_column('job', 'hurried_at')
    op.drop_column('job', 'outages')
