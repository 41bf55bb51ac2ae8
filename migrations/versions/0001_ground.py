"""The ground: every table of the first version, and the audit chain's guard.

Revision ID: 0001
Revises: 
Create Date: 2026-11-23 12:00:07.925695

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


REFUSE = {
    "sqlite": [
        "CREATE TRIGGER audit_entry_no_{deed} BEFORE {DEED} ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    ],
    "postgresql": [
        "CREATE TRIGGER audit_entry_no_{deed} BEFORE {DEED} ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    ],
}
POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$
"""


def guard_audit() -> None:
    """Nobody changes or removes a row of the audit chain by accident, not even by SQL."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
    for deed in ("update", "delete"):
        for statement in REFUSE[dialect]:
            op.execute(statement.format(deed=deed, DEED=deed.upper()))


def upgrade():
    op.create_table('account',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('large_text', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('actor_id', sa.String(length=32), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject_kind', sa.String(length=32), nullable=False),
    sa.Column('subject_id', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('previous', sa.LargeBinary(length=32), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('hash', name=op.f('uq_audit_entry_hash'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_action'), ['action'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_subject_id'), ['subject_id'], unique=False)

    op.create_table('clerk',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('username', sa.String(length=40), nullable=False),
    sa.Column('display_name', sa.String(length=40), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clerk')),
    sa.UniqueConstraint('username', name=op.f('uq_clerk_username'))
    )
    op.create_table('court_case',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('court', sa.String(length=60), nullable=False),
    sa.Column('partner_bank', sa.String(length=40), nullable=False),
    sa.Column('contact', sa.String(length=60), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_court_case')),
    sa.UniqueConstraint('code', name=op.f('uq_court_case_code')),
    sa.UniqueConstraint('number', name=op.f('uq_court_case_number'))
    )
    op.create_table('job',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=48), nullable=False),
    sa.Column('key', sa.String(length=96), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('holder', sa.String(length=32), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_leased', ['leased_until'], unique=False, postgresql_where=sa.text("state = 'running'"), sqlite_where=sa.text("state = 'running'"))
        batch_op.create_index('ix_job_waiting', ['run_at'], unique=False, postgresql_where=sa.text("state = 'queued'"), sqlite_where=sa.text("state = 'queued'"))

    op.create_table('sign_in_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('client_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_try'))
    )
    with op.batch_alter_table('sign_in_try', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_try_name_hash'), ['name_hash'], unique=False)

    op.create_table('sms_delivery',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_delivery'))
    )
    op.create_table('spent_token',
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_spent_token'))
    )
    with op.batch_alter_table('spent_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_spent_token_spent_at'), ['spent_at'], unique=False)

    op.create_table('text_version',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('effective_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_version'))
    )
    with op.batch_alter_table('text_version', schema=None) as batch_op:
        batch_op.create_index('ix_text_version_kind_language_version', ['kind', 'language', 'version'], unique=True)

    op.create_table('consent',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('text_id', sa.String(length=22), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('about', sa.String(length=22), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('client', sa.String(length=160), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_consent_account_id')),
    sa.ForeignKeyConstraint(['text_id'], ['text_version.id'], name=op.f('fk_consent_text_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_account_id'), ['account_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('facts', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_message_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_account_id'), ['account_id'], unique=False)

    op.create_table('phone',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('number_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('primary', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_phone_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phone'))
    )
    with op.batch_alter_table('phone', schema=None) as batch_op:
        batch_op.create_index('ix_phone_account_id_number_hash', ['account_id', 'number_hash'], unique=True)
        batch_op.create_index(batch_op.f('ix_phone_number_hash'), ['number_hash'], unique=False)

    op.create_table('phone_code',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=True),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('number_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('client_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_phone_code_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phone_code'))
    )
    with op.batch_alter_table('phone_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_phone_code_client_hash'), ['client_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_phone_code_number_hash'), ['number_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_phone_code_sent_at'), ['sent_at'], unique=False)

    op.create_table('photo',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('object_key', sa.String(length=80), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reading', sa.LargeBinary(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_photo_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo')),
    sa.UniqueConstraint('object_key', name=op.f('uq_photo_object_key'))
    )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_photo_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_photo_sha256'), ['sha256'], unique=False)

    op.create_table('register_import',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('totals', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_register_import_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_import'))
    )
    with op.batch_alter_table('register_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_register_import_case_id'), ['case_id'], unique=False)

    op.create_table('reserved_signature',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('strokes_key', sa.String(length=80), nullable=False),
    sa.Column('picture_key', sa.String(length=80), nullable=False),
    sa.Column('strokes_sha256', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.String(length=8), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_reserved_signature_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reserved_signature'))
    )
    with op.batch_alter_table('reserved_signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reserved_signature_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_reserved_signature_standing', ['account_id'], unique=True, postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))

    op.create_table('review_claim',
    sa.Column('subject_id', sa.String(length=22), nullable=False),
    sa.Column('clerk_id', sa.String(length=22), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clerk_id'], ['clerk.id'], name=op.f('fk_review_claim_clerk_id')),
    sa.PrimaryKeyConstraint('subject_id', name=op.f('pk_review_claim'))
    )
    op.create_table('verification',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('document_type', sa.String(length=28), nullable=True),
    sa.Column('means', sa.String(length=8), nullable=False),
    sa.Column('table_version', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_verification_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verification'))
    )
    with op.batch_alter_table('verification', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_verification_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_verification_standing', ['account_id'], unique=True, postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))

    op.create_table('web_session',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('surface', sa.String(length=8), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=True),
    sa.Column('clerk_id', sa.String(length=22), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('browser', sa.String(length=160), nullable=False),
    sa.Column('proved_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_web_session_account_id')),
    sa.ForeignKeyConstraint(['clerk_id'], ['clerk.id'], name=op.f('fk_web_session_clerk_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_web_session_token_hash'))
    )
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_web_session_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_web_session_clerk_id'), ['clerk_id'], unique=False)

    op.create_table('case_payee',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('number_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('other_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('document_type', sa.String(length=28), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('import_id', sa.String(length=22), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_case_payee_case_id')),
    sa.ForeignKeyConstraint(['import_id'], ['register_import.id'], name=op.f('fk_case_payee_import_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_payee')),
    sa.UniqueConstraint('public_id', name=op.f('uq_case_payee_public_id'))
    )
    with op.batch_alter_table('case_payee', schema=None) as batch_op:
        batch_op.create_index('ix_case_payee_case_id_number_hash', ['case_id', 'number_hash'], unique=True)
        batch_op.create_index(batch_op.f('ix_case_payee_number_hash'), ['number_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_payee_other_hash'), ['other_hash'], unique=False)

    op.create_table('identity',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('verification_id', sa.String(length=22), nullable=False),
    sa.Column('document_type', sa.String(length=28), nullable=False),
    sa.Column('match_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('nationality', sa.String(length=3), nullable=False),
    sa.Column('phone_id', sa.String(length=22), nullable=False),
    sa.Column('face_photo_id', sa.String(length=22), nullable=True),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_identity_account_id')),
    sa.ForeignKeyConstraint(['face_photo_id'], ['photo.id'], name=op.f('fk_identity_face_photo_id')),
    sa.ForeignKeyConstraint(['phone_id'], ['phone.id'], name=op.f('fk_identity_phone_id')),
    sa.ForeignKeyConstraint(['verification_id'], ['verification.id'], name=op.f('fk_identity_verification_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity'))
    )
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_identity_match_hash'), ['match_hash'], unique=False)
        batch_op.create_index('ix_identity_standing', ['account_id'], unique=True, postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))

    op.create_table('step_record',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('verification_id', sa.String(length=22), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=40), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('reason_words', sa.LargeBinary(), nullable=True),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['verification_id'], ['verification.id'], name=op.f('fk_step_record_verification_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_step_record'))
    )
    with op.batch_alter_table('step_record', schema=None) as batch_op:
        batch_op.create_index('ix_step_record_queue', ['step', 'state', 'answered_at'], unique=False, postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.create_index('ix_step_record_standing', ['verification_id', 'step'], unique=True, postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_step_record_verification_id'), ['verification_id'], unique=False)

    op.create_table('submission',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('case_payee_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('identity_id', sa.String(length=22), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('needs_review', sa.Boolean(), nullable=False),
    sa.Column('card_number', sa.LargeBinary(), nullable=False),
    sa.Column('card_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('bank_code', sa.String(length=16), nullable=False),
    sa.Column('branch', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('front_photo_id', sa.String(length=22), nullable=True),
    sa.Column('back_photo_id', sa.String(length=22), nullable=True),
    sa.Column('card_photo_id', sa.String(length=22), nullable=True),
    sa.Column('luhn_confirmed', sa.Boolean(), nullable=False),
    sa.Column('verdict', sa.String(length=24), nullable=True),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('reason_words', sa.LargeBinary(), nullable=True),
    sa.Column('likeness', sa.LargeBinary(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_submission_account_id')),
    sa.ForeignKeyConstraint(['back_photo_id'], ['photo.id'], name=op.f('fk_submission_back_photo_id')),
    sa.ForeignKeyConstraint(['card_photo_id'], ['photo.id'], name=op.f('fk_submission_card_photo_id')),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_submission_case_id')),
    sa.ForeignKeyConstraint(['case_payee_id'], ['case_payee.id'], name=op.f('fk_submission_case_payee_id')),
    sa.ForeignKeyConstraint(['front_photo_id'], ['photo.id'], name=op.f('fk_submission_front_photo_id')),
    sa.ForeignKeyConstraint(['identity_id'], ['identity.id'], name=op.f('fk_submission_identity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission'))
    )
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_submission_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_submission_card_hash'), ['card_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_submission_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_submission_case_payee_id_version', ['case_payee_id', 'version'], unique=True)
        batch_op.create_index(batch_op.f('ix_submission_state'), ['state'], unique=False)

    op.create_table('letter',
    sa.Column('id', sa.String(length=22), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('case_payee_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.String(length=22), nullable=False),
    sa.Column('submission_id', sa.String(length=22), nullable=False),
    sa.Column('signature_id', sa.String(length=22), nullable=False),
    sa.Column('text_id', sa.String(length=22), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('verification_code', sa.String(length=20), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pdf_key', sa.String(length=80), nullable=True),
    sa.Column('pdf_sha256', sa.String(length=64), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_letter_account_id')),
    sa.ForeignKeyConstraint(['case_id'], ['court_case.id'], name=op.f('fk_letter_case_id')),
    sa.ForeignKeyConstraint(['case_payee_id'], ['case_payee.id'], name=op.f('fk_letter_case_payee_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['reserved_signature.id'], name=op.f('fk_letter_signature_id')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_letter_submission_id')),
    sa.ForeignKeyConstraint(['text_id'], ['text_version.id'], name=op.f('fk_letter_text_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('number', name=op.f('uq_letter_number')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_letter_submission_id')),
    sa.UniqueConstraint('verification_code', name=op.f('uq_letter_verification_code'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letter_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_letter_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_letter_case_payee_id'), ['case_payee_id'], unique=False)
        batch_op.create_index('ix_letter_standing', ['case_payee_id'], unique=True, postgresql_where=sa.text("state <> 'replaced'"), sqlite_where=sa.text("state <> 'replaced'"))

    guard_audit()


def downgrade():
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.drop_index('ix_letter_standing', postgresql_where=sa.text("state <> 'replaced'"), sqlite_where=sa.text("state <> 'replaced'"))
        batch_op.drop_index(batch_op.f('ix_letter_case_payee_id'))
        batch_op.drop_index(batch_op.f('ix_letter_case_id'))
        batch_op.drop_index(batch_op.f('ix_letter_account_id'))

    op.drop_table('letter')
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_submission_state'))
        batch_op.drop_index('ix_submission_case_payee_id_version')
        batch_op.drop_index(batch_op.f('ix_submission_case_id'))
        batch_op.drop_index(batch_op.f('ix_submission_card_hash'))
        batch_op.drop_index(batch_op.f('ix_submission_account_id'))

    op.drop_table('submission')
    with op.batch_alter_table('step_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_step_record_verification_id'))
        batch_op.drop_index('ix_step_record_standing', postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_step_record_queue', postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))

    op.drop_table('step_record')
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.drop_index('ix_identity_standing', postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_identity_match_hash'))
        batch_op.drop_index(batch_op.f('ix_identity_account_id'))

    op.drop_table('identity')
    with op.batch_alter_table('case_payee', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_payee_other_hash'))
        batch_op.drop_index(batch_op.f('ix_case_payee_number_hash'))
        batch_op.drop_index('ix_case_payee_case_id_number_hash')

    op.drop_table('case_payee')
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_web_session_clerk_id'))
        batch_op.drop_index(batch_op.f('ix_web_session_account_id'))

    op.drop_table('web_session')
    with op.batch_alter_table('verification', schema=None) as batch_op:
        batch_op.drop_index('ix_verification_standing', postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_verification_account_id'))

    op.drop_table('verification')
    op.drop_table('review_claim')
    with op.batch_alter_table('reserved_signature', schema=None) as batch_op:
        batch_op.drop_index('ix_reserved_signature_standing', postgresql_where=sa.text('superseded_at IS NULL'), sqlite_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_reserved_signature_account_id'))

    op.drop_table('reserved_signature')
    with op.batch_alter_table('register_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_register_import_case_id'))

    op.drop_table('register_import')
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_photo_sha256'))
        batch_op.drop_index(batch_op.f('ix_photo_account_id'))

    op.drop_table('photo')
    with op.batch_alter_table('phone_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_phone_code_sent_at'))
        batch_op.drop_index(batch_op.f('ix_phone_code_number_hash'))
        batch_op.drop_index(batch_op.f('ix_phone_code_client_hash'))

    op.drop_table('phone_code')
    with op.batch_alter_table('phone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_phone_number_hash'))
        batch_op.drop_index('ix_phone_account_id_number_hash')

    op.drop_table('phone')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_account_id'))

    op.drop_table('message')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consent_account_id'))

    op.drop_table('consent')
    with op.batch_alter_table('text_version', schema=None) as batch_op:
        batch_op.drop_index('ix_text_version_kind_language_version')

    op.drop_table('text_version')
    with op.batch_alter_table('spent_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_spent_token_spent_at'))

    op.drop_table('spent_token')
    op.drop_table('sms_delivery')
    with op.batch_alter_table('sign_in_try', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_try_name_hash'))

    op.drop_table('sign_in_try')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_waiting', postgresql_where=sa.text("state = 'queued'"), sqlite_where=sa.text("state = 'queued'"))
        batch_op.drop_index('ix_job_leased', postgresql_where=sa.text("state = 'running'"), sqlite_where=sa.text("state = 'running'"))

    op.drop_table('job')
    op.drop_table('court_case')
    op.drop_table('clerk')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_action'))

    op.drop_table('audit_entry')
    op.drop_table('account')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS audit_entry_refuse()")
