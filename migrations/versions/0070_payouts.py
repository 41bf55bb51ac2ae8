"""Money: rounds, shares, batches, lines and the bank's answers; nobody is sent more than the register owes them.

Revision ID: 0070
Revises: 0011
"""
from alembic import op
import sqlalchemy as sa


revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None

COUNTED = "('live', 'processing', 'paid')"
TOO_MUCH = (
    "(SELECT COALESCE(SUM(amount), 0) FROM payout_line WHERE case_payee_id = NEW.case_payee_id"
    f" AND state IN {COUNTED} AND id <> NEW.id) + NEW.amount"
    " > (SELECT amount FROM case_payee WHERE id = NEW.case_payee_id)"
)
"""What already counts, and the new line with it, against what is owed. Lines of one person are written one at a time: the
person's row is locked before."""

SQLITE = (
    f"CREATE TRIGGER payout_line_more BEFORE INSERT ON payout_line WHEN NEW.state IN {COUNTED} AND"
    " (SELECT COALESCE(SUM(amount), 0) FROM payout_line WHERE case_payee_id = NEW.case_payee_id"
    f" AND state IN {COUNTED}) + NEW.amount > (SELECT amount FROM case_payee WHERE id = NEW.case_payee_id)"
    " BEGIN SELECT RAISE(ABORT, 'more than is owed'); END",
    f"CREATE TRIGGER payout_line_again BEFORE UPDATE OF state ON payout_line WHEN NEW.state IN {COUNTED}"
    f" AND OLD.state NOT IN {COUNTED} AND {TOO_MUCH} BEGIN SELECT RAISE(ABORT, 'more than is owed'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION payout_line_guard() RETURNS trigger AS $$ BEGIN"
    f" IF {TOO_MUCH} THEN RAISE EXCEPTION 'more than is owed' USING ERRCODE = 'check_violation'; END IF;"
    " RETURN NEW; END $$ LANGUAGE plpgsql",
    f"CREATE TRIGGER payout_line_more BEFORE INSERT ON payout_line FOR EACH ROW WHEN (NEW.state IN {COUNTED})"
    " EXECUTE FUNCTION payout_line_guard()",
    f"CREATE TRIGGER payout_line_again BEFORE UPDATE OF state ON payout_line FOR EACH ROW WHEN (NEW.state IN {COUNTED}"
    f" AND OLD.state NOT IN {COUNTED}) EXECUTE FUNCTION payout_line_guard()",
)


def upgrade():
    op.create_table('payout_batch',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('template', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('made_by', sa.String(length=22), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cursor', sa.BigInteger(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('left_out', sa.JSON(), nullable=False),
    sa.Column('control', sa.String(length=64), nullable=True),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by', sa.String(length=22), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('inner_key', sa.String(length=80), nullable=True),
    sa.Column('inner_sha256', sa.String(length=64), nullable=True),
    sa.Column('outer_key', sa.String(length=80), nullable=True),
    sa.Column('outer_sha256', sa.String(length=64), nullable=True),
    sa.Column('outer_kind', sa.String(length=4), nullable=True),
    sa.Column('password', sa.LargeBinary(), nullable=True),
    sa.Column('cancelled_by', sa.String(length=22), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('released_by IS NULL OR released_by <> made_by', name=op.f('ck_payout_batch_two_people')),
    sa.ForeignKeyConstraint(['cancelled_by'], ['clerk.id'], name=op.f('fk_payout_batch_cancelled_by')),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_payout_batch_case_id')),
    sa.ForeignKeyConstraint(['made_by'], ['clerk.id'], name=op.f('fk_payout_batch_made_by')),
    sa.ForeignKeyConstraint(['released_by'], ['clerk.id'], name=op.f('fk_payout_batch_released_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_batch')),
    sa.UniqueConstraint('code', name=op.f('uq_payout_batch_code'))
    )
    op.create_index('ix_payout_batch_case_id_number', 'payout_batch', ['case_id', 'number'], unique=True)
    op.create_index('ix_payout_batch_making', 'payout_batch', ['case_id'], unique=True, postgresql_where=sa.text("state = 'making'"), sqlite_where=sa.text("state = 'making'"))
    op.create_index(op.f('ix_payout_batch_state'), 'payout_batch', ['state'], unique=False)
    op.create_table('payout_result',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('key', sa.String(length=90), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('object_key', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('fault', sa.String(length=24), nullable=True),
    sa.Column('cursor', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('faults', sa.JSON(), nullable=False),
    sa.Column('imported_by', sa.String(length=22), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_payout_result_case_id')),
    sa.ForeignKeyConstraint(['imported_by'], ['clerk.id'], name=op.f('fk_payout_result_imported_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_result')),
    sa.UniqueConstraint('key', name=op.f('uq_payout_result_key'))
    )
    op.create_index(op.f('ix_payout_result_case_id'), 'payout_result', ['case_id'], unique=False)
    op.create_table('payout_round',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('part', sa.Integer(), nullable=True),
    sa.Column('pot', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('opened_by', sa.String(length=22), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_payout_round_case_id')),
    sa.ForeignKeyConstraint(['opened_by'], ['clerk.id'], name=op.f('fk_payout_round_opened_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_round'))
    )
    op.create_index('ix_payout_round_case_id_number', 'payout_round', ['case_id', 'number'], unique=True)
    op.create_index('ix_payout_round_opening', 'payout_round', ['case_id'], unique=True, postgresql_where=sa.text("state = 'opening'"), sqlite_where=sa.text("state = 'opening'"))
    op.create_table('payout_share',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.String(length=22), nullable=False),
    sa.Column('case_payee_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payout_share_amount')),
    sa.ForeignKeyConstraint(['case_payee_id'], ['case_payee.id'], name=op.f('fk_payout_share_case_payee_id')),
    sa.ForeignKeyConstraint(['round_id'], ['payout_round.id'], name=op.f('fk_payout_share_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_share'))
    )
    op.create_index(op.f('ix_payout_share_case_payee_id'), 'payout_share', ['case_payee_id'], unique=False)
    op.create_index('ix_payout_share_round_id_case_payee_id', 'payout_share', ['round_id', 'case_payee_id'], unique=True)
    op.create_table('payout_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('batch_id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('export_no', sa.String(length=20), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('case_payee_id', sa.BigInteger(), nullable=False),
    sa.Column('submission_id', sa.String(length=22), nullable=False),
    sa.Column('letter_id', sa.String(length=22), nullable=False),
    sa.Column('letter_sha256', sa.String(length=64), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('card_number', sa.LargeBinary(), nullable=False),
    sa.Column('card_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('bank_code', sa.String(length=16), nullable=False),
    sa.Column('branch', sa.String(length=80), nullable=False),
    sa.Column('flags', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=24), nullable=True),
    sa.Column('bank_words', sa.LargeBinary(), nullable=True),
    sa.Column('result_id', sa.String(length=22), nullable=True),
    sa.Column('row', sa.Integer(), nullable=True),
    sa.Column('held', sa.String(length=8), nullable=True),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payout_line_amount')),
    sa.ForeignKeyConstraint(['batch_id'], ['payout_batch.id'], name=op.f('fk_payout_line_batch_id')),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_payout_line_case_id')),
    sa.ForeignKeyConstraint(['case_payee_id'], ['case_payee.id'], name=op.f('fk_payout_line_case_payee_id')),
    sa.ForeignKeyConstraint(['letter_id'], ['letter.id'], name=op.f('fk_payout_line_letter_id')),
    sa.ForeignKeyConstraint(['result_id'], ['payout_result.id'], name=op.f('fk_payout_line_result_id')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_payout_line_submission_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_line')),
    sa.UniqueConstraint('export_no', name=op.f('uq_payout_line_export_no'))
    )
    op.create_index('ix_payout_line_batch_id_number', 'payout_line', ['batch_id', 'number'], unique=True)
    op.create_index(op.f('ix_payout_line_card_hash'), 'payout_line', ['card_hash'], unique=False)
    op.create_index('ix_payout_line_case_id_state', 'payout_line', ['case_id', 'state'], unique=False)
    op.create_index(op.f('ix_payout_line_case_payee_id'), 'payout_line', ['case_payee_id'], unique=False)
    op.create_index('ix_payout_line_held', 'payout_line', ['case_id'], unique=False, postgresql_where=sa.text('held IS NOT NULL'), sqlite_where=sa.text('held IS NOT NULL'))
    op.create_index('ix_payout_line_on_its_way', 'payout_line', ['case_payee_id'], unique=True, postgresql_where=sa.text("state IN ('live', 'processing')"), sqlite_where=sa.text("state IN ('live', 'processing')"))
    op.create_index(op.f('ix_payout_line_submission_id'), 'payout_line', ['submission_id'], unique=False)
    op.create_index("ix_letter_case_id_number", "letter", ["case_id", "number"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade():
    op.drop_index("ix_letter_case_id_number", table_name="letter")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER payout_line_again ON payout_line")
        op.execute("DROP TRIGGER payout_line_more ON payout_line")
        op.execute("DROP FUNCTION payout_line_guard()")
    else:
        op.execute("DROP TRIGGER payout_line_again")
        op.execute("DROP TRIGGER payout_line_more")
    op.drop_index(op.f('ix_payout_line_submission_id'), table_name='payout_line')
    op.drop_index('ix_payout_line_on_its_way', table_name='payout_line')
    op.drop_index('ix_payout_line_held', table_name='payout_line')
    op.drop_index(op.f('ix_payout_line_case_payee_id'), table_name='payout_line')
    op.drop_index('ix_payout_line_case_id_state', table_name='payout_line')
    op.drop_index(op.f('ix_payout_line_card_hash'), table_name='payout_line')
    op.drop_index('ix_payout_line_batch_id_number', table_name='payout_line')
    op.drop_table('payout_line')
    op.drop_index('ix_payout_share_round_id_case_payee_id', table_name='payout_share')
    op.drop_index(op.f('ix_payout_share_case_payee_id'), table_name='payout_share')
    op.drop_table('payout_share')
    op.drop_index('ix_payout_round_opening', table_name='payout_round')
    op.drop_index('ix_payout_round_case_id_number', table_name='payout_round')
    op.drop_table('payout_round')
    op.drop_index(op.f('ix_payout_result_case_id'), table_name='payout_result')
    op.drop_table('payout_result')
    op.drop_index(op.f('ix_payout_batch_state'), table_name='payout_batch')
    op.drop_index('ix_payout_batch_making', table_name='payout_batch')
    op.drop_index('ix_payout_batch_case_id_number', table_name='payout_batch')
    op.drop_table('payout_batch')
