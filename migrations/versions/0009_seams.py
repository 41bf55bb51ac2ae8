"""How each outside party is doing, hour by hour, and the answers of those that have no request ids.

Revision ID: 0009
Revises: 0004
"""
from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('seam_health',
    sa.Column('seam', sa.String(length=24), nullable=False),
    sa.Column('succeeded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(length=16), nullable=True),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('seam', name=op.f('pk_seam_health'))
    )
    op.create_table('seam_hour',
    sa.Column('seam', sa.String(length=24), nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('seam', 'hour', name=op.f('pk_seam_hour'))
    )
    op.create_table('seam_answer',
    sa.Column('seam', sa.String(length=24), nullable=False),
    sa.Column('request_id', sa.String(length=80), nullable=False),
    sa.Column('verdict', sa.String(length=32), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('similarity', sa.Double(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('seam', 'request_id', name=op.f('pk_seam_answer'))
    )


def downgrade():
    op.drop_table('seam_answer')
    op.drop_table('seam_hour')
    op.drop_table('seam_health')
